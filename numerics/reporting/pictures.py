"""Pictures of the evidence as inline SVG: intervals that close on the stated value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from numerics.traces import Trace

__all__ = ["picture"]

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 18, 14, 58
_AXES = {"draws": "number of draws", "width": "width"}
_ROOM = 1.25  # of the largest deviation that is shown in full
_LETTER = 11  # the width of a digit of the labels


def picture(trace: Trace, title: str) -> str:
    """An `<svg>` element; colours come from the classes of the page."""
    logarithmic = trace.axis in _AXES
    rows = trace.rows
    low, high = _range(trace)
    x = _scale([row[0] for row in rows], _LEFT + 8, _WIDTH - _RIGHT - 8, logarithmic)
    y = _linear(low, high, _HEIGHT - _BOTTOM, _TOP)
    parts = [*_grid(low, high, y), *_ticks([row[0] for row in rows], x, logarithmic)]
    if trace.tolerance:
        bottom, top = (_clamped(y(rows[0][3] + sign * trace.tolerance)) for sign in (-1, 1))
        width = _WIDTH - _LEFT - _RIGHT
        parts.append(f'<rect class="band" x="{_LEFT}" y="{top:.1f}" width="{width}" height="{bottom - top:.1f}"/>')
    if trace.axis == "test point":  # unrelated to its neighbours
        parts += [f'<path class="stated" d="M{x(r[0]) - 12:.1f} {y(r[3]):.1f}h24"/>' for r in rows]
    else:
        parts.append(_polyline("stated", [(x(r[0]), _clamped(y(r[3]))) for r in rows]))
    if trace.axis == "draws":
        upper = [(x(r[0]), _clamped(y(r[2]))) for r in rows]
        lower = [(x(r[0]), _clamped(y(r[1]))) for r in rows]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in [*upper, *reversed(lower)])
        parts.append(f'<polygon class="interval" points="{points}"/>')
        parts.append(_polyline("measured", [(a, (b + d) / 2) for (a, b), (_, d) in zip(upper, lower, strict=True)]))
    else:
        parts += [_bar(x(r[0]), _clamped(y(r[1])), _clamped(y(r[2]))) for r in rows]
    label = escape(_AXES.get(trace.axis, trace.axis))
    parts.append(f'<text x="{(_LEFT + _WIDTH) / 2:.0f}" y="{_HEIGHT - 8}" text-anchor="middle">{label}</text>')
    head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
    return f"{head}{''.join(parts)}</svg>"


def _range(trace: Trace) -> tuple[float, float]:
    """Bottom and top; the first, wide intervals of a sequence are cut off."""
    rows = trace.rows
    shown = rows[len(rows) // 3 :] if trace.axis == "draws" else rows
    values = [value for row in shown for value in row[1:]]
    values += [row[3] + sign * trace.tolerance for row in rows for sign in (-1, 1)]
    low, high = min(values), max(values)
    middle, half = (low + high) / 2, (high - low) / 2
    half = half * _ROOM if half > 1e-12 * abs(middle) else max(abs(middle), 1.0) / 10
    return middle - half, middle + half


def _linear(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = high - low or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _scale(values: Sequence[float], start: float, end: float, logarithmic: bool) -> Callable[[float], float]:
    if not logarithmic:
        return _linear(min(values), max(values), start, end)
    inner = _linear(math.log(min(values)), math.log(max(values)), start, end)
    return lambda value: inner(math.log(value))


def _clamped(height: float) -> float:
    return min(max(height, _TOP), _HEIGHT - _BOTTOM)


def _bar(x: float, low: float, high: float) -> str:
    """An interval with caps; one too narrow to be seen is a dot."""
    if abs(low - high) < 3:
        return f'<circle class="dot" cx="{x:.1f}" cy="{(low + high) / 2:.1f}" r="4"/>'
    caps = "".join(f'<path class="bar" d="M{x - 5:.1f} {at:.1f}h10"/>' for at in (low, high))
    return f'<path class="bar" d="M{x:.1f} {low:.1f}V{high:.1f}"/>{caps}'


def _polyline(kind: str, points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def _grid(low: float, high: float, y: Callable[[float], float]) -> list[str]:
    parts = []
    for value in _round_values(low, high):
        at = y(value)
        parts.append(f'<path class="grid" d="M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 5:.1f}" text-anchor="end">{value:.10g}</text>')
    return parts


def _round_values(low: float, high: float) -> list[float]:
    """Three to six round values inside an interval."""
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= next(factor for factor in (5, 2, 1) if (high - low) / (step * factor) >= 3)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _ticks(values: Sequence[float], x: Callable[[float], float], logarithmic: bool) -> list[str]:
    low, high = min(values), max(values)
    if logarithmic:
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        chosen = [10.0**power for power in powers] if len(powers) > 1 else [low, high]
    else:
        chosen = _round_values(low, high)
    at = _HEIGHT - _BOTTOM
    parts = [f'<path class="axis" d="M{_LEFT} {_TOP}V{at}H{_WIDTH - _RIGHT}"/>']
    for value in chosen:
        parts.append(f'<path class="axis" d="M{x(value):.1f} {at}v5"/>')
        text = f"{value:,.0f}" if logarithmic else f"{value:.6g}"
        place = min(x(value), _WIDTH - _LETTER * len(text) / 2)  # no number is cut off at the edge
        parts.append(f'<text x="{place:.1f}" y="{at + 22}" text-anchor="middle">{text}</text>')
    return parts
