"""Many points of the domains in floating point, to find where a margin is least before anything is enclosed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan

from numerics.codegen import compile as compile_expression
from theory.domains import Domain, Integers, Interval, Simplex, Spectrum
from theory.errors import TheoryError

__all__ = ["scanned_points"]

_STARTS = 3
_ROUNDS, _CLOUD = 30, 64
_REACH = 1e8
_FINE = 10**12
_Floats = NDArray[np.float64]


def scanned_points(
    left: Expr, right: Expr, domains: Mapping[Any, Domain], conditions: Any, count: int, seed: int
) -> list[dict[Any, Any]]:
    """Points at which `right - left` is least, as it is and relative to the larger side; exact numbers, worst first.

    A scan of `count` points, half of them near the ends of the domains, then ever smaller clouds around the best few.
    Empty where a domain has no coordinates or a side no form in floating point; a point may miss the conditions by
    rounding.

    Examples
    --------
    >>> from sympy import Symbol, exp
    >>> t = Symbol("t", real=True)
    >>> peak = exp(-(100 * (t - Rational(637, 1000))) ** 2)
    >>> found = scanned_points(peak, Integer(1), {t: Interval(0, 1)}, (), 4000, 0)
    >>> any(abs(point[t] - Rational(637, 1000)) < Rational(1, 10**6) for point in found)
    True
    """
    keys = list(domains)
    sizes = [domain.d if isinstance(domain, Simplex | Spectrum) else 1 for domain in domains.values()]
    symbols = [s for key in keys for s in (key if isinstance(key, tuple) else (key,))]
    if not keys or not all(map(_has_coordinates, domains.values())):
        return []
    try:
        sides = [compile_expression(side, symbols, target="numpy") for side in (left, right)]
        kept = [compile_expression(_slack(c), symbols, target="numpy") for c in conditions]
    except (TheoryError, TypeError):
        return []
    cuts = np.cumsum(sizes)[:-1]

    def values(cube: _Floats) -> list[_Floats]:
        parts = np.split(cube, cuts)
        return [row for d, part in zip(domains.values(), parts, strict=True) for row in _placed(d, part)]

    def margin(relative: bool, cube: _Floats) -> _Floats:
        at = values(cube)
        with np.errstate(all="ignore"):
            lower, upper = (np.broadcast_to(f(*at), cube.shape[1:]) for f in sides)
            gap = np.where(np.isfinite(upper - lower), upper - lower, np.inf)
            for slack in kept:
                gap = np.where(slack(*at) >= 0, gap, np.inf)
            larger = np.maximum(np.maximum(np.abs(lower), np.abs(upper)), 1e-300)
            return np.asarray(gap / larger if relative else gap)

    generator = np.random.default_rng([seed, count])
    cube = _cube(sum(sizes), count, generator)
    found: list[tuple[float, list[float]]] = []
    for relative in (False, True):
        objective = partial(margin, relative)
        for start in _apart(cube, objective(cube)):
            best = _settled(start, objective, generator)
            if best is not None:
                point = [float(row[0]) for row in values(best[1][:, None])]
                if not any(np.allclose(point, other, rtol=1e-6, atol=1e-9) for _, other in found):
                    found.append((best[0], point))
    return [_exact(point, domains) for _, point in sorted(found)]


def _has_coordinates(domain: Domain) -> bool:
    if isinstance(domain, Simplex | Spectrum):
        return not domain.free_symbols
    return isinstance(domain, Interval | Integers) and not domain.free_symbols


def _slack(condition: Any) -> Expr:
    """What is not negative where the condition holds; TypeError for other conditions than inequalities."""
    if not isinstance(condition, GreaterThan | LessThan | StrictGreaterThan | StrictLessThan):
        raise TypeError("only inequalities have a slack")
    return condition.gts - condition.lts


def _cube(size: int, count: int, generator: np.random.Generator) -> _Floats:
    """Points of the unit cube, one per column: stratified, the second half of them close to faces."""
    strata = np.array([generator.permutation(count) for _ in range(size)])
    cube = (strata + generator.random((size, count))) / count
    near = 10.0 ** (-8 * generator.random((size, count)))
    near = np.where(generator.random((size, count)) < 0.5, near, 1 - near)
    faces = (generator.random((size, count)) < 0.5) & (np.arange(count) >= count // 2)
    return np.where(faces, near, cube)


def _placed(domain: Any, part: _Floats) -> list[_Floats]:
    """Coordinates in the unit interval as members of the domain, one array per symbol."""
    if isinstance(domain, Simplex | Spectrum):
        waits = -np.log(np.maximum(part, 1e-300))
        total = float(domain.trace) if isinstance(domain, Spectrum) else 1.0
        shares = np.asarray(total * waits / waits.sum(axis=0))
        return list(-np.sort(-shares, axis=0)) if isinstance(domain, Spectrum) else list(shares)
    t, low, high = part[0], domain.lo, domain.hi
    if low.is_finite and high.is_finite:
        value = float(low) + (float(high) - float(low)) * t
    elif low.is_finite or high.is_finite:
        far = np.minimum(t / np.maximum(1 - t, 1e-300), _REACH)
        value = float(low) + far if low.is_finite else float(high) - far
    else:
        value = np.clip(np.tan(np.pi * (t - 0.5)), -_REACH, _REACH)
    return [np.floor(value + 0.5) if isinstance(domain, Integers) else value]


def _apart(cube: _Floats, measured: _Floats) -> list[_Floats]:
    """The best places, no two of them neighbours."""
    chosen: list[_Floats] = []
    radius = 0.5 * cube.shape[1] ** (-0.5 / len(cube))
    for column in np.argsort(measured):
        if len(chosen) == _STARTS or not np.isfinite(measured[column]):
            break
        place = cube[:, column]
        if all(np.abs(place - other).max() > radius / 4 for other in chosen):
            chosen.append(place)
    return chosen


def _settled(
    start: _Floats, objective: Callable[[_Floats], _Floats], generator: np.random.Generator
) -> tuple[float, _Floats] | None:
    """The least value found by clouds around the best place so far, halved in size whenever they find no better."""
    best, radius = start, 0.05
    value = float(objective(best[:, None])[0])
    for _ in range(_ROUNDS):
        steps = radius * generator.standard_normal((len(best), _CLOUD)) * 10.0 ** (-3 * generator.random(_CLOUD))
        cloud = np.clip(best[:, None] + steps, 0.0, 1.0)
        measured = objective(cloud)
        column = int(np.argmin(measured))
        if measured[column] < value:
            best, value = cloud[:, column], float(measured[column])
        else:
            radius /= 2
    return (value, best) if np.isfinite(value) else None


def _exact(point: list[float], domains: Mapping[Any, Domain]) -> dict[Any, Any]:
    """The point with rational numbers of 12 digits; the last entry of a vector keeps the sum."""
    found: dict[Any, Any] = {}
    rest = iter(point)
    for key, domain in domains.items():
        if isinstance(key, tuple):
            total = domain.trace if isinstance(domain, Spectrum) else Integer(1)
            entries = [_rational(next(rest)) for _ in key]
            found |= dict(zip(key, [*entries[:-1], total - sum(entries[:-1], Integer(0))], strict=True))
        else:
            found[key] = _rational(next(rest))
    return found


def _rational(value: float) -> Expr:
    """Twelve digits after the point; a small number keeps its own."""
    return Rational(round(value * _FINE), _FINE) if abs(value) > 1e-3 else Rational(value)
