"""Richardson extrapolation: the limit of a quantity along a ladder of widths or depths, with an error estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mpmath import lu_solve, matrix, mp, mpf, workdps

from numerics.statistics import Interval
from theory.arguments import items
from theory.errors import DomainError

__all__ = ["Extrapolation", "log_ladder", "richardson"]

_DIGITS = 60


@dataclass(frozen=True)
class Extrapolation:
    """Limit, its error, and the part of the error that comes from the data; `weights` gives limit = sum w_i value_i."""

    limit: float
    error: float
    noise: float
    weights: tuple[float, ...]


def richardson(
    widths: Sequence[int], values: Sequence[float | Interval], exponents: Sequence[float] = (1.0, 2.0)
) -> Extrapolation:
    """Limit L of `value(n) = L + sum_j c_j n^-e_j + ...` from values on a ladder of widths.

    The last len(exponents) + 1 widths are fitted exactly.  The error is the change when the finest term is left out
    (one exponent and the smallest width fewer), plus, where the values are intervals, what their half-widths
    carry into L.

    Parameters
    ----------
    widths : increasing positive widths, at least len(exponents) + 1.
    values : numbers, or intervals of a confidence sequence.
    exponents : increasing positive exponents of the expansion.

    Raises
    ------
    DomainError
        for too few or non-increasing widths or exponents.

    Examples
    --------
    >>> found = richardson([16, 32, 64], [2 + 3 / n - 5 / n**2 for n in (16, 32, 64)])
    >>> abs(found.limit - 2) < 1e-12, round(found.error, 4)
    (True, 0.0024)
    """
    widths, values, exponents = items("widths", widths), items("values", values), items("exponents", exponents)
    if len(widths) != len(values) or list(widths) != sorted(set(widths)) or widths[0] < 1:
        raise DomainError(f"a ladder has one value per increasing positive width; received {list(widths)}")
    if list(exponents) != sorted(set(exponents)) or not exponents or exponents[0] <= 0:
        raise DomainError(f"the exponents are positive and increasing; received {list(exponents)}")
    size = len(exponents) + 1
    if len(widths) < size:
        raise DomainError(f"{len(exponents)} exponents need {size} widths; received {len(widths)}")
    centres = np.array([v.centre if isinstance(v, Interval) else v for v in values], dtype=float)
    radii = np.array([v.half_width if isinstance(v, Interval) else 0.0 for v in values], dtype=float)
    weights = np.concatenate([np.zeros(len(widths) - size), _limit_weights(widths[-size:], exponents)])
    limit = float(weights @ centres)
    fewer = exponents[:-1]
    coarse = float(_limit_weights(widths[-size + 1 :], fewer) @ centres[-size + 1 :])
    noise = float(np.abs(weights) @ radii)
    return Extrapolation(limit, abs(limit - coarse) + noise, noise, tuple(map(float, weights)))


def _limit_weights(widths: Sequence[int], exponents: Sequence[float]) -> np.ndarray:
    """Weights of the values in the limit: the first row of the inverse of the collocation matrix."""
    n = np.asarray(widths, dtype=float) / widths[-1]
    columns = np.stack([np.ones_like(n), *(n**-e for e in exponents)], axis=1)
    unit = np.zeros(len(n))
    unit[0] = 1.0
    return np.linalg.solve(columns.T, unit)


def log_ladder(
    indices: Sequence[int], logarithms: Sequence[mpf], order: int, exponent_known: bool = False
) -> list[mpf]:
    """Coefficients of `1, log l, log(l)/l, 1/l, log(l)^2/l^2, ...` in ln s(l), by collocation on the last indices.

    With `s(l) = C l^-p (1 + c log(l)/l + O(1/l))` the first three are ln C, -p and c.  `order` is the highest power of
    1/l kept; with `exponent_known` the sequence was multiplied by l^p, and there is no term log l.

    >>> values = [mp.log(3) - 2 * mp.log(l) + 5 * mp.log(l) / l for l in (64, 128, 256, 512)]
    >>> [round(float(c), 6) for c in log_ladder([64, 128, 256, 512], values, 1)][1:3]
    [-2.0, 5.0]
    """
    with workdps(_DIGITS):
        powers = [(0, 0)] + [(1, 0)] * (not exponent_known)
        powers += [(i, j) for j in range(1, order + 1) for i in range(j, -1, -1)]
        if len(indices) < len(powers):
            raise DomainError(f"order {order} needs {len(powers)} indices; received {len(indices)}")
        last = indices[-len(powers) :]
        rows = [[mp.log(l) ** i / mpf(l) ** j for i, j in powers] for l in last]  # noqa: E741 - the depth
        solution = lu_solve(matrix(rows), matrix(list(logarithms[-len(powers) :])))
        return list(solution)
