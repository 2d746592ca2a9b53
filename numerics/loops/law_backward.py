"""Backward pass in law: Gram matrices of the gradients of one output, given the forward pass.

With h = W x + b known, W'd = g + x (C_W/n) S^- (h'd - x'g - 1 b'd) in law, where g has independent Gaussian rows of
covariance (C_W/n) d'd and b'd is Gaussian of covariance C_b d'd, both fresh: a draw from the prior, corrected by the
conditional mean.  The rows are replayed from the state of the generator, with g = z times a root of d'd; the forward
pass has kept sum x z'.
"""

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
    scale,
    standardise,
    total_of,
)
from numerics.loops.jit import kernel, part
from numerics.loops.law_forward import finite, join, normals_per_neuron, skip_block
from numerics.loops.law_layer import hidden_block, rescale, value_block
from numerics.loops.pivoted_factor import pivoted_factor, solve_pivots


@part
def multiply_derivative(derivative: Any, buffers: Any, count: int) -> None:
    """Multiplies the gradients by the derivative at the arguments of the activation."""
    slopes = buffers.values
    for a in range(slopes.shape[0]):
        derivative(buffers.hidden[a].ctypes, slopes[a].ctypes, count)
        for i in range(count):
            buffers.gradient[a, i] *= slopes[a, i]


@part
def correction(covariance: Any, right: Any, noise: Any, cross: Any, step: float, factor: float) -> Any:
    """factor S^- (right - step cross noise'), transposed."""
    size = covariance.shape[0]
    columns, pivots = np.empty((size, size)), np.empty(size, np.int64)
    rank = pivoted_factor(covariance, columns, pivots)
    result = right.copy()
    for a in range(size):
        for b in range(size):
            for c in range(size):
                result[a, b] -= cross[a, c] * step * noise[b, c]
    solve_pivots(columns, pivots, rank, result)
    transposed = np.empty((size, size))
    for a in range(size):
        for b in range(size):
            transposed[a, b] = result[b, a] * factor
    return transposed


@part
def root_of(covariance: Any, factor: float) -> Any:
    """factor times a square root of a covariance, shape (m, m)."""
    columns, pivots = np.empty(covariance.shape), np.empty(covariance.shape[0], np.int64)
    pivoted_factor(covariance, columns, pivots)
    scale(columns, factor, columns.shape[1])
    return columns


@part
def immovable(centered: bool, width: int) -> bool:
    """Whether normalised neurons are -1 and 1: their derivative is zero, and what the formulas give is rounding."""
    return width == (2 if centered else 1)


@part
def through_normalization(
    products: Any, arguments: Any, totals: Any, gram: Any, centre: Any, inverse: Any, centered: bool, width: int
) -> None:
    """Chain rule of a normalisation over neurons before the activation, on sums over the neurons.

    `products` sum u u' and `arguments` sum h^ u', with u the gradient behind the normalisation and h^ the
    normalised pre-activation, become sum d d' and sum h d'; `gram` is (1/n) sum h h'.
    """
    if immovable(centered, width):
        products.fill(0.0)
        arguments.fill(0.0)
        return
    size = totals.size
    share, mean = np.empty(size), np.zeros(size)
    for a in range(size):
        share[a] = arguments[a, a] / width
        if centered:
            mean[a] = totals[a] / width
    old = arguments.copy()
    for a in range(size):
        for b in range(size):
            moment = width * (gram[a, b] - centre[a] * centre[b]) * inverse[a] * inverse[b]
            value = products[a, b] - width * mean[a] * mean[b] + share[a] * share[b] * moment
            value -= share[b] * old[b, a] + share[a] * old[a, b]
            products[a, b] = value * inverse[a] * inverse[b]
            arguments[a, b] = (old[a, b] - moment * share[b]) * inverse[b] / inverse[a]


@kernel
def law_backward(
    generator: Any,
    state: Any,
    phi: Any,
    derivative: Any,
    width: int,
    plan: Any,
    tape: Any,
    buffers: Any,
    before: Any,
    after: Any,
    mean: Any,
    first_neuron: Any,
    delta: Any,
    exponents: Any,
) -> int:
    """Gram matrices sum_i d_i d_i' of d^l = df/dh^l for f = h^L_1 into `delta` (depth, m, m), times 4^exponents.

    Returns -1, or the layer (from 0) where they leave the range of a double.
    """
    depth, size = after.shape[0], after.shape[1]
    products, arguments = np.empty((size, size)), np.empty((size, size))
    for a in range(size):
        for b in range(size):
            products[a, b], arguments[a, b] = 1.0, first_neuron[a]
    cotangents, skipped = np.zeros((size, size)), np.zeros((size, size))
    copy_matrix(products, delta[depth - 1])
    exponents[depth - 1] = 0
    power = cotangent_power = 0
    columns, skip_columns = np.empty((size, size)), np.empty((size, size))
    pivots = np.empty(size, np.int64)
    gradient = buffers.gradient
    for layer in range(depth - 2, -1, -1):
        upper = layer + 1
        step = math.ldexp(1.0, tape.exponents[layer, 2] - tape.exponents[upper, 0])
        noise = root_of(products, math.sqrt(plan.weight_variance / width))
        bias = root_of(products, math.sqrt(plan.bias_variance) * math.ldexp(1.0, -tape.exponents[upper, 0]))
        for b in range(size):
            total = 0.0
            for c in range(size):
                total += bias[b, c] * tape.extra[upper, c]
            for a in range(size):
                arguments[a, b] -= total
        factor = step * plan.weight_variance / width
        mixing = correction(tape.covariances[upper], arguments, noise, tape.cross[layer, 0], step, factor)
        skip_noise = np.zeros((size, size))
        if plan.skip == 2:
            unit = plan.strength * math.ldexp(1.0, cotangent_power - power)
            skip_root = root_of(cotangents, math.sqrt(1.0 / width))
            skip_mixing = correction(after[layer], skipped, skip_root, tape.cross[layer, 1], 1.0, unit / width)
            for a in range(size):
                for b in range(size):
                    mixing[a, b] += skip_mixing[a, b]
                    skip_noise[a, b] = skip_root[a, b] * unit
        rank = pivoted_factor(tape.covariances[layer], columns, pivots)
        skips = plan.skip if layer > 0 else 0
        skip_rank = pivoted_factor(after[layer - 1], skip_columns, pivots) if skips == 2 else 0
        drawn = normals_per_neuron(plan, size, rank, skip_rank)
        normalised = plan.normalization == 1 and plan.after
        share, centre = np.zeros(size), np.zeros(size)
        if normalised:
            for b in range(size):
                for a in range(size):
                    share[b] += tape.cross[layer, 0, b, a] * noise[b, a] / width + after[layer, b, a] * mixing[b, a]
                    centre[b] += tape.totals[layer, 0, a] * noise[b, a] / width + mean[layer, a] * mixing[b, a]
                centre[b] = centre[b] if plan.centered else 0.0
        products, arguments = np.zeros((size, size)), np.zeros((size, size))
        cotangents, skipped = np.zeros((size, size)), np.zeros((size, size))
        totals = np.zeros(size)
        previous = tape.exponents[layer - 1, 2] if skips != 0 else 0
        output = tape.exponents[layer, 2]
        block_power = 0 if plan.normalization != 0 and plan.after else tape.exponents[layer, 1]
        branch = plan.branch * math.ldexp(1.0, block_power - output)
        strength = plan.strength * math.ldexp(1.0, previous - output)
        copy_vector(tape.states[layer], state)
        for begin in range(0, width, BLOCK):
            count = min(BLOCK, width - begin)
            draw(generator, buffers.normals, drawn, count)
            hidden_block(columns, rank, buffers, count)
            value_block(phi, plan, tape, layer, buffers, count)
            if normalised:
                standardise(buffers.values, tape.centre[layer], tape.inverse[layer], count)
            if skips != 0:
                skip_block(plan, tape, skip_columns, skip_rank, rank, begin, buffers, count)
                join(buffers.values, branch, buffers.joined, strength, count)
            for b in range(size):
                for i in range(count):
                    gradient[b, i] = 0.0
            low = rank + skip_rank
            add_combination(noise, size, buffers.normals, low, gradient, count)
            add_combination(mixing, size, buffers.values, 0, gradient, count)
            if plan.skip == 2:
                add_combination(skip_noise, size, buffers.normals, low + size, gradient, count)
            if skips != 0:
                add_gram(cotangents, gradient, size, count)
                add_cross(skipped, buffers.joined, gradient, 0, count)
                scale(gradient, plan.branch, count)
            if normalised:
                for b in range(size):
                    for i in range(count):
                        gradient[b, i] -= centre[b] + buffers.values[b, i] * share[b]
                        gradient[b, i] *= 0.0 if immovable(plan.centered, width) else tape.inverse[layer, b]
            multiply_derivative(derivative, buffers, count)
            add_gram(products, gradient, size, count)
            add_cross(arguments, buffers.hidden, gradient, 0, count)
            for b in range(size):
                totals[b] += total_of(gradient[b, :count])
        finish_gram(products, 1.0)
        finish_gram(cotangents, 1.0)
        cotangent_power = power
        exponent = tape.exponents[layer, 0]
        if plan.normalization == 1 and not plan.after:
            inverse = tape.inverse[layer]
            through_normalization(
                products, arguments, totals, before[layer], tape.centre[layer], inverse, plan.centered, width
            )
            power -= exponent
        else:
            scale(arguments, math.ldexp(1.0, -exponent), size)
            power -= tape.exponents[layer, 1] if normalised else 0
        if not (finite(products) and finite(arguments)):
            return layer
        scaled = rescale(products, power)
        scale(arguments, math.ldexp(1.0, power - scaled), size)
        power = scaled
        copy_matrix(products, delta[layer])
        exponents[layer] = power
    return -1
