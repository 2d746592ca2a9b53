"""The pictures: what their lines mean, that they are reproducible, and what they refuse."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sympy import Add, Max, Mul, Piecewise, Rational, Symbol, erf, exp, sign, sin, tanh

from numerics.cli import main
from numerics.plotting.canvas import canvas, save_figure
from numerics.plotting.convergence import convergence_figure, covariance_orbit
from numerics.plotting.fluctuations import fluctuation_figure, kernel_fluctuations, simulated_fluctuations
from numerics.plotting.hermite_spectrum import hermite_spectrum_figure
from numerics.plotting.kernel_map import kernel_map_figure
from numerics.plotting.phase_diagram import phase_diagram_figure, settled_susceptibility
from numerics.plotting.title import set_title
from theory.activations import Activation
from theory.errors import DivergenceError, DomainError, UnsupportedError
from theory.network import NetworkSpec
from theory.propagation.edge_of_chaos import edge_of_chaos
from theory.symbols import x

RELU, ERF = Activation(Max(x, 0), x), Activation(erf(x), x)
HE = NetworkSpec(RELU, C_W=2)


@pytest.fixture(autouse=True, scope="module")
def _library():
    pytest.importorskip("matplotlib")


def lines(figure, panel=0):
    return figure.axes[panel].get_lines()


def test_kernel_map_is_the_map():
    figure = kernel_map_figure(HE, start=-1.0, layers=4)
    grid, values = lines(figure)[1].get_data()
    exact = (np.sqrt(np.maximum(0, 1 - grid**2)) + grid * np.arccos(-grid)) / np.pi
    assert np.abs(values - exact).max() < 1e-9
    assert np.abs(values - grid).max() > 0.5
    stairs_x, stairs_y = lines(figure)[2].get_data()
    assert np.array_equal(stairs_x[2::2], stairs_y[2::2])  # on the diagonal
    assert stairs_x[2] == pytest.approx(0, abs=1e-12)  # kappa(-1) = 0
    assert stairs_x[4] == pytest.approx(1 / np.pi, abs=1e-9)  # kappa(0)
    assert all(text for text in (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()))


def test_orbit_of_relu_keeps_its_variance():
    variances, correlations = covariance_orbit(HE, 0.7, 0.0, 3)
    assert variances == pytest.approx([0.7, 0.7, 0.7], abs=1e-11)
    assert correlations[1] == pytest.approx(1 / np.pi, abs=1e-9)
    drained, _ = covariance_orbit(HE.with_(C_W=1), 0.7, 0.0, 3)
    assert drained == pytest.approx([0.7, 0.35, 0.175], abs=1e-11)


@pytest.mark.parametrize(("law", "growth"), [("gaussian", 5), ("orthogonal", 3)])
def test_relu_fluctuations_grow_linearly(law, growth):
    values = kernel_fluctuations(HE.with_(weights=law), 2.0, 5)
    assert values == pytest.approx(growth * np.arange(5), abs=1e-8)


@pytest.mark.parametrize("law", ["gaussian", "orthogonal"])
def test_fluctuations_agree_with_networks(law):
    net, width, replicas = NetworkSpec(ERF, C_W=2, C_b=Rational(1, 10), weights=law), 400, 3000
    values, errors = simulated_fluctuations(net, 1.0, 6, width, replicas)
    # Of a nearly normal quantity: the standard error of its variance.
    assert errors == pytest.approx(values * np.sqrt(2 / replicas), rel=0.25)
    found = width * values[1:]
    # The variance of 3000 draws has a relative error of sqrt(2/3000); the next order is a few parts in the width.
    tolerance = 5 * np.sqrt(2 / replicas) + 8 / width
    theory = {name: kernel_fluctuations(net.with_(weights=name), 1.0, 6)[2:] for name in ("gaussian", "orthogonal")}
    other = "orthogonal" if law == "gaussian" else "gaussian"
    assert np.abs(found / theory[law] - 1).max() < tolerance
    assert np.abs(found / theory[other] - 1).max() > tolerance


def test_a_kernel_without_fluctuations_is_drawn(tmp_path):
    constant = NetworkSpec(Activation(sign(x), x))
    figure = fluctuation_figure(constant, 3, 8, replicas=4)
    assert all(not line.get_ydata().any() for line in lines(figure))
    assert figure.axes[0].get_yscale() == "linear"
    assert save_figure(figure, tmp_path / "a.svg").exists()
    assert fluctuation_figure(HE, 3, 8, replicas=0).axes[0].get_yscale() == "linear"
    assert fluctuation_figure(HE, 60, 8, replicas=0).axes[0].get_yscale() == "log"


def test_susceptibility_is_one_on_the_edge():
    point = edge_of_chaos(ERF, 1)
    weights, biases = np.array([float(point.C_W)]), np.array([float(point.C_b)])
    assert settled_susceptibility(ERF, weights, biases)[0, 0] == pytest.approx(1, abs=1e-3)
    assert settled_susceptibility(ERF, 1.1 * weights, biases)[0, 0] > 1.01
    assert settled_susceptibility(ERF, weights, biases + 0.1)[0, 0] < 0.99


def test_relu_has_a_fixed_variance_below_two():
    chi = settled_susceptibility(RELU, np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.1]))
    assert chi[0, :2] == pytest.approx([0.5, 1.0], abs=1e-9)
    assert chi[1, 0] == pytest.approx(0.5, abs=1e-9)
    assert np.isnan(chi[1, 1:]).all()
    assert np.isnan(chi[0, 2])


def test_phase_diagram_draws_the_edge():
    figure = phase_diagram_figure(ERF, points=12)
    weights, biases = lines(figure)[0].get_data()
    assert np.all(np.diff(weights) > 0)
    assert weights[0] == pytest.approx(np.pi / 4, rel=1e-2)  # C_W = 1/phi'(0)^2 at q = 0
    assert biases.min() >= 0
    point = phase_diagram_figure(RELU, points=8)
    assert lines(point)[0].get_data()[0] == pytest.approx([2])


def test_ranges_of_the_phase_diagram_are_those_asked_for(tmp_path, monkeypatch):
    from numerics.plotting import phase_diagram

    def coarse(phi, C_W, C_b):
        figure = phase_diagram_figure(phi, C_W, C_b, points=4)
        assert (figure.axes[0].get_xlim(), figure.axes[0].get_ylim()) == ((10, 40), (0, 0.5))
        return figure

    monkeypatch.setattr(phase_diagram, "phase_diagram_figure", coarse)
    target = tmp_path / "weak.png"
    assert main(["plot", "phase-diagram", "max(x,0)/4", "--C-W", "10", "40", "--output", str(target)]) == 0
    assert target.read_bytes().startswith(b"\x89PNG")


def test_fixed_points_are_told_apart():
    labels = {line.get_label(): line for line in lines(kernel_map_figure(HE.with_(normalization="layer"), layers=1))}
    assert labels["attracting"].get_xdata() == [1.0]
    gelu = NetworkSpec(Activation(x * (1 + erf(x)), x), normalization="layer")
    labels = {line.get_label(): line for line in lines(kernel_map_figure(gelu, layers=1))}
    assert labels["repelling"].get_xdata() == [1.0]
    assert 0 < labels["attracting"].get_xdata()[0] < 1
    linear = {line.get_label() for line in lines(kernel_map_figure(NetworkSpec(Activation(x, x)), layers=1))}
    assert not linear & {"attracting", "repelling"}  # every correlation is fixed


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (Max(x, 0), r"\varphi(x) = \max(0, x)"),
        (tanh(x), r"\varphi(x) = \tanh{(x )}"),
        (Piecewise((-x, x < -1), (x**2, True)), r"\{- x\;(x < -1),\;\;x^{2}\;(\mathrm{else})\}"),
        (erf(x / (1 + x**2)), r"\left(\frac{x}{x^{2} + 1} \right)"),
    ],
)
def test_titles_are_mathematics(expr, text, tmp_path):
    with canvas() as (figure, (axes,)):
        set_title(axes, Activation(expr, x), "$q = 1$")
    title = axes.get_title()
    assert text in title.replace("\n", "")
    assert "**" not in title
    assert "q = 1" in title
    assert save_figure(figure, tmp_path / "a.svg").exists()  # which sets the formula


def test_long_titles_are_broken_and_then_left_out():
    waves = [sin(k * x) * exp(-k * x**2) / k for k in range(2, 9)]
    with canvas() as (_, (axes,)):
        set_title(axes, Activation(Add(*waves[:4]), x))
        assert 1 < len(axes.get_title().splitlines()) <= 4
        set_title(axes, Activation(Add(*waves, *(w**2 for w in waves)), x), "$q = 1$")
        assert axes.get_title() == r"$\varphi(x) = \ldots$,  $q = 1$"
        set_title(axes, Activation(Mul(*waves), x))
        assert len(axes.get_title().splitlines()) == 1
        assert axes.title.get_fontsize() < 9


def test_spectrum_and_its_law():
    figure = hermite_spectrum_figure(RELU, K=60, digits=30)
    drawn, law = lines(figure)[:2]
    indices, sizes = drawn.get_data()
    assert list(indices) == [1, *range(2, 61, 2)]  # odd coefficients of ReLU vanish beyond the first
    assert sizes[0] == pytest.approx(0.5)
    where, envelope = law.get_data()
    assert envelope[-1] == pytest.approx(sizes[-1], rel=0.05)
    assert envelope[-1] != pytest.approx(sizes[-2], rel=0.01)
    assert where[-1] == 60


def test_convergence_bands_hold_the_theory():
    figure = convergence_figure(HE, 4, (512,), replicas=100)
    medians, theory = lines(figure, 1)
    assert np.abs(medians.get_ydata() - theory.get_ydata()).max() < 0.05
    assert len(figure.axes[1].collections) == 1
    assert "$C_W = 2" in figure.axes[0].get_title()
    assert not convergence_figure(HE, 3, ()).axes[1].collections


def test_pictures_are_reproducible(tmp_path, capsys):
    def drawn(name, *options):
        target = tmp_path / name
        arguments = ["plot", "convergence", "max(x,0)", "--C-W", "2", "--depth", "3", "--width", "32"]
        assert main([*arguments, "--replicas", "20", *options, "--output", str(target)]) == 0
        assert f"wrote {target}" in capsys.readouterr().out
        return target.read_bytes()

    first = drawn("a.svg")
    assert first == drawn("b.svg")
    assert first != drawn("c.svg", "--seed", "1")
    assert b"<dc:date>" not in first
    assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "b.svg", "c.svg"}


def test_global_style_is_left_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    kernel_map_figure(HE, layers=1)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (lambda: kernel_map_figure(HE, start=1.5), DomainError, "correlation"),
        (lambda: kernel_map_figure(HE, layers=0), DomainError, "layers"),
        (lambda: kernel_map_figure(HE, q=-1.0), DomainError, "positive"),
        (lambda: kernel_map_figure(NetworkSpec(ERF, C_W=Rational(1, 2))), DomainError, "0 positive attracting"),
        (lambda: convergence_figure(HE, 0), DomainError, "depth"),
        (lambda: convergence_figure(NetworkSpec(Activation(x**2, x)), 12, ()), DivergenceError, "at layer"),
        (lambda: convergence_figure(HE, 3, range(8, 13)), DomainError, "4 different widths"),
        (lambda: convergence_figure(HE, 3, (8, 8)), DomainError, "different widths"),
        (lambda: fluctuation_figure(HE, 1), DomainError, "depth"),
        (lambda: fluctuation_figure(HE, 3, 8, replicas=1), DomainError, "two networks"),
        (lambda: kernel_fluctuations(HE.with_(weights="uniform"), 1.0, 3), UnsupportedError, "uniform"),
        (lambda: kernel_fluctuations(HE.with_(normalization="rms"), 1.0, 3), UnsupportedError, "plain"),
        (lambda: fluctuation_figure(HE.with_(C_b=2), 4, 8, replicas=2), DomainError, "above C_b"),
        (lambda: phase_diagram_figure(RELU, C_W=(2, 1)), DomainError, "increase"),
        (lambda: phase_diagram_figure(Activation(sign(x), x)), UnsupportedError, "jump"),
        (lambda: phase_diagram_figure(Activation(sin(Symbol("a", positive=True) * x), x)), DomainError, "a is free"),
        (lambda: hermite_spectrum_figure(RELU, K=1), DomainError, "last coefficient"),
    ],
)
def test_refusals(draw, error, words):
    with pytest.raises(error, match=words):
        draw()


@pytest.mark.parametrize(
    "arguments",
    [
        ["phase-diagram", "tanh(x)", "--variance", "2"],
        ["hermite-spectrum", "tanh(x)", "--C-W", "2"],
        ["kernel-map", "max(x,0)", "--width", "64"],
        ["spectrum", "tanh(x)"],
    ],
)
def test_options_of_another_picture_are_refused(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["plot", *arguments, "--output", str(tmp_path / "a.svg")])
    assert arguments[-2 if len(arguments) > 2 else 0] in capsys.readouterr().err


def test_wrong_ending_is_refused_before_drawing(tmp_path, capsys):
    assert main(["plot", "kernel-map", "max(x,0)", "--output", str(tmp_path / "a.jpg")]) == 2
    assert ".svg" in capsys.readouterr().err


def test_without_matplotlib_there_is_a_remedy(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["plot", "kernel-map", "max(x,0)", "--C-W", "2", "--output", str(tmp_path / "a.svg")]) == 2
    assert "widetheory[plot]" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
