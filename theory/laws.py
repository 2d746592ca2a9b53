"""Laws of real random variables as inert data: distribution functions, Gaussian spectra, functions of Gaussians.

A claim `Distribution(sample, law)` relates what is drawn to its stated distribution function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, S, Symbol, latex, sympify

from theory.errors import DomainError
from theory.gaussian.expectation import expect

__all__ = ["ContinuousLaw", "GaussianFunction", "GaussianSpectrum", "free_moments"]


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
            object.__setattr__(self, name, sympify(getattr(self, name)))
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
    """A function of Gaussian variables; `law` is a `theory.gaussian.law.Gaussian`."""

    expr: Expr
    law: Any

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, without the Gaussian variables."""
        return (self.expr.free_symbols | self.law.free_symbols) - set(self.law.variables)

    def subs(self, point: Any) -> GaussianFunction:
        """The function with values put in for its parameters."""
        return GaussianFunction(self.expr.subs(point), self.law.subs(point))

    def moment(self, k: int) -> Expr:
        """`E[expr^k]`."""
        return expect(self.expr**k, self.law)

    def _repr_latex_(self) -> str:
        names = ", ".join(map(latex, self.law.variables))
        return rf"${latex(self.expr)},\ ({names}) \sim \mathcal{{N}}(0, {latex(self.law.cov)})$"


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
            object.__setattr__(self, "ratio", sympify(self.ratio))
            assert self.ratio is not None
            if (self.ratio > 0) == False or (self.ratio <= 1) == False:  # noqa: E712 - sympy truth values
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
        if self.ratio is None:
            return free_moments([S.Zero, S.One], k)[k]
        return free_moments([self.ratio**j for j in range(k)], k)[k]

    def _repr_latex_(self) -> str:
        matrix = (
            r"(G + G^T)/\sqrt{2n}"
            if self.ratio is None
            else rf"W^T W/n,\ W \in \mathbb{{R}}^{{n \times {latex(self.ratio)} n}}"
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
