r"""Expectation of an expression in Gaussian variables: the primitive under every kernel of the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flint import arb, ctx
from sympy import (
    And,
    Dummy,
    E,
    Expr,
    I,
    ImmutableMatrix,
    Integer,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    Tuple,
    expand,
)
from sympy.core.relational import Relational

from theory.arguments import items
from theory.balls import ball_function
from theory.enclosure import evaluate
from theory.errors import DomainError, PrecisionError, UnsupportedError
from theory.gaussian.atoms import NotInClass
from theory.gaussian.closed_form import Divergence, closed_form
from theory.gaussian.growth import growth
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.ordering import OpenQuestion, Ordering
from theory.gaussian.pieces import SWITCHES
from theory.gaussian.quotients import open_quotients
from theory.gaussian.separation import by_variables, to_atoms

__all__ = ["GaussianExpectation", "expect", "expect_with_values"]


def expect(expr: Expr, law: Gaussian, assume: Iterable[Relational] = ()) -> Expr:
    r"""Expectation $E[f(X)]$ of an expression under a Gaussian law.

    Closed form for sums of polynomial $\times \exp(\text{quadratic}) \times \{1, \sin, \cos\} \times$ one
    indicator or distribution function per variable; other expressions come back as a `GaussianExpectation`
    node, which still evaluates numerically with a rigorous error bound.

    Parameters
    ----------
    expr : real-valued expression in the variables of the law; other symbols are real parameters.
    law : the Gaussian law of the variables.
    assume : inequalities between the parameters, such as `[a < b]`.

    Raises
    ------
    DivergenceError
        if the expectation is infinite, with the condition that fails.
    OrderingError
        if the order of symbolic breakpoints is not settled.

    Examples
    --------
    >>> from sympy import Max, Symbol
    >>> u, v, q1, q2, c = (Symbol(s, real=True) for s in ("u", "v", "q1", "q2", "c"))
    >>> expect(u**2*v**2, Gaussian([u, v], cov=[[q1, c], [c, q2]]))
    2*c**2 + q1*q2
    """
    return expect_with_values(expr, law, assume, {})


def expect_with_values(expr: Expr, law: Gaussian, assume: Iterable[Relational], values: Mapping[Symbol, Expr]) -> Expr:
    """`expect`, where a symbol with an entry in `values` stands for that number when signs are decided."""
    expr, assume = exact(expr), items("assume=", assume)
    if not isinstance(law, Gaussian):
        raise DomainError(f"the law is a Gaussian([u], cov=[[1]]); received {law!r}")
    if expr.has(I):
        raise DomainError(f"the integrand of an expectation is real; received {expr}; write it with cos and sin")
    inner, real_law, back = _with_real_symbols(expr, law, Ordering(assume, values))
    forth = {s: d for d, s in back.items()}
    inner, law_ = _nonsingular(inner, real_law)
    if law_ is None:
        return inner.xreplace(back)
    ordering = Ordering(
        (fact.xreplace(forth) for fact in assume),
        {forth[s]: value for s, value in values.items() if s in forth},
    )
    try:
        opened, wide, bounded = open_quotients(inner, law_)
        atoms = to_atoms(opened, wide.variables, ordering)
        found = closed_form(atoms, wide, ordering, bounded)
    except (OpenQuestion, Divergence) as error:
        raise error.renamed(back) from None
    except NotInClass:
        return _unevaluated(expr, law, assume)
    value = found.value.xreplace(back)
    if not found.conditions:
        return value
    # Beyond the region of convergence the formula is a continuation, not the expectation.
    converges = And(*(c.xreplace(back) > 0 for c in found.conditions))
    return Piecewise((value, converges), (_node(expr, law), True))


def _node(expr: Expr, law: Gaussian) -> GaussianExpectation:
    return GaussianExpectation(expr, Tuple(*law.variables), law.cov, Tuple(*law.mean))


def _unevaluated(expr: Expr, law: Gaussian, assume: Iterable[Relational]) -> Expr:
    """What holds without a closed form: odd integrands vanish, independent factors separate."""
    if not any(law.mean):
        mirror = expr.subs({v: -v for v in law.variables}, simultaneous=True)
        if expand(mirror + expr) == 0 and _is_tame(expr, law.variables):
            return Integer(0)
    if len(law.variables) == 2 and law.cov[0, 1].is_zero:
        factors = by_variables(Mul.make_args(expr), law.variables)
        if law.variables not in factors and len(factors) > 1:
            parts = [_alone(Mul(*group), key[0], law, assume) for key, group in factors.items() if key]
            return Mul(*factors.get((), []), *parts)
    return _node(expr, law)


def _is_tame(expr: Expr, variables: tuple[Symbol, ...]) -> bool:
    """Without poles and of at most exponential growth, so that the expectation exists under every law."""
    real = {v: Dummy(v.name, real=True) for v in variables}
    inner = expr.xreplace(real)
    if any(p.exp.is_negative is not False and p.base.is_nonzero is not True for p in inner.atoms(Pow) if p.base != E):
        return False
    try:
        for v in real.values():
            alone = inner.subs({w: Rational(1, 3) for w in real.values() if w != v})
            if any(growth(alone, v, side).c > 0 for side in (1, -1)):
                return False
        return True
    except (PrecisionError, TypeError):
        return False


def _alone(expr: Expr, v: Symbol, law: Gaussian, assume: Iterable[Relational]) -> Expr:
    i = law.variables.index(v)
    return expect(expr, Gaussian(v, cov=[[law.cov[i, i]]], mean=[law.mean[i]]), assume)


def _with_real_symbols(expr: Expr, law: Gaussian, ordering: Ordering) -> tuple[Expr, Gaussian, dict[Symbol, Symbol]]:
    """Real (positive where declared) dummies for every symbol, and the way back."""
    forth: dict[Symbol, Symbol] = {}
    for s in sorted(expr.free_symbols | law.free_symbols | set(law.variables), key=str):
        if s.is_extended_real is False:
            raise DomainError(f"the symbols of an expectation are real; {s} is declared otherwise")
        declared = None if s in law.variables else ordering.sign_or_none(s)
        forth[s] = _dummy(s, declared == 1 or s in law.cov.diagonal(), declared == -1)
    cov = law.cov.xreplace(forth)
    inner = Gaussian([forth[v] for v in law.variables], cov, mean=[m.xreplace(forth) for m in law.mean])
    return expr.xreplace(forth), inner, {d: s for s, d in forth.items()}


def _dummy(s: Symbol, positive: bool, negative: bool) -> Symbol:
    kinds = [k for k in ("nonnegative", "nonpositive", "integer") if getattr(s, f"is_{k}")]
    sign = "positive" if positive else "negative" if negative else "real"
    return Dummy(s.name, **dict.fromkeys([*kinds, sign], True))


def _nonsingular(expr: Expr, law: Gaussian) -> tuple[Expr, Gaussian | None]:
    """Eliminate constant variables and fully correlated pairs: they are functions of the others."""
    cov = law.cov
    for j, v in enumerate(law.variables):
        if cov[j, j].is_zero:
            return _without(j, expr.subs(v, law.mean[j]), law)
        for i in range(j):
            minor = expand(cov[i, i] * cov[j, j] - cov[i, j] ** 2)
            if minor.is_zero or (minor.is_number and minor.equals(0)):
                slope = cov[i, j] / cov[i, i]
                image = law.mean[j] + slope * (law.variables[i] - law.mean[i])
                return _without(j, expr.subs(v, image), law)
    return expr, law


def _without(j: int, expr: Expr, law: Gaussian) -> tuple[Expr, Gaussian | None]:
    kept = [i for i in range(len(law.variables)) if i != j]
    if not kept:
        return expr, None
    cov = law.cov.extract(kept, kept)
    return _nonsingular(expr, Gaussian([law.variables[i] for i in kept], cov, mean=[law.mean[i] for i in kept]))


class GaussianExpectation(Expr):
    r"""Unevaluated $E[f(X)]$, $X \sim N(\mu, \Sigma)$, where no closed form is known.

    `N(node, d)` integrates the definition with a rigorous error bound and returns d correct digits or raises
    PrecisionError.  The variables are bound: substitution acts on the parameters alone.
    """

    def __new__(cls, expr: Expr, variables: Tuple, cov: ImmutableMatrix, mean: Tuple) -> GaussianExpectation:
        return super().__new__(cls, expr, Tuple(*variables), ImmutableMatrix(cov), Tuple(*mean))

    @property
    def integrand(self) -> Expr:
        """The expression under the expectation."""
        return self.args[0]

    @property
    def law(self) -> Gaussian:
        """The law of the bound variables."""
        _, variables, cov, mean = self.args
        return Gaussian(list(variables), cov, mean=list(mean))

    @property
    def bound_symbols(self) -> list[Symbol]:
        """The variables of the law."""
        return list(self.args[1])

    @property
    def free_symbols(self) -> set[Symbol]:
        """The parameters."""
        return (self.args[0].free_symbols - set(self.args[1])) | self.law.free_symbols

    def _eval_subs(self, old: Expr, new: Expr) -> Expr | None:
        if old in self.args[1]:
            return self
        expr, variables, cov, mean = self.args
        clash = [s for s in variables if s in new.free_symbols]
        if clash:
            fresh = {s: Dummy(s.name, real=True) for s in clash}
            expr, variables = expr.xreplace(fresh), Tuple(*(fresh.get(s, s) for s in variables))
        law = Gaussian(list(variables), cov.subs(old, new), mean=[m.subs(old, new) for m in mean])
        return self.func(expr.subs(old, new), variables, law.cov, Tuple(*law.mean))

    def _eval_derivative(self, s: Symbol) -> Expr:
        r"""Price's theorem: $\partial_\Sigma$ acts as half the second derivatives of the integrand."""
        expr, variables, cov, mean = self.args
        if expr.has(*SWITCHES):
            raise UnsupportedError(f"the derivative of an expectation needs a smooth integrand; received {expr}")
        total = expr.diff(s)
        for i, x in enumerate(variables):
            total += mean[i].diff(s) * expr.diff(x)
            for j, y in enumerate(variables):
                total += cov[i, j].diff(s) * expr.diff(x, y) / 2
        return Integer(0) if total == 0 else self.func(total, variables, cov, mean)

    def doit(self, **_: Any) -> Expr:
        """Try the exact rules again, for instance after a substitution."""
        return expect(self.integrand, self.law)

    def _eval_is_extended_real(self) -> bool:
        return True

    def _enclose(self) -> arb:
        """Ball at the current precision, from the definition."""
        return _ball(self, ctx.prec)

    def _eval_evalf(self, prec: int) -> Expr | None:
        if self.free_symbols:
            return None
        return evaluate(self, prec)

    def _sympystr(self, printer: Any) -> str:
        names = {s: Symbol(s.name) for s in self.bound_symbols}
        return f"E[{printer._print(self.integrand.xreplace(names))}]"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = rf"\mathbb{{E}}\left[{printer._print(self.integrand)}\right]"
        return rf"\left({body}\right)^{{{exp}}}" if exp else body


@lru_cache(maxsize=512)
def _ball(node: GaussianExpectation, prec: int) -> arb:
    """Ball at the current precision `prec`; one sign is often asked for by several rules in turn."""
    expr, law = _nonsingular(node.integrand, node.law)
    if law is None:
        return ball_function(expr)((), False).real
    from theory.hermite.evaluation import expectation_ball

    return expectation_ball(expr, law, max(5, int((prec - 40) / 3.33)))
