r"""Parameters of an activation for which a Gaussian input keeps its mean and its variance.

$$ E\varphi_{a,b}(\sqrt q Z) = m, \qquad E\varphi_{a,b}(\sqrt q Z)^2 = m^2 + v $$

are two equations in two parameters.  All solutions in a rectangle are isolated by the interval Newton method: a part
of it holds none where an equation keeps away from zero, and exactly one where Newton's image lies inside it.
(klambauer2017self)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from sympy import Add, Expr, Mul, Poly, PolynomialError, Rational, Symbol, factor, together

from theory.activations import Activation
from theory.enclosure import enclose
from theory.errors import DomainError, TheoryError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.pieces import Pieces, as_piecewise
from theory.propagation.exact_roots import polynomial_roots
from theory.propagation.isolated_pair import Rectangle, isolated_pairs
from theory.propagation.local_expansion import smooth_pieces

__all__ = ["self_normalizing_parameters"]


def self_normalizing_parameters(
    phi: Activation,
    within: Mapping[Symbol, tuple[Any, Any]],
    *,
    mean: Any = 0,
    variance: Any = 1,
    q: Any = 1,
) -> list[dict[Symbol, Expr]]:
    r"""All values of two parameters in a rectangle with $E\varphi = m$ and $\mathrm{Var}\,\varphi = v$.

    Parameters
    ----------
    phi : activation with exactly two symbolic parameters.
    within : the open interval, with rational ends, of each parameter.
    mean, variance : what the output has; `variance` > 0.
    q : variance of the Gaussian input, positive.

    Returns
    -------
    list : one dictionary per solution, in increasing order of the first parameter; the list is proved complete.
        Values in closed form where the equations are solved by elimination, otherwise numbers known to any digits.

    Raises
    ------
    DomainError
        if `within` does not name the two parameters, an interval is empty, or a variance is not positive.
    UnsupportedError
        if a moment is not in closed form in the parameters.
    PrecisionError
        if solutions are not told apart, for instance on the edge of the rectangle or where they form a curve.

    Examples
    --------
    >>> from sympy import Piecewise, exp, symbols
    >>> x, scale, alpha = symbols("x scale alpha", real=True)
    >>> selu = Activation(Piecewise((scale*alpha*(exp(x) - 1), x < 0), (scale*x, True)), x)
    >>> (found,) = self_normalizing_parameters(selu, {scale: (Rational(1, 2), 2), alpha: (Rational(1, 2), 3)})
    >>> found[scale].evalf(16), found[alpha].evalf(16)
    (1.050700987355480, 1.673263242354377)

    References
    ----------
    klambauer2017self
    """
    if not isinstance(phi, Activation) or not isinstance(within, Mapping):
        raise DomainError(f"an Activation and a mapping of its parameters are needed; received {phi!r}, {within!r}")
    unknowns = tuple(within)
    if set(unknowns) != set(phi.parameters) or len(unknowns) != 2:
        raise DomainError(
            f"two parameters are solved for, and `within` gives an interval for each; received {list(within)} "
            f"for the parameters {list(phi.parameters)}"
        )
    goal, spread, q = (_number(name, value) for name, value in (("mean", mean), ("variance", variance), ("q", q)))
    if not (spread.is_positive and q.is_positive):
        raise DomainError(f"variances are positive; received variance={variance}, q={q}")
    box = Rectangle.of([_interval(s, within[s]) for s in unknowns])
    equations = (_moment(phi, 1, q, unknowns) - goal, _moment(phi, 2, q, unknowns) - goal**2 - spread)
    pairs = isolated_pairs(equations, unknowns, box)
    named = list(_eliminated(equations, unknowns)) if pairs else []
    return [dict(zip(unknowns, _recognised(pair, named), strict=True)) for pair in pairs]


def _number(name: str, value: Any) -> Expr:
    number = exact(value)
    if not number.is_number or not number.is_real:
        raise DomainError(f"{name} is a real number; received {value}")
    return number


def _interval(s: Symbol, ends: tuple[Any, Any]) -> tuple[Rational, Rational]:
    low, high = (exact(e) for e in ends)
    if not (isinstance(low, Rational) and isinstance(high, Rational) and low < high):
        raise DomainError(f"the interval of {s} is (low, high) with rational numbers low < high; received {ends}")
    return low, high


def _moment(phi: Activation, power: int, q: Expr, unknowns: Sequence[Symbol]) -> Expr:
    """E phi^power, term by term where the pieces are polynomials in the parameters."""
    x, pieces = phi.variable, smooth_pieces(phi)
    law = Gaussian(x, cov=[[q]])
    try:
        polys = [Poly(part**power, *unknowns) for part in pieces.parts]
    except PolynomialError:
        polys = []
    if not polys or any(set(unknowns) & b.free_symbols for b in pieces.breaks):
        value = phi.moment(power, q)
    else:
        terms = []
        for monomial in sorted({m for p in polys for m in p.monoms()}):
            parts = tuple(p.coeff_monomial(monomial) for p in polys)
            part = expect(as_piecewise(Pieces(pieces.breaks, parts).merged(), x), law)
            terms.append(part * Mul(*(s**n for s, n in zip(unknowns, monomial, strict=True))))
        value = Add(*terms)
    if any(node.free_symbols & set(unknowns) for node in value.atoms(GaussianExpectation)):
        raise UnsupportedError(f"E phi^{power} of {phi.expr} has no closed form in {list(unknowns)}")
    return value


def _eliminated(equations: tuple[Expr, Expr], unknowns: tuple[Symbol, ...]) -> Iterator[tuple[Expr, Expr]]:
    """Exact solutions: one equation linear in one unknown, the other then of degree one or two in the other."""
    for (first, second), (u, v) in ((e, s) for e in permutations(equations) for s in permutations(unknowns)):
        for part in Mul.make_args(factor(together(first).as_numer_denom()[0])):
            if not part.is_polynomial(u) or Poly(part, u).degree() != 1:
                continue
            slope, offset = Poly(part, u).all_coeffs()
            rest = together(second.subs(u, -offset / slope)).as_numer_denom()[0]
            for root in (rest.is_polynomial(v) and polynomial_roots(Poly(rest, v))) or ():
                value = {v: root, u: (-offset / slope).subs(v, root)}
                yield value[unknowns[0]], value[unknowns[1]]


def _recognised(pair: tuple[Expr, Expr], named: list[tuple[Expr, Expr]]) -> tuple[Expr, Expr]:
    """The exact solution in the rectangle that holds only one."""
    for candidate in named:
        try:
            if all(enclose(c, 30).overlaps(enclose(r, 30)) for c, r in zip(candidate, pair, strict=True)):
                return candidate
        except (TheoryError, ZeroDivisionError):  # complex, or a denominator that vanishes: no solution
            continue
    return pair
