"""The witnesses of the refuted statements, computed again: a false claim with another constant is as false.

A witness that only shows its claim to be false does not notice a slip in the claim.  Both sides are compared with plain
arithmetic, written from the sources and not from the theorem files.
"""

from __future__ import annotations

from fractions import Fraction
from math import acos, e, exp, log, pi, sinh, sqrt, tanh
from typing import Any

import pytest
from scipy.integrate import quad
from scipy.stats import norm

import theory as th
from theory.claims import FixedPoint, GaussianIdentity, HaarIdentity, Refutation
from theory.enclosure import enclose
from theory.haar.entries import MatrixEntry
from theory.symbols import n


def mean(f, q=1.0):
    """E[f(X)], X ~ N(0, q)."""
    parts = [quad(lambda x: f(sqrt(q) * x) * norm.pdf(x), a, b)[0] for a, b in ((-12, 0), (0, 12))]
    return sum(parts)


def kappa(c):
    return (sqrt(1 - c * c) + c * (pi - acos(c))) / pi


def sigmoid(x):
    return (1 + tanh(x / 2)) / 2


def skipped(c, r=0.6, layers=2):
    """The published map through an identity skip, and the one with what the means of both branches share."""
    for _ in range(layers):
        c = (1 - r * r) * kappa(c) + r * r * c
    shared = 2 * r * (1 - r * r) / pi
    return (c + shared) / (1 + shared), c


def near_one(star=0.85, power=20, depth=5):
    """The distance to the fixed point after five layers of 1 - c + c rho^20, and the published bound of it."""
    share = (1 - star) / (1 - star**power)
    slope = share * power * star ** (power - 1)
    alpha = max(share, slope, (1 - star) / (2 - slope))
    start = current = 1 - exp(-7)
    for _ in range(depth):
        current = 1 - share + share * current**power
    return current - star, alpha**depth * (start - star) / (1 - start)


def offset_bracket(q):
    """E[phi phi''] of gelu + 1/100 at variance q."""
    return mean(lambda x: (x * norm.cdf(x) + 0.01) * (2 - x * x) * norm.pdf(x), q)


def window_slope(cut=100.0, h=1e-3):
    """Derivative of the variance map of c 1[C, 2C], normalised to its fixed point C^2, by a difference quotient."""

    def mass(q):
        return norm.cdf(2 * cut / sqrt(q)) - norm.cdf(cut / sqrt(q))

    return cut**2 * (mass(cut**2 * (1 + h)) - mass(cut**2 * (1 - h))) / (2 * h * cut**2 * mass(cut**2))


def majority(b=Fraction(1, 2), depth=60):
    """The prediction at correlations 1/2 and -1/2 of training points that are orthogonal, labels 1 and 0."""

    def tangent(correlation):
        found = current = Fraction(correlation)
        for _ in range(depth):
            current = 1 - b + b * current
            found = current + b * found
        return found

    one, zero, s, t = map(tangent, (1, 0, Fraction(1, 2), Fraction(-1, 2)))
    return float((s * one - t * zero) / (one**2 - zero**2))


def adam_step(row, gradient=-0.5, decay=0.25):
    """Sum over a row of the first step of Adam, its small constant 1/10, decay inside the gradient."""
    total = [gradient + decay * weight for weight in row]
    return sum(g / (abs(g) + 0.1) for g in total)


def log_rank(r):
    return -(1 + r) / 2 * log((1 + r) / 2) - (1 - r) / 2 * log((1 - r) / 2)


BETA = 2 - 1 / (e - 1)
WITNESSES: dict[str, tuple[Any, Any]] = {
    "adam_weight_decay_clones": (adam_step((0, 3, 3)), adam_step((2, 2, 2))),
    "batch_norm_eigenvalues": (1 + 0.5, 1.0),
    "cloned_unit_gradient": (1 / 2, 1.0),
    "effective_dimension_formula": (10**4 * 2 / pi - 20, 0.0),
    "effective_rank_first_order": (log_rank(sinh(0.999) / sinh(1)), 2 * (1 / tanh(1) - 1) * log_rank(0.999)),
    "finite_width_isometry": (1 / 100, 0.0),
    "identity_skip_kernel_map": skipped(0.0),
    "isometry_absolute_constant": (10 / 12, exp(-1 / (0.015 * 100))),
    "isometry_gain_sharper_bound": (1 / (1 - 6 * 0.09 / 15), 1.034969),
    "isometry_gap_potential_bound": (-log(1.5**2 * 2e-12) / 3, 6.0),
    "isometry_gap_slow_rate": (-log(0.99) / (2 * BETA), -log(1 - ((exp(0.1) - 1) / (e - 1)) ** 2) / 2),
    "kernel_fixed_point_published_rate": near_one(),
    "kumar_sigmoid_variance": (12.8 * mean(lambda x: sigmoid(x) ** 2), 1.0),
    "layer_norm_isometry": (sqrt(3) / 4, 0.0),
    "lyapunov_trace_formula": (2 + 1 / 4, 1 + 1 / (1 - 1 / 4)),
    "nfnet_relu_gain": (1 / sqrt(1 / 2 - 1 / (2 * pi)), 1.7139588594),
    "nonnegative_recovery_strength": (
        0.0,
        mean(lambda x: (sigmoid(x) * sigmoid(-x)) ** 2) / mean(lambda x: sigmoid(x) ** 2) - 1,
    ),
    "normalization_before_activation": (1 / pi, 0.0),
    "offset_excludes_criticality": (0.0, offset_bracket(4.0) * offset_bracket(4.1)),
    "orthogonal_weights_stop_growth": (4 * 3 / 2, 3.0),
    "qr_of_gaussian_is_haar": (-1 / 2, 0.0),
    "relu_inverse_depth": (kappa(0.999), 0.999 + 0.001**2),
    "ridgeless_majority_vote": (majority(), 0.5),
    "siren_unit_variance": (1 - exp(-2), 1.0),
    "truncated_relu_slope": (1 - 1e-4, 0.9486585),
    "window_variance_slope": (window_slope(), 0.1),
}


def sides(name):
    """What the refuted claim compares, at its witness."""
    claim = th.lookup(name).claim
    assert isinstance(claim, Refutation)
    false, at = claim.instance, claim.pinned
    if isinstance(false, FixedPoint):
        found = (false.map.subs(false.variable, false.value), false.value)
    elif isinstance(false, GaussianIdentity):
        found = (th.expect(false.integrand, false.law).subs(at), false.stated.subs(at))
    elif isinstance(false, HaarIdentity):
        # A coordinate of a uniform unit vector in three dimensions is uniform.
        (entry,) = false.integrand.atoms(MatrixEntry)
        assert at == {n: 3}
        return [quad(lambda x: float(false.integrand.subs(entry, x)) / 2, -1, 1, points=[0])[0], float(false.stated)]
    else:
        found = tuple(side.subs(at) for side in false.sides()[:2])
    return [float(enclose(side.doit(), 15).mid()) for side in found]


@pytest.mark.parametrize("name", WITNESSES)
def test_both_sides_of_a_refuted_claim_are_those_of_its_source(name):
    assert sides(name) == pytest.approx(WITNESSES[name], rel=1e-6, abs=1e-9)
