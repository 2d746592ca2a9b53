"""Kernels of a network of infinite width over all layers at once: inputs one by one, then pairs of inputs by rows.

The covariance and the tangent kernel of a pair stay in the cache through all layers.  A pair meets only what its two
inputs give it, hence rows may be shared out among threads in any way.  Programs do not run again where a layer has
returned its arguments bit by bit: they would have the same results.
"""

import math
from typing import Any

import numpy as np

from numerics.loops.elementary import small_asin
from numerics.loops.jit import fused, kernel, reduction
from numerics.loops.layer_tape import BLOCK, execute, execute_point, filled

CANCELS = 1e-2  # below this share of the lengths, a squared distance is computed from differences


@kernel
def first_layer(rows: Any, scale: float, C_b: float, products: Any) -> None:
    """Scalar products of the rows become covariances; opposite rows have correlation -1 exactly."""
    size = rows.shape[0]
    for i in range(size):
        for j in range(i):
            product = products[i, j]
            if product < 0.0 and products[i, i] + products[j, j] + 2.0 * product <= -CANCELS * product:
                opposite = True
                for k in range(rows.shape[1]):
                    opposite = opposite and rows[i, k] == -rows[j, k]
                if opposite:
                    # The same bits on both sides, also in the lengths.
                    products[j, j] = products[i, i]
                    products[i, j] = -products[i, i]
    for i in range(size):
        for j in range(i + 1):
            products[i, j] = scale * products[i, j] + C_b
            products[j, i] = products[i, j]


@kernel
def magnified_pairs(roots: Any, tangents: Any, first: Any, second: Any) -> int:
    """Number of pairs i < j with |tangents_ij| > roots_i roots_j; as many as fit go to `first` and `second`."""
    count = 0
    for i in range(roots.shape[0]):
        for j in range(i + 1, roots.shape[0]):
            if abs(tangents[i, j]) > roots[i] * roots[j]:
                if count < first.shape[0]:
                    first[count] = i
                    second[count] = j
                count += 1
    return count


@kernel
def input_layers(
    diagonal_code: Any,
    diagonal_start: Any,
    diagonal_outputs: Any,
    single_code: Any,
    start: Any,
    exports: Any,
    C_W: float,
    C_b: float,
    low: float,
    high: float,
    variances: Any,
    tangents: Any,
    table: Any,
) -> float:
    """Variances and tangent kernels (layer, input), and the parts of the pair program that need one input.

    Row 0 of `variances` and `tangents` is given.  `table` (layer, export, input) holds the registers `exports`.
    Returns a variance outside [low, high], at which the results are not there, -1 if there is none.
    """
    layers, inputs = table.shape[0], table.shape[2]
    diagonal, registers = filled(diagonal_start), filled(start)
    for first in range(0, inputs, BLOCK):
        count, moved = min(BLOCK, inputs - first), 1
        for layer in range(layers):
            if moved:
                for j in range(count):
                    q = variances[layer, first + j]
                    if not (q >= low and q <= high):
                        return q
                    diagonal[0, j] = q
                    registers[1, j] = q
                    registers[2, j] = q
                execute(diagonal_code, diagonal, count)
                execute(single_code, registers, count)
            square, slope = diagonal[diagonal_outputs[0]], diagonal[diagonal_outputs[1]]
            moved = 0
            for j in range(count):
                q = C_W * square[j] + C_b
                moved += q != variances[layer, first + j]
                variances[layer + 1, first + j] = q
                tangents[layer + 1, first + j] = q + C_W * slope[j] * tangents[layer, first + j]
            for k in range(exports.shape[0]):
                for j in range(count):
                    table[layer, k, first + j] = registers[exports[k, 0], j]
    return -1.0


@kernel
def pair_rows(
    code: Any,
    start: Any,
    outputs: Any,
    exports: Any,
    table: Any,
    variances: Any,
    tangents: Any,
    C_W: float,
    C_b: float,
    wanted: bool,
    first: int,
    stride: int,
    nngp: Any,
    ntk: Any,
) -> None:
    """Last layer of the pairs (i, j > i), i = first, first + stride, ...; `nngp` holds the first layer."""
    registers, theta = filled(start), np.empty(BLOCK)
    cross, dual, slope = registers[0], registers[outputs[0]], registers[outputs[1]]
    for i in range(first, nngp.shape[0], stride):
        nngp[i, i] = variances[table.shape[0], i]
        ntk[i, i] = tangents[table.shape[0], i] if wanted else nngp[i, i]
        for low in range(i + 1, nngp.shape[0], BLOCK):
            count = min(BLOCK, nngp.shape[0] - low)
            for j in range(count):
                cross[j] = nngp[i, low + j]
                theta[j] = cross[j]
            moved = 1
            for layer in range(table.shape[0]):
                if moved == 0:
                    moved += variances[layer, i] != variances[layer - 1, i]
                    for j in range(count):
                        moved += variances[layer, low + j] != variances[layer - 1, low + j]
                if moved:
                    for k in range(exports.shape[0]):
                        register = registers[exports[k, 0]]
                        if exports[k, 1] == 0:
                            value = table[layer, k, i]
                            for j in range(count):
                                register[j] = value
                        else:
                            for j in range(count):
                                register[j] = table[layer, k, low + j]
                    execute(code, registers, count)
                    moved = 0
                    for j in range(count):
                        value = C_W * dual[j] + C_b
                        moved += value != cross[j]
                        cross[j] = value
                if wanted:
                    for j in range(count):
                        theta[j] = cross[j] + C_W * slope[j] * theta[j]
            for j in range(count):
                nngp[i, low + j] = cross[j]
                nngp[low + j, i] = cross[j]
            if wanted:
                for j in range(count):
                    ntk[i, low + j] = theta[j]
                    ntk[low + j, i] = theta[j]


@reduction
def scalar_product(a: Any, b: Any) -> float:
    """Scalar product of two rows."""
    total = 0.0
    for k in range(a.shape[0]):
        total += a[k] * b[k]
    return total


@kernel
def few_inputs(
    rows: Any,
    diagonal_code: Any,
    diagonal_start: Any,
    diagonal_outputs: Any,
    single_code: Any,
    pair_code: Any,
    start: Any,
    outputs: Any,
    exports: Any,
    C_W: float,
    C_b: float,
    low: float,
    high: float,
    layers: int,
    nngp: Any,
    ntk: Any,
) -> float:
    """`first_layer`, `input_layers` and `pair_rows` for a few inputs, point by point, through `layers` maps.

    Returns a variance outside [low, high], at which the results are not there, -1 if there is none.
    """
    size = rows.shape[0]
    for i in range(size):
        for j in range(i + 1):
            nngp[i, j] = scalar_product(rows[i], rows[j])
    first_layer(rows, C_W / rows.shape[1], C_b, nngp)
    for i in range(size):
        for j in range(size):
            ntk[i, j] = nngp[i, j]
    diagonal, single = np.empty((size, diagonal_start.shape[0])), np.empty((size, start.shape[0]))
    pair = np.empty((size, size, start.shape[0]))
    for i in range(size):
        diagonal[i], single[i] = diagonal_start, start
        for j in range(i):
            pair[i, j] = start
    moved, pair_moved = np.ones(size, np.bool_), np.ones((size, size), np.bool_)
    for _ in range(layers):
        for i in range(size):
            if moved[i]:
                q = nngp[i, i]
                if not (q >= low and q <= high):
                    return q
                diagonal[i, 0] = q
                single[i, 1] = q
                single[i, 2] = q
                execute_point(diagonal_code, diagonal[i])
                execute_point(single_code, single[i])
        for i in range(size):
            for j in range(i):
                registers = pair[i, j]
                if moved[i] or moved[j] or pair_moved[i, j]:
                    registers[0] = nngp[i, j]
                    for k in range(exports.shape[0]):
                        register = exports[k, 0]
                        registers[register] = single[j if exports[k, 1] == 0 else i, register]
                    execute_point(pair_code, registers)
                    cross = C_W * registers[outputs[0]] + C_b
                    pair_moved[i, j] = cross != nngp[i, j]
                    nngp[i, j] = cross
                ntk[i, j] = nngp[i, j] + C_W * registers[outputs[1]] * ntk[i, j]
        for i in range(size):
            q = C_W * diagonal[i, diagonal_outputs[0]] + C_b
            moved[i] = q != nngp[i, i]
            nngp[i, i] = q
            ntk[i, i] = q + C_W * diagonal[i, diagonal_outputs[1]] * ntk[i, i]
    for i in range(size):
        for j in range(i):
            nngp[j, i] = nngp[i, j]
            ntk[j, i] = ntk[i, j]
    return -1.0


@reduction
def squared_length(a: Any, b: Any, sign: float) -> float:
    """Squared length of a + sign b."""
    total = 0.0
    for k in range(a.shape[0]):
        total += (a[k] + sign * b[k]) ** 2
    return total


@kernel
def angle_input_layers(
    square: float, slope: float, scale: float, C_W: float, C_b: float, products: Any, lengths: Any, roots: Any, own: Any
) -> None:
    """Squared lengths of the rows, standard deviations (layer, input), and `own`, both kernels in the last layer."""
    last = roots.shape[0]
    for i in range(roots.shape[1]):
        lengths[i] = products[i, i]
        q = scale * lengths[i] + C_b
        theta = q
        for layer in range(last):
            roots[layer, i] = math.sqrt(q)
            q = C_W * (square * q) + C_b
            theta = q + C_W * slope * theta
        own[0, i] = q
        own[1, i] = theta


@fused
def doubled_asin(half: float, rest: float) -> float:
    """Angle t in [0, pi] with sin^2(t/2) = half, cos^2(t/2) = rest, relatively accurate at 0."""
    near = half < rest
    s = math.sqrt(half if near else rest)
    # The arc sine on [0, sqrt(1/2)]: beyond 1/2 through the half angle.
    outer = s > 0.5
    z = 0.5 * (1.0 - s) if outer else s * s
    p = small_asin(math.sqrt(z) if outer else s, z)
    angle = 2.0 * (1.5707963267948966 - (2.0 * p - 6.123233995736766e-17)) if outer else 2.0 * p
    return angle if near else 3.141592653589793 - (angle - 1.2246467991473532e-16)


@kernel
def angle_rows(
    code: Any,
    start: Any,
    outputs: Any,
    rows: Any,
    lengths: Any,
    roots: Any,
    own: Any,
    scale: float,
    square: float,
    C_W: float,
    C_b: float,
    wanted: bool,
    first: int,
    stride: int,
    nngp: Any,
    ntk: Any,
) -> None:
    """Last layer of the pairs (i, j > i), i = first, first + stride, ...; `nngp` holds the scalar products.

    The first registers of the program are the angle, its sine, and the squared sine of its half.
    """
    registers, theta = filled(start), np.empty(BLOCK)
    distance, total, cross = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    g, spread = np.empty(BLOCK), np.empty(BLOCK)
    angle, sine, half = registers[0], registers[1], registers[2]
    gap, slope = registers[outputs[0]], registers[outputs[1]]
    for i in range(first, nngp.shape[0], stride):
        nngp[i, i] = own[0, i]
        ntk[i, i] = own[1, i] if wanted else own[0, i]
        for low in range(i + 1, nngp.shape[0], BLOCK):
            count = min(BLOCK, nngp.shape[0] - low)
            for j in range(count):
                product, both = nngp[i, low + j], lengths[i] + lengths[low + j]
                near, far = both - 2.0 * product, both + 2.0 * product
                if near <= CANCELS * both:
                    near = squared_length(rows[i], rows[low + j], -1.0)
                if far <= CANCELS * both:
                    far = squared_length(rows[i], rows[low + j], 1.0)
                    # Opposite rows have correlation -1 exactly.
                    product = -lengths[i] if far == 0.0 else product
                distance[j] = scale * max(near, 0.0)
                total[j] = scale * max(far, 0.0) + 4.0 * C_b
                cross[j] = scale * product + C_b
                theta[j] = cross[j]
            for layer in range(roots.shape[0]):
                a = roots[layer, i]
                for j in range(count):
                    b = roots[layer, low + j]
                    product = a * b
                    g[j] = product
                    spread[j] = (a - b) * (a - b)
                    safe = 4.0 * product if product > 0.0 else 1.0
                    h = (distance[j] - spread[j]) / safe
                    h = 0.0 if h < 0.0 else h
                    h = 1.0 if h > 1.0 else h
                    r = (total[j] - spread[j]) / safe
                    r = 0.0 if r < 0.0 else r
                    r = 1.0 if r > 1.0 else r
                    half[j] = h
                    sine[j] = 2.0 * math.sqrt(h * r)
                    angle[j] = doubled_asin(h, r)
                execute(code, registers, count)
                for j in range(count):
                    apart = square * spread[j]
                    distance[j] = C_W * (apart + 2.0 * g[j] * gap[j])
                    total[j] = C_W * (apart + 2.0 * g[j] * (2.0 * square - gap[j])) + 4.0 * C_b
                    cross[j] = C_W * (g[j] * (square - gap[j])) + C_b
                if wanted:
                    for j in range(count):
                        theta[j] = cross[j] + C_W * slope[j] * theta[j]
            for j in range(count):
                nngp[i, low + j] = cross[j]
                nngp[low + j, i] = cross[j]
            if wanted:
                for j in range(count):
                    ntk[i, low + j] = theta[j]
                    ntk[low + j, i] = theta[j]
