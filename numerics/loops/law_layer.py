"""One layer of a Gaussian or Haar network in law: plan, storage, and the block of neurons that every pass shares.

Pre-activations are kept as h = 2^e h~, activations as 2^f x~, with exponents that are zero unless the signal leaves
2^-120 ... 2^120; Gram matrices are those of h~ and x~.  An activation `phi` is a function of `activation_block`.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from numerics.loops.blocks import (
    BLOCK,
    add_combination,
    draw,
    inner,
    scale,
    standardise,
    standardise_columns,
    total_of,
)
from numerics.loops.jit import part

# Beyond 2^LARGE the Gram matrix of a signal is kept with an exponent; beyond 2^LIMIT the signal itself is lost.
LARGE = 120
LIMIT = 900


class Plan(NamedTuple):
    """Parts of the network: `normalization` 1 over neurons, 2 over inputs; `skip` 1 identity, 2 projection."""

    weight_variance: float
    bias_variance: float
    normalization: int
    after: bool
    centered: bool
    skip: int
    strength: float
    branch: float
    frames: bool
    backward: bool


class Tape(NamedTuple):
    """What the backward pass needs of each layer (axis 0); one row where there is no backward pass.

    `states` of the generator before the layer, `covariances` that the layer starts from, `exponents` (e, f of the
    activation, f of the output), `centre`, `inverse` and `shift` of the normalisation, `cross` sum x~ z' with the
    auxiliary normals z, `totals` sum z, `extra` normals of the bias, `rows` the layer's outputs for identity skips.
    """

    states: Any
    covariances: Any
    exponents: Any
    centre: Any
    inverse: Any
    shift: Any
    cross: Any
    totals: Any
    extra: Any
    rows: Any


class Buffers(NamedTuple):
    """Scratch for one block: normals, pre-activations, activations, skip values, gradients, row statistics."""

    normals: Any
    hidden: Any
    values: Any
    joined: Any
    gradient: Any
    scratch: Any


@part
def at(phi: Any, point: float) -> float:
    """Value of a vector function at one point."""
    source, target = np.array([point]), np.empty(1)
    phi(source.ctypes, target.ctypes, 1)
    return target[0]


@part
def largest_deviation(covariance: Any) -> float:
    """Largest standard deviation of a covariance."""
    largest = 0.0
    for a in range(covariance.shape[0]):
        largest = max(largest, covariance[a, a])
    return math.sqrt(largest)


@part
def exponent_of(size: float) -> int:
    """Exponent e with size ~ 2^e where |e| > LARGE, else 0."""
    if not (size > 0.0 and size < np.inf):
        return 0
    exponent = math.floor(math.log2(size))
    return exponent if abs(exponent) > LARGE else 0


@part
def rescale(covariance: Any, exponent: int) -> int:
    """Divides a covariance by a power of four if it is very large or small; returns the exponent with it added."""
    shift = exponent_of(largest_deviation(covariance))
    if shift != 0:
        factor = math.ldexp(1.0, -shift)
        for a in range(covariance.shape[0]):
            for b in range(covariance.shape[0]):
                covariance[a, b] = covariance[a, b] * factor * factor
    return exponent + shift


@part
def activation_size(phi: Any, plan: Any, covariance: Any, exponent: int) -> float:
    """Size of the activations one standard deviation from zero; 1 behind a normalisation."""
    if plan.normalization != 0 and not plan.after:
        return 1.0
    deviation = math.ldexp(largest_deviation(covariance), exponent)
    return max(abs(at(phi, deviation)), abs(at(phi, -deviation)))


@part
def hidden_block(columns: Any, rank: int, buffers: Any, count: int) -> None:
    """Pre-activations h~ = columns[:, :rank] z of the first `count` neurons of a block."""
    for a in range(columns.shape[0]):
        for i in range(count):
            buffers.hidden[a, i] = 0.0
    add_combination(columns, rank, buffers.normals, 0, buffers.hidden, count)


@part
def value_block(phi: Any, plan: Any, tape: Any, slot: int, buffers: Any, count: int) -> None:
    """Activations of a block; the pre-activations become the argument of the activation.

    The result is shifted by tape.shift and divided by its power of two; batch normalisation is done here,
    normalisation over the neurons only where it acts before the activation.
    """
    block, values = buffers.hidden, buffers.values
    if plan.normalization == 1 and not plan.after:
        standardise(block, tape.centre[slot], tape.inverse[slot], count)
    elif plan.normalization == 2 and not plan.after:
        standardise_columns(block, plan.centered, buffers.scratch, count)
    elif tape.exponents[slot, 0] != 0:
        scale(block, math.ldexp(1.0, tape.exponents[slot, 0]), count)
    for a in range(block.shape[0]):
        phi(block[a].ctypes, values[a].ctypes, count)
    if tape.exponents[slot, 1] != 0:
        scale(values, math.ldexp(1.0, -tape.exponents[slot, 1]), count)
    if plan.normalization == 2 and plan.after:
        standardise_columns(values, plan.centered, buffers.scratch, count)
    shift = tape.shift[slot]
    if shift != 0.0:
        for a in range(values.shape[0]):
            for i in range(count):
                values[a, i] -= shift


@part
def set_moments(plan: Any, tape: Any, slot: int, total: Any, square: Any, width: int) -> None:
    """Centre and inverse deviation from sums over the neurons; no spread, up to rounding, gives not-a-number."""
    for a in range(total.size):
        mean = total[a] / width
        tape.centre[slot, a] = mean if plan.centered else 0.0
        variance = square[a] / width - tape.centre[slot, a] * tape.centre[slot, a]
        noise = 1e-28 * square[a] / width
        tape.inverse[slot, a] = np.nan if variance <= noise else 1.0 / math.sqrt(variance)


@part
def neuron_moments(
    generator: Any,
    phi: Any,
    plan: Any,
    tape: Any,
    slot: int,
    columns: Any,
    rank: int,
    width: int,
    rows: int,
    drawn: int,
    buffers: Any,
) -> None:
    """Extra pass over the neurons of a layer for the normalisation over neurons: `drawn` normals in each of `rows`."""
    size = columns.shape[0]
    total, square = np.zeros(size), np.zeros(size)
    block = buffers.values if plan.after else buffers.hidden
    for start in range(0, min(width, rows), BLOCK):
        draw(generator, buffers.normals, drawn, min(BLOCK, rows - start))
        count = min(BLOCK, width - start)
        hidden_block(columns, rank, buffers, count)
        if plan.after:
            value_block(phi, plan, tape, slot, buffers, count)
        for a in range(size):
            row = block[a, :count]
            total[a] += total_of(row)
            square[a] += inner(row, row)
    set_moments(plan, tape, slot, total, square, width)
