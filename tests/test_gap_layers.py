"""Pairs of inputs that a chaotic network takes apart, against eighty digits and certified iteration."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Heaviside, Max, Min, Rational, Symbol, cos, erf, sin, sqrt, tanh

import theory as th
from numerics import chosen_pairs
from numerics.chosen_pairs import ChosenPairs
from numerics.gap_layers import GapLayers
from numerics.gap_series import GapSeries
from numerics.gap_tapes import GapTapes
from numerics.infinite_width import kernels
from numerics.pair_layers import PairLayers
from theory.propagation.iteration import iterate

R = Rational
x = Symbol("x", real=True)
BASE = np.array([1.0, 0.5, -0.3, 0.8])
SIDE = np.array([1.0, -2.0, 0.3, 0.1])


def net(expr, **settings):
    return th.NetworkSpec(th.Activation(expr, x), **settings)


def errors(found, state):
    """Errors of the pair relative to the scales."""
    roots = [math.sqrt(values[0, 0] * values[1, 1]) for values in found if values is not None]
    gaps = [abs(found.nngp[0, 1] - float(state.q12)) / roots[0]]
    return gaps if found.ntk is None else [*gaps, abs(found.ntk[0, 1] - float(state.ntk12)) / roots[1]]


def exact(spec, rows, depth, digits=25):
    vectors = [[R(float(v)) for v in row] for row in rows]
    products = [
        spec.C_W * sum(a * b for a, b in zip(vectors[s], vectors[t], strict=True)) / 4 + spec.C_b
        for s, t in ((0, 0), (1, 1), (0, 1))
    ]
    return iterate(spec, depth, *products[:2], products[2] / sqrt(products[0] * products[1]), digits=digits)[-1]


@pytest.mark.parametrize("opposite", [1, -1])
@pytest.mark.parametrize("separation", [1e-3, 1e-13])
def test_a_sine_at_eighty_digits(separation, opposite):
    depth = 101
    for other in (BASE + separation * SIDE, BASE * (1 + separation)):
        rows = np.stack([BASE, opposite * other])
        found = kernels(net(sin(x), C_W=4, C_b=R(1, 10**9)), rows, depth)
        with mpmath.workdps(80):
            C_b = mpmath.mpf(1) / 10**9
            vectors = [[mpmath.mpf(float(v)) for v in row] for row in rows]
            q1, q2, c = (
                sum(a * b for a, b in zip(vectors[s], vectors[t], strict=True)) + C_b
                for s, t in ((0, 0), (1, 1), (0, 1))
            )
            theta = c
            for _ in range(depth - 1):
                decay = 4 * mpmath.exp(-(q1 + q2) / 2)
                slope = decay * mpmath.cosh(c)
                q1, q2 = (2 * (1 - mpmath.exp(-2 * q)) + C_b for q in (q1, q2))
                c = decay * mpmath.sinh(c) + C_b
                theta = c + slope * theta
            gaps = [abs(found.nngp[0, 1] - c) / mpmath.sqrt(q1 * q2)]
            gaps.append(abs(found.ntk[0, 1] - theta) / math.sqrt(found.ntk[0, 0] * found.ntk[1, 1]))
        assert max(gaps) < 5e-13


CHAOTIC = {
    "identity skip": net(sin(2 * x) + x / 9 + R(1, 5), C_W=3, C_b=R(1, 9), skip=th.Skip("identity", R(1, 2))),
    "projection skip": net(sin(3 * x), C_W=2, C_b=R(1, 9), skip=th.Skip("projection", R(3, 5))),
    "layer after": net(sin(3 * x) + 1, C_W=2, C_b=R(1, 99), normalization=th.Normalization("layer", "after")),
    "rms after, identity": net(
        sin(3 * x) + R(1, 3),
        C_W=2,
        C_b=R(1, 99),
        normalization=th.Normalization("rms", "after"),
        skip=th.Skip("identity", R(1, 3)),
    ),
}


@pytest.mark.parametrize("opposite", [1, -1])
@pytest.mark.parametrize("case", CHAOTIC)
def test_all_networks_agree_with_the_certified_iteration(case, opposite):
    spec = CHAOTIC[case]
    rows = np.stack([BASE, opposite * (BASE + 1e-6 * SIDE)])
    found = kernels(spec, rows, 5)
    state = exact(spec, rows, 5)
    assert found.ntk[0, 0] > 4 * 5 * found.nngp[0, 0]
    assert max(errors(found, state)) < 2e-14
    assert max(errors(found._replace(nngp=found.nngp * (1 + 1e-10) + 1e-10), state)) > 2e-14


def test_covariances_alone_lose_what_distances_keep(monkeypatch):
    spec, rows = net(sin(x), C_W=4), np.stack([BASE, BASE + 1e-6 * SIDE])
    state = exact(spec, rows, 30)
    assert max(errors(kernels(spec, rows, 30), state)) < 1e-13
    monkeypatch.setattr(chosen_pairs, "_PER_LAYER", math.inf)
    assert max(errors(kernels(spec, rows, 30), state)) > 1e-9


@pytest.mark.parametrize("opposite", [1, -1])
def test_kinks(opposite):
    rows = np.stack([BASE, opposite * (BASE + 1e-5 * SIDE)])
    for spec in (net(Min(Max(x, -1), 1), C_W=20), net(Heaviside(x, R(1, 2)), C_W=2, C_b=R(1, 9))):
        found = kernels(spec, rows, 4)
        assert max(errors(found, exact(spec, rows, 4))) < 1e-14


def test_series_and_closed_forms_are_two_ways_to_one_result():
    rows = np.stack([BASE, BASE + 1e-4 * SIDE, -BASE - 1e-3 * SIDE, BASE * (1 + 1e-5), BASE[::-1]])
    i, j = np.triu_indices(5, 1)
    for spec in (CHAOTIC["identity skip"], CHAOTIC["layer after"], net(erf(x), C_W=4)):
        duals = PairLayers(spec).duals
        chosen = ChosenPairs(spec, duals)
        series, tapes = (GapLayers(spec, way).run(rows, i, j, 4) for way in (chosen._series, GapTapes(duals)))
        assert isinstance(chosen._series, GapSeries)
        for mine, other in zip(series, tapes, strict=True):
            size = np.abs(mine).max()
            assert np.abs(mine - other).max() < 1e-13 * size
            assert np.abs(mine * (1 + 1e-11) - other).max() > 1e-13 * size


@pytest.mark.parametrize("expr", [sin(x), tanh(x), cos(x)])
def test_opposite_rows_of_even_and_odd_activations(expr):
    rows = np.array([[0.7, -1.2], [-0.7, 1.2], [0.3, 0.1], [0.7, -1.2]])
    for values in kernels(net(expr, C_W=9), rows, 40):
        sign = 1 if expr.subs(x, -x) == expr else -1
        assert values[0, 1] == sign * values[0, 0]
        assert values[1, 2] == sign * values[0, 2]
        assert values[0, 3] == values[1, 1] == values[0, 0]
    # A bias takes opposite inputs apart.
    biased = kernels(net(sin(x), C_W=1, C_b=R(1, 9)), rows, 3).nngp
    assert biased[0, 1] != -biased[0, 0]


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-12, 1.0), st.floats(-1.0, 1.0), st.integers(2, 30))
def test_kernels_of_a_pair_are_those_of_the_swapped_pair(separation, along, depth):
    rows = np.stack([BASE, BASE * (1 + along * separation) + separation * SIDE])
    spec = net(sin(x), C_W=4, C_b=R(1, 10))
    for one, other in zip(kernels(spec, rows, depth), kernels(spec, rows[::-1], depth), strict=True):
        assert abs(one[0, 1] - other[0, 1]) < 2e-13 * math.sqrt(one[0, 0] * one[1, 1])


def test_what_no_form_keeps_is_refused(monkeypatch):
    monkeypatch.setattr(ChosenPairs, "_series", None)
    monkeypatch.setattr(ChosenPairs, "_tapes", None)
    rows = np.stack([BASE, BASE + 1e-9 * SIDE, BASE[::-1]])
    with pytest.raises(th.PrecisionError, match="magnifies the rounding of 1 pairs"):
        kernels(net(sin(x), C_W=5), rows, 9)
    # Far inputs, and networks that bring inputs together, need no care.
    assert kernels(net(sin(x), C_W=5), rows[1:], 9).nngp.shape == (2, 2)
    assert kernels(net(sin(x), C_W=R(1, 2)), rows, 9).nngp.shape == (3, 3)
