r"""Hermite coefficients of a function with kinks: Gauss-Legendre panels between the kinks, shared by all k.

On a panel the integrand $f h_k p$ is bounded inside a Bernstein ellipse through Mehler's kernel (see `trapezoid`), the
tails by Cramer's inequality and the proved growth of f.  (trefethen2008gauss)
"""

from __future__ import annotations

import math

from flint import arb

from theory.balls import workprec
from theory.errors import PrecisionError
from theory.gaussian.growth import Growth
from theory.gaussian.integration import Marginal, panels_within, standardise
from theory.gaussian.law import Gaussian
from theory.gaussian.panels import Panel, gauss_error, gauss_legendre
from theory.hermite.moments import hermite_sums
from theory.hermite.profile import Profile
from theory.hermite.strip import log_gaussian_tail
from theory.hermite.trapezoid import CRAMER, log_mehler

__all__ = ["panel_coefficients"]

_HEIGHT = 2.0
_PANELS = 100  # share of the tolerance for one panel
_LOWEST = -640.0  # the bounds of panels are floats
_MAX_REACH = 200.0
_LOG_ROOT = math.log(2 * math.pi) / 2


def panel_coefficients(profile: Profile, top: int, log_tolerance: float) -> list[arb]:
    r"""Balls around $c_0, \dots, c_K$, K = `top`, with an error of the rule of about exp(`log_tolerance`).

    Raises
    ------
    PrecisionError
        where the growth is not proved, or a singularity on the axis defeats the bounds.
    """
    _, gap = log_mehler(top, min(_HEIGHT, 20 / math.sqrt(top + 1)))
    r = 1 - gap
    # Mehler's bound without the factor exp(y^2/(2(1 - r))), which depends on the panel.
    log_factor = -top / 2 * math.log(r) - math.log(gap * (1 + r)) / 4 - _LOG_ROOT + 1e-9
    log_share = log_tolerance - log_factor - math.log(_PANELS)
    if log_share < _LOWEST:
        digits = -log_tolerance / math.log(10)
        raise PrecisionError(f"{digits:.0f} digits of c_0, ..., c_{top} are beyond the float bounds of the panels")
    order = int(-0.48 * log_share) + 8
    bits = int(-log_tolerance / math.log(2) + top / 2 + 60)
    with workprec(bits):
        marginal = Marginal(Gaussian(profile.x, cov=[[profile.sd**2]], mean=[profile.mean]), 0)
        f = standardise(profile.expr, marginal)
        reach = f.start
        while not (log_tail := _log_tail(f.growth, reach)) <= log_tolerance - math.log(4):
            reach += 0.5
            if reach > _MAX_REACH:
                raise PrecisionError(f"no rule bounds the Gaussian tails of {profile.expr}; c_k may not exist")
        decay = 1 / (2 * (1 + r))
        panels = panels_within(f, reach, 1.0, order, gap, math.exp(log_share), decay)
        error = math.exp(log_tail) + sum(_panel_error(p, order, gap, decay) for p in panels) * math.exp(log_factor)
        sums = hermite_sums(_moments(panels, order, top))
        margin = arb(0, error * (1 + 1e-9))
        return [c + margin for c in sums]


def _log_tail(growth: Growth, reach: float) -> float:
    """Cramer's bound of the integral over both tails."""
    return math.log(2 * CRAMER) - _LOG_ROOT + log_gaussian_tail(growth, 0.25, reach)


def _panel_error(p: Panel, order: int, gap: float, decay: float) -> float:
    nearest = max(0.0, abs(float(p.center)) - p.reach)
    weight = math.exp(p.height**2 / (2 * gap) - decay * nearest * nearest + 1e-9)
    return gauss_error(p.ratio, order) * float(p.half) * p.top * weight


def _moments(panels: list[Panel], order: int, top: int) -> list[arb]:
    nodes, _ = gauss_legendre(order)
    places = [p.center + p.half * t for p in panels for t in nodes]
    values = [v for p in panels for v in p.values]
    scale = 1 / (2 * arb.pi()).sqrt()
    terms = [v * (-x * x / 2).exp() * scale for v, x in zip(values, places, strict=True)]
    moments = [sum(terms, arb(0))]
    for _ in range(top):
        terms = [a * x for a, x in zip(terms, places, strict=True)]
        moments.append(sum(terms, arb(0)))
    return moments
