"""Straight-line programs on pairs of doubles, about 30 digits, with a running bound on the error: see `tape_double`."""

import math
from typing import Any

from numerics.loops.double_double import (
    Pair,
    add,
    angle,
    divide,
    exponential,
    hyperbolic_cosine,
    hyperbolic_sine,
    inverse_sine,
    logarithm,
    multiply,
    negative,
    root,
)
from numerics.loops.jit import kernel
from numerics.loops.orthant_pair import orthant_pair, score_pair, tail_pair
from numerics.loops.tape_double import (
    ABS,
    ADD,
    ASIN,
    ATAN,
    COSH,
    DIVIDE,
    ERF,
    ERFC,
    EXP,
    LOG,
    MULTIPLY,
    NEGATE,
    ORTHANT,
    ROOT,
    SCORE,
    SINH,
    TINY,
    density_bound,
    lipschitz_sine,
    slope_bound,
)

FINE = 2.0**-99
ROOT_TWO = (1.4142135623730951, -9.667293313452913e-17)


@kernel
def step_pair(op: int, a: Pair, ea: float, b: Pair, eb: float, c: Pair, ec: float, same: int, tables: Any) -> Any:
    """Value of one operation and its error."""
    if op == ADD:
        v = add(a, b)
        return v, ea + eb + FINE * abs(v[0])
    if op == MULTIPLY:
        v = multiply(a, b)
        return v, abs(a[0]) * eb + abs(b[0]) * ea + ea * eb + FINE * abs(v[0]) + (TINY if a[0] != 0.0 else 0.0)
    if op == DIVIDE:
        v = divide(a, b)
        gap = abs(b[0]) - eb
        return v, ((ea + abs(v[0]) * eb) / gap if gap > 0.0 else math.inf) + FINE * abs(v[0]) + (
            TINY if a[0] != 0.0 else 0.0
        )
    if op == ROOT:
        if a[0] < 0.0 and a[0] >= -ea:
            return (0.0, 0.0), math.sqrt(2.0 * ea)
        v = root(a)
        low = math.sqrt(max(a[0] - ea, 0.0))
        return v, (min(ea / (v[0] + low), math.sqrt(ea)) if v[0] > 0.0 else math.sqrt(ea)) + FINE * v[0]
    if op == EXP:
        v = exponential(a)
        return v, (v[0] * (math.expm1(ea) + 32.0 * FINE) if a[0] + ea > -720.0 else 0.0) + TINY
    if op == LOG:
        v = logarithm(a)
        return v, (ea / (a[0] - ea) if a[0] > ea else math.inf) + 8.0 * FINE * (1.0 + abs(v[0]))
    if op in (ERFC, ERF):
        v = tail_pair(multiply(a, ROOT_TWO), tables)
        v = (2.0 * v[0], 2.0 * v[1])
        near = max(abs(a[0]) - ea, 0.0)
        bound = (
            1.13 * ea * math.exp(-near * near)
            + FINE * v[0] * (32.0 + (2.0 * near * near if a[0] > 0.0 else 0.0))
            + TINY
        )
        if op == ERF:
            v = add((1.0, 0.0), negative(v))
            bound += 4.0 * FINE
        return v, bound
    if op == ASIN:
        if abs(a[0]) > 1.0 and abs(a[0]) <= 1.0 + ea:
            a = (math.copysign(1.0, a[0]), 0.0)
        v = inverse_sine(a)
        return v, (lipschitz_sine(a[0], ea) if ea > 0.0 else 0.0) + 8.0 * FINE * (abs(v[0]))
    if op == ATAN:
        v = angle((abs(a[0]), math.copysign(1.0, a[0]) * a[1]), (1.0, 0.0))
        return (v if a[0] >= 0.0 else negative(v)), ea + 8.0 * FINE * abs(v[0])
    if op == SINH:
        return hyperbolic_sine(a), (ea + 64.0 * FINE * abs(a[0])) * math.cosh(abs(a[0]) + ea)
    if op == COSH:
        return hyperbolic_cosine(a), (ea + 64.0 * FINE) * math.cosh(abs(a[0]) + ea)
    if op == SCORE:
        v = score_pair(a, b, c, same)
        x, y, r = a[0], b[0], c[0]
        below, above = add((1.0, 0.0), negative(c)), add((1.0, 0.0), c)
        square = multiply(below, above)[0]
        if square <= 0.0:
            gap = abs(add(b, negative(multiply(c, a)))[0])
            sure = same * r > 0.0 or gap > ea + eb
            return v, (0.0 if sure and ec == 0.0 else math.inf)
        width = math.sqrt(square)
        near = min(below[0], above[0])
        low = near - ec
        change = math.inf if low <= 0.0 else ec * (abs(x) + abs(y) + ea + eb) / (low * math.sqrt(low))
        shift = ea * ((width if same * r > 0.0 else 2.0) / width)
        slack = FINE * (4.0 * abs(v[0]) + (abs(x) * near + abs(y - x if r > 0.0 else y + x)) / width)
        return v, shift + (0.0 if same != 0 else eb / width) + (change if ec > 0.0 else 0.0) + slack
    if op == ORTHANT:
        v, e = orthant_pair(a, b, c, same, tables)
        if ea > 0.0:
            e += ea * slope_bound(a[0], ea, b[0], eb, c[0], ec)
        if eb > 0.0:
            e += eb * slope_bound(b[0], eb, a[0], ea, c[0], ec)
        if ec > 0.0:
            low = min(add((1.0, 0.0), negative(c))[0], add((1.0, 0.0), c)[0]) - ec
            both = min(density_bound(a[0], ea), density_bound(b[0], eb))
            e += ec * both / math.sqrt(low) if low > 0.0 else math.inf
        return v, e + TINY
    if op == NEGATE:
        return negative(a), ea
    if op == ABS:
        return (a if a[0] >= 0.0 else negative(a)), ea
    first = a[0] > b[0] or (a[0] == b[0] and a[1] > b[1]) or a[0] != a[0]
    return (a if first else b), max(ea, eb)


@kernel
def run_pair(code: Any, values: Any, bounds: Any, columns: Any, tables: Any, out: Any, error: Any) -> None:
    """Run the program on `columns` (argument, point, 2); `values` (register, 2) holds the constants."""
    arity, count = columns.shape[0], columns.shape[1]
    first = values.shape[0] - code.shape[0]
    last = values.shape[0] - 1
    for j in range(count):
        for i in range(arity):
            values[i, 0] = columns[i, j, 0]
            values[i, 1] = columns[i, j, 1]
            bounds[i] = 0.0
        for i in range(code.shape[0]):
            a, b, c = code[i, 1], code[i, 2], code[i, 3]
            v, e = step_pair(
                code[i, 0],
                (values[a, 0], values[a, 1]),
                bounds[a],
                (values[b, 0], values[b, 1]),
                bounds[b],
                (values[c, 0], values[c, 1]),
                bounds[c],
                code[i, 4],
                tables,
            )
            values[first + i, 0] = v[0]
            values[first + i, 1] = v[1]
            bounds[first + i] = e
        out[j] = values[last, 0]
        error[j] = 1.0001 * bounds[last]
