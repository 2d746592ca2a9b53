r"""Hermite coefficients of an analytic function by the certified trapezoidal rule.

For g analytic in $|\operatorname{Im} z| < d$ with $\int |g(x + iy)| dx \le M$ for every $|y| < d$, the rule of step h
(on any shifted lattice) errs by at most $2M/(e^{2\pi d/h} - 1)$.  (trefethen2014exponentially)  Here $g = f h_k p$.
Mehler's kernel at w = conj z bounds $h_k$ off the axis: for every r in (0, 1)
$$ |h_k(x + iy)\, p(x + iy)| \le \frac{r^{-k/2} (1 - r^2)^{-1/4}}{\sqrt{2\pi}}
   \exp\!\Big(\frac{y^2}{2(1 - r)} - \frac{x^2}{2(1 + r)}\Big), $$
which increases with k, so that one bound serves all of $c_0, \dots, c_K$.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import flint
from flint import acb, arb

from theory.balls import workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.hermite.moments import hermite_sums, symmetric_moments
from theory.hermite.profile import Profile
from theory.hermite.strip import Strip, strip_of

__all__ = ["CRAMER", "Lattice", "log_mehler", "reach_of", "real_value", "trapezoid_coefficients", "widen"]

CRAMER = 1.0866  # |h_k(x)| <= CRAMER e^{x^2/4} for every k; (dlmf), 18.14.9 has the constant 1
_LOG_ROOT = math.log(2 * math.pi) / 2
_LENGTHS = (0.99, 0.9, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002)
_MAX_NODES = 200_000
_MAX_LENGTH = 400.0
_MAX_HEIGHT = 60.0
_ATTEMPTS = 4


def log_mehler(k: int, height: float) -> tuple[float, float]:
    r"""Log of $r^{-k/2} (1 - r^2)^{-1/4} e^{y^2/(2(1 - r))}/\sqrt{2\pi}$ at a good r, and that 1 - r."""

    def value(s: float) -> float:
        r = 1 - s
        return -k / 2 * math.log(r) - math.log(s * (1 + r)) / 4 + height * height / (2 * s) - _LOG_ROOT

    best = min(_LENGTHS, key=value)
    return value(best) + 1e-9, best


class Lattice(NamedTuple):
    """Nodes (j + 1/2) step, j = -nodes, ..., nodes - 1, and the log of the error of the rule on them."""

    step: arb
    nodes: int  # on each side of zero
    log_error: float

    @classmethod
    def plan(cls, strip: Strip, top: int, log_tolerance: float) -> Lattice:
        """The coarsest lattice for c_0, ..., c_top within the tolerance.

        Raises
        ------
        PrecisionError
            if the function grows too fast or its strip is too narrow.
        """
        rows = widen(strip, lambda n: _log_bound(strip, n, top), log_tolerance)
        height, log_m = strip.rows[rows - 1].top, _log_bound(strip, rows, top)
        # 2M/(e^a - 1) <= half the tolerance
        step = dyadic_below(2 * math.pi * height / max(4.0, log_m + math.log(4) - log_tolerance + 1))
        size = float(step)
        log_aliasing = math.log(2) + log_m - 2 * math.pi * height / size + 0.1  # -log(1 - e^{-a}) < 0.1 for a > 3
        length = reach_of(lambda t: _log_truncation(strip, t, size), log_tolerance - math.log(4), size)
        count = int(length / size + 0.5)
        if count > _MAX_NODES:
            raise PrecisionError(
                f"{2 * count} nodes are needed: the strip of analyticity, of height {height:.3g}, is too narrow for "
                f"{strip.profile.expr} at the scale {strip.profile.sd}"
            )
        log_outside = _log_truncation(strip, (count - 0.5) * size, size)
        top_error = max(log_aliasing, log_outside)
        return cls(step, count, top_error + math.log(2) + 1e-9)


def _log_bound(strip: Strip, rows: int, top: int) -> float:
    """Log of M: the Mehler bound times the integral of |f| e^{-x^2/4}, as 1/(2(1 + r)) >= 1/4."""
    return log_mehler(top, strip.rows[rows - 1].top)[0] + strip.log_quarter(rows)


def _log_truncation(strip: Strip, last: float, step: float) -> float:
    """Cramer's bound of the terms beyond the node `last` on either side."""
    return math.log(CRAMER) - _LOG_ROOT + strip.log_lattice_tail(1, 0.25, last, step)


def widen(strip: Strip, log_bound: Callable[[int], float], log_tolerance: float) -> int:
    """Number of rows with which the rule needs fewest nodes, the strip being widened while that pays."""

    def nodes(rows: int) -> float:
        height = strip.rows[rows - 1].top
        work = max(1.0, log_bound(rows) - log_tolerance) / height
        return work * 2 * math.sqrt(max(4.0, -log_tolerance)) / math.pi

    best, rows = 1, 1
    costs = [nodes(1)]
    if not math.isfinite(costs[0]):
        raise PrecisionError(
            f"no rule bounds the Gaussian integral of the square of {strip.profile.expr}; it may be infinite"
        )
    while (rows < len(strip.rows) or strip.grow()) and strip.rows[rows].top < _MAX_HEIGHT:
        rows += 1
        costs.append(nodes(rows))
        if costs[-1] < costs[best - 1]:
            best = rows
        if costs[-2] - costs[-1] < len(strip.rows[rows - 1].boxes):
            break
    return best


def dyadic_below(value: float) -> arb:
    """A number of 16 bits that is at most the value."""
    if not 0 < value < math.inf:
        raise PrecisionError("no rule bounds the Gaussian integral of the function; the expectation may be infinite")
    mantissa, exponent = math.frexp(value)
    with workprec(64):
        return arb(math.floor(mantissa * 65536)) * arb(2) ** (exponent - 16)


def reach_of(log_tail: Callable[[float], float], log_tolerance: float, step: float) -> float:
    """Where to stop so that the terms beyond are within the tolerance."""
    length = max(1.0, 2 * step)
    while not log_tail(length - step) <= log_tolerance:
        length *= 1.02
        if length > _MAX_LENGTH:
            raise PrecisionError("no rule bounds the Gaussian tails of the function; the expectation may be infinite")
    return length


def trapezoid_coefficients(profile: Profile, top: int, log_tolerance: float) -> list[arb]:
    r"""Balls around $c_0, \dots, c_K$, K = `top`, with an error of the rule of at most exp(`log_tolerance`).

    Raises
    ------
    UnsupportedError, PrecisionError
        where no strip of analyticity or no growth is proved.
    """
    strip = strip_of(profile)
    lattice = Lattice.plan(strip, top, log_tolerance)
    bits = (max(0.0, strip.rows[0].log_quarter) - log_tolerance) / math.log(2) + top / 2 + 40
    for _ in range(_ATTEMPTS):
        with workprec(int(bits)):
            right, left = lattice_values(profile, lattice)
            sums = hermite_sums(symmetric_moments(right, left, lattice.step / 2, top))
            lost = max(_log2(c.rad()) for c in sums) - lattice.log_error / math.log(2)
            if lost <= 0:
                error = arb(0, arb(lattice.log_error).exp())
                return [c + error for c in sums]
        bits += lost + 10
    raise PrecisionError(f"rounding was not reduced below exp({log_tolerance:.6g}) with {bits:.0f} bits")


def _log2(radius: arb) -> float:
    return float(radius.log() / arb.const_log2()) if radius > 0 else -math.inf


def real_value(value: acb, profile: Profile) -> arb:
    """The real part of a value on the real axis, where the function must be real."""
    if not value.imag.contains(0):
        raise UnsupportedError(f"the function must be real on the real line; {profile.expr} is not")
    return value.real


def lattice_values(profile: Profile, lattice: Lattice) -> tuple[list[arb], list[arb]]:
    """The values h p(x) f(x) at the nodes right and left of zero, at the current precision."""
    f = profile.evaluator()
    scale = lattice.step / (2 * arb.pi()).sqrt()
    half = lattice.step / 2
    right, left = [], []
    for j in range(lattice.nodes):
        x = half * (2 * j + 1)
        weight = (-x * x / 2).exp() * scale
        right.append(weight * real_value(f(acb(x)), profile))
        left.append(weight * real_value(f(acb(-x)), profile))
    if not all(v.is_finite() for v in (*right, *left)):
        raise PrecisionError(f"the values of {profile.expr} are not finite at {flint.ctx.prec} bits")
    return right, left
