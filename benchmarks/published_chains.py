"""Published statements on the Gram matrices of deep networks with batch normalisation, at finite width."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

import mpmath as mp
import numpy as np
from numpy.typing import NDArray
from sympy import Rational

import theory as th
from benchmarks.published_row import Row
from numerics.simulation import simulate

Array = NDArray[np.float64]

# Layers before the chain counts as stationary, and of each of the two windows behind them.
BURN_IN, WINDOW = 20, 90


def linear(weights: str = "gaussian", batch: bool = True) -> th.NetworkSpec:
    rule = th.Normalization("batch", centered=False) if batch else None
    return th.NetworkSpec(th.activation("identity"), C_W=1, weights=weights, normalization=rule)


def near_identity(d: int, size: float) -> Array:
    return np.asarray(np.eye(d) + size * np.random.default_rng(d).standard_normal((d, d)))


# --- one layer of Haar weights


def gap_after_layer(inputs: Array) -> float:
    """Mean isometry gap behind a Haar layer and batch normalisation, exact for as many inputs as neurons.

    It grows by E log(w'Gw), w uniform on the sphere and G of trace d: by E log of the Gaussian form, which is the
    integral of (e^-t - prod (1 + 2 lambda t)^(-1/2))/t, less that of |g|^2.
    """
    d = len(inputs)
    values = np.linalg.eigvalsh(inputs @ inputs.T)
    values *= d / values.sum()

    def integrand(t: mp.mpf) -> mp.mpf:
        return (mp.exp(-t) - mp.fprod((1 + 2 * float(v) * t) ** -0.5 for v in values)) / t

    form = mp.quad(integrand, [0, 1, 10, 100, mp.inf])
    return float(form - mp.digamma(d / 2) - mp.log(2) - np.log(values).mean())


def one_layer_gaps(inputs: Array, replicas: int) -> Array:
    sim = simulate(
        linear("orthogonal"), len(inputs), 1, inputs, replicas=replicas, observables="isometry_gap", keep=True,
        progress=False,
    )  # fmt: skip
    return np.asarray(sim.raw("isometry_gap")[:, 0])


def gap_step(replicas: int = 40_000, sizes: Sequence[int] = (3, 6)) -> Iterator[Row]:
    """The expected value is exact at this width; the envelope is what the draws resolve."""
    for d in sizes:
        inputs = near_identity(d, 0.5)
        before = -float(np.log(np.linalg.svd(inputs)[1] ** 2).mean() - np.log((inputs**2).sum() / d))
        cases = [("", gap_after_layer(inputs), True), (", d/(d + 2) of the gap before", before * d / (d + 2), False)]
        for label, expected, holds in cases:
            yield Row(
                "gap-step", "meterez2023towards", f"Haar, batch, isometry gap after one layer, width {d}{label}",
                expected, 0.01 * expected, "0.01 of it", partial(one_layer_gaps, inputs, replicas), holds,
            )  # fmt: skip


# --- depth of networks with centred batch normalisation


def limit(name: str, inputs: int) -> Array:
    """Gram matrix of the infinitely wide network, for activations that are positively homogeneous.

    Behind a Gram matrix a I + b 11' the normalised inputs are uniform on a sphere in the complement of 1; the mean of a
    form of degree two on it is that of Gaussians of variance 1 and correlation -1/(inputs - 1).
    """
    phi = th.activation(name)
    other = float(phi.dual(Rational(-1, inputs - 1)))
    return np.asarray(other + (float(phi.moment(2)) - other) * np.eye(inputs))


def squared_errors(name: str, width: int, inputs: int, replicas: int, centered: bool = True) -> Array:
    """Squared distances of the Gram matrices to their limit in two windows of layers, shape (replica, window)."""
    rule = th.Normalization("batch", centered=centered)
    net = th.NetworkSpec(th.activation(name), C_W=1, normalization=rule)
    sim = simulate(
        net, width, BURN_IN + 2 * WINDOW, gram=np.eye(inputs), replicas=replicas, observables="gram", keep=True,
        progress=False,
    )  # fmt: skip
    squares = ((sim.raw("gram")[:, BURN_IN:] - limit(name, inputs)) ** 2).sum(axis=(2, 3))
    return np.asarray(squares.reshape(replicas, 2, WINDOW).mean(axis=2))


@cache
def window_logs(name: str, width: int, inputs: int, replicas: int) -> Array:
    """Logarithms of the errors in the two windows, kept for the next row."""
    return np.asarray(np.log(squared_errors(name, width, inputs, replicas)) / 2)


def chain_error(
    replicas: int = 1000,
    widths: Sequence[int] = (64, 512),
    inputs: int = 5,
    names: Sequence[str] = ("relu", "identity"),
) -> Iterator[Row]:
    """The error decays as width^(-1/2), and does not grow with depth."""
    small, large = widths
    ratio = math.log(large / small)
    middle = BURN_IN + WINDOW / 2
    root = math.log((middle + WINDOW) / middle) / 2
    for name in names:
        logs = [partial(window_logs, name, width, inputs, replicas) for width in widths]

        def slopes(logs: list[partial[Array]] = logs) -> Array:
            return np.asarray((logs[1]()[:, 1] - logs[0]()[:, 1]) / ratio)

        def growths(logs: list[partial[Array]] = logs) -> Array:
            return np.asarray(np.diff(logs[0]())[:, 0])

        for expected, holds in ((-0.5, True), (-1.0, False)):
            yield Row(
                "chain-error", "joudaki2023bridging",
                f"batch, {name}, slope of the log error in the log width, {inputs} inputs, widths {small} and {large}",
                expected, inputs / small / ratio, "inputs/(width log of the ratio)", slopes, holds,
            )  # fmt: skip
        for expected, label, holds in ((0.0, "", True), (root, ", as the root of the depth", False)):
            yield Row(
                "chain-error", "joudaki2023bridging",
                f"batch, {name}, growth of the log error over {WINDOW} layers, width {small}{label}",
                expected, 1 / WINDOW, "1/layers", growths, holds,
            )  # fmt: skip


def errors(width: int, inputs: int, replicas: int, centered: bool) -> Array:
    return np.asarray(squared_errors("identity", width, inputs, replicas, centered).mean(axis=1))


def chain_level(replicas: int = 1000, widths: Sequence[int] = (128, 512), inputs: int = 5) -> Iterator[Row]:
    """Mean squared error without an activation: that of `batch_floor` in the complement of 1, of size m."""
    m = inputs - 1
    cases = [(width, True, "", True) for width in widths]
    for width, centered, label, holds in [*cases, (widths[0], False, ", mean kept", False)]:
        expected = (inputs * (m + 2) / 2) ** 2 * (m - 1) / (m * (m + 1) * width)
        yield Row(
            "chain-level", "joudaki2023bridging",
            f"batch, mean square of the error of {inputs} inputs, width {width}{label}",
            expected, 2 * inputs / width * expected, "2 inputs/width of it",
            partial(errors, width, inputs, replicas, centered), holds,
        )  # fmt: skip


TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "gap-step": gap_step,
    "chain-error": chain_error,
    "chain-level": chain_level,
}
