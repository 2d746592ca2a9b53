"""Public functions given what they cannot take: an error of the package, or Python's own of a wrong type; no crash."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import numerics as nm
import theory as th
from numerics.arguments import real_array, real_number
from numerics.streams import stream
from theory.arguments import items, known_name, text, whole

x, u, v, rho = sp.symbols("x u v rho", real=True)
n = sp.Symbol("n", integer=True, positive=True)
RELU = th.Activation(sp.Max(x, 0), x)
NET = th.NetworkSpec(RELU, C_W=2)
PAIR = th.Gaussian([u, v], corr=rho)
SINGLE = th.Gaussian([u], cov=[[1]])
GROUP = th.Haar("O", n)
BAD = [None, "", "__import__('os')", -1, 10**30, math.nan, 1j, [], {}, object(), int, b"x", sp.zoo, [None], RELU]
# A call by name: the function and arguments it takes; each argument in turn is replaced by each of the bad values.
CALLS = {
    "Activation": (th.Activation, {"expr": sp.Max(x, 0), "x": x, "assume": [u > 0]}),
    "Activation.moment": (RELU.moment, {"p": 2, "q": 1}),
    "Activation.derivative": (RELU.derivative, {"order": 1}),
    "Activation.dual_derivative": (RELU.dual_derivative, {"rho": rho, "order": 1}),
    "Activation.hermite": (RELU.hermite, {"k": 3, "q": 1}),
    "activation": (th.activation, {"name": "leaky_relu", "slope": 1, "assume": ()}),
    "Activations": (th.Activations, {"names": ["relu"]}),
    "Bound": (th.Bound, {"lhs": x, "rhs": x + 1}),
    "ContinuousLaw": (th.ContinuousLaw, {"cdf": x, "variable": x, "lower": 0, "upper": 1}),
    "Flow": (th.Flow, {"equations": {u: -u}, "time": x, "solution": {u: sp.exp(-x)}, "initial": {u: 1}}),
    "Gaussian": (th.Gaussian, {"variables": [u, v], "cov": [[1, 0], [0, 1]], "mean": [0, 0]}),
    "GaussianFunction": (th.GaussianFunction, {"expr": u**2, "law": SINGLE}),
    "GaussianIdentity": (th.GaussianIdentity, {"integrand": u * v, "law": PAIR, "stated": rho}),
    "GaussianSpectrum": (th.GaussianSpectrum, {"ratio": sp.Rational(1, 2)}),
    "GaussianSpectrum.moment": (th.GaussianSpectrum().moment, {"k": 2}),
    "GramEntry": (th.GramEntry, {"phi": sp.Max(x, 0), "variable": x, "rho": 0, "depth": 1, "C_W": 1}),
    "Haar": (th.Haar, {"kind": "O", "n": 3, "name": "O"}),
    "Haar.block": (GROUP.block, {"rows": 2, "columns": 2, "name": "T"}),
    "Haar.expand": (GROUP.expand, {"expr": GROUP[1, 1] ** 2, "order": 2, "symmetric": ()}),
    "Haar.mean": (GROUP.mean, {"expr": GROUP[1, 1] ** 2, "symmetric": ()}),
    "Haar.minor": (GROUP.minor, {"rows": [1], "columns": [1]}),
    "HaarIdentity": (th.HaarIdentity, {"integrand": GROUP[1, 1] ** 2, "group": GROUP, "stated": 1 / n}),
    "Identity": (th.Identity, {"lhs": x, "rhs": x**2}),
    "Interval.contains": (th.Interval(0, 1).contains, {"value": 1}),
    "NetworkSpec": (th.NetworkSpec, {"phi": RELU, "C_W": 2, "weights": "gaussian", "parameterization": "ntk"}),
    "Normalization": (th.Normalization, {"kind": "layer", "place": "before"}),
    "Orbit": (th.Orbit, {"map": x / 2, "variable": x, "start": 1, "readout": x}),
    "Phi2": (lambda h, k, r: th.Phi2(h, k, r), {"h": x, "k": x, "r": rho}),
    "Weights": (th.Weights, {"law": "gaussian", "parameters": ()}),
    "absolute_moment": (th.absolute_moment, {"powers": [1], "n": 3}),
    "bibtex": (th.bibtex, {"keys": ["cho2009kernel"]}),
    "citation": (th.citation, {"source": "cho2009kernel"}),
    "design_weight": (th.design_weight, {"degree": 2, "d": 3}),
    "enclose": (th.enclose, {"expr": sp.sqrt(2), "digits": 20}),
    "expect": (th.expect, {"expr": u * v, "law": PAIR, "assume": ()}),
    "hermite_he": (lambda k, z: th.hermite_he(k, z), {"k": 3, "z": x}),
    "is_closed_form": (th.is_closed_form, {"expr": x}),
    "lookup": (th.lookup, {"identifier": "relu_dual"}),
    "parse_expression": (th.parse_expression, {"text": "x", "symbols": [x]}),
    "weingarten": (th.weingarten, {"kind": "O", "type": (2, 1), "n": n}),
    "Accumulator.of": (nm.Accumulator.of, {"draws": [1.0]}),
    "Accumulator.merge": (nm.Accumulator().merge, {"other": nm.Accumulator()}),
    "Accumulator.from_json": (nm.Accumulator.from_json, {"data": nm.Accumulator().to_json()}),
    "Budget.named": (nm.Budget.named, {"name": "quick"}),
    "ConfidenceSequence": (nm.ConfidenceSequence, {"alpha": 1e-9, "target": 1e3, "bounds": (0, 1)}),
    "Evidence.from_json": (nm.Evidence.from_json, {"data": {}}),
    "Processes": (nm.Processes, {"workers": 1}),
    "compile": (nm.compile, {"expr": x, "args": [x], "target": "numpy"}),
    "proportion_interval": (nm.proportion_interval, {"successes": 3, "count": 10, "alpha": 0.1}),
    "quantile_interval": (nm.quantile_interval, {"draws": np.arange(50.0), "level": 0.5, "alpha": 0.1}),
    "richardson": (nm.richardson, {"widths": [16, 32, 64], "values": [1, 2, 3], "exponents": (1, 2)}),
    "stream": (stream, {"identifier": "a", "width": 16, "replica": 0, "seed": 0}),
    "verify": (nm.verify, {"statement": "no such theorem", "budget": "none"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_bad_value_is_refused_or_taken(name):
    function, good = CALLS[name]
    for argument in good:
        for value in BAD:
            try:
                function(**good | {argument: value})
            except th.TheoryError as error:
                assert len(str(error)) > 10  # noqa: PT017 - an error is allowed, not required
            except (TypeError, ValueError) as error:
                # Python's own sentence, raised where the argument is read; anything else is a crash.
                assert str(error), (argument, value)  # noqa: PT017


def test_text_is_never_read_as_code():
    for call in (th.Phi2, th.conditional_score, th.kummer_m, th.tricomi_u):
        with pytest.raises(th.DomainError, match="numbers and expressions"):
            call("__import__('os')", x, x)
    for read in (th.GaussianSpectrum, lambda t: th.Orbit(x / 2, x, t), lambda t: th.absolute_moment([t], 3)):
        with pytest.raises(th.DomainError, match="text is not accepted"):
            read("__import__('os')")


def test_a_generator_of_assumptions_is_read_once():
    a, b = sp.symbols("a b", real=True)
    integrand = sp.Max(u - a, 0) * sp.Max(u - b, 0)
    assert th.expect(integrand, SINGLE, (fact for fact in [a < b])) == th.expect(integrand, SINGLE, [a < b])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RELU.moment(10**30), "at most 10000"),
        (lambda: RELU.hermite(10**30), "at most 10000"),
        (lambda: GROUP.expand(GROUP[1, 1] ** 2, 10**30), "at most 1000"),
        (lambda: th.weingarten("O", (120,), n), "up to degree"),
        (lambda: th.weingarten("U", (120,), 3), "up to degree"),
        (lambda: th.absolute_moment([1], 10**30), "take a symbol n"),
        (lambda: NET.iterate(10**30), "at most 1000000"),
        (lambda: NET.iterate(2, digits=10**30), "digits must be"),
        (lambda: th.design_weight(3, 10**9), "its limit"),
        (lambda: nm.Processes(10**30), "at most"),
    ],
)
def test_what_would_run_for_ever_is_refused(call, message):
    with pytest.raises(th.TheoryError, match=message):
        call()


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.binary(), st.lists(st.integers())))
def test_whole_takes_integers_only(value):
    with pytest.raises(th.DomainError, match="an integer"):
        whole("width", value)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5))
def test_whole_keeps_its_bounds(value, least, most):
    for given_value in (value, sp.Integer(value), np.int64(value)):
        if least <= value <= most:
            assert whole("width", given_value, least, most) == value
        else:
            with pytest.raises(th.DomainError):
                whole("width", given_value, least, most)


@pytest.mark.parametrize("values", ["ab", b"ab", {"a": 1}, 1, None, int, x])
def test_items_are_no_single_value(values):
    with pytest.raises(th.DomainError, match="list or tuple"):
        items("names", values)


def test_names_are_texts_that_are_known():
    assert known_name("group", "U", ["O", "U"]) == "U"
    assert text("letter", "V") == "V"
    for value in ("Q", None, [], 1):
        with pytest.raises(th.UnknownNameError, match="unknown group"):
            known_name("group", value, ["O", "U"])
    for value in ("", " ", "\0", None, 1):
        with pytest.raises(th.DomainError, match="is a text"):
            text("letter", value)


@pytest.mark.parametrize("value", [None, "1", b"1", True, [1.0], 1j, math.nan, sp.nan, sp.zoo, x, 10**400])
def test_no_real_number(value):
    with pytest.raises(th.DomainError, match="real number"):
        real_number("alpha", value)
    assert real_number("alpha", sp.Rational(1, 4)) == real_number("alpha", np.float32(0.25)) == 0.25
    assert real_number("alpha", math.inf) == math.inf


@pytest.mark.parametrize("values", ["1", [[1], [1, 2]], [1j], [None], object()])
def test_no_real_array(values):
    with pytest.raises(th.DomainError, match="real numbers"):
        real_array("data", values)
    given_array = np.ones(3)
    assert not np.shares_memory(real_array("data", given_array), given_array)


def test_functions_of_haar_matrices_have_numbers():
    assert abs(sp.N(th.LogForm(1, 4), 20) - 2 * sp.log(sp.Rational(3, 2)).evalf(20)) < 1e-18
    assert float(th.ConvolutionDefect(3, 2, 1, 2, 4)) == 4
