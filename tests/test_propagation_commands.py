"""The commands propagate and critical: what they print and write, and what they refuse."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from functools import partial

import pytest

from theory.commands import main


@pytest.fixture
def run(call):
    return partial(call, main)


def test_propagate_relu_says_the_power_law(run):
    status, out, _ = run("propagate", "max(x,0)", "--C-W", "2")
    assert status == 0
    assert "every q > 0: continuum" in out
    assert "c/l^2, c = 9*pi**2/2 = 44.4132198049021" in out
    assert "scale-invariant" in out
    assert "complete on (0, oo)" in out


@pytest.mark.parametrize(("weight", "phase"), [("1/2", "ordered"), ("3", "chaotic")])
def test_propagate_tells_the_phases_apart(run, weight, phase):
    _, out, _ = run("propagate", "erf(x)", "--C-W", weight, "--C-b", "1/10", "--json", "-", "--digits", "12")
    (point,) = json.loads(out)["variance_fixed_points"]
    size, value = float(Fraction(weight)), 1.0
    for _ in range(200):
        value = size * 2 / math.pi * math.asin(2 * value / (1 + 2 * value)) + 0.1
    assert float(point["value"]["decimal"]) == pytest.approx(value, abs=1e-11)
    chi = size * 4 / math.pi / math.sqrt(1 + 4 * value)
    assert float(point["chi_perp"]["decimal"]) == pytest.approx(chi, abs=1e-11)
    assert point["phase"] == phase == ("chaotic" if chi > 1 else "ordered")


def test_propagate_json_has_the_published_fixed_point(run, tmp_path):
    target = tmp_path / "gelu.json"
    status, out, _ = run("propagate", "x*Phi(x)", "--normalization", "layer", "--json", str(target))
    assert status == 0
    assert f"wrote {target}" in out
    data = json.loads(target.read_text())
    points = data["variance_fixed_points"][0]["correlation_fixed_points"]["points"]
    assert [p["value"]["decimal"][:12] for p in points] == ["0.7604019048", "1.0000000000"]
    assert points[0]["value"]["exact"] is None
    assert points[0]["rate"]["kind"] == "Geometric"
    # The susceptibility of the maps belongs to the fixed points: the slope at one is what the closed form says.
    slope = (4 * math.sqrt(3) / (9 * math.pi) + 2 / 3) / (math.sqrt(3) / (3 * math.pi) + 2 / 3)
    assert float(points[1]["slope"]["decimal"]) == pytest.approx(slope, abs=1e-13)
    assert list(tmp_path.iterdir()) == [target]


def test_sigma_and_C_are_the_same_network(run):
    first = run("propagate", "max(x,0)", "--sigma-w", "1.2", "--sigma-b", "0.1")
    second = run("propagate", "max(x,0)", "--C-W", "36/25", "--C-b", "0.01")
    other = run("propagate", "max(x,0)", "--C-W", "6/5", "--C-b", "0.1")
    assert first == second
    assert first != other


def test_propagate_without_numbers_gives_the_maps(run):
    status, out, _ = run("propagate", "exp(a*x)", "--param", "a: a>0", "--C-W", "1")
    assert status == 0
    assert "exp(2*a**2*q)" in out
    assert "fixed points need numbers for a" in out
    status, out, _ = run("propagate", "exp(a*x)", "--param", "a: a>0", "--at", "a=1/4", "--C-W", "1")
    assert status == 0
    assert "LambertW" in out


def test_propagate_latex(run):
    status, out, _ = run("propagate", "max(x,0)", "--C-W", "2", "--latex", "-")
    assert status == 0
    assert out.count(r"\begin{align*}") == out.count(r"\end{align*}") == 3
    assert r"c &= \frac{9 \pi^{2}}{2} \approx 44.41321980" in out
    assert "fixed points" not in out


def test_critical_gelu(run):
    status, out, _ = run("critical", "x*Phi(x)", "--digits", "13")
    assert status == 0
    assert "K* = 3/2 + sqrt(17)/2 = 3.561552812809" in out
    assert "C_W = 1.983058257438" in out
    assert "C_b = 0.1729223907561" in out
    assert "half-stable" in out
    assert "crosses the diagonal below" in out
    assert "other fixed points of the network: 3.034981435510 (attracting)" in out


def test_critical_says_why_there_is_none(run):
    status, out, _ = run("critical", "sign(x)")
    assert status == 0
    assert "none" in out
    assert "infinite" in out


def test_critical_json_and_latex(run, tmp_path):
    target = tmp_path / "tanh.tex"
    status, out, error = run("critical", "tanh(x)", "--json", "-", "--latex", str(target))
    assert status == 0
    (point,) = json.loads(out)["critical_points"]
    assert f"wrote {target}" in error
    assert point["class"] == "K*=0"
    assert point["C_W"] == {"exact": "1", "decimal": "1.00000000000000"}
    assert r"K^* &= 0" in target.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["propagate", "tanh(x)", "--C-W", "1", "--sigma-w", "1"], "not a mixture; received C_W = 1, sigma_w = 1"),
        (["propagate", "tanh(x)", "--C-W", "-1"], "from 0 on; received -1"),
        (["propagate", "tanh(x)", "--digits", "0"], "--digits"),
        (["propagate", "tanh(x)", "--latex", "-", "--json", "-"], "one of them"),
        (["propagate", "tanh(x)", "--notation", "mine"], "notation"),
        (["propagate", "tanh(x)", "--normalization", "batch"], "batch"),
        (["propagate", "max(x,0)", "--skip", "identity"], "strength"),
        (["propagate", "max(x,0)", "--weights", "row_correlated(1/2)"], "correlations inside a layer"),
        (["propagate", "max(x,0)", "--normalization", "layer sideways"], "place"),
        (["propagate", "max(x,0)", "--depth", "0"], "depth"),
        (["propagate", "exp(x)", "--C-W", "2", "--depth", "12"], "at layer 4"),
        (["propagate", "log(x)"], "not real"),
        (["propagate", "tanh(y)"], "y"),
        (["propagate", "tanh(a*x)", "--param", "a: 0<a<1", "--at", "a=2"], "breaks"),
        (["critical", "tanh(x)", "--at", "a=2"], "a"),
    ],
)
def test_refusals(run, arguments, words):
    status, out, error = run(*arguments)
    assert status == 2
    assert words in error
    assert "Traceback" not in out + error


def test_layers_of_an_identity_skip_carry_the_mean(run):
    options = ["max(x,0)", "--C-W", "2", "--skip", "identity(3/5)", "--depth", "6", "--start", "3/10", "--digits", "10"]
    status, out, _ = run("propagate", *options, "--json", "-")
    assert status == 0
    data = json.loads(out)
    assert "carries a mean" in data["status"]
    # Independent recursion of variance, mean and covariance of the residual stream.
    s, r = 0.8, 0.6

    def block(q, rho):
        return q * (math.sqrt(1 - rho**2) + rho * (math.pi - math.acos(rho))) / (2 * math.pi)

    variance, cross = 0.5, block(1, 0.3)
    mean = 1 / math.sqrt(2 * math.pi)
    for _ in range(4):
        q, c = 2 * variance, math.sqrt(2 * variance / (2 * math.pi))
        mixed = 2 * s * r * c * mean
        cross = s**2 * block(q, cross / variance) + r**2 * cross + mixed
        variance = s**2 * q / 2 + r**2 * variance + mixed
        mean = s * c + r * mean
    last = data["layers"][-1]
    assert float(last["q"]) == pytest.approx(2 * variance, rel=1e-9)
    assert float(last["rho"]) == pytest.approx(cross / variance, rel=1e-9)
    centred = json.loads(run("propagate", *options, "--json", "-", "--skip", "projection(3/5)")[1])["layers"][-1]
    assert float(centred["rho"]) != pytest.approx(float(last["rho"]), rel=1e-2)


def test_variance_zero_has_depth_scales(run):
    _, out, _ = run("propagate", "tanh(x)", "--C-W", "1/2", "--json", "-", "--digits", "8")
    (point,) = json.loads(out)["variance_fixed_points"]
    assert float(point["xi_q"]["decimal"]) == pytest.approx(1 / math.log(2), rel=1e-7)
    assert float(point["xi_c"]["decimal"]) == pytest.approx(1 / math.log(2), rel=1e-7)


def test_infinite_depth_says_its_hypotheses(run):
    _, out, _ = run("critical", "tanh(x)")
    assert "needs the depth tends to infinity at fixed xi < 1" in out


def test_a_correlation_below_the_digits_is_not_printed_as_an_exponent(run):
    _, out, _ = run("propagate", "x", "--normalization", "layer after", "--depth", "3", "--json", "-", "--digits", "9")
    assert {layer["rho"] for layer in json.loads(out)["layers"]} <= {"0", "0.000000000"}
    status, out, _ = run("propagate", "tanh(x)", "--C-W", "0")
    assert status == 0
    assert "nan" not in out
    assert "the next layer has variance 0" in out


def test_latex_of_the_correlation_map_does_not_repeat_the_variance_map(run):
    _, out, _ = run("propagate", "x*exp(-x^2)", "--C-W", "2", "--C-b", "1/10", "--latex", "-")
    assert r"F(q)\,R(\rho) &= " in out
    assert out.count(r"\frac{1}{10}") == 2  # in F and in F R; nowhere as a denominator
    assert "e-" not in out


def test_long_numbers_are_decimals_in_latex(run):
    _, out, _ = run("critical", "x*Phi(x)-x/7", "--latex", "-")
    assert r"K^* &= \frac{3}{2} + \frac{\sqrt{17}}{2} \approx 3.561552813" in out
    assert r"a &\approx -0.000189686831" in out
    assert max(map(len, out.splitlines())) < 900


@pytest.mark.parametrize("phi", ["1/x", "exp(x^4)"])
def test_an_activation_without_second_moment_is_refused(run, phi):
    status, out, error = run("propagate", phi)
    assert status == 2
    assert out == ""
    assert "E phi^2 has to be finite" in error
