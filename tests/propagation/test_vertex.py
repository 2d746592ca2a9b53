"""The four-point vertex of two inputs: its diagonal, drawn networks, and orthogonal weights."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import ImmutableMatrix, N, Rational, zeros

from theory.activations import activation
from theory.errors import DomainError, UnsupportedError
from theory.network import NetworkSpec
from theory.propagation.finite_width import finite_width
from theory.propagation.vertex import PairVertex, pair_vertex, pair_vertex_step

RELU = NetworkSpec(activation("relu"), C_W=Rational(13, 10), C_b=Rational(1, 10))
START = Rational(3, 4), Rational(1), Rational(3, 10)


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
@pytest.mark.parametrize("name", ["relu", "erf"])
def test_the_diagonal_is_the_vertex_of_one_input(name, weights):
    net = NetworkSpec(activation(name), C_W=2, C_b=Rational(1, 10), weights=weights)
    pair = pair_vertex(net, 2, *START)[-1]
    for i, q in ((0, START[0]), (2, START[1])):
        single = finite_width(net, 2, q)[-1]
        assert abs(N(pair.vertex[i, i] - single.vertex, 15)) < 1e-12
        assert abs(N(pair.covariance[i] - single.variance, 15)) < 1e-12
    assert abs(N(pair.vertex[0, 0] - finite_width(net, 2, START[1])[-1].vertex)) > 1e-3


def drawn_kernels(width, replicas, layers):
    """Kernels of layer `layers` of ReLU networks, drawn row by row given the kernel below."""
    rng = np.random.default_rng(5)
    cross = float(START[2]) * np.sqrt(float(START[0]))
    kernel = np.broadcast_to([[0.75, cross], [cross, 1.0]], (replicas, 2, 2))
    for _ in range(layers - 1):
        rows = np.linalg.cholesky(kernel) @ rng.standard_normal((replicas, 2, width))
        active = np.maximum(rows, 0)
        kernel = 0.1 + 1.3 * active @ active.transpose(0, 2, 1) / width
    return kernel[:, [0, 0, 1], [0, 1, 1]]


def test_fluctuations_of_drawn_networks():
    width, replicas = 60, 6000
    found = width * np.cov(drawn_kernels(width, replicas, 3), rowvar=False)
    second = pair_vertex(RELU, 2, *START)[-1]
    covariance = tuple(rounded(value) for value in second.covariance)
    theory = numbers(pair_vertex_step(RELU, PairVertex(2, covariance, second.vertex.applyfunc(rounded))))
    size = np.sqrt(np.outer(theory.diagonal(), theory.diagonal()))
    tolerance = 5 * np.sqrt(4 / replicas) + 4 / width  # kurtosis of the kernel, and the next order
    assert (np.abs(found - theory) / size).max() < tolerance
    damaged = numbers(pair_vertex_step(RELU, PairVertex(2, covariance, ImmutableMatrix(zeros(3, 3)))))
    assert (np.abs(found - damaged) / size).max() > 2 * tolerance


def rounded(value):
    return Rational(round(float(value) * 10**9), 10**9)


def numbers(state):
    return np.array(N(state.vertex, 12).tolist(), dtype=float)


def test_orthogonal_linear_networks_stay_as_one_layer():
    net = NetworkSpec(activation("identity"), weights="orthogonal")
    states = pair_vertex(net, 3, 1, 1, Rational(1, 2))
    quarter = Rational(1, 4)
    gram = ImmutableMatrix([[2, 1, 2 * quarter], [1, 1 + quarter, 1], [2 * quarter, 1, 2]])
    assert states[0].vertex == states[2].vertex == -gram
    assert pair_vertex(net.with_(weights="gaussian"), 3, 1, 1, Rational(1, 2))[2].vertex == 2 * gram


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: pair_vertex(RELU, 0), DomainError, "depth"),
        (lambda: pair_vertex(RELU, 2, -1), DomainError, "positive"),
        (lambda: pair_vertex(RELU, 2, 1, 1, 1), DomainError, "finite_width"),
        (lambda: pair_vertex(RELU, 2, 1, 1, 2), DomainError, "correlation"),
        (lambda: pair_vertex(RELU.with_(skip="identity(1/2)"), 2), UnsupportedError, "skip"),
        (lambda: pair_vertex(RELU.with_(weights="uniform"), 2), UnsupportedError, "uniform"),
        (lambda: pair_vertex(activation("relu"), 2), DomainError, "NetworkSpec"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
