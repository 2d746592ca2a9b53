"""Means over a Haar matrix that are not polynomial, as expressions with rigorous enclosures.

Each carries its definition in `haar_mean`: the integrand and the random matrix, so that it can be sampled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import flint
from flint import acb, arb
from sympy import Expr, Integer, Mul, Pow, Rational, S, gamma, log, pi, sqrt

from theory.arguments import items
from theory.enclosed import Enclosed
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.haar.dimensions import Dimension, checked_dimension
from theory.haar.group import Haar
from theory.haar.sphere import enclose_log_form, enclose_share, exact_balls, log_form, share

__all__ = ["IsometryGain", "LogForm", "Share", "absolute_moment"]

_LARGEST = 10**6  # argument of a gamma function that sympy writes out as a factorial


def absolute_moment(powers: list[Expr], n: Dimension) -> Expr:
    r"""`E prod |v_i|^(a_i)`, v uniform on the real sphere, for any real exponents `a_i > -1`.

    The squares have the Dirichlet law, so the mean is
    `Gamma(n/2)/Gamma((n + sum a)/2) * prod Gamma((a_i + 1)/2)/sqrt(pi)`.

    Parameters
    ----------
    powers : the exponents, numbers or expressions
    n : dimension of the sphere's space, a symbol or a positive integer

    Raises
    ------
    DomainError
        If an exponent is at most -1 (the mean is infinite), or n is no dimension.
    UnsupportedError
        If n is a number above two million.

    >>> absolute_moment([1], 3)
    1/2
    """
    exponents = [exact(a) for a in items("the exponents", powers)]
    if any(a.is_real is False or (a + 1).is_nonpositive for a in exponents):
        raise DomainError(f"E |v|^a is finite for a > -1; received the exponents {exponents}")
    half = S(checked_dimension(n)) / 2
    if half.is_number and half > _LARGEST:
        raise UnsupportedError(f"gamma functions of n/2 are written out up to n = {2 * _LARGEST}; take a symbol n")
    total = sum(exponents, Integer(0)) / 2
    return gamma(half) / gamma(half + total) * Mul(*[gamma((a + 1) / 2) / sqrt(pi) for a in exponents])


def row_form(group: Haar, eigenvalues: tuple[Expr, ...], row: int = 1) -> Expr:
    """`w' G w` for a row w of the matrix, G diagonal."""
    return sum((value * group[row, k] ** 2 for k, value in enumerate(eigenvalues, 1)), Integer(0))


@lru_cache(maxsize=1024)
def enclosed(rule: Callable[..., arb], arguments: tuple[Expr, ...], bits: int) -> arb:
    """An integral at one precision; damaged copies of a claim ask for the same ones again."""
    return rule(arguments, int(bits * 0.301))


class LogForm(Enclosed):
    """`E log(w' G w)`, w uniform on the sphere, G with the given eigenvalues; `doit` gives the integral.

    >>> from theory.enclosure import enclose
    >>> enclose(LogForm(1, 4), 15).str(12, radius=False)  # 2 log(3/2)
    '0.810930216216'
    """

    @property
    def haar_mean(self) -> tuple[Expr, Haar]:
        """Integrand and matrix."""
        group = Haar("O", len(self.args))
        return log(row_form(group, self.args)), group

    def doit(self, **hints: Any) -> Expr:
        """The one-dimensional integral."""
        return log_form(self.args) if hints.get("integrals") else self

    def _enclose(self) -> arb:
        return enclosed(enclose_log_form, self.args, flint.ctx.prec)


class Share(Enclosed):
    """`E[lambda_1 w_1^2 / (w' G w)]`, w uniform on the sphere, G with eigenvalues `lambda_1, lambda_2, ...`.

    >>> from theory.enclosure import enclose
    >>> enclose(Share(1, 4), 15).str(12, radius=False)  # 1/(1 + 2)
    '0.333333333333'
    """

    @property
    def haar_mean(self) -> tuple[Expr, Haar]:
        """Integrand and matrix."""
        group = Haar("O", len(self.args))
        return self.args[0] * group[1, 1] ** 2 / row_form(group, self.args), group

    def doit(self, **hints: Any) -> Expr:
        """The one-dimensional integral."""
        return share(self.args, 1) if hints.get("integrals") else self

    def _enclose(self) -> arb:
        return enclosed(first_share, self.args, flint.ctx.prec)


class IsometryGain(Enclosed):
    """`E[AM/GM]` of the three forms `w_i' G w_i`, W Haar in O(3), G with eigenvalues `a, b, b`.

    By this factor the isometry `det(X'X)^(1/d) / (tr(X'X)/d)` of `d = 3` inputs with Gram matrix G grows, in the mean,
    under a random rotation followed by batch normalisation.  The angle around the axis of G integrates to a
    hypergeometric function, which leaves one integral.

    Source: meterez2023towards.

    >>> from theory.enclosure import enclose
    >>> enclose(IsometryGain(Rational(8, 5), Rational(7, 10)), 15).str(7, radius=False)
    '1.034969'
    """

    nargs = (2,)

    @property
    def haar_mean(self) -> tuple[Expr, Haar]:
        """Integrand and matrix."""
        a, b = self.args
        group = Haar("O", 3)
        # Unit rows: two of the three eigenvalues are equal, so one column is enough.
        forms = [b + (a - b) * group[i, 1] ** 2 for i in (1, 2, 3)]
        return (a + 2 * b) / 3 * Pow(Mul(*forms), -Rational(1, 3)), group

    def _enclose(self) -> arb:
        return enclosed(isometry_gain, self.args, flint.ctx.prec)


def first_share(eigenvalues: tuple[Expr, ...], digits: int) -> arb:
    """Enclosure of the share of the first direction; on the circle the mean over the angle is the shorter integral."""
    if len(eigenvalues) > 2 or any(value.is_zero for value in eigenvalues):
        return enclose_share(eigenvalues, 1, digits)
    first, *rest = exact_balls(eigenvalues, int(digits * 3.33))
    if not rest:
        return arb(1)

    def integrand(angle: acb, analytic: bool) -> acb:
        own = first * angle.cos() ** 2
        return own / (own + rest[0] * angle.sin() ** 2)

    quarter = acb(arb.pi() / 2)
    return acb.integral(integrand, acb(0), quarter).real / quarter.real


def isometry_gain(eigenvalues: tuple[Expr, ...], digits: int) -> arb:
    """Enclosure of `IsometryGain` at the precision in force."""
    single, double = exact_balls(eigenvalues, int(digits * 3.33))
    gap, third = single - double, acb(1) / 3

    def integrand(z: acb, analytic: bool) -> acb:
        ring = 1 - z * z
        level = double * (double + gap * ring)
        bend = -((gap * ring) ** 2) / (4 * level)
        if analytic and not (bool(bend.real < 1) or bool(bend.imag != 0)):
            return acb(arb.nan(), arb.nan())  # the ball meets the cut of the hypergeometric function
        angle = bend.hypgeom_2f1(third, acb(1) / 2, acb(1))
        return ((double + gap * z * z) * level).pow(-third, analytic) * angle

    mean = acb.integral(integrand, acb(0), acb(1)).real
    return (single + 2 * double) / 3 * mean
