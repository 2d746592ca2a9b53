"""The fastest rigorous route to the value of a Gaussian expectation."""

from __future__ import annotations

import math

import sympy as sp
from flint import arb

from theory.balls import ball_function, workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.integration import integrate_ball
from theory.gaussian.law import Gaussian
from theory.gaussian.pieces import SWITCHES
from theory.gaussian.separation import separable_terms
from theory.hermite.accuracy import log_missing
from theory.hermite.mehler import mehler_sum
from theory.hermite.pair import pair_lattice
from theory.hermite.polynomial_weight import polynomial_factor, weighted_mean
from theory.hermite.profile import Profile
from theory.hermite.sequence import analytic_mean

__all__ = ["expectation_ball"]

_LOG_TEN = math.log(10)
_ATTEMPTS = 5


def expectation_ball(integrand: sp.Expr, law: Gaussian, digits: int) -> arb:
    r"""Ball around $E[f(X)]$ from its definition, for one or two variables with numeric parameters.

    A polynomial factor of high degree is written in Hermite polynomials first.  Functions analytic near the real
    axis take the trapezoidal rule on a proved strip, or the Mehler series for a correlation very near to 1; all
    others take panels, with `integrate_ball`.

    Raises
    ------
    PrecisionError, UnsupportedError
        as for `integrate_ball`.
    """
    weighted = polynomial_factor(integrand, law.variables[0]) if len(law.variables) == 1 else None
    if weighted is not None and not integrand.has(sp.I):
        try:
            return weighted_mean(*weighted, law, digits)
        except (PrecisionError, UnsupportedError):
            pass
    if not integrand.has(sp.I, *SWITCHES) and len(law.variables) <= 2:
        try:
            return _analytic(integrand, law, digits)
        except (PrecisionError, UnsupportedError):
            pass  # panels need less: no common strip, and growth on the axis only
    return integrate_ball(integrand, law, digits)


def _analytic(integrand: sp.Expr, law: Gaussian, digits: int) -> arb:
    log_tolerance = -(digits + 2) * _LOG_TEN
    for _ in range(_ATTEMPTS):
        with workprec(int(-1.45 * log_tolerance) + 60):
            value = _attempt(integrand, law, log_tolerance)
        missing = log_missing(value, digits)
        if missing <= 0:
            return value
        log_tolerance -= missing + 2
    raise PrecisionError(f"{digits} digits of the expectation of {integrand} were not reached")


def _attempt(integrand: sp.Expr, law: Gaussian, log_tolerance: float) -> arb:
    sds = [sp.sqrt(law.cov[i, i]) for i in range(len(law.variables))]
    if len(sds) == 1:
        return analytic_mean(Profile(integrand, law.variables[0], law.mean[0], sds[0]), log_tolerance)
    u, v = law.variables
    rho = law.cov[0, 1] / (sds[0] * sds[1])
    total = arb(0)
    for left, right in separable_terms(integrand, law.variables):
        total += _pair(
            Profile(left, u, law.mean[0], sds[0]), Profile(right, v, law.mean[1], sds[1]), rho, log_tolerance
        )
    return total


def _pair(f: Profile, g: Profile, rho: sp.Expr, log_tolerance: float) -> arb:
    with workprec(int(-1.45 * log_tolerance) + 200):
        correlation = ball_function(rho)((), False).real
    try:
        return pair_lattice(f, g, correlation, log_tolerance)
    except PrecisionError:
        return mehler_sum(f, g, rho, log_tolerance)
