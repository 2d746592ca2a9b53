r"""Hermite coefficients of an activation, in closed form in the index where the rules cover it."""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

from sympy import (
    And,
    Dummy,
    Eq,
    Expr,
    ImmutableMatrix,
    Integer,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    Tuple,
    expand,
    factorial,
    nan,
    re,
    sqrt,
    zoo,
)
from sympy.core.relational import Relational

from theory.arguments import whole
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.atoms import Atoms, NotInClass
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.ordering import OpenQuestion, Ordering
from theory.gaussian.pieces import Pieces
from theory.hermite.formula import solve_pieces
from theory.hermite.polynomials import hermite_he, hermite_polynomial
from theory.hermite.solution import J, K, Solution

if TYPE_CHECKING:
    from theory.activations import Activation

__all__ = ["hermite_coefficient"]

_HIGHEST_INDEX = 10_000  # beyond it the square root of k! takes minutes; a symbol k has no bound

_UNIT, _MEAN = ImmutableMatrix([[1]]), Tuple(0)


def hermite_coefficient(phi: Activation, k: Any, q: Any = 1) -> Expr:
    r"""Hermite coefficient of an activation.

    $$ c_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)]/\sqrt{k!}, \qquad Z \sim N(0, 1) $$

    For a symbol k the result holds at every integer k >= 0; the indices at which the general formula fails, such as
    those up to the degree of a polynomial part, have branches of their own.  It is a closed form, but for an
    exponential that is cut off (elu), where it contains a finite `Sum` up to k: a formula, not a closed form.

    Parameters
    ----------
    phi : the activation; its parameters may be symbolic.
    k : a non-negative integer, a symbol, or an expression in symbols that stands for a non-negative integer.
    q : variance, non-negative, numeric or symbolic.

    Returns
    -------
    Expr ; for an integer k without a closed form, a `GaussianExpectation` that evaluates numerically.

    Raises
    ------
    DomainError
        for an index that is not a non-negative integer, or a negative variance.
    DivergenceError
        if the expectation is infinite.
    UnsupportedError
        for a symbolic k outside the rules, with the reason.

    Examples
    --------
    >>> from sympy import Max, Symbol
    >>> from theory.activations import Activation
    >>> x, k = Symbol("x", real=True), Symbol("k", integer=True, nonnegative=True)
    >>> relu = hermite_coefficient(Activation(Max(x, 0), x), k)
    >>> relu
    2**(k/2 - 3/2)/(sqrt(factorial(k))*gamma(3/2 - k/2))
    >>> [relu.subs(k, n) for n in range(5)]
    [sqrt(2)/(2*sqrt(pi)), 1/2, 1/(2*sqrt(pi)), 0, -sqrt(3)/(12*sqrt(pi))]

    References
    ----------
    odonnell2014analysis
    """
    index, variance = _index(k), _variance(q)
    taken = set(phi.parameters) | variance.free_symbols
    if index.free_symbols & taken:
        raise DomainError(f"the index {index} shares a symbol with the parameters {sorted(map(str, taken))}")
    if variance.is_zero:
        value = phi(S.Zero)
        if isinstance(index, Integer):
            return value if index == 0 else S.Zero
        return Piecewise((value, Eq(index, 0)), (S.Zero, True))
    if isinstance(index, Integer):
        return _at_integer(phi, int(index), variance)
    formula = _formula(phi, phi.assumptions, variance)
    if isinstance(formula, str):
        raise UnsupportedError(
            f"no formula in {index} for the Hermite coefficients of {phi.expr}: {formula}; an integer k gives each "
            "of them as an expectation that evaluates to any number of digits"
        )
    return _named_sums(formula, index.free_symbols).xreplace({K: index})


def _index(k: Any) -> Expr:
    index = exact(k)
    if isinstance(index, Integer) and index >= 0:
        return Integer(whole("the index of one Hermite coefficient", index, 0, _HIGHEST_INDEX))
    if not index.free_symbols or index.is_negative or index.is_integer is False or index.is_real is False:
        raise DomainError(f"the index of a Hermite coefficient is a non-negative integer; received {k!r}")
    return index


def _variance(q: Any) -> Expr:
    variance = exact(q)
    if variance.is_extended_real is False or variance.is_negative:
        raise DomainError(f"a variance is non-negative; received {variance}")
    return variance


def _at_integer(phi: Activation, k: int, q: Expr) -> Expr:
    formula = _formula(phi, phi.assumptions, q)
    if not isinstance(formula, str):
        value = formula.subs(K, k)
        value = value.doit(deep=True) if value.has(Sum) else value
        if not value.has(nan, zoo):
            return value
    x = phi.variable
    value = expect(phi.expr * hermite_polynomial(k, x, q), Gaussian(x, cov=[[q]]), phi.assumptions)
    return value / (q ** Rational(k, 2) * sqrt(factorial(k)))


@lru_cache(maxsize=256)
def _formula(phi: Activation, assumptions: tuple[Relational, ...], q: Expr) -> Expr | str:
    """The formula in K and the symbols of the caller, or the reason why there is none.

    The assumptions are part of the key: equal expressions under other assumptions have other pieces.
    """
    forth = _real_dummies(phi, q)
    back: dict[Expr, Expr] = {d: s for s, d in forth.items()}
    x = forth[phi.variable]
    pieces = Pieces(
        tuple(b.xreplace(forth) for b in phi.pieces.breaks), tuple(p.xreplace(forth) for p in phi.pieces.parts)
    )
    scale = sqrt(q)
    values = {}
    if not isinstance(scale, Rational):
        values = {Dummy("s", positive=True): scale}
        (scale,) = values
    ordering = Ordering(
        (fact.xreplace(forth) for fact in assumptions), {s: e for s, e in values.items() if e.is_number}
    )
    try:
        solution, atoms = solve_pieces(pieces, x, scale, ordering)
        conditions = _convergence(phi, atoms, q, ordering)
    except NotInClass as error:
        return reduce(lambda text, s: text.replace(str(forth[s]), s.name), forth, str(error))
    except OpenQuestion as error:
        raise error.renamed({**back, **values}) from None
    formula = _normalised(solution).xreplace({**values, **back})
    if not conditions:
        return formula
    z = Dummy("z", real=True)
    node = GaussianExpectation(
        phi.expr.xreplace({phi.variable: sqrt(q) * z}) * hermite_he(K, z), Tuple(z), _UNIT, _MEAN
    )
    holds = And(*(c.xreplace({**values, **back}) > 0 for c in conditions))
    return Piecewise((formula, holds), (node / sqrt(factorial(K)), True))


def _real_dummies(phi: Activation, q: Expr) -> dict[Symbol, Symbol]:
    """Real symbols for the variable and the parameters, positive or negative where that is declared."""
    forth: dict[Symbol, Symbol] = {phi.variable: Dummy(phi.variable.name, real=True)}
    for s in phi.parameters:
        if s.is_extended_real is False:
            raise DomainError(f"the parameters of an activation are real; {s} is declared otherwise")
        sign = phi.ordering.sign_or_none(s)
        kinds = [kind for kind in ("nonnegative", "nonpositive", "integer") if getattr(s, f"is_{kind}")]
        kinds.append({1: "positive", -1: "negative"}.get(sign or 0, "real"))
        forth[s] = Dummy(s.name, **dict.fromkeys(kinds, True))
    return forth


def _convergence(phi: Activation, atoms: Atoms, q: Expr, ordering: Ordering) -> list[Expr]:
    """Expressions that must be positive for the tilts to converge, where that is not proved."""
    (x,) = atoms.variables
    needed: dict[Expr, None] = {}
    for exponent, _, _ in atoms:
        rest = expand(1 - 2 * re(exponent.coeff(x, 2)))
        sign = ordering.sign_or_none(rest)
        if sign is None:
            needed[rest] = None
        elif sign <= 0:
            expect(phi.expr, Gaussian(phi.variable, cov=[[q]]), phi.assumptions)
            raise NotInClass(f"exp({exponent}) outgrows the law but for a factor that vanishes")
    return list(needed)


def _normalised(solution: Solution) -> Expr:
    branches = [(v / sqrt(factorial(k)), Eq(K, k)) for k, v in sorted(solution.special.items())]
    generic = solution.generic / sqrt(factorial(K))
    return Piecewise(*branches, (generic, True)) if branches else generic


def _named_sums(formula: Expr, symbols: set[Symbol]) -> Expr:
    """The formula with a summation index whose name is not taken."""
    if not formula.has(J):
        return formula
    taken = {s.name for s in (formula.free_symbols | symbols)}
    name = next(n for n in (*"jilmnrt", "j_1", "j_2") if n not in taken)
    return formula.xreplace({J: Symbol(name, integer=True, nonnegative=True)})
