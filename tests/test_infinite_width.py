"""Kernels on data against certified iteration, against Neural Tangents, and at the inputs where others fail."""

from __future__ import annotations

import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
from sympy import Max, Rational, Symbol, atan, exp, sin, sqrt, tanh

import theory as th
from numerics.infinite_width import kernels
from theory.parsing import parse_expression
from theory.propagation.iteration import iterate
from theory.symbols import C_W

R = Rational
PEER = json.loads(Path(__file__).with_name("neural_tangents_kernels.json").read_text(encoding="utf-8"))
X = np.array([[1.0, 0.5, -0.3], [0.2, -1.1, 0.4], [1.0, 0.5, -0.25], [0.0, 0.0, 0.0]])


def net(name="relu", **settings):
    return th.NetworkSpec(th.activation(name), **settings)


def gap(mine, theirs):
    scale = np.sqrt(np.abs(np.outer(np.diag(theirs), np.diag(theirs))))
    return float(np.max(np.abs(mine - theirs) / np.where(scale > 0, scale, 1)))


@pytest.mark.parametrize("name", sorted(PEER["activations"]))
def test_agrees_with_neural_tangents(name):
    phi = th.Activation(parse_expression(PEER["activations"][name]))
    spec = th.NetworkSpec(phi, C_W=R(PEER["C_W"]), C_b=R(PEER["C_b"]))
    for layers, theirs in PEER["values"][name].items():
        mine = kernels(spec, PEER["inputs"], depth=int(layers) + 1)
        assert gap(mine.nngp, np.array(theirs["nngp"])) < 1e-12
        assert gap(1.0001 * mine.nngp, np.array(theirs["nngp"])) > 1e-12
        if mine.ntk is None:
            assert name == "sign"
        else:
            assert gap(mine.ntk, np.array(theirs["ntk"])) < 1e-12
            assert gap(mine.ntk + mine.nngp / 1000, np.array(theirs["ntk"])) > 1e-12


def certified(spec, rows, i, j, depth):
    """q12 and ntk12 of two rows by the certified iteration."""
    exact = [[R(float(v)) for v in rows[k]] for k in (i, j)]
    d = len(exact[0])
    dot = [
        spec.C_W * sum(a * b for a, b in zip(exact[s], exact[t], strict=True)) / d + spec.C_b
        for s, t in ((0, 0), (1, 1), (0, 1))
    ]
    rho = dot[2] / sqrt(dot[0] * dot[1]) if dot[0] and dot[1] else 0
    state = iterate(spec, depth, dot[0], dot[1], rho, digits=15)[-1]
    return float(state.q12), None if state.ntk12 is None else float(state.ntk12), state


CASES = {
    "relu": net("relu", C_W=2, C_b=R(1, 10)),
    "gelu": net("gelu", C_W=2, C_b=R(1, 10)),
    "hard_tanh": net("hard_tanh", C_W=2, C_b=R(1, 10)),
    "identity skip": net("gelu", C_W=2, skip=th.Skip("identity", R(1, 2))),
    "projection skip": net("erf", C_W=2, C_b=R(1, 5), skip=th.Skip("projection", R(3, 5))),
    "rms before": net("relu", C_W=2, C_b=R(1, 10), normalization="rms"),
    "layer after": net("gelu", C_W=2, C_b=R(1, 10), normalization=th.Normalization("layer", "after")),
    "rms after, identity": net(
        "gelu", C_W=1, C_b=R(1, 10), normalization=th.Normalization("rms", "after"), skip=th.Skip("identity", R(1, 3))
    ),
    "step": net("step", C_W=2),
}


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_the_certified_iteration(case):
    spec = CASES[case]
    mine = kernels(spec, X, depth=3)
    for i, j in ((0, 1), (0, 2)):
        nngp, ntk, _ = certified(spec, X, i, j, 3)
        size = math.sqrt(mine.nngp[i, i] * mine.nngp[j, j])
        assert abs(mine.nngp[i, j] - nngp) < 3e-13 * size
        assert abs(mine.nngp[i, j] - 1.001 * nngp - 1e-4) > 3e-13 * size
        if ntk is None:
            assert mine.ntk is None
        else:
            assert abs(mine.ntk[i, j] - ntk) < 3e-12 * math.sqrt(mine.ntk[i, i] * mine.ntk[j, j])


def test_series_agrees_with_the_certified_iteration():
    spec = net("tanh", C_W=R(3, 2), C_b=R(1, 10))
    mine = kernels(spec, X, depth=2)
    nngp, ntk, state = certified(spec, X, 0, 1, 2)
    assert math.isclose(mine.nngp[0, 1], nngp, rel_tol=1e-12)
    assert math.isclose(mine.ntk[0, 1], ntk, rel_tol=1e-12)
    assert math.isclose(mine.nngp[0, 0], float(state.q1), rel_tol=1e-13)
    assert not math.isclose(mine.ntk[0, 1] + 1e-9, ntk, rel_tol=1e-12)


@pytest.mark.parametrize("separation", [1e-3, 1e-6, 1e-9, 1e-12])
def test_nearly_equal_inputs_of_a_rectifier_at_sixty_digits(separation):
    rows = np.array([[1.0, 2.0, 3.0], [1.0 + separation, 2.0, 3.0]])
    for bias in (0, R(1, 25)):
        mine = kernels(net("relu", C_W=R(169, 100), C_b=bias), rows, depth=10)
        with mpmath.workdps(60):
            c, b = mpmath.mpf(169) / 100, mpmath.mpf(int(bias * 100)) / 100
            x, y = ([mpmath.mpf(float(v)) for v in row] for row in rows)
            dots = [sum(s * t for s, t in zip(*pair, strict=True)) for pair in ((x, x), (y, y), (x, y))]
            s = [c * dot / 3 + b for dot in dots]
            theta = s[2]
            for _ in range(9):
                root = mpmath.sqrt(s[0] * s[1])
                angle = mpmath.acos(s[2] / root)
                dual = root * (mpmath.sin(angle) + (mpmath.pi - angle) * mpmath.cos(angle)) / (2 * mpmath.pi)
                slope = c * (mpmath.pi - angle) / (2 * mpmath.pi)
                s = [c * s[0] / 2 + b, c * s[1] / 2 + b, c * dual + b]
                theta = s[2] + slope * theta
            assert abs(mine.nngp[0, 1] / s[2] - 1) < 1e-14
            assert abs(mine.ntk[0, 1] / theta - 1) < 1e-14
            if separation > 1e-10:
                assert abs(mine.ntk[0, 0] / theta - 1) > 1e-14


@pytest.mark.parametrize("name", ["relu", "abs", "erf", "hard_tanh", "cos", "tanh"])
@pytest.mark.parametrize("bias", [0, R(1, 10)])
def test_zero_equal_and_opposite_rows(name, bias):
    rows = np.array([[1.0, 0.5], [0.0, 0.0], [1.0, 0.5], [-1.0, -0.5], [-0.0, 0.0], [2.0, 1.0]])
    mine = kernels(net(name, C_W=1, C_b=bias), rows, depth=3)
    for values in mine:
        assert np.isfinite(values).all()
        assert (values == values.T).all()
        assert values[0, 2] == values[0, 0] == values[2, 2]
        assert values[1, 4] == values[1, 1]
    if name in ("erf", "tanh", "hard_tanh") and bias == 0:
        assert math.isclose(mine.nngp[0, 3], -mine.nngp[0, 0], rel_tol=1e-13)
        assert mine.nngp[0, 1] == 0
    if name == "cos":
        assert math.isclose(mine.nngp[0, 3], mine.nngp[0, 0], rel_tol=1e-13) or bias
    with np.errstate(all="raise"):
        again = kernels(net(name, C_W=1, C_b=bias), rows[::-1], depth=3)
    assert np.allclose(again.nngp[::-1, ::-1], mine.nngp, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["erf", "hard_tanh", "gelu", "tanh"])
def test_tiny_data_are_linear(name):
    rows = np.array([[1.0, 2.0], [-1.0, -2.0], [3.0, 1.0], [0.0, 0.0]])
    slope = {"erf": 4 / math.pi, "gelu": 0.25}.get(name, 1.0)
    for values, factor in zip(kernels(net(name, C_W=1), 1e-150 * rows, depth=2), (1, 2), strict=True):
        stated = factor * slope * rows @ rows.T / 2
        assert np.allclose(1e300 * values, stated, rtol=1e-13, atol=0)
        assert not np.allclose(1.0001e300 * values, stated, rtol=1e-13, atol=0)


@pytest.mark.parametrize(("name", "limit"), [("erf", 1.0), ("hard_tanh", 1.0), ("sin", 0.5)])
def test_huge_data_saturate(name, limit):
    found = kernels(net(name, C_W=1), 1e150 * np.array([[1.0, 2.0], [-1.0, -2.0]]), depth=2).nngp
    assert np.allclose(found, [[limit, -limit], [-limit, limit]], rtol=1e-13)
    assert not np.allclose(1.001 * found, [[limit, -limit], [-limit, limit]], rtol=1e-13)


def test_zero_row_of_a_cosine():
    mine = kernels(net("cos", C_W=1), [[0.0, 0.0], [1.0, 1.0]], depth=2)
    assert mine.nngp[0, 0] == 1
    assert math.isclose(mine.nngp[0, 1], math.exp(-0.5), rel_tol=1e-14)
    assert mine.ntk[0, 0] == 1


def test_one_input_and_first_layer():
    one = kernels(net("gelu", C_W=2), [[1.0, 2.0]], depth=4)
    assert one.nngp.shape == one.ntk.shape == (1, 1)
    assert math.isclose(one.nngp[0, 0], float(iterate(net("gelu", C_W=2), 4, 5, digits=15)[-1].q1), rel_tol=1e-13)
    first = kernels(net("step", C_W=3, C_b=1), X, depth=1)
    assert np.allclose(first.nngp, X @ X.T + 1, rtol=1e-15)
    assert (first.ntk == first.nngp).all()
    assert kernels(net("relu", C_W=2, depth=3), X).nngp.shape == (4, 4)
    assert kernels(net("relu", parameterization="standard"), X, depth=2).ntk is None


def test_kernels_are_positive():
    rows = np.random.default_rng(1).standard_normal((40, 6))
    for name in ("relu", "gelu", "tanh"):
        for values in kernels(net(name, C_W=2, C_b=R(1, 100)), rows, depth=5):
            assert np.linalg.eigvalsh(values).min() > -1e-12 * np.trace(values)


def test_unseen_activations():
    x = Symbol("x", real=True)
    for expr in (x * tanh(x) / 2 + atan(x), sin(x) ** 2 + x / 3, Max(x, 0) + sin(x) / 3, Max(x - 1, -2 * x, 0)):
        spec = th.NetworkSpec(th.Activation(expr, x), C_W=R(3, 2), C_b=R(1, 5))
        mine = kernels(spec, X, depth=2)
        nodes, weights = np.polynomial.hermite_e.hermegauss(180)
        s = 1.5 * X @ X.T / 3 + 0.2
        phi = np.vectorize(lambda v, e=expr: float(e.subs(x, v)))(math.sqrt(s[0, 0]) * nodes)
        stated = 1.5 * np.sum(weights * phi**2) / math.sqrt(2 * math.pi) + 0.2
        assert abs(mine.nngp[0, 0] / stated - 1) < 2e-3
        assert abs(1.01 * mine.nngp[0, 0] / stated - 1) > 2e-3


def test_divergence_and_unreached_accuracy():
    x = Symbol("x", real=True)
    spec = th.NetworkSpec(th.Activation(exp(x**2 / 8), x), C_W=1)
    assert math.isclose(kernels(spec, [[1.0]], depth=2).nngp[0, 0], math.sqrt(2), rel_tol=1e-13)
    with pytest.raises(th.DivergenceError, match="layer 4"):
        kernels(spec, [[1.0]], depth=6)
    with pytest.raises(th.DivergenceError, match="layer"):
        kernels(net("exp", C_W=2, C_b=1), X, depth=8)
    with pytest.raises(th.DivergenceError):
        kernels(net("relu", C_W=2), [[1e200, 0.0]], depth=2)
    with pytest.raises(th.PrecisionError, match="digits"):
        kernels(net("tanh", C_W=10**6), X, depth=2)
    with pytest.raises(th.UnsupportedError, match="kinks"):
        kernels(th.NetworkSpec(th.Activation(Max(tanh(x), 0), x)), X, depth=2)


@pytest.mark.parametrize(
    ("data", "depth", "message"),
    [
        ([1.0, 2.0], 2, "shape"),
        (np.zeros((0, 3)), 2, "shape"),
        (np.zeros((2, 0)), 2, "shape"),
        ([[1.0, math.nan]], 2, "finite"),
        ([[1 + 2j]], 2, "real array"),
        ([["a"]], 2, "real array"),
        ([[1.0], [1.0, 2.0]], 2, "real array"),
        (X, 0, "integer, at least 1"),
        (X, 1.5, "integer, at least 1"),
        (X, None, "give depth"),
    ],
)
def test_refused_data(data, depth, message):
    with pytest.raises(th.DomainError, match=message):
        kernels(net(), data, depth)


def test_refused_networks():
    with pytest.raises(th.DomainError, match="free parameters C_W"):
        kernels(net(C_W=C_W), X, 2)
    with pytest.raises(th.UnsupportedError, match="batch"):
        kernels(net(normalization="batch"), X, 2)
    with pytest.raises(th.UnsupportedError, match="correlations"):
        kernels(net(weights="block_correlated(2, 1/2)"), X, 2)
    with pytest.raises(th.DomainError, match="variance 0 in layer 1"):
        kernels(net(normalization="rms"), X, 2)
    with pytest.raises(th.DomainError, match="NetworkSpec"):
        kernels("relu", X, 2)


@pytest.mark.parametrize("name", ["relu", "gelu", "step", "tanh"])
def test_many_inputs_are_pairs_of_inputs(name):
    rows = np.random.default_rng(4).standard_normal((140, 3))
    spec = net(name, C_W=R(3, 2), C_b=R(1, 10))
    whole = kernels(spec, rows, depth=3)
    for pair in ([0, 1], [0, 139], [138, 139], [70, 71]):
        few = kernels(spec, rows[pair], depth=3)
        for mine, theirs in zip(few, whole, strict=True):
            if mine is not None:
                assert np.allclose(mine, theirs[np.ix_(pair, pair)], rtol=1e-12, atol=1e-14)
                assert not np.allclose(mine, theirs[np.ix_(pair[::-1], pair)], rtol=1e-12, atol=1e-14)
