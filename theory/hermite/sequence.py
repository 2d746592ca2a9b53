r"""Certified Hermite coefficients $c_0, \dots, c_K$ of an activation, all at once."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, overload

from flint import arb

from theory.arguments import whole
from theory.errors import DomainError, PrecisionError, TheoryError, UnsupportedError
from theory.gaussian.pieces import SWITCHES
from theory.hermite.panels import panel_coefficients
from theory.hermite.profile import Profile, activation_profile, variance
from theory.hermite.trapezoid import trapezoid_coefficients

__all__ = ["MAX_INDEX", "HermiteCoefficients", "analytic_mean", "coefficient_balls", "hermite_coefficients"]

MAX_INDEX = 20_000  # K values of up to K/2 bits each: about 50 MB
_MAX_DIGITS = 2_000
_RECURRENCE_FROM = 60  # below, the panels are as fast
_KEPT = 32
_KEPT_LENGTH = 5_000  # longer sequences take too much memory to keep
_ATTEMPTS = 4
_LOG_TEN = math.log(10)

_known: OrderedDict[Profile, tuple[float, tuple[arb, ...], str]] = OrderedDict()


class HermiteCoefficients:
    r"""Balls around $c_0, \dots, c_K$.

    A sequence: `len`, indices, slices, iteration.  `radius` is the largest radius, `method` says how they were found.
    """

    __slots__ = ("balls", "method")

    def __init__(self, balls: tuple[arb, ...], method: str) -> None:
        self.balls, self.method = balls, method

    def __len__(self) -> int:
        return len(self.balls)

    def __iter__(self) -> Iterator[arb]:
        return iter(self.balls)

    @overload
    def __getitem__(self, k: int) -> arb: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[arb, ...]: ...
    def __getitem__(self, k: int | slice) -> arb | tuple[arb, ...]:
        return self.balls[k]

    @property
    def radius(self) -> arb:
        """The largest radius."""
        return max((c.rad() for c in self.balls), key=_size)

    def to_floats(self) -> list[float]:
        """The midpoints in double precision."""
        return [float(c.mid()) for c in self.balls]

    def __repr__(self) -> str:
        shown = ", ".join(_short(c) for c in self.balls[:4])
        dots = ", ..." if len(self) > 4 else ""
        radius = self.radius.str(2, radius=False)
        return f"HermiteCoefficients(c_0..c_{len(self) - 1} = {shown}{dots}; radius {radius}; {self.method})"


def _short(c: arb) -> str:
    return (
        c.mid().str(8, radius=False) if c.rad() < abs(c.mid()) * 1e-8 else f"0 +/- {c.abs_upper().str(2, radius=False)}"
    )


def _size(radius: arb) -> float:
    return float(radius.log()) if radius > 0 else -math.inf


def hermite_coefficients(phi: Any, K: int, q: Any = 1, digits: int = 30) -> HermiteCoefficients:
    r"""Certified Hermite coefficients $c_0, \dots, c_K$ of an activation at a numeric variance.

    $$ c_k = E[\varphi(\sqrt q\, Z)\, He_k(Z)]/\sqrt{k!}, \qquad Z \sim N(0, 1) $$

    The radius of every ball is at most $10^{-\text{digits}} \min(1, \|c\|)$, $\|c\|^2 = \sum_{k \le K} c_k^2$.
    Functions analytic near the real axis: trapezoidal rule with a proved strip; others: the recurrence in k where
    there is one and K is large, else Gauss-Legendre panels between the kinks.

    Parameters
    ----------
    phi : activation without symbolic parameters.
    K : integer in [0, 20000].
    q : positive number.
    digits : at least 1.

    Raises
    ------
    DomainError
        for symbolic parameters, a variance that is not positive, or K out of range.
    PrecisionError, UnsupportedError
        where the bounds are not proved, with the reason.

    Examples
    --------
    >>> from sympy import Symbol, tanh
    >>> from theory.activations import Activation
    >>> x = Symbol("x", real=True)
    >>> c = hermite_coefficients(Activation(tanh(x), x), 3)
    >>> c[1].str(20, radius=False)
    '0.60570550960215882558'

    References
    ----------
    trefethen2014exponentially, johansson2017arb
    """
    top = whole("the largest index K", K, 0, MAX_INDEX)
    whole("digits", digits, 1, _MAX_DIGITS)
    q = variance(q)
    profile = activation_profile(phi, q)
    log_tolerance = -(digits + 0.3) * _LOG_TEN
    for _ in range(_ATTEMPTS):
        balls, method = coefficient_balls(profile, top, log_tolerance, (phi, q))
        log_size = min(0.0, _log_norm(balls))
        log_radius = max(_size(c.rad()) for c in balls)
        goal = -digits * _LOG_TEN + log_size
        if log_radius <= goal or (log_size < -2 * digits * _LOG_TEN and log_radius <= -2 * digits * _LOG_TEN):
            return HermiteCoefficients(balls, method)
        log_tolerance += max(goal, -2 * digits * _LOG_TEN) - log_radius - 1
    raise PrecisionError(f"{digits} digits of c_0, ..., c_{top} of {phi.expr} were not reached")


def _log_norm(balls: tuple[arb, ...]) -> float:
    """Log of a lower bound of the norm."""
    total = sum((c.abs_lower() ** 2 for c in balls), arb(0)).abs_lower()
    return _size(total) / 2


def coefficient_balls(
    profile: Profile, top: int, log_tolerance: float, source: tuple[Any, Any] | None = None
) -> tuple[tuple[arb, ...], str]:
    """Balls of radius about exp(log_tolerance), from the last computation where that suffices, and the method.

    `source` is the activation and variance behind the profile, for which a recurrence in k may exist.
    """
    known = _known.get(profile)
    if known and known[0] <= log_tolerance and len(known[1]) > top:
        _known.move_to_end(profile)
        return known[1][: top + 1], known[2]
    balls, method = _compute(profile, top, log_tolerance, source)
    if top > _KEPT_LENGTH:
        return balls, method
    _known[profile] = (log_tolerance, balls, method)
    _known.move_to_end(profile)
    while len(_known) > _KEPT:
        _known.popitem(last=False)
    return balls, method


def analytic_mean(profile: Profile, log_tolerance: float) -> arb:
    """Ball around E f(Z) by the trapezoidal rule alone."""
    return trapezoid_coefficients(profile, 0, log_tolerance)[0]


def _compute(
    profile: Profile, top: int, log_tolerance: float, source: tuple[Any, Any] | None
) -> tuple[tuple[arb, ...], str]:
    reason = ""
    if not profile.expr.has(*SWITCHES):
        try:
            return tuple(trapezoid_coefficients(profile, top, log_tolerance)), "trapezoidal rule"
        except (UnsupportedError, PrecisionError) as error:
            reason = f"; trapezoidal rule: {error}"
    if source is not None and top >= _RECURRENCE_FROM:
        found = _by_recurrence(*source, top, log_tolerance)
        if found is not None:
            return found, "recurrence in k"
    try:
        return tuple(panel_coefficients(profile, top, log_tolerance)), "Gauss-Legendre panels"
    except (UnsupportedError, PrecisionError) as error:
        raise type(error)(f"{error}{reason}") from None


def _by_recurrence(phi: Any, q: Any, top: int, log_tolerance: float) -> tuple[arb, ...] | None:
    """The coefficients from a recurrence with certified starting values, where there is one."""
    try:
        from theory.hermite.recurrence import coefficients_by_recurrence
    except ImportError:
        return None
    try:
        balls = tuple(coefficients_by_recurrence(phi, top, q, math.ceil(-log_tolerance / _LOG_TEN)))
    except DomainError:
        raise
    except TheoryError:
        return None
    good = len(balls) == top + 1 and all(_size(c.rad()) <= log_tolerance for c in balls)
    return balls if good else None
