r"""Hermite polynomials of a given variance, as functions of a symbolic degree."""

from __future__ import annotations

from typing import Any

from flint import acb, arb
from sympy import (
    Add,
    Expr,
    Integer,
    Pow,
    S,
    cos,
    expand,
    factorial,
    gamma,
    hermite_prob,
    pi,
    sqrt,
)
from sympy.core.function import ArgumentIndexError

from theory.enclosed import Enclosed, scalar

__all__ = ["hermite_at_zero", "hermite_he", "hermite_polynomial"]

_MAX_EXPANDED = 48


def hermite_at_zero(n: Expr, v: Expr = S.One, negative: bool = False) -> Expr:
    r"""$He_n^{[v]}(0)$ for a symbolic degree: an entire function of n, zero at odd n > 0.

    $$ He_n^{[v]}(0) = (2v)^{n/2} \sqrt\pi / \Gamma((1 - n)/2) $$

    At negative degrees it is the value of the Hermite function $2^{n/2} H_n(0)$, so the recurrence
    $He_{n+2}^{[v]}(0) = -v(n + 1)He_n^{[v]}(0)$ holds for every integer.  `negative` says that v is negative.

    >>> hermite_at_zero(S(4)), hermite_at_zero(S(5))
    (3, 0)
    """
    reciprocal = sqrt(pi) / gamma(expand((1 - n) / 2))
    if negative or v.is_negative:
        # For even n the power of v is real; the factor 1/gamma removes the odd ones.
        return cos(expand(pi * n / 2)) * Pow(-2 * v, expand(n / 2)) * reciprocal
    return Pow(2 * v, expand(n / 2)) * reciprocal


class hermite_he(Enclosed):
    r"""Hermite polynomial of variance v.

    $$ He_n^{[v]}(x) = v^{n/2} He_n(x/\sqrt v) = \sum_j \frac{n!}{j!\,(n-2j)!} \Big({-\frac v2}\Big)^j x^{n-2j},
       \qquad E[He_n(X)] = He_n^{[1-v]}(\mu), \; X \sim N(\mu, v) $$

    for n = 0, 1, 2, ... and any v, also zero or negative; v = 1 when left out (probabilists' polynomials).

    Examples
    --------
    >>> from sympy.abc import x, v
    >>> hermite_he(3, x), hermite_he(2, x, v), hermite_he(2, x, 0)
    (x**3 - 3*x, -v + x**2, x**2)

    References
    ----------
    dlmf
    """

    nargs = (2, 3)

    @classmethod
    def eval(cls, n: Expr, x: Expr, v: Expr = S.One) -> Expr | None:
        """Polynomials at a small degree, the value at zero, and the parity."""
        if v.is_zero:
            return Pow(x, n)
        if x.is_zero:
            return hermite_at_zero(n, v)
        if n.is_Integer:
            return cls._polynomial(int(n), x, v) if n >= 0 else None
        if x.could_extract_minus_sign():
            shift, moving = n.as_coeff_Add()
            if shift.is_Integer:
                sign = S.NegativeOne if shift % 2 else S.One
                return sign * S.NegativeOne**moving * cls(n, -x, v)
        return None

    def __new__(cls, n: Any, x: Any, v: Any = S.One, **options: Any) -> Expr:
        v = scalar("hermite_he", v)
        if v == 1:
            return super().__new__(cls, n, x, **options)
        return super().__new__(cls, n, x, v, **options)

    @staticmethod
    def _polynomial(n: int, x: Expr, v: Expr) -> Expr | None:
        square = x**2
        if n == 0:
            return S.One
        if square.is_Rational and v.is_Rational:
            # Odd degrees are x times a polynomial in x^2, which stays rational.
            scale = x if n % 2 else S.One
            return scale * _in_square(n, square, v)
        if x.is_Float or v.is_Float:
            return _recurrence(n, x, v)
        if n > _MAX_EXPANDED:
            return None
        return hermite_polynomial(n, x, v)

    @property
    def _parts(self) -> tuple[Expr, Expr, Expr]:
        return self.args if len(self.args) == 3 else (*self.args, S.One)

    def fdiff(self, argindex: int = 2) -> Expr:
        """Appell property in x, heat equation in v."""
        n, x, v = self._parts
        if argindex == 2:
            return n * hermite_he(n - 1, x, v)
        if argindex == 3:
            return -n * (n - 1) / 2 * hermite_he(n - 2, x, v)
        raise ArgumentIndexError(self, argindex)

    @staticmethod
    def _ball(n: acb, x: acb, v: acb | None = None) -> acb:
        degree = n.real.unique_fmpz() if n.imag == 0 else None
        if degree is None or degree < 0:
            return acb(arb.nan(), arb.nan())
        return _recurrence(int(degree), x, acb(1) if v is None else v, acb(1))

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _eval_is_finite(self) -> bool | None:
        return True if all(a.is_finite for a in self.args) else None

    def _eval_rewrite_as_hermite_prob(self, n: Expr, x: Expr, v: Expr = S.One, **_: Any) -> Expr:
        return v ** (n / 2) * hermite_prob(n, x / sqrt(v))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        n, x, v = (printer._print(a) for a in self._parts)
        variance = "" if len(self.args) == 2 else rf"^{{[{v}]}}"
        body = rf"\mathit{{He}}{variance}_{{{n}}}\left({x}\right)"
        return rf"\left({body}\right)^{{{exp}}}" if exp else body


def hermite_polynomial(n: int, x: Expr, v: Expr = S.One) -> Expr:
    """The polynomial written out, at any degree.

    >>> from sympy.abc import x
    >>> hermite_polynomial(4, x)
    x**4 - 6*x**2 + 3
    """
    terms = (
        factorial(n) / (factorial(j) * factorial(n - 2 * j) * Integer(-2) ** j) * v**j * x ** (n - 2 * j)
        for j in range(n // 2 + 1)
    )
    return Add(*terms)


def _recurrence(n: int, x: Any, v: Any, one: Any = S.One) -> Any:
    before, value = one * 0, one
    for m in range(n):
        before, value = value, x * value - m * v * before
    return value


def _in_square(n: int, square: Expr, v: Expr) -> Expr:
    """He_n(x)/x^(n mod 2) at a rational square of x, by a recurrence in integers."""
    p, q = int(square.p), int(square.q)
    a, b = int(v.p), int(v.q)
    # Terms n!/(j!(n-2j)!) (-v/2)^j square^(n//2-j); every denominator divides the last one.
    half = n // 2
    ratio_top, ratio_bottom = -a * q, 2 * b * p
    numerators, denominators = [1], [1]
    for j in range(half):
        numerators.append(numerators[-1] * (n - 2 * j) * (n - 2 * j - 1) * ratio_top)
        denominators.append(denominators[-1] * (j + 1) * ratio_bottom)
    last = denominators[-1]
    total = sum(top * (last // bottom) for top, bottom in zip(numerators, denominators, strict=True))
    return square**half * Integer(total) / Integer(last)
