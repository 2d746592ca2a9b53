"""Straight-line programs in doubles, with a running bound on the error of every intermediate value.

A program is an array of rows (operation, a, b, c, same): operands are numbers of earlier registers.  The registers
begin with the arguments, then the constants; each row fills the next one.  The bounds are first-order rounding
analysis with a margin, propagated through the exact modulus of each function; no bound where a value is not finite.
"""

import math
from typing import Any

from numerics.loops.double_double import two_product, two_sum
from numerics.loops.jit import kernel
from numerics.loops.orthant import orthant, score

ADD, MULTIPLY, DIVIDE, ROOT, EXP, LOG, ERFC, ERF, ASIN, ATAN, SINH, COSH, SCORE, ORTHANT, ABS, MAX, NEGATE = range(17)
UNIT = 1.2e-16
TINY = 1e-307  # what underflow may take away


@kernel
def lipschitz_sine(a: float, e: float) -> float:
    """Bound on the change of the arc sine under a change of at most e of its argument."""
    edge = 1.0 - abs(a)
    inside = edge - e
    if inside > 0.0:
        return e / math.sqrt(inside * (1.0 + abs(a)))
    return 2.0 * math.sqrt(2.0 * e + 2.0 * max(edge, 0.0))


@kernel
def density_bound(h: float, e: float) -> float:
    """Largest normal density within e of h."""
    near = max(abs(h) - e, 0.0)
    return 0.4 * math.exp(-0.5 * near * near)


@kernel
def slope_bound(h: float, e: float, k: float, f: float, r: float, g: float) -> float:
    """Largest density at h times chance of exceeding k given h, within the errors e, f, g of h, k, r."""
    density = density_bound(h, e)
    width = math.sqrt((1.0 - r) * (1.0 + r) + 2.0 * g) + 1e-300
    near = 0.99 * (k - r * h - f - e - g * abs(h)) / width
    return density * (math.exp(-0.5 * min(near, 1e9) ** 2) if near > 0.0 else 1.0)


@kernel
def step(op: int, a: float, ea: float, b: float, eb: float, c: float, ec: float, same: int, tables: Any) -> Any:
    """Value of one operation and its error."""
    if op == ADD:
        v, rest = two_sum(a, b)
        return v, ea + eb + abs(rest)
    if op == MULTIPLY:
        v, rest = two_product(a, b)
        return v, abs(a) * eb + abs(b) * ea + ea * eb + abs(rest) + (
            TINY if abs(v) < 1e-290 and a != 0.0 and b != 0.0 else 0.0
        )
    if op == DIVIDE:
        v = a / b
        gap = abs(b) - eb
        p, rest = two_product(v, b)
        return v, ((ea + abs(v) * eb + abs((a - p) - rest)) / gap if gap > 0.0 else math.inf) + (
            TINY if abs(v) < 1e-290 and a != 0.0 else 0.0
        )
    if op == ROOT:
        if a < 0.0 and a >= -ea:
            return 0.0, math.sqrt(2.0 * ea)
        v = math.sqrt(a)
        p, rest = two_product(v, v)
        slack = abs((a - p) - rest) / v if v > 0.0 else 0.0
        low = math.sqrt(max(a - ea, 0.0))
        return v, (min(ea / (v + low), math.sqrt(ea)) if v > 0.0 else math.sqrt(ea)) + slack
    if op == EXP:
        v = math.exp(a)
        return v, (v * (math.expm1(ea) + 2.0 * UNIT) if a + ea > -720.0 else 0.0) + TINY
    if op == LOG:
        v = math.log(a)
        return v, (ea / (a - ea) if a > ea else math.inf) + 2.0 * UNIT * abs(v)
    if op == ERFC:
        v = math.erfc(a)
        near = max(abs(a) - ea, 0.0)
        return v, 1.13 * ea * math.exp(-near * near) + 8.0 * UNIT * v + TINY
    if op == ERF:
        v = math.erf(a)
        near = max(abs(a) - ea, 0.0)
        return v, 1.13 * ea * math.exp(-near * near) + 2.0 * UNIT * abs(v) + TINY
    if op == ASIN:
        if abs(a) > 1.0 and abs(a) <= 1.0 + ea:
            a = math.copysign(1.0, a)
        v = math.asin(a)
        return v, (lipschitz_sine(a, ea) if ea > 0.0 else 0.0) + 2.0 * UNIT * abs(v)
    if op == ATAN:
        v = math.atan(a)
        return v, ea + 2.0 * UNIT * abs(v)
    if op == SINH:
        v = math.sinh(a)
        return v, ea * math.cosh(abs(a) + ea) + 4.0 * UNIT * abs(v)
    if op == COSH:
        v = math.cosh(a)
        return v, ea * math.cosh(abs(a) + ea) + 4.0 * UNIT * v
    if op == SCORE:
        v = score(a, b, c, same)
        width = math.sqrt((1.0 - c) * (1.0 + c))
        if width == 0.0:
            # Off the line the score is infinite as soon as the sign of the gap is sure.
            gap = abs(b - c * a)
            sure = same * c > 0.0 or gap > ea + eb or (gap == 0.0 and ea + eb == 0.0)
            return v, (0.0 if sure and ec == 0.0 else math.inf)
        low = 1.0 - abs(c) - ec
        change = math.inf if low <= 0.0 else ec * (abs(a) + abs(b) + ea + eb) / (low * math.sqrt(low))
        shift = ea * ((width if same * c > 0.0 else 1.0 + abs(c)) / width)
        return v, shift + (0.0 if same != 0 else eb / width) + (change if ec > 0.0 else 0.0) + UNIT * (
            4.0 * abs(v) + (abs(a) * (1.0 - abs(c)) + abs(b - a if c > 0.0 else b + a)) / width
        )
    if op == ORTHANT:
        v, e = orthant(a, b, c, same, tables)
        if ea > 0.0:
            e += ea * slope_bound(a, ea, b, eb, c, ec)
        if eb > 0.0:
            e += eb * slope_bound(b, eb, a, ea, c, ec)
        if ec > 0.0:
            low = 1.0 - abs(c) - ec
            e += ec * min(density_bound(a, ea), density_bound(b, eb)) / math.sqrt(low) if low > 0.0 else math.inf
        return v, e + TINY
    if op == NEGATE:
        return -a, ea
    if op == ABS:
        return abs(a), ea
    return (a if a > b or a != a else b), max(ea, eb)


@kernel
def run_double(code: Any, values: Any, bounds: Any, columns: Any, tables: Any, out: Any, error: Any) -> None:
    """Run the program on every column of arguments; `values`, `bounds` hold the constants and are overwritten."""
    arity, count = columns.shape
    first = values.shape[0] - code.shape[0]
    for j in range(count):
        for i in range(arity):
            values[i] = columns[i, j]
            bounds[i] = 0.0
        for i in range(code.shape[0]):
            a, b, c = code[i, 1], code[i, 2], code[i, 3]
            values[first + i], bounds[first + i] = step(
                code[i, 0], values[a], bounds[a], values[b], bounds[b], values[c], bounds[c], code[i, 4], tables
            )
        out[j] = values[values.shape[0] - 1]
        # The bound was itself rounded on the way.
        error[j] = 1.0001 * bounds[values.shape[0] - 1]
