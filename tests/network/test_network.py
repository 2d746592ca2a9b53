"""The network as data: what is accepted, what is refused, what names it."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol, sqrt

import theory as th
from theory.layers import WEIGHT_LAWS

RELU = th.activation("relu")


def test_both_pairs_of_names_describe_the_same_network():
    assert th.NetworkSpec(RELU, C_W=2, C_b=Rational(1, 4)) == th.NetworkSpec(RELU, sigma_w=sqrt(2), sigma_b=0.5)


def test_defaults():
    net = th.NetworkSpec(RELU)
    assert (net.C_W, net.C_b, net.depth, net.normalization, net.skip) == (1, 0, None, None, None)
    assert str(net.weights) == "gaussian"
    assert net.weights.independent


@pytest.mark.parametrize("law", ["sparse(1/10)", "student(5)", "row_correlated(-1/2)", "block_correlated(4, 1/2)"])
def test_weight_laws_round_trip(law):
    weights = th.Weights.read(law)
    assert str(weights) == law
    assert th.Weights.read(weights) is weights


@pytest.mark.parametrize(
    "law",
    [
        *(f"{name}(7, 7, 7)" for name in WEIGHT_LAWS),
        *("sparse", "sparse(0)", "sparse(3/2)", "sparse(I)", "sparse(", "student(2)", "gaussian(1)", "", 3),
        *("row_correlated(1)", "block_correlated(3/2, 1/2)", "block_correlated(2, -1)"),
    ],
)
def test_weight_laws_refused(law):
    with pytest.raises(th.TheoryError):
        th.Weights.read(law)


@pytest.mark.parametrize(
    "arguments",
    [
        {"C_W": 2, "sigma_b": 1},
        {"C_W": -1},
        {"sigma_w": -1},
        {"C_b": "1"},
        {"depth": 0},
        {"depth": 2.0},
        {"depth": True},
        {"weights": "gausian"},
        {"normalization": "group"},
        {"normalization": th.Normalization},
        {"skip": "identity"},
        {"parameterization": "lecun"},
    ],
)
def test_networks_that_cannot_be_built(arguments):
    with pytest.raises(th.TheoryError):
        th.NetworkSpec(RELU, **arguments)


def test_activation_is_needed():
    with pytest.raises(th.DomainError, match="Activation"):
        th.NetworkSpec("relu")


def test_normalization_removes_the_mean_unless_rms():
    assert [th.Normalization(kind).centered for kind in ("rms", "layer", "batch")] == [False, True, True]
    with pytest.raises(th.DomainError, match="rms"):
        th.Normalization("rms", centered=True)


def test_skip_keeps_the_variance_unless_told_otherwise():
    r = Symbol("r", nonnegative=True)
    assert th.Skip("identity", r).branch == sqrt(1 - r**2)
    assert th.Skip("projection", 1, branch=1).branch == 1
    with pytest.raises(th.DomainError, match="branch"):
        th.Skip("identity", 1)
    with pytest.raises(th.DomainError):
        th.Skip("identity", -Rational(1, 2))


def test_change_and_substitution():
    a, r = Symbol("a", positive=True), Symbol("r", nonnegative=True)
    net = th.NetworkSpec(th.activation("leaky_relu", slope=a), C_W=a, skip=th.Skip("identity", r))
    assert net.parameters == (a, r)
    other = net.subs({a: 2, r: Rational(3, 5)})
    assert (other.C_W, other.skip.branch, other.parameters) == (2, Rational(4, 5), ())
    assert other.with_(depth=7).depth == 7
    with pytest.raises(th.UnknownNameError):
        net.with_(width=3)


def test_what_is_wrong_with_the_variances_is_said():
    with pytest.raises(th.DomainError, match="C_W is a variance, a real number from 0 on; received -1/2"):
        th.NetworkSpec(RELU, C_W=-Rational(1, 2))
    with pytest.raises(th.DomainError, match="not a mixture; received C_b = 1, sigma_w = 2"):
        th.NetworkSpec(RELU, C_b=1, sigma_w=2)


def test_latex_names_every_part_of_the_network():
    plain = th.NetworkSpec(RELU, C_W=2)._repr_latex_()
    assert "C_W = 2" in plain
    assert "text" not in plain.split("C_W")[1]
    full = th.NetworkSpec(RELU, weights="row_correlated(1/2)", skip="identity(1/2)", normalization="rms after", depth=3)
    assert all(word in full._repr_latex_() for word in ("row-correlated(1/2)", "skip: ", "rms after", "depth 3"))


def test_key_tells_networks_apart():
    nets = [
        th.NetworkSpec(RELU),
        th.NetworkSpec(RELU, C_W=2),
        th.NetworkSpec(th.activation("tanh")),
        th.NetworkSpec(RELU, weights="orthogonal"),
        th.NetworkSpec(RELU, normalization="rms"),
        th.NetworkSpec(RELU, normalization=th.Normalization("rms", "after")),
        th.NetworkSpec(RELU, skip=th.Skip("identity", Rational(1, 2))),
    ]
    assert len({net.key() for net in nets}) == len(nets)
