"""Depth in law: the Gram matrices of a Gaussian or Haar network, layer by layer, without a weight matrix."""

import math
from typing import Any

import numpy as np

from numerics.loops.blocks import (
    BLOCK,
    add_combination,
    add_cross,
    add_gram,
    copy_matrix,
    copy_vector,
    draw,
    finish_gram,
    fourth_moment,
    standardise,
    total_of,
)
from numerics.loops.jit import fused, inlined, kernel, part
from numerics.loops.law_layer import (
    LARGE,
    LIMIT,
    Buffers,
    Plan,
    Tape,
    activation_size,
    at,
    exponent_of,
    hidden_block,
    neuron_moments,
    rescale,
    set_moments,
    value_block,
)
from numerics.loops.pivoted_factor import pivoted_factor
from numerics.loops.stiefel import frame_columns, frame_lower

# Why a chain stops.
SPREAD, OVERFLOW, UNDERFLOW, FRAME = 0, 1, 2, 3


def make_buffers(size: int) -> Buffers:
    """Scratch for blocks of `size` inputs."""
    return Buffers(
        np.empty((4 * size + 1, BLOCK)),
        np.empty((size, BLOCK)),
        np.empty((size, BLOCK)),
        np.empty((size, BLOCK)),
        np.empty((size, BLOCK)),
        np.empty((3, BLOCK)),
    )


def make_tape(plan: Plan, depth: int, size: int, width: int) -> Tape:
    """Storage for the layers: all of them for a backward pass, else one."""
    slots = depth if plan.backward else 1
    parts = 2 if plan.skip == 2 else 1
    shape = slots if plan.backward else 0
    return Tape(
        np.zeros((slots, 4), np.uint64),
        np.zeros((slots, size, size)),
        np.zeros((slots, 3), np.int64),
        np.zeros((slots, size)),
        np.zeros((slots, size)),
        np.zeros(slots),
        np.zeros((shape, parts, size, size)),
        np.zeros((shape, parts, size)),
        np.zeros((shape, size)),
        np.zeros((size, width if plan.skip == 1 else 0)),
    )


@part
def normals_per_neuron(plan: Any, size: int, columns: int, skip_columns: int) -> int:
    """Normals of a neuron: its pre-activations, its projection skip, its auxiliary ones for the backward pass."""
    parts = 2 if plan.skip == 2 else 1
    return columns + skip_columns + (parts * size if plan.backward else 0)


@part
def skip_block(plan: Any, tape: Any, columns: Any, rank: int, low: int, begin: int, buffers: Any, count: int) -> None:
    """Values P x of a skip in a block, in the units of the layer before, into buffers.joined."""
    target = buffers.joined
    for a in range(target.shape[0]):
        for i in range(count):
            target[a, i] = tape.rows[a, begin + i] if plan.skip == 1 else 0.0
    if plan.skip == 2:
        add_combination(columns, rank, buffers.normals, low, target, count)


@fused
def join(values: Any, factor: float, skipped: Any, skip_factor: float, count: int) -> None:
    """values = factor values + skip_factor skipped."""
    for a in range(values.shape[0]):
        row, other = values[a, :count], skipped[a, :count]
        for i in range(count):
            row[i] = factor * row[i] + skip_factor * other[i]


@inlined
def law_chain(
    generator: Any,
    state: Any,
    phi: Any,
    start: Any,
    width: int,
    first_rows: int,
    plan: Any,
    tape: Any,
    buffers: Any,
    before: Any,
    after: Any,
    mean: Any,
    fourth: Any,
    exponents: Any,
    first_neuron: Any,
) -> int:
    """One network.  Returns -1, or 4 (layer - 1) + reason where it stops.

    `start` is the covariance of the first pre-activations, or the Gram matrix of the inputs if the weights are
    Haar, whose first layer is then cut from `first_rows` rows.  `state` is the memory of the generator.  `before`
    and `after` (depth, m, m), `mean` and `fourth` (depth, m) receive the averages over the neurons in units given
    by `exponents` (depth, 2), `first_neuron` (m) the pre-activations of neuron 1 of the last layer.
    """
    depth, size = after.shape[0], after.shape[1]
    current, columns, pivots = start.copy(), np.empty((size, size + 1)), np.empty(size, np.int64)
    square, lower = np.empty((size, size)), np.empty((size, size))
    skip_columns, diagonal, previous = np.empty((size, size)), np.empty(size), 0
    exponent = rescale(current, 0)
    for layer in range(depth):
        slot = layer if plan.backward else 0
        if abs(exponent) > LIMIT:
            return 4 * layer + (OVERFLOW if exponent > 0 else UNDERFLOW)
        tape.exponents[slot, 0] = exponent
        copy_vector(state, tape.states[slot])
        copy_matrix(current, tape.covariances[slot])
        rank = pivoted_factor(current, square, pivots)
        if plan.frames and layer > 0:
            # The outputs of n neurons span at most n dimensions: more of them are rounding.
            rank = min(rank, width)
        copy_matrix(square, columns)
        skips = plan.skip if layer > 0 else 0
        skip_rank = pivoted_factor(after[layer - 1], skip_columns, pivots) if skips == 2 else 0
        biased = plan.frames and plan.bias_variance > 0.0
        all_rows = first_rows if plan.frames and layer == 0 else width
        drawn = normals_per_neuron(plan, size, rank + (1 if biased else 0), skip_rank)
        if plan.frames:
            if all_rows < rank:
                return 4 * layer + FRAME
            frame_lower(generator, all_rows, rank, drawn, buffers.normals, lower)
            copy_vector(tape.states[slot], state)
            frame_columns(square, rank, lower, math.sqrt(plan.weight_variance * all_rows))
            copy_matrix(square, columns)
            if biased:
                columns[:, rank] = math.ldexp(math.sqrt(plan.bias_variance), -exponent)
                rank += 1
        size_of_values = activation_size(phi, plan, current, exponent)
        power = exponent_of(size_of_values)
        tape.exponents[slot, 1] = power
        over_neurons = plan.normalization == 1
        tape.shift[slot] = 0.0
        if over_neurons and plan.after and plan.centered:
            # Close to the mean where the signal is weak, so that the variance does not cancel.
            origin = math.ldexp(at(phi, 0.0), -power)
            tape.shift[slot] = origin if np.isfinite(origin) else 0.0
        # Rows that an identity skip keeps are needed in their final form.
        known = over_neurons and (not plan.after or skips != 0 or plan.skip == 1)
        if known:
            neuron_moments(generator, phi, plan, tape, slot, columns, rank, width, all_rows, drawn, buffers)
            copy_vector(tape.states[slot], state)
        block_power = 0 if plan.normalization != 0 and plan.after else power
        output = max(block_power, previous) if skips != 0 else block_power
        factor = plan.branch * math.ldexp(1.0, block_power - output)
        skip_factor = plan.strength * math.ldexp(1.0, previous - output)
        tape.exponents[slot, 2] = output
        before[layer].fill(0.0)
        after[layer].fill(0.0)
        mean[layer].fill(0.0)
        fourth[layer].fill(0.0)
        for begin in range(0, width, BLOCK):
            draw(generator, buffers.normals, drawn, min(BLOCK, all_rows - begin))
            count = min(BLOCK, width - begin)
            hidden_block(columns, rank, buffers, count)
            if begin == 0:
                copy_vector(buffers.hidden[:, 0], first_neuron)
            add_gram(before[layer], buffers.hidden, size, count)
            for a in range(size):
                fourth[layer, a] += fourth_moment(buffers.hidden[a, :count])
            value_block(phi, plan, tape, slot, buffers, count)
            if over_neurons and plan.after and known:
                standardise(buffers.values, tape.centre[slot], tape.inverse[slot], count)
            if skips != 0:
                skip_block(plan, tape, skip_columns, skip_rank, rank, begin, buffers, count)
                join(buffers.values, factor, buffers.joined, skip_factor, count)
            if plan.skip == 1:
                copy_matrix(buffers.values[:, :count], tape.rows[:, begin:])
            add_gram(after[layer], buffers.values, size, count)
            for a in range(size):
                mean[layer, a] += total_of(buffers.values[a, :count])
            if plan.backward:
                for part in range(tape.cross.shape[1]):
                    low = rank + skip_rank + part * size
                    add_cross(tape.cross[slot, part], buffers.values, buffers.normals, low, count)
                    for a in range(size):
                        tape.totals[slot, part, a] += total_of(buffers.normals[low + a, :count])
        if over_neurons and plan.after and not known:
            for a in range(size):
                diagonal[a] = after[layer, a, a]
            set_moments(plan, tape, slot, mean[layer], diagonal, width)
        finish_gram(before[layer], 1.0 / width)
        finish_gram(after[layer], 1.0 / width)
        for a in range(size):
            mean[layer, a] /= width
            fourth[layer, a] /= width
        if over_neurons and plan.after and not known:
            finish_normalization(plan, tape, slot, after[layer], mean[layer])
        if plan.backward:
            for a in range(size):
                tape.extra[slot, a] = generator.standard_normal()
        exponents[layer, 0], exponents[layer, 1] = exponent, output
        clean = finite(before[layer]) and np.isfinite(total_of(fourth[layer]))
        if not (clean and finite(after[layer])):
            spread = plan.normalization != 0 and clean
            return 4 * layer + (SPREAD if spread else OVERFLOW)
        if exponent < -LARGE and size_of_values == 0.0:
            return 4 * layer + UNDERFLOW
        previous = output
        exponent = next_covariance(plan, after[layer], output, current)
    return -1


@kernel
def law_chains(
    generator: Any,
    state: Any,
    starts: Any,
    phi: Any,
    start: Any,
    width: int,
    first_rows: int,
    plan: Any,
    tape: Any,
    buffers: Any,
    before: Any,
    after: Any,
    mean: Any,
    fourth: Any,
    exponents: Any,
    first_neuron: Any,
) -> tuple[int, int]:
    """`law_chain` for networks that begin at the `starts` (R, 4) of the generator, results with R in front.

    Returns the network that stops and why, as `law_chain` does, or (R, -1).
    """
    for r in range(starts.shape[0]):
        copy_vector(starts[r], state)
        tape.cross.fill(0.0)
        tape.totals.fill(0.0)
        stopped = law_chain(
            generator, state, phi, start, width, first_rows, plan, tape, buffers, before[r], after[r], mean[r],
            fourth[r], exponents[r], first_neuron,
        )  # fmt: skip
        if stopped >= 0:
            return r, stopped
    return starts.shape[0], -1


@part
def finish_normalization(plan: Any, tape: Any, slot: int, gram: Any, mean: Any) -> None:
    """Normalises sums over the neurons in place of the neurons."""
    size = mean.size
    centre, inverse = tape.centre[slot], tape.inverse[slot]
    for a in range(size):
        for b in range(size):
            gram[a, b] = (gram[a, b] - centre[a] * centre[b]) * inverse[a] * inverse[b]
    for a in range(size):
        gram[a, a] = np.nan if np.isnan(inverse[a]) else 1.0
        mean[a] = (mean[a] - centre[a]) * inverse[a]
    if plan.backward:
        for part in range(tape.cross.shape[1]):
            for a in range(size):
                for b in range(size):
                    tape.cross[slot, part, a, b] -= centre[a] * tape.totals[slot, part, b]
                    tape.cross[slot, part, a, b] *= inverse[a]


@part
def finite(matrix: Any) -> bool:
    """Whether all entries are finite, and their sum."""
    total = 0.0
    for a in range(matrix.shape[0]):
        for b in range(matrix.shape[1]):
            total += abs(matrix[a, b])
    return bool(np.isfinite(total))


@part
def next_covariance(plan: Any, gram: Any, output: int, current: Any) -> int:
    """What the next layer starts from, into `current`; returns its exponent."""
    weight = 1.0 if plan.frames else plan.weight_variance
    bias = 0.0 if plan.frames else plan.bias_variance
    exponent = output
    if bias > 0.0 and output < 0:
        weight *= math.ldexp(1.0, 2 * output)
        exponent = 0
    if bias > 0.0:
        bias *= math.ldexp(1.0, -2 * exponent)
    for a in range(gram.shape[0]):
        for b in range(gram.shape[0]):
            current[a, b] = weight * gram[a, b] + bias
    return rescale(current, exponent)
