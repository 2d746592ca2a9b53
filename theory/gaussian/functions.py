r"""Special functions of a standard Gaussian pair: orthant, density, conditional score.

They know their limits at correlation one and minus one, where their formulas read 0/0.
"""

from __future__ import annotations

from typing import Any

from flint import acb, arb, ctx
from sympy import Add, Expr, I, Max, Min, Mul, Rational, S, asin, erf, exp, pi, sqrt

from theory.enclosed import Enclosed
from theory.errors import DomainError

__all__ = ["Phi", "Phi2", "RealPart", "conditional_score", "phi2"]


def Phi(h: Expr) -> Expr:
    r"""Standard normal distribution function, $\Phi(h) = (1 + \operatorname{erf}(h/\sqrt2))/2$.

    >>> Phi(S.Zero)
    1/2
    """
    return (1 + erf(h / sqrt(2))) / 2


def _normal(h: acb) -> acb:
    return (-h / acb(2).sqrt()).erfc() / 2


class Phi2(Enclosed):
    r"""Standard bivariate normal distribution function (orthant probability).

    $$ \Phi_2(h, k; r) = \Pr\{X \le h, Y \le k\} = \Phi(h)\Phi(k) + \int_0^r \varphi_2(h, k; t)\,dt $$

    for a standard Gaussian pair of correlation $r \in [-1, 1]$; entire in complex $h, k$ for $|r| < 1$.

    Examples
    --------
    >>> from sympy import Rational
    >>> Phi2(0, 0, Rational(1, 2))
    1/3

    References
    ----------
    plackett1954reduction, owen1956tables
    """

    nargs = 3

    @classmethod
    def eval(cls, h: Expr, k: Expr, r: Expr) -> Expr | None:
        """Centred, independent and fully correlated pairs are elementary."""
        if r.is_extended_real and r.is_number and ((r - 1).is_positive or (r + 1).is_negative):
            raise DomainError(f"a correlation lies in [-1, 1]; received {r}")
        if h is S.NegativeInfinity or k is S.NegativeInfinity:
            return S.Zero
        if h is S.Infinity:
            return Phi(k)
        if k is S.Infinity:
            return Phi(h)
        if h.is_zero and k.is_zero:
            return Rational(1, 4) + asin(r) / (2 * pi)
        if r.is_zero:
            return Phi(h) * Phi(k)
        if r in (S.One, S.NegativeOne):
            return _fully_correlated(h, k, r)
        if (h.sort_key(), k.sort_key()) > (k.sort_key(), h.sort_key()):
            return cls(k, h, r)
        return None

    @staticmethod
    def _ball(h: acb, k: acb, r: acb) -> acb:
        r"""Plackett's integral in $\theta = \arcsin t$, where the integrand is entire up to the ends."""
        if not abs(r) < 1:
            return acb(arb.nan(), arb.nan())
        base = _normal(h) * _normal(k)
        product, apart, mirrored = h * k, (h - k) ** 2 / 2, (h + k) ** 2 / 2

        def integrand(theta: acb, _: bool) -> acb:
            sine, cosine = theta.sin_cos()
            # (h^2 - 2 h k sine + k^2)/(2 cosine^2) without the cancellation at the ends.
            if sine.real > 0:
                return (-apart / cosine**2 - product / (1 + sine)).exp()
            return (-mirrored / cosine**2 + product / (1 - sine)).exp()

        return base + acb.integral(integrand, acb(0), r.asin(), eval_limit=100 * ctx.prec) / (2 * acb(arb.pi()))

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative: density times conditional probability, and Plackett's identity in r."""
        h, k, r = self.args
        if argindex == 1:
            return exp(-(h**2) / 2) / sqrt(2 * pi) * Phi(conditional_score(k, h, r))
        if argindex == 2:
            return exp(-(k**2) / 2) / sqrt(2 * pi) * Phi(conditional_score(h, k, r))
        return phi2(h, k, r)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        h, k, r = (printer._print(a) for a in self.args)
        power = rf"^{{{exp}}}" if exp else ""
        return rf"\Phi_{{2}}{power}\left({h}, {k}; {r}\right)"


def _fully_correlated(h: Expr, k: Expr, r: Expr) -> Expr | None:
    """Limit of Phi2 at correlation one and minus one; complex thresholds share their imaginary part there."""
    gap = (h - r * k).expand()
    if gap.is_zero:
        return Phi(h) if r is S.One else S.Zero
    if h.is_extended_real and k.is_extended_real:
        return Phi(Min(h, k)) if r is S.One else Phi(Max(h, -k)) - Phi(-k)
    if gap.is_extended_positive:
        return Phi(k) if r is S.One else Phi(h) - Phi(-k)
    if gap.is_extended_negative:
        return Phi(h) if r is S.One else S.Zero
    return None


class phi2(Enclosed):
    r"""Standard bivariate normal density.

    $$ \varphi_2(h, k; r) = \frac{1}{2\pi\sqrt{1-r^2}} \exp\left(-\frac{h^2 - 2rhk + k^2}{2(1-r^2)}\right) $$

    At $r = \pm 1$ it is 0 off the line $h = \pm k$ and infinite on it.

    Examples
    --------
    >>> phi2(0, 0, 0)
    1/(2*pi)
    """

    nargs = 3

    @classmethod
    def eval(cls, h: Expr, k: Expr, r: Expr) -> Expr | None:
        """Independent, centred and fully correlated pairs."""
        if r.is_zero:
            return exp(-(h**2 + k**2) / 2) / (2 * pi)
        if r in (S.One, S.NegativeOne):
            gap = (h - r * k).expand()
            if gap.is_zero:
                return S.Infinity
            return S.Zero if gap.is_zero is False else None
        if h.is_zero and k.is_zero:
            return 1 / (2 * pi * sqrt(1 - r**2))
        if (h.sort_key(), k.sort_key()) > (k.sort_key(), h.sort_key()):
            return cls(k, h, r)
        return None

    @staticmethod
    def _ball(h: acb, k: acb, r: acb) -> acb:
        rest = 1 - r * r
        exponent = -(h * h - 2 * r * h * k + k * k) / (2 * rest)
        return exponent.exp() / (2 * acb(arb.pi()) * rest.sqrt())

    def _eval_rewrite_as_exp(self, h: Expr, k: Expr, r: Expr, **_: Any) -> Expr:
        return exp(-(h**2 - 2 * r * h * k + k**2) / (2 * (1 - r**2))) / (2 * pi * sqrt(1 - r**2))

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative of the closed form."""
        h, k, r = self.args
        if argindex == 1:
            return -(h - r * k) / (1 - r**2) * self
        if argindex == 2:
            return -(k - r * h) / (1 - r**2) * self
        square = h**2 - 2 * r * h * k + k**2
        return self * (r / (1 - r**2) + h * k / (1 - r**2) - r * square / (1 - r**2) ** 2)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        h, k, r = (printer._print(a) for a in self.args)
        power = rf"^{{{exp}}}" if exp else ""
        return rf"\varphi_{{2}}{power}\left({h}, {k}; {r}\right)"


class conditional_score(Enclosed):
    r"""Score of a threshold given the other variable.

    $$ \zeta(k, h; r) = \frac{k - r h}{\sqrt{1 - r^2}}, \qquad \Pr\{Y \le k \mid X = h\} = \Phi(\zeta(k, h; r)) $$

    for a standard Gaussian pair of correlation $r$.  At $r = \pm 1$ it tends to $\pm\infty$, or to 0 where
    $k = \pm h$.

    Examples
    --------
    >>> conditional_score(2, 1, 1), conditional_score(1, 1, 1), conditional_score(-1, 1, 1)
    (oo, 0, -oo)
    """

    nargs = 3

    @classmethod
    def eval(cls, k: Expr, h: Expr, r: Expr) -> Expr | None:
        """Independent and fully correlated pairs."""
        if r.is_zero:
            return k
        if r in (S.One, S.NegativeOne):
            gap = (k - r * h).expand()
            if gap.is_zero:
                return S.Zero
            if gap.is_extended_positive:
                return S.Infinity
            return S.NegativeInfinity if gap.is_extended_negative else None
        if (k - r * h).expand() == 0:
            return S.Zero
        if r.is_Rational:
            return (k - r * h) / sqrt(1 - r**2)
        lead = h if k.is_zero else k
        if lead.could_extract_minus_sign():
            return -cls(-k, -h, r)
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative of the quotient."""
        k, h, r = self.args
        root = sqrt(1 - r**2)
        return (1 / root, -r / root, (r * k - h) / root**3)[argindex - 1]

    @staticmethod
    def _ball(k: acb, h: acb, r: acb) -> acb:
        return (k - r * h) / (1 - r * r).sqrt()

    def _eval_rewrite_as_sqrt(self, k: Expr, h: Expr, r: Expr, **_: Any) -> Expr:
        return (k - r * h) / sqrt(1 - r**2)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.rewrite(sqrt))
        return rf"\left({body}\right)^{{{exp}}}" if exp else body


class RealPart(Enclosed):
    r"""Real part of an expression whose symbols are real, $\operatorname{Re} z$.

    Unlike `sympy.re` it needs no declared symbols: every symbol stands for a real number, so derivatives pass inside.

    Examples
    --------
    >>> from sympy import I, Symbol
    >>> RealPart(3 + 2 * I), RealPart(Symbol("a"))
    (3, a)
    """

    nargs = 1

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        """Real expressions are their own real part, sums and real factors separate."""
        if not z.has(I):
            return z
        if isinstance(z, Add):
            return Add(*(cls(t) for t in z.args))
        if z.is_number and z.is_algebraic:
            return z.as_real_imag()[0]
        if isinstance(z, Mul):
            outside = [f for f in z.args if not f.has(I)]
            if outside:
                return Mul(*outside) * cls(Mul(*(f for f in z.args if f.has(I))))
        return None

    @staticmethod
    def _ball(z: acb) -> acb:
        return acb(z.real)

    def _eval_derivative(self, s: Expr) -> Expr:
        return RealPart(self.args[0].diff(s).expand(deep=False))

    def _eval_is_extended_real(self) -> bool:
        return True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = rf"^{{{exp}}}" if exp else ""
        return rf"\operatorname{{Re}}{power}\left({printer._print(self.args[0])}\right)"
