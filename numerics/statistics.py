"""Statistics that decide: mergeable accumulators, confidence sequences, and the rule of decision.

Evidence may accumulate over runs and sampling may stop when it likes, so every interval is valid at all
stopping times at once.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import real_array, real_number
from theory.arguments import items, whole
from theory.errors import DomainError

__all__ = ["Accumulator", "ConfidenceSequence", "Interval", "Outcome", "advice", "decide", "needed"]

# Relative allowance for the rounding of a draw: sums over many neurons are not exact to the last bit.
ROUNDING = 2.0**-40
# A skewness term z^3 |skew| / (6 sqrt N) below this is negligible.
SKEWNESS_LIMIT = 0.5
# Fourth powers of larger draws leave the range of a double.
LARGEST = 1e70
# Share of one draw in the sum of squares above which the mean is that draw's, not the law's.
DOMINANCE_LIMIT = 0.1


@dataclass(frozen=True)
class Accumulator:
    """Summary of real draws: count, mean, central sums m_k = sum (x - mean)^k (k = 2, 3, 4), extremes.

    Immutable; `add` and `merge` return a new one.  Merging the summaries of parts gives the summary of the
    whole up to rounding, in any order.

    Examples
    --------
    >>> a = Accumulator.of([1.0, 2.0, 6.0])
    >>> a.count, a.mean, a.m2
    (3, 3.0, 14.0)
    >>> Accumulator.from_json(a.to_json()) == a
    True
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf

    @classmethod
    def of(cls, draws: ArrayLike) -> Accumulator:
        """Summary of an array of any shape; DomainError if a draw is not finite, or too large for m4."""
        x = real_array("draws", draws).ravel()
        if not x.size:
            return cls()
        bad = np.flatnonzero(~(np.abs(x) <= LARGEST))
        if bad.size:
            raise DomainError(
                f"draws must be finite and at most {LARGEST:g} in size; draw {bad[0]} is {x[bad[0]]}: report "
                "it or take logarithms, do not average it in"
            )
        mean = float(x.mean())
        d = x - mean
        s = d * d
        m2, m3, m4 = float(s.sum()), float((s * d).sum()), float((s * s).sum())
        return cls(x.size, mean, m2, m3, m4, float(x.min()), float(x.max()))

    def add(self, draws: ArrayLike) -> Accumulator:
        """Summary with further draws."""
        return self.merge(Accumulator.of(draws))

    def merge(self, other: Accumulator) -> Accumulator:
        """Summary of both samples together."""
        if not isinstance(other, Accumulator):
            raise DomainError(f"an Accumulator is merged with another; received {other!r}; use add for draws")
        if not self.count or not other.count:
            return self if self.count else other
        na, nb = self.count, other.count
        n = na + nb
        d = other.mean - self.mean
        m2 = self.m2 + other.m2 + d * d * na * nb / n
        m3 = self.m3 + other.m3 + d**3 * na * nb * (na - nb) / n**2 + 3 * d * (na * other.m2 - nb * self.m2) / n
        m4 = self.m4 + other.m4 + d**4 * na * nb * (na * na - na * nb + nb * nb) / n**3
        m4 += 6 * d * d * (na * na * other.m2 + nb * nb * self.m2) / n**2
        m4 += 4 * d * (na * other.m3 - nb * self.m3) / n
        low, high = min(self.minimum, other.minimum), max(self.maximum, other.maximum)
        return Accumulator(n, self.mean + d * nb / n, m2, m3, m4, low, high)

    @property
    def sd(self) -> float:
        """Standard deviation, with n - 1; not-a-number below two draws."""
        return math.sqrt(self.m2 / (self.count - 1)) if self.count > 1 else math.nan

    @property
    def rounding(self) -> float:
        """Size of what may be rounding in a draw or in the mean."""
        return ROUNDING * max(abs(self.minimum), abs(self.maximum)) if self.count else 0.0

    @property
    def degenerate(self) -> bool:
        """Whether the draws are equal up to rounding: such a sample says nothing about its own spread."""
        return self.count < 2 or self.maximum - self.minimum <= self.rounding

    @property
    def skewness(self) -> float:
        """Third standardised moment of the sample; 0 if degenerate."""
        return 0.0 if self.degenerate else self.m3 / self.count / (self.m2 / self.count) ** 1.5

    @property
    def kurtosis(self) -> float:
        """Fourth standardised moment of the sample (3 for a Gaussian); 1 if degenerate."""
        return 1.0 if self.degenerate else self.m4 * self.count / self.m2**2

    @property
    def dominance(self) -> float:
        """Share of the draw farthest from the mean in the sum of squared deviations; 0 if degenerate."""
        farthest = max(self.mean - self.minimum, self.maximum - self.mean)
        return 0.0 if self.degenerate else farthest**2 / self.m2

    def to_json(self) -> dict[str, float | int | None]:
        """Dictionary of numbers that survives JSON bit for bit; extremes of an empty sample are None."""
        return {key: value if math.isfinite(value) else None for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, float | int | None]) -> Accumulator:
        """Inverse of `to_json`; DomainError for other data."""
        if not isinstance(data, Mapping) or not data.keys() <= cls.__dataclass_fields__.keys():
            raise DomainError(f"an Accumulator is read from what to_json gives; received {data!r}")
        return cls(**{key: value for key, value in data.items() if value is not None})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Interval:
    """Confidence interval [lower, upper].

    `settled`: the asymptotics behind it are good enough to refute.  `dominated`: one draw makes the mean.
    """

    lower: float
    upper: float
    settled: bool = True
    dominated: bool = False

    @property
    def half_width(self) -> float:
        return (self.upper - self.lower) / 2

    @property
    def centre(self) -> float:
        return (self.upper + self.lower) / 2

    def __sub__(self, claim: float) -> Interval:
        """Interval of the deviation from `claim`."""
        return Interval(self.lower - claim, self.upper - claim, self.settled, self.dominated)


@dataclass(frozen=True)
class ConfidenceSequence:
    """Normal-mixture confidence sequence for a mean: intervals I_N with P(some I_N misses the mean) <= alpha.

    Without bounds, the mixture N(0, 1/c) over the effect size, in its scale-invariant (Student) form: with
    k = c/(N + c) and A = (alpha^2 k)^(-1/N) the half-width is sqrt((A - 1)/(1 - A k) * m2/N), infinite where
    A k >= 1.  It is exact for Gaussian draws at every N and tends to Robbins' boundary
    sd sqrt((N + c)/N^2 * ln((N + c)/(c alpha^2))) for all laws with a variance.  With `bounds` = (a, b) it is
    Robbins' boundary with sd replaced by (b - a)/2, which holds at every N for every law on [a, b].

    Parameters
    ----------
    alpha : float
        Probability of ever missing, in (0, 1).
    target : float
        Number of draws at which the interval is tightest; far from it the price is a few per cent.
    bounds : (float, float), optional
        Known range of a draw.

    Raises
    ------
    DomainError
        If alpha, target or bounds are outside their range, or a draw is outside `bounds`.

    Notes
    -----
    Robbins (1970); Howard, Ramdas, McAuliffe and Sekhon (2021); for the Student form Lai (1976), Wang and
    Ramdas (2025).

    Examples
    --------
    >>> I = ConfidenceSequence(alpha=0.05).interval(Accumulator.of([0.0, 1.0] * 500))
    >>> round(I.lower, 3), round(I.upper, 3)
    (0.452, 0.548)
    """

    alpha: float = 1e-9
    target: float = 1000.0
    bounds: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 0 < real_number("alpha", self.alpha) < 1:
            raise DomainError(f"alpha is a probability in (0, 1); received {self.alpha!r}")
        if not 1 <= real_number("target", self.target) < math.inf:
            raise DomainError(f"target is a number of draws, at least 1; received {self.target!r}")
        if self.bounds is not None:
            ends = [real_number("a bound", end) for end in items("bounds", self.bounds)]
            if len(ends) != 2 or not -math.inf < ends[0] < ends[1] < math.inf:
                raise DomainError(f"bounds are two finite numbers a < b; received {self.bounds!r}")

    @property
    def z(self) -> float:
        """Gaussian deviate sqrt(2 ln(1/alpha)) of the skewness condition."""
        return math.sqrt(-2 * math.log(self.alpha))

    @property
    def prior_count(self) -> float:
        """The c of the mixture: N/c = w - 1 is optimal at N = target, where w - ln w = 1 - 2 ln alpha."""
        w = start = 1 - 2 * math.log(self.alpha)
        for _ in range(50):
            w = start + math.log(w)
        return self.target / (w - 1)

    def relative_half_width(self, count: int) -> float:
        """Half-width in units of the root mean square deviation sqrt(m2/N), at `count` draws."""
        if whole("the number of draws", count, 0) < 2:
            return math.inf
        log_k = math.log(self.prior_count / (count + self.prior_count))
        log_a = -(2 * math.log(self.alpha) + log_k) / count
        if log_a + log_k >= 0:
            return math.inf
        return math.sqrt(math.expm1(log_a) / -math.expm1(log_a + log_k))

    def interval(self, draws: Accumulator) -> Interval:
        """Interval of the mean after these draws, whole line while they are too few."""
        if not isinstance(draws, Accumulator):
            raise DomainError(f"the draws are summarised by an Accumulator; received {draws!r}; use Accumulator.of")
        if self.bounds is not None:
            return self._bounded(draws, *self.bounds)
        unit = self.relative_half_width(draws.count)
        if unit == math.inf:
            return Interval(-math.inf, math.inf, settled=False, dominated=False)
        half = unit * math.sqrt(draws.m2 / draws.count) + draws.rounding
        settled = not draws.degenerate and self.settling_count(draws) < draws.count
        return Interval(draws.mean - half, draws.mean + half, settled, draws.dominance > DOMINANCE_LIMIT)

    def settling_count(self, draws: Accumulator) -> float:
        """Draws of a law with the skewness of this sample beyond which the skewness term is negligible."""
        # A sample of a heavy tail shows too little of its skewness; the factor is calibrated, see docs/measurements.md.
        skewness = max(abs(draws.skewness), math.sqrt(0.9 * max(draws.kurtosis - 3, 0.0)))
        return (self.z**3 * skewness / (6 * SKEWNESS_LIMIT)) ** 2

    def _bounded(self, draws: Accumulator, low: float, high: float) -> Interval:
        n, c = draws.count, self.prior_count
        if n and not (low - draws.rounding <= draws.minimum and draws.maximum <= high + draws.rounding):
            raise DomainError(
                f"draws must lie in the bounds [{low}, {high}]; received [{draws.minimum}, {draws.maximum}]"
            )
        if not n:
            return Interval(low, high)
        half = (high - low) / 2 * math.sqrt((n + c) / n**2 * (math.log1p(n / c) - 2 * math.log(self.alpha)))
        half += draws.rounding
        return Interval(max(low, draws.mean - half), min(high, draws.mean + half))


class Outcome(enum.Enum):
    """What an interval says about a claimed value."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    UNDECIDED = "UNDECIDED"


def needed(resolution: float, envelope: float = 0.0) -> float:
    """Half-width (delta - b)/2 at which sampling stops: a settled interval of that size always decides.

    Raises DomainError unless 0 <= envelope < resolution.

    >>> needed(0.5, 0.25)
    0.125
    """
    if not 0 <= envelope < resolution < math.inf:
        raise DomainError(
            f"a comparison needs 0 <= envelope < resolution; received envelope {envelope!r}, "
            f"resolution {resolution!r}: take a larger width or a coarser resolution"
        )
    return (resolution - envelope) / 2


def decide(interval: Interval, claim: float, resolution: float, envelope: float = 0.0) -> Outcome:
    """Comparison of an interval I with a claimed value at resolution delta and finite-size envelope b.

    HOLDS iff I lies inside claim +- delta; FAILS iff I is disjoint from claim +- b and the skewness term is
    negligible; otherwise UNDECIDED.  An interval that one draw dominates is UNDECIDED.

    Raises DomainError unless 0 <= b < delta and the claim is finite.

    >>> decide(Interval(0.49, 0.51), 0.5, resolution=0.02), decide(Interval(0.49, 0.51), 0.6, resolution=0.02)
    (<Outcome.HOLDS: 'HOLDS'>, <Outcome.FAILS: 'FAILS'>)
    """
    needed(resolution, envelope)
    if not math.isfinite(claim):
        raise DomainError(f"the claimed value is a finite number; received {claim!r}")
    if interval.dominated:
        return Outcome.UNDECIDED
    if claim - resolution <= interval.lower and interval.upper <= claim + resolution:
        return Outcome.HOLDS
    apart = interval.upper < claim - envelope or interval.lower > claim + envelope
    return Outcome.FAILS if apart and interval.settled else Outcome.UNDECIDED


def advice(interval: Interval, claim: float, resolution: float, envelope: float = 0.0) -> str:
    """One line that explains `decide`, with the remedy if it is UNDECIDED."""
    outcome = decide(interval, claim, resolution, envelope)
    measured = f"{interval.centre:.6g} +- {interval.half_width:.2g}, claimed {claim:.6g}"
    if outcome is Outcome.HOLDS:
        return f"{measured}: within the resolution {resolution:.2g}"
    if outcome is Outcome.FAILS:
        return f"{measured}: apart by more than the envelope {envelope:.2g}"
    if interval.dominated:
        return f"{measured}: one draw dominates the mean; use a logarithm, a median or a bounded statistic"
    if interval.half_width > needed(resolution, envelope):
        return f"{measured}: half-width above {needed(resolution, envelope):.2g}; draw more"
    return f"{measured}: apart, but the sample is too skewed or constant to refute; draw more or give bounds"
