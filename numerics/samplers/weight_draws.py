"""Random weight matrices of every law a network may have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.haar_sampling import haar_frames
from theory.layers import Weights

__all__ = ["draw_weights"]


def draw_weights(
    weights: Weights, fan_out: int, fan_in: int, variance: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Weight matrix, shape (fan_out, fan_in), with entries of mean 0 and variance `variance`/fan_in.

    Examples
    --------
    >>> W = draw_weights(Weights("orthogonal"), 2, 3, 4.0, np.random.default_rng(0))
    >>> bool(np.allclose(W @ W.T, 4 * np.eye(2)))
    True
    """
    parameters = [float(value) for value in weights.parameters]
    if weights.law == "orthogonal":
        rows, columns = max(fan_out, fan_in), min(fan_out, fan_in)
        frame = haar_frames("O", rows, columns, 1, generator)[0]
        # A Haar block of size max(fan_out, fan_in) has entries of variance 1/max.
        scale = np.sqrt(variance * rows / fan_in)
        return np.ascontiguousarray(scale * (frame if fan_out >= fan_in else frame.T))
    scale = float(np.sqrt(variance / fan_in))
    matrix: NDArray[np.float64] = scale * _standard(weights.law, parameters, (fan_out, fan_in), generator)
    return matrix


def _standard(
    law: str, parameters: list[float], shape: tuple[int, int], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Entries of mean 0 and variance 1."""
    if law == "gaussian":
        return generator.standard_normal(shape)
    if law == "rademacher":
        return np.where(generator.integers(0, 2, shape) == 1, 1.0, -1.0)
    if law == "uniform":
        return generator.uniform(-np.sqrt(3.0), np.sqrt(3.0), shape)
    if law == "student":
        (nu,) = parameters
        return generator.standard_t(nu, shape) * float(np.sqrt((nu - 2) / nu))
    if law == "sparse":
        (p,) = parameters
        return generator.standard_normal(shape) * (generator.random(shape) < p) / float(np.sqrt(p))
    if law == "row_correlated":
        return _autoregressive(generator.standard_normal(shape), *parameters)
    size, r = int(parameters[0]), parameters[1]
    rows, columns = shape
    common = generator.standard_normal((-(-rows // size), -(-columns // size)))
    blocks = common.repeat(size, axis=0).repeat(size, axis=1)[:rows, :columns]
    return float(np.sqrt(1 - r)) * generator.standard_normal(shape) + float(np.sqrt(r)) * blocks


def _autoregressive(noise: NDArray[np.float64], r: float) -> NDArray[np.float64]:
    """Stationary rows with correlation r^|j - k|, from independent noise."""
    for column in range(1, noise.shape[1]):
        noise[:, column] = r * noise[:, column - 1] + np.sqrt(1 - r * r) * noise[:, column]
    return noise
