"""Laws of real random variables as inert data: distribution functions, Gaussian spectra, functions of Gaussians.

A claim `Distribution(sample, law)` relates what is drawn to its stated distribution function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, S, Symbol, latex

from theory.arguments import whole
from theory.domains import endpoint
from theory.errors import DomainError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian, exact

__all__ = ["ContinuousLaw", "GaussianFunction", "GaussianSpectrum", "free_moments"]

_HIGHEST_ORDER = 200


@dataclass(frozen=True)
class ContinuousLaw:
    """The law with distribution function `cdf` on [lower, upper], 0 below and 1 above.

    Raises
    ------
    DomainError
        if the ends are not in order, or `cdf` does not depend on the variable.

    Examples
    --------
    >>> x = Symbol("x")
    >>> ContinuousLaw(x**2, x, 0, 1).free_symbols
    set()
    """

    cdf: Expr
    variable: Symbol
    lower: Expr
    upper: Expr

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            object.__setattr__(self, name, endpoint(getattr(self, name)))
        if not isinstance(self.variable, Symbol):
            raise DomainError(f"the variable of a law is a symbol; received {self.variable!r}")
        if not isinstance(self.cdf, Expr) or self.variable not in self.cdf.free_symbols:
            raise DomainError(f"a distribution function depends on {self.variable}; received {self.cdf}")
        if (self.lower < self.upper) == False:  # noqa: E712 - a sympy truth value
            raise DomainError(f"the ends of a law are in order; received [{self.lower}, {self.upper}]")

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, without the variable."""
        return (self.cdf.free_symbols - {self.variable}) | self.lower.free_symbols | self.upper.free_symbols

    def subs(self, point: Any) -> ContinuousLaw:
        """The law with values put in for its parameters."""
        return ContinuousLaw(self.cdf.subs(point), self.variable, self.lower.subs(point), self.upper.subs(point))

    def _repr_latex_(self) -> str:
        x = latex(self.variable)
        return rf"$F({x}) = {latex(self.cdf)},\ {latex(self.lower)} \le {x} \le {latex(self.upper)}$"


@dataclass(frozen=True)
class GaussianFunction:
    """A function of Gaussian variables; `law` is a `theory.gaussian.law.Gaussian`.

    Raises
    ------
    DomainError
        if the function is no scalar expression, or the law no Gaussian one.

    Examples
    --------
    >>> u = Symbol("u", real=True)
    >>> GaussianFunction(u**2, Gaussian([u], cov=[[2]])).moment(2)
    12
    """

    expr: Expr
    law: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "expr", exact(self.expr))
        if not isinstance(self.law, Gaussian):
            raise DomainError(f"the law is a Gaussian([u], cov=[[1]]); received {self.law!r}")

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, without the Gaussian variables."""
        return (self.expr.free_symbols | self.law.free_symbols) - set(self.law.variables)

    def subs(self, point: Any) -> GaussianFunction:
        """The function with values put in for its parameters."""
        return GaussianFunction(self.expr.subs(point), self.law.subs(point))

    def moment(self, k: int) -> Expr:
        """`E[expr^k]`."""
        return expect(self.expr ** whole("the order of a moment", k, 0, _HIGHEST_ORDER), self.law)

    def probability_latex(self, law: ContinuousLaw, printer: Callable[[Any], str] = latex) -> str:
        """That the function is at most x with the probability that a law gives, as LaTeX."""
        x, ends = printer(law.variable), [printer(end) for end in (law.lower, law.upper)]
        drawn = self._law_latex(printer)
        range_ = rf"{ends[0]} \le {x} \le {ends[1]}"
        return rf"\Pr\left[{printer(self.expr)} \le {x}\right] = {printer(law.cdf)},\quad {range_},\quad {drawn}"

    def _law_latex(self, printer: Callable[[Any], str]) -> str:
        variables, cov = self.law.variables, self.law.cov
        if len(variables) == 1:
            return rf"{printer(variables[0])} \sim \mathcal{{N}}(0, {printer(cov[0, 0])})"
        return rf"({', '.join(map(printer, variables))}) \sim \mathcal{{N}}(0, {printer(cov)})"

    def _repr_latex_(self) -> str:
        return rf"${latex(self.expr)},\ {self._law_latex(latex)}$"


@dataclass(frozen=True)
class GaussianSpectrum:
    r"""Eigenvalues of a large random matrix with independent standard normal entries, in the limit of its size.

    With `ratio` None, $(G + G^T)/\sqrt{2n}$ for G of size n x n; otherwise $W^T W/n$ for W of size n x (ratio n), the
    squared singular values of $W/\sqrt n$.

    Raises
    ------
    DomainError
        unless 0 < ratio <= 1.

    Examples
    --------
    >>> [GaussianSpectrum(1).moment(k) for k in (1, 2, 3)], [GaussianSpectrum().moment(k) for k in (2, 4, 6)]
    ([1, 2, 5], [1, 2, 5])
    """

    ratio: Expr | None = None

    def __post_init__(self) -> None:
        if self.ratio is not None:
            object.__setattr__(self, "ratio", exact(self.ratio))
            assert self.ratio is not None
            if self.ratio.is_extended_real is False or (self.ratio > 0) == False or (self.ratio <= 1) == False:  # noqa: E712 - sympy truth values
                raise DomainError(f"the ratio of columns to rows is in (0, 1]; received {self.ratio}")

    @property
    def free_symbols(self) -> set[Any]:
        """Symbols in the ratio."""
        return set() if self.ratio is None else set(self.ratio.free_symbols)

    def subs(self, point: Any) -> GaussianSpectrum:
        """The spectrum at a value of the ratio."""
        return self if self.ratio is None else GaussianSpectrum(self.ratio.subs(point))

    def moment(self, k: int) -> Expr:
        """Limit of the mean k-th moment, from the free cumulants of the free Poisson or the semicircle law."""
        order = whole("the order of a moment", k, 0, _HIGHEST_ORDER)
        if self.ratio is None:
            return free_moments([S.Zero, S.One], order)[order]
        return free_moments([self.ratio**j for j in range(order)], order)[order]

    def _repr_latex_(self) -> str:
        matrix = (
            r"(G + G^T)/\sqrt{2n}"
            if self.ratio is None
            else rf"W^T W/n,\ W \in \mathbb{{R}}^{{n \times {latex(self.ratio * Symbol('n'))}}}"
        )
        return rf"$\operatorname{{spec}}\ {matrix}$"


def free_moments(cumulants: list[Expr], count: int) -> list[Expr]:
    r"""Moments 0 .. count of the law with the given free cumulants, from $M(z) = 1 + \sum_s \kappa_s z^s M(z)^s$.

    >>> free_moments([Integer(0), Integer(1)], 4)
    [1, 0, 1, 0, 2]
    """
    moments: list[Expr] = [Integer(1)]
    for n in range(1, count + 1):
        total: Expr = S.Zero
        power = [S.One] + [S.Zero] * n  # coefficients of M(z)^s
        for s in range(1, min(n, len(cumulants)) + 1):
            power = [sum((power[i] * moments[j - i] for i in range(j + 1) if j - i < n), S.Zero) for j in range(n)]
            total += cumulants[s - 1] * power[n - s]
        moments.append(total)
    return moments
