r"""Decay law of Hermite coefficients, read off the kinks and the complex singularities of an activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import Expr, S, Symbol

from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import SWITCHES
from theory.hermite.analyticity import demand_analytic, demand_analytic_arguments
from theory.hermite.entire import entire_law
from theory.hermite.singularities import Law, demand_slow, elementary_derivative, singular_law
from theory.symbols import k as INDEX

if TYPE_CHECKING:
    from theory.activations import Activation

__all__ = ["HermiteAsymptotics", "hermite_asymptotics"]

_MAX_ORDER = 12


@dataclass(frozen=True)
class HermiteAsymptotics:
    r"""Leading behaviour of $c_k$ as $k \to \infty$.

    $$ c_k = \text{leading}(k) + o(\text{envelope}(k)) $$

    Attributes
    ----------
    kind : "algebraic" $k^{-a}$, "stretched_exponential" $k^{a} e^{-b\sqrt k}$, "geometric" $k^{a} b^k$,
        "superexponential" $k^{a} b^k/\sqrt{k!}$, or "finite" (zero from some index on).
    exponent : the power a of k, negative where it decays.
    rate : the number b, or None for "algebraic" and "finite".
    reason : what in the activation decides, in words.
    """

    kind: str
    exponent: Expr
    rate: Expr | None
    reason: str
    leading_term: Expr
    envelope_term: Expr

    def leading(self, k: Any = INDEX) -> Expr:
        """The leading term at an index, with its oscillation."""
        return self.leading_term.subs(INDEX, k)

    def envelope(self, k: Any = INDEX) -> Expr:
        """The amplitude of the leading term at an index."""
        return self.envelope_term.subs(INDEX, k)

    def latex(self) -> str:
        """The law as a LaTeX formula."""
        return rf"c_{{k}} \sim {sp.latex(self.leading_term)}"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


def hermite_asymptotics(phi: Activation, q: Any = 1) -> HermiteAsymptotics:
    r"""Decay law of $c_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)]/\sqrt{k!}$.

    The lowest derivative that jumps gives an algebraic law; without kinks the complex singularities nearest to the
    real axis give $e^{-b\sqrt k}$, Gaussians a geometric law, exponentials a superexponential one.

    Parameters
    ----------
    phi : activation; parameters may be symbolic where their signs are declared.
    q : variance, positive; a number or a symbol.

    Raises
    ------
    UnsupportedError
        where no rule applies, with the reason.

    Examples
    --------
    >>> from sympy import Max, Symbol
    >>> from theory.activations import Activation
    >>> x = Symbol("x", real=True)
    >>> law = hermite_asymptotics(Activation(Max(x, 0), x))
    >>> law.kind, law.exponent, law.reason
    ('algebraic', -5/4, 'jump of derivative 1 at x = 0')

    References
    ----------
    dlmf
    """
    variance = exact(q)
    if phi.ordering.sign_or_none(variance) in (0, -1) or variance.has_free(phi.variable):
        raise DomainError(f"a decay law needs a positive variance; received q = {variance}")
    if INDEX in phi.expr.free_symbols | variance.free_symbols:
        raise DomainError(f"the symbol {INDEX} is the index of the coefficients; rename the parameter")
    # Real and imaginary parts separate only for symbols known to be real.
    back: dict[Symbol, Symbol] = {}
    for s in sorted(phi.expr.free_symbols - {phi.variable} | variance.free_symbols, key=str):
        sign = phi.ordering.sign_or_none(s)
        positive = sign == 1 or s in variance.free_symbols
        kind = "positive" if positive else "negative" if sign == -1 else "real"
        back[Symbol(s.name, **{kind: True})] = s
    forth = {s: d for d, s in back.items()}
    ordering = Ordering(fact.xreplace(forth) for fact in phi.assumptions)
    parts = [part.xreplace(forth) for part in phi.pieces.parts]
    breaks = [b.xreplace(forth) for b in phi.pieces.breaks]
    if any(part.has(*SWITCHES) for part in parts):
        raise UnsupportedError(f"the kinks of {phi} are not found in closed form; write the pieces out")
    law = _law(parts, breaks, phi.variable, variance.xreplace(forth), ordering)
    return HermiteAsymptotics(
        law.kind,
        law.exponent.xreplace(back),
        None if law.rate is None else law.rate.xreplace(back),
        law.reason,
        law.leading.xreplace(back),
        law.envelope.xreplace(back),
    )


def _law(parts: list[Expr], breaks: list[Expr], x: Symbol, q: Expr, ordering: Ordering) -> Law:
    if breaks:
        return _kink_law(parts, breaks, x, q, ordering)
    f = parts[0]
    if f.is_polynomial(x):
        degree = 0 if f == 0 else sp.degree(f, x)
        return Law("finite", S.Zero, None, f"polynomial of degree {degree}", S.Zero, S.Zero)
    demand_slow(f, x, q, ordering)
    demand_analytic_arguments(f, x, ordering)
    derived, order = elementary_derivative(f, x)
    return singular_law(derived, order, x, q, ordering) or entire_law(derived, order, x, q, ordering)


def _kink_law(parts: list[Expr], breaks: list[Expr], x: Symbol, q: Expr, ordering: Ordering) -> Law:
    r"""Repeated Stein steps leave point masses: $C_k \approx \sum_b J_b q^{m/2} p(\beta) He_{k-m-1}(\beta)$."""
    for i, part in enumerate(parts):
        demand_analytic(part, x, ([-sp.oo, *breaks][i], [*breaks, sp.oo][i]), ordering)
        if i in (0, len(parts) - 1):
            demand_slow(part, x, q, ordering)
    for m in range(_MAX_ORDER):
        jumps = []
        for b, before, after in zip(breaks, parts[:-1], parts[1:], strict=True):
            jump = _value(after.diff(x, m), x, b) - _value(before.diff(x, m), x, b)
            sign = ordering.sign_or_none(sp.expand(jump))
            if sign is None and not (jump.is_nonzero or jump.free_symbols):
                raise UnsupportedError(f"whether derivative {m} jumps at {x} = {b} is not settled")
            if sign != 0:
                jumps.append((b, sp.cancel(jump)))
        if jumps:
            return _from_jumps(jumps, m, x, q)
    raise UnsupportedError(f"no derivative below order {_MAX_ORDER} jumps at the breakpoints {breaks}")


def _value(e: Expr, x: Symbol, b: Expr) -> Expr:
    value = e.subs(x, b)
    if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise UnsupportedError(f"{e} has no finite value at {x} = {b}; the rule for kinks needs one-sided derivatives")
    return value


def _from_jumps(jumps: list[tuple[Expr, Expr]], m: int, x: Symbol, q: Expr) -> Law:
    exponent = -sp.Rational(2 * m + 3, 4)
    unit = (2 / sp.pi) ** sp.Rational(1, 4) / sp.sqrt(2 * sp.pi) * INDEX**exponent * sp.sqrt(q) ** m
    leading, envelope, places = S.Zero, S.Zero, []
    for b, jump in jumps:
        beta = b / sp.sqrt(q)
        size = unit * jump * sp.exp(-(beta**2) / 4)
        leading += size * sp.cos(beta * sp.sqrt(INDEX - m - S.Half) - (INDEX - m - 1) * sp.pi / 2)
        envelope += abs(size)
        places.append(f"{x} = {b}")
    what = "jump" if m == 0 else f"jump of derivative {m}"
    return Law("algebraic", exponent, None, f"{what} at {', '.join(places)}", leading, envelope)
