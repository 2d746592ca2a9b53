"""Observables of a simulated network: arrays computed from what a sampler records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.samplers.record import Array, Record
from theory.errors import UnknownNameError

__all__ = ["OBSERVABLES", "Observable", "Setting", "observable", "observable_names"]

LAYER, INPUT, PAIR = ("layer",), ("layer", "input"), ("layer", "input", "other")


@dataclass(frozen=True)
class Setting:
    """What an observable knows beside the record: variances, width, S^1 and the products XX' of the inputs."""

    C_W: float
    C_b: float
    width: int
    covariance: Array
    products: Array | None


@dataclass(frozen=True)
class Observable:
    """A named observable: its meaning, the names of its axes after the replica, and what it needs.

    `needs` is "" or one of "gradients", "gradients and inputs", "loss gradients", "singular_values", "spectral_norm".
    """

    name: str
    meaning: str
    dims: tuple[str, ...]
    compute: Callable[[Record, Setting], Array]
    needs: str = ""


def _scaled(values: Array, exponent: NDArray[np.int64], power: int) -> Array:
    axes = tuple(range(exponent.ndim, values.ndim))
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.ldexp(values, np.expand_dims(power * exponent, axes)))


def _diagonal(matrices: Array) -> Array:
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def _gram(record: Record, _: Setting) -> Array:
    return _scaled(record.after, record.exponent(1), 2)


def _preactivation_gram(record: Record, _: Setting) -> Array:
    return _scaled(record.before, record.exponent(0), 2)


def _correlation(record: Record, _: Setting) -> Array:
    roots = np.sqrt(_diagonal(record.after))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = record.after / roots[..., :, None] / roots[..., None, :]
    return np.clip(ratio, -1.0, 1.0)


def _norm(record: Record, _: Setting) -> Array:
    return _scaled(_diagonal(record.after), record.exponent(1), 2)


def _log_norm(record: Record, _: Setting) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(_diagonal(record.after)) + 2 * np.log(2.0) * record.exponent(1)[..., None]


def _isometry_gap(record: Record, _: Setting) -> Array:
    from numerics.loops.pivoted_factor import log_determinants

    grams = np.ascontiguousarray(record.after)
    size = grams.shape[-1]
    logs = np.empty(grams.shape[:2])
    log_determinants(grams.reshape(-1, size, size), logs.reshape(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        traces = np.log(_diagonal(grams).sum(axis=-1) / size)
    # A zero Gram matrix is singular, too.
    return np.where(np.isneginf(logs), np.inf, np.maximum(traces - logs / size, 0.0))


def _shares(record: Record) -> Array:
    traces = _diagonal(record.after).sum(axis=-1)[..., None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return record.after / traces


def _orthogonality_gap(record: Record, _: Setting) -> Array:
    shares = _shares(record)
    return np.asarray(np.linalg.norm(shares - np.eye(shares.shape[-1]) / shares.shape[-1], axis=(-2, -1)))


def _effective_rank(record: Record, _: Setting) -> Array:
    shares = _shares(record)
    dead = np.asarray(np.isnan(shares).any(axis=(-2, -1)))
    values = np.linalg.eigvalsh(np.where(dead[..., None, None], 0.0, shares))
    # Rounding of a zero eigenvalue is no dimension.
    values = np.where(values > 16 * values.shape[-1] * np.finfo(float).eps, values, 1.0)
    return np.where(dead, np.nan, np.exp(-(values * np.log(values)).sum(axis=-1)))


def _kurtosis(record: Record, _: Setting) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return record.fourth / _diagonal(record.before) ** 2


def _mean(record: Record, _: Setting) -> Array:
    return _scaled(record.mean, record.exponent(1), 1)


def _variance(record: Record, _: Setting) -> Array:
    centred = np.maximum(_diagonal(record.after) - record.mean**2, 0.0)
    return _scaled(centred, record.exponent(1), 2)


def _gradient_norm(record: Record, setting: Setting) -> Array:
    assert record.delta is not None
    assert setting.products is not None
    roots = np.sqrt(np.maximum(_diagonal(record.delta), 0.0))
    inputs = np.empty(roots.shape)
    inputs[:, 0] = np.sqrt(np.diag(setting.products))
    inputs[:, 1:] = np.sqrt(setting.width * _diagonal(record.after)[:, :-1])
    exponent = record.exponent(2).copy()
    exponent[:, 1:] += record.exponent(1)[:, :-1]
    return _scaled(roots * inputs, exponent, 1)


def _loss_gradient_norm(record: Record, _: Setting) -> Array:
    assert record.loss is not None
    return record.loss


def _ntk(record: Record, setting: Setting) -> Array:
    assert record.delta is not None
    delta, exponent = record.delta, record.exponent(2)
    # The gradients may be as small as the signals are large: their product is formed before it is scaled.
    weights = _scaled(delta[:, 1:] * record.after[:, :-1], exponent[:, 1:] + record.exponent(1)[:, :-1], 2)
    biases = _scaled(delta[:, 1:], exponent[:, 1:], 2)
    first = _scaled(delta[:, 0] * setting.covariance, exponent[:, 0], 2)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(first + (setting.C_W * weights + setting.C_b * biases).sum(axis=1))


def _singular_values(record: Record, _: Setting) -> Array:
    assert record.singular_values is not None
    return record.singular_values


def _moments(record: Record, setting: Setting) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        powers = _singular_values(record, setting)[:, None, :] ** (2 * np.arange(1, 5)[:, None])
        return np.asarray(powers.sum(axis=-1) / setting.width)


def _spectral_norm(record: Record, _: Setting) -> Array:
    assert record.spectral_norm is not None
    return record.spectral_norm


OBSERVABLES = {
    item.name: item
    for item in (
        Observable("gram", "(1/n) sum x x' of the outputs of a layer", PAIR, _gram),
        Observable("preactivation_gram", "(1/n) sum h h' of the pre-activations", PAIR, _preactivation_gram),
        Observable("correlation", "cosine of the outputs of two inputs; nan where one is zero", PAIR, _correlation),
        Observable("norm", "mean square (1/n) sum x^2 of the outputs", INPUT, _norm),
        Observable("log_norm", "logarithm of `norm`, in range where it is not", INPUT, _log_norm),
        Observable("isometry_gap", "-log(det^(1/m)/(tr/m)) of `gram`; inf below full rank", LAYER, _isometry_gap),
        Observable("orthogonality_gap", "Frobenius norm of gram/tr - 1/m", LAYER, _orthogonality_gap),
        Observable("effective_rank", "exp of the entropy of the eigenvalues of gram/tr", LAYER, _effective_rank),
        Observable("kurtosis", "mean of h^4 over the square of the mean of h^2", INPUT, _kurtosis),
        Observable("mean", "(1/n) sum x of the outputs", INPUT, _mean),
        Observable("variance", "norm - mean^2 of the outputs over the neurons", INPUT, _variance),
        Observable(
            "gradient_norm", "Frobenius norm of df/dW, f unit 1 of the last layer", INPUT, _gradient_norm,
            "gradients and inputs",
        ),
        Observable(
            "loss_gradient_norm", "Frobenius norm of dF/dW, F = sum c_a f(x_a) with standard normal c", LAYER,
            _loss_gradient_norm, "loss gradients",
        ),
        Observable("ntk", "neural tangent kernel of unit 1 of the last layer", ("input", "other"), _ntk, "gradients"),
        Observable(
            "jacobian_singular_values", "of dh^L/dx^0 at the first input, decreasing", ("index",), _singular_values,
            "singular_values",
        ),
        Observable(
            "jacobian_moments", "(1/n) sum s^(2p) of these, p = 1, ..., 4", ("power",), _moments, "singular_values"
        ),
        Observable("jacobian_norm", "the largest of these, by products with vectors", (), _spectral_norm,
            "spectral_norm",
        ),
    )
}  # fmt: skip


def observable_names() -> tuple[str, ...]:
    """Names of the observables that `simulate` offers.

    Examples
    --------
    >>> "isometry_gap" in observable_names()
    True
    """
    return tuple(OBSERVABLES)


def observable(name: str) -> Observable:
    """Observable of a name; UnknownNameError, with the nearest names, if there is none."""
    if name not in OBSERVABLES:
        raise UnknownNameError("observable", name, OBSERVABLES)
    return OBSERVABLES[name]
