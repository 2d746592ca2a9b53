"""Straight-line programs in doubles over blocks of points, for layer after layer of a network of infinite width.

A program is an array of rows (operation, a, b, target) on registers that hold one block each; every row is one loop
of vector instructions, so that nothing needs to be compiled for a new activation.  The numbers of the operations are
those of `numerics.loops.tape_double`, and CLIP, which puts a correlation back into [-1, 1].
"""

import math
from typing import Any

import numpy as np

from numerics.loops.elementary import fast_asin, fast_erf, fast_erfc, fast_exp, fast_expm1
from numerics.loops.jit import fused, kernel
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
    MAX,
    MULTIPLY,
    NEGATE,
    ROOT,
    SINH,
)

CLIP = 17
BLOCK = 256


@fused
def fast_sinh(x: float) -> float:
    """Hyperbolic sine."""
    e = fast_expm1(x if x > 0.0 else -x)
    return math.copysign(0.5 * (e + e / (e + 1.0)), x)


@fused
def fast_cosh(x: float) -> float:
    """Hyperbolic cosine."""
    e = fast_exp(x if x > 0.0 else -x)
    return 0.5 * (e + 1.0 / e)


@kernel
def execute(code: Any, registers: Any, count: int) -> None:
    """Run the rows on the first `count` places of the registers."""
    for k in range(code.shape[0]):
        op = code[k, 0]
        a, b, c = registers[code[k, 1]], registers[code[k, 2]], registers[code[k, 3]]
        if op == ADD:
            for j in range(count):
                c[j] = a[j] + b[j]
        elif op == MULTIPLY:
            for j in range(count):
                c[j] = a[j] * b[j]
        elif op == DIVIDE:
            for j in range(count):
                c[j] = a[j] / b[j]
        elif op == ROOT:
            for j in range(count):
                c[j] = math.sqrt(a[j])
        elif op == ASIN:
            for j in range(count):
                c[j] = fast_asin(a[j])
        elif op == EXP:
            for j in range(count):
                c[j] = fast_exp(a[j])
        elif op == ERF:
            for j in range(count):
                c[j] = fast_erf(a[j])
        elif op == ERFC:
            for j in range(count):
                c[j] = fast_erfc(a[j])
        elif op == SINH:
            for j in range(count):
                c[j] = fast_sinh(a[j])
        elif op == COSH:
            for j in range(count):
                c[j] = fast_cosh(a[j])
        elif op == NEGATE:
            for j in range(count):
                c[j] = -a[j]
        elif op == CLIP:
            for j in range(count):
                v = a[j]
                v = 1.0 if v > 1.0 else v
                c[j] = -1.0 if v < -1.0 else v
        elif op == LOG:
            for j in range(count):
                c[j] = math.log(a[j])
        elif op == ATAN:
            for j in range(count):
                c[j] = math.atan(a[j])
        elif op == ABS:
            for j in range(count):
                c[j] = abs(a[j])
        elif op == MAX:
            for j in range(count):
                c[j] = a[j] if a[j] > b[j] or a[j] != a[j] else b[j]
        else:
            for j in range(count):
                c[j] = math.nan


@kernel
def execute_point(code: Any, registers: Any) -> None:
    """Run the rows on registers of one place: for one point the loops of `execute` cost more than they save."""
    for k in range(code.shape[0]):
        op, a = code[k, 0], registers[code[k, 1]]
        v = math.nan
        if op == ADD:
            v = a + registers[code[k, 2]]
        elif op == MULTIPLY:
            v = a * registers[code[k, 2]]
        elif op == DIVIDE:
            v = a / registers[code[k, 2]]
        elif op == ROOT:
            v = math.sqrt(a)
        elif op == ASIN:
            v = fast_asin(a)
        elif op == EXP:
            v = fast_exp(a)
        elif op == ERF:
            v = fast_erf(a)
        elif op == ERFC:
            v = fast_erfc(a)
        elif op == SINH:
            v = fast_sinh(a)
        elif op == COSH:
            v = fast_cosh(a)
        elif op == NEGATE:
            v = -a
        elif op == CLIP:
            v = 1.0 if a > 1.0 else a
            v = -1.0 if v < -1.0 else v
        elif op == LOG:
            v = math.log(a)
        elif op == ATAN:
            v = math.atan(a)
        elif op == ABS:
            v = abs(a)
        elif op == MAX:
            b = registers[code[k, 2]]
            v = a if a > b or a != a else b
        registers[code[k, 3]] = v


@kernel
def filled(start: Any) -> Any:
    """Registers with the constants in place."""
    registers = np.empty((start.shape[0], BLOCK))
    for i in range(start.shape[0]):
        for j in range(BLOCK):
            registers[i, j] = start[i]
    return registers


@kernel
def evaluate(code: Any, start: Any, outputs: Any, columns: Any, result: Any) -> None:
    """result[k] = register outputs[k] after the program, at the points of the columns, the first registers."""
    registers = filled(start)
    for low in range(0, columns.shape[1], BLOCK):
        count = min(BLOCK, columns.shape[1] - low)
        for i in range(columns.shape[0]):
            for j in range(count):
                registers[i, j] = columns[i, low + j]
        execute(code, registers, count)
        for k in range(outputs.shape[0]):
            for j in range(count):
                result[k, low + j] = registers[outputs[k], j]
