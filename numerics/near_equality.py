"""Margins near a place of equality: the order and the coefficient of the leading term, and the flattest direction."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sympy import Expr, Rational

__all__ = ["Expansion", "flattest", "leading_term"]

_STEP = Rational(1, 10**4)
_ROUND = 0.1  # a fitted order this close to an integer, or to a half, is taken for it


class Expansion(NamedTuple):
    """`margin ~ coefficient * h^order` as h -> 0 along a direction."""

    order: float
    coefficient: float


def leading_term(margins: Sequence[tuple[Expr, float | None]]) -> Expansion | None:
    """Leading term from margins at decreasing steps h; None if fewer than two of the last three are known.

    >>> leading_term([(Rational(1, 4**k), 3.0 / 16**k) for k in (1, 2, 3)])
    Expansion(order=2.0, coefficient=3.0)
    """
    known = [(float(h), m) for h, m in margins if m is not None and m != 0]
    if len(known) < 2:
        return None
    (h1, m1), (h2, m2) = known[-2:]
    if m1 * m2 < 0:
        return None
    order = math.log(m1 / m2) / math.log(h1 / h2)
    nearest = round(2 * order) / 2
    order = nearest if abs(order - nearest) < _ROUND else order
    return Expansion(order, m2 / h2**order)


def flattest(
    margin: Callable[[Any, Expr], float | None],
    targets: Sequence[Any],
    blend: Callable[[list[Any], list[Expr]], Any],
) -> list[Any]:
    """Directions along which the second-order term of the margin is least, as blends of the target places.

    With `margin(target, h) ~ h^2 Q(target)` the quadratic form on the span of the targets follows from pairs of them;
    the eigenvector of its least eigenvalue is where terms of the third order decide.
    """
    size = len(targets)
    half = Rational(1, 2)
    form = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            place = targets[i] if i == j else blend([targets[i], targets[j]], [half, half])
            value = None if place is None else margin(place, _STEP)
            if value is None:
                return []
            form[i, j] = form[j, i] = value / float(_STEP) ** 2
    # A blend of two with weights 1/2 has the value (Q_ii + 2 Q_ij + Q_jj)/4.
    pairs = 2 * form - (np.diag(form)[:, None] + np.diag(form)[None, :]) / 2
    quadratic = np.where(np.eye(size, dtype=bool), form, pairs)
    vector = np.linalg.eigh(quadratic)[1][:, 0] if size else np.zeros(0)
    if not size or abs(vector.sum()) < 1e-6:
        return []
    weights = [Rational(round(1000 * w), 1000) for w in vector / vector.sum()]
    if 0 in (weights[0], sum(weights)):
        return []
    direction = blend(list(targets), weights)
    return [] if direction is None else [direction]
