"""Rates in the width: the exponent of a fluctuation and of a bias, from intervals on a ladder of widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.statistics import DOMINANCE_LIMIT, SKEWNESS_LIMIT, Accumulator, ConfidenceSequence, Interval
from theory.errors import DomainError

__all__ = ["BiasRate", "bias_rate", "fluctuation_slope"]


def fluctuation_slope(widths: Sequence[int], draws: Sequence[Accumulator], alpha: float = 1e-9) -> Interval:
    """Slope of ln sd against ln width, with an interval valid at every stopping time of every width.

    A variance s^2 from N draws of kurtosis K has relative error sqrt((K - 1)/N) times the half-width of a
    confidence sequence at level alpha / (number of widths); the interval of the slope carries these through
    the weighted least-squares line.  It is `settled` once the skewness term of the squared deviations, taken
    to be that of a gamma law with the same relative variance, is negligible.

    Parameters
    ----------
    widths : sequence of int
        At least two different positive widths.
    draws : sequence of Accumulator
        The statistic at each width.

    Raises
    ------
    DomainError
        If the lengths differ, two widths are missing, or a sample has no spread.

    Examples
    --------
    >>> g = np.random.default_rng(0)
    >>> samples = [Accumulator.of(g.normal(0, n**-0.5, 200_000)) for n in (64, 256, 1024)]
    >>> slope = fluctuation_slope([64, 256, 1024], samples)
    >>> slope.lower < -0.5 < slope.upper, round(slope.half_width, 3), slope.settled
    (True, 0.008, True)
    """
    _check_ladder(widths, draws)
    sequence = ConfidenceSequence(alpha / len(widths))
    lower, upper, settled = [], [], True
    for width, sample in zip(widths, draws, strict=True):
        if sample.degenerate:
            raise DomainError(f"a fluctuation needs draws that differ; those at width {width} are constant")
        spread = math.sqrt(sample.kurtosis - 1)
        error = spread * sequence.relative_half_width(sample.count)
        settled &= sequence.z**3 * 2 * spread / (6 * math.sqrt(sample.count)) < SKEWNESS_LIMIT
        lower.append(math.log(sample.sd) + (math.log1p(-error) / 2 if error < 1 else -math.inf))
        upper.append(math.log(sample.sd) + math.log1p(error) / 2)
    dominated = any(sample.dominance > DOMINANCE_LIMIT for sample in draws)
    return _slope(widths, lower, upper, settled, dominated)


@dataclass(frozen=True)
class BiasRate:
    """Exponent r of a bias ~ width^-r: `exponent` if it could be measured, else None; `status` says which."""

    status: str
    exponent: Interval | None = None


def bias_rate(widths: Sequence[int], biases: Sequence[Interval]) -> BiasRate:
    """Rate at which a bias decays on a ladder of small widths, from the intervals of the bias.

    Only widths whose interval excludes 0 carry a logarithm.  With fewer than two of them the status is "rate
    not exceeded": the bias is smaller than can be seen, and no exponent is read from noise.  If the signs
    differ the status is "sign changes", and there is no exponent either; otherwise it is "measured".

    Raises DomainError if the lengths differ or there are fewer than two different widths.

    Examples
    --------
    >>> bias_rate([16, 64], [Interval(0.062, 0.063), Interval(0.0155, 0.0158)]).exponent.centre.__round__(2)
    1.0
    >>> bias_rate([16, 64], [Interval(-0.001, 0.002), Interval(-0.002, 0.001)]).status
    'rate not exceeded'
    """
    _check_ladder(widths, biases)
    seen = [(n, bias) for n, bias in zip(widths, biases, strict=True) if bias.lower > 0 or bias.upper < 0]
    if len({n for n, _ in seen}) < 2:
        return BiasRate("rate not exceeded")
    if len({bias.lower > 0 for _, bias in seen}) == 2:
        return BiasRate("sign changes")
    ends = [sorted((abs(bias.lower), abs(bias.upper))) for _, bias in seen]
    slope = _slope(
        [n for n, _ in seen],
        [math.log(low) for low, _ in ends],
        [math.log(high) for _, high in ends],
        all(bias.settled for _, bias in seen),
        any(bias.dominated for _, bias in seen),
    )
    return BiasRate("measured", Interval(-slope.upper, -slope.lower, slope.settled, slope.dominated))


def _check_ladder(widths: Sequence[int], values: Sequence[object]) -> None:
    if len(widths) != len(values) or len(set(widths)) < 2 or min(widths) < 1:
        raise DomainError(
            f"a rate needs one value per width and two different positive widths; received widths "
            f"{list(widths)} and {len(values)} values"
        )


def _slope(
    widths: Sequence[int], lower: Sequence[float], upper: Sequence[float], settled: bool, dominated: bool
) -> Interval:
    """Range of the weighted least-squares slope over all ordinates in [lower, upper]."""
    x, low, high = np.log(np.asarray(widths, float)), np.asarray(lower), np.asarray(upper)
    if not np.isfinite(low).all():
        return Interval(-math.inf, math.inf, False, dominated)
    weight = 1 / np.maximum(high - low, 1e-12) ** 2
    d = x - np.average(x, weights=weight)
    c = weight * d / (weight * d * d).sum()
    ends = np.where(c > 0, c * low, c * high).sum(), np.where(c > 0, c * high, c * low).sum()
    return Interval(float(ends[0]), float(ends[1]), settled, dominated)
