"""Expectation of one product of entries, straight from its factors to the expression."""

from __future__ import annotations

from math import gcd

from flint import fmpq
from sympy import Expr, Integer, Mul, Pow, S, conjugate

from theory.haar.entries import GroupKey, MatrixEntry
from theory.haar.entry_mean import cells_moment
from theory.haar.factored import integer_ratio

__all__ = ["product_mean"]


def product_mean(key: GroupKey, expr: Expr) -> Expr | None:
    """The mean of a rational number times powers of entries of the matrix `key`; None for any other expression."""
    cells: dict[tuple[int, int], int] = {}
    stars: dict[tuple[int, int], int] = {}
    p = q = 1
    for factor in expr.args if expr.__class__ is Mul else (expr,):
        power = 1
        if factor.__class__ is Pow:
            factor, exponent = factor.args
            if not isinstance(exponent, Integer) or exponent.p < 1:
                return None
            power = exponent.p
        target = cells
        if factor.__class__ is conjugate:
            factor, target = factor.args[0], stars
        if factor.__class__ is MatrixEntry and (factor.key is key or factor.key == key):
            cell = factor.row, factor.column
            target[cell] = target.get(cell, 0) + power
        elif target is cells and factor.is_Rational:
            p, q = p * factor.p**power, q * factor.q**power
        else:
            return None
    sign, moment = cells_moment(key, cells, stars)
    scale = -2 if key.kind == "Sp" else 1
    p *= sign
    if isinstance(key.n, int):
        value = moment.at(scale * key.n)
        p, q = p * int(value.p), q * int(value.q)
        divisor = gcd(p, q)
        return integer_ratio(p // divisor, q // divisor)
    function = moment.value if p == q == 1 else moment.value.scaled(fmpq(p, q))
    return function.expr(S(key.n), scale)
