r"""Confluent hypergeometric functions of Kummer and Tricomi."""

from __future__ import annotations

from typing import Any, ClassVar

from flint import acb, arb
from sympy import Expr, S, exp, lowergamma
from sympy.core.function import ArgumentIndexError

from theory.enclosed import Enclosed

__all__ = ["kummer_m", "tricomi_u"]


class _Confluent(Enclosed):
    """A solution of z w'' + (b - z) w' = a w."""

    nargs = 3
    _letter: ClassVar[str]

    def _eval_is_extended_real(self) -> bool | None:
        a, b, z = self.args
        return True if a.is_extended_real and b.is_extended_real and z.is_positive else None

    def _eval_is_finite(self) -> bool | None:
        a, b, z = self.args
        return True if a.is_finite and b.is_positive and z.is_positive and z.is_finite else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        a, b, z = (printer._print(s) for s in self.args)
        power = rf"^{{{exp}}}" if exp else ""
        return rf"{self._letter}{power}\left({a}, {b}, {z}\right)"


class kummer_m(_Confluent):
    r"""Kummer's function, the confluent hypergeometric function of the first kind.

    $$ M(a, b, z) = \sum_{n \ge 0} \frac{(a)_n}{(b)_n} \frac{z^n}{n!}, \qquad b \ne 0, -1, -2, \dots $$

    The incomplete gamma function is $\gamma(a, z) = a^{-1} z^a e^{-z} M(1, a + 1, z)$.

    Examples
    --------
    >>> kummer_m(1, 2, 1).evalf(15)
    1.71828182845905

    References
    ----------
    dlmf
    """

    _letter = "M"

    @classmethod
    def eval(cls, a: Expr, b: Expr, z: Expr) -> Expr | None:
        """The values at a = 0, z = 0 and a = b."""
        if a.is_zero or z.is_zero:
            return S.One
        return exp(z) if (a - b).is_zero else None

    def fdiff(self, argindex: int = 3) -> Expr:
        """Derivative in z."""
        a, b, z = self.args
        if argindex == 3:
            return a / b * kummer_m(a + 1, b + 1, z)
        raise ArgumentIndexError(self, argindex)

    @staticmethod
    def _ball(a: acb, b: acb, z: acb) -> acb:
        return z.hypgeom_1f1(a, b)

    def _eval_rewrite_as_lowergamma(self, a: Expr, b: Expr, z: Expr, **_: Any) -> Expr | None:
        return (b - 1) * z ** (1 - b) * exp(z) * lowergamma(b - 1, z) if a == 1 else None


class tricomi_u(_Confluent):
    r"""Tricomi's function, the confluent hypergeometric function of the second kind.

    $$ U(a, b, z) = \frac{1}{\Gamma(a)} \int_0^\infty e^{-zt}\, t^{a-1} (1 + t)^{b-a-1}\, dt, \qquad a, z > 0 $$

    continued analytically in a and b; z off the negative half-line.

    Examples
    --------
    >>> from sympy import Rational
    >>> tricomi_u(Rational(1, 2), Rational(1, 2), 1).evalf(15)
    0.757872156141312

    References
    ----------
    dlmf
    """

    _letter = "U"

    @classmethod
    def eval(cls, a: Expr, b: Expr, z: Expr) -> Expr | None:
        """The values at a = 0, and the power that is left at b = a + 1."""
        if a.is_zero:
            return S.One
        return z**-a if (b - a - 1).is_zero else None

    def fdiff(self, argindex: int = 3) -> Expr:
        """Derivative in z."""
        a, b, z = self.args
        if argindex == 3:
            return -a * tricomi_u(a + 1, b + 1, z)
        raise ArgumentIndexError(self, argindex)

    @staticmethod
    def _ball(a: acb, b: acb, z: acb) -> acb:
        off_the_cut = bool(z.real > 0) or not z.imag.contains(0)
        return z.hypgeom_u(a, b) if off_the_cut else acb(arb.nan(), arb.nan())
