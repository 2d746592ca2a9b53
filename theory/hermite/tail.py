r"""Remainder of Parseval's identity: $\sum_{k > K} c_k^2$."""

from __future__ import annotations

import math
from typing import Any

from flint import arb

from theory.arguments import whole
from theory.balls import workprec
from theory.errors import PrecisionError
from theory.hermite.profile import Profile, activation_profile, variance
from theory.hermite.sequence import MAX_INDEX, coefficient_balls

__all__ = ["hermite_tail", "parseval_tail"]

_LOG_TEN = math.log(10)
_ATTEMPTS = 6


def hermite_tail(phi: Any, K: int, q: Any = 1, digits: int = 30) -> arb:
    r"""Certified tail of the Hermite expansion.

    $$ \sum_{k > K} c_k^2 = E[\varphi(\sqrt q\, Z)^2] - \sum_{k \le K} c_k^2 $$

    The ball is non-negative; its radius is at most $10^{-\text{digits}}$ of its midpoint, or the whole tail is below
    $10^{-2\,\text{digits}}$.

    Parameters
    ----------
    phi : activation without symbolic parameters.
    K : integer in [0, 20000].
    q : positive number.

    Raises
    ------
    DomainError, PrecisionError, UnsupportedError
        as for `hermite_coefficients`.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from theory.activations import Activation
    >>> x = Symbol("x", real=True)
    >>> hermite_tail(Activation(x**2, x), 1).str(20, radius=False)
    '2.0000000000000000000'
    """
    top = whole("the largest index K", K, 0, MAX_INDEX)
    whole("digits", digits, 1, 1000)
    q = variance(q)
    profile = activation_profile(phi, q)
    log_tolerance = -(digits + 2) * _LOG_TEN
    floor = -2 * digits * _LOG_TEN
    for _ in range(_ATTEMPTS):
        balls, _method = coefficient_balls(profile, top, log_tolerance, (phi, q))
        with workprec(int(-1.45 * log_tolerance) + 100):
            tail = parseval_tail(profile, balls, log_tolerance)
            log_radius = _log(tail.rad())
            log_size = _log(abs(tail.mid()))
        if log_radius <= log_size - digits * _LOG_TEN or max(log_size, log_radius) + math.log(2) <= floor:
            return tail
        log_tolerance += max(log_size - digits * _LOG_TEN, floor - 1) - log_radius - 2
    raise PrecisionError(f"{digits} digits of the tail beyond c_{top} of {phi.expr} were not reached")


def parseval_tail(profile: Profile, balls: tuple[arb, ...], log_tolerance: float) -> arb:
    """E f^2 less the squares of the coefficients, at the current precision; a sum of squares, so not negative."""
    square = coefficient_balls(profile.squared(), 0, log_tolerance)[0][0]
    return (square - sum((c * c for c in balls), arb(0))).nonnegative_part()


def _log(value: arb) -> float:
    return float(value.log()) if value > 0 else -math.inf
