r"""Confidence sequences for proportions, quantiles and distribution functions, valid at every stopping time.

A proportion p is tested by the mixture martingale of the Beta(1/2, 1/2) law,
$M_N(p) = \frac{B(s + 1/2,\, N - s + 1/2)}{B(1/2, 1/2)\, p^s (1 - p)^{N - s}}$ with s successes in N draws; by Ville's
inequality it ever reaches $1/\alpha$ with probability at most $\alpha$, without any approximation.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, xlog1py, xlogy

from numerics.arguments import real_array, real_number
from numerics.statistics import Interval
from theory.arguments import whole
from theory.errors import DomainError

__all__ = ["distribution_band", "proportion_interval", "quantile_interval"]

_BISECTIONS = 60


def proportion_interval(successes: int, count: int, alpha: float = 1e-9) -> Interval:
    """Interval of a proportion; the probability that it ever misses, over all counts, is at most `alpha`.

    Parameters
    ----------
    successes, count : draws with the property, and all draws.
    alpha : probability of ever missing, in (0, 1).

    Raises
    ------
    DomainError
        unless 0 <= successes <= count and 0 < alpha < 1.

    Examples
    --------
    >>> interval = proportion_interval(30, 100, alpha=0.05)
    >>> round(interval.lower, 3), round(interval.upper, 3)
    (0.166, 0.463)
    >>> proportion_interval(0, 0)
    Interval(lower=0.0, upper=1.0, settled=True, dominated=False)
    """
    _check(alpha)
    whole("the successes", successes, 0, whole("the count", count, 0))
    if not count:
        return Interval(0.0, 1.0)
    centre = successes / count

    def inside(p: float) -> bool:
        return bool(_log_martingale(successes, count, p) < -math.log(alpha))

    lower = _edge(inside, centre, 0.0) if successes else 0.0
    upper = _edge(inside, centre, 1.0) if successes < count else 1.0
    return Interval(lower, upper)


def quantile_interval(draws: ArrayLike, level: float, alpha: float = 1e-9) -> Interval:
    """Interval of the `level`-quantile of the law of the draws, any law; ever missing has probability <= `alpha`.

    Its ends are order statistics, infinite while the draws are too few.

    Raises
    ------
    DomainError
        unless 0 < level < 1 and 0 < alpha < 1, or if a draw is not a number.

    Examples
    --------
    >>> interval = quantile_interval(np.arange(1000.0), 0.5, alpha=0.01)
    >>> interval.lower, interval.upper
    (435.0, 564.0)
    """
    _check(alpha)
    if not 0 < real_number("the level", level) < 1:
        raise DomainError(f"the level of a quantile is in (0, 1); received {level!r}")
    x = _sorted(draws)
    counts = np.arange(len(x) + 1)
    kept = np.flatnonzero(_log_martingale(counts, len(x), level) < -math.log(alpha))
    least, most = int(kept[0]), int(kept[-1])
    lower = -math.inf if least == 0 else float(x[least - 1])
    upper = math.inf if most == len(x) else float(x[most])
    return Interval(lower, upper)


def distribution_band(count: int, alpha: float = 1e-9, *, anytime: bool = True) -> float:
    r"""Half-width of a band around the empirical distribution function that holds the true one everywhere.

    For one count fixed beforehand $\sqrt{\ln(2/\alpha)/(2N)}$ (Dvoretzky, Kiefer, Wolfowitz; Massart's constant); at
    all counts together the same with $\alpha/(N(N + 1))$ in place of $\alpha$, which sums to $\alpha$.

    Raises
    ------
    DomainError
        unless 0 < alpha < 1 and count >= 0.

    >>> round(distribution_band(10_000, 0.01), 4), round(distribution_band(10_000, 0.01, anytime=False), 4)
    (0.0344, 0.0163)
    """
    _check(alpha)
    if count < 0:
        raise DomainError(f"a count is not negative; received {count}")
    if not count:
        return 1.0
    price = math.log(count) + math.log(count + 1) if anytime else 0.0
    return min(1.0, math.sqrt((math.log(2 / alpha) + price) / (2 * count)))


def _log_martingale(successes: ArrayLike, count: int, p: float) -> np.ndarray:
    s = np.asarray(successes, dtype=float)
    mixed = betaln(s + 0.5, count - s + 0.5) - betaln(0.5, 0.5)
    return np.asarray(mixed - xlogy(s, p) - xlog1py(count - s, -p))


def _edge(inside: Callable[[float], bool], good: float, bad: float) -> float:
    """The end of the interval between a point inside and an end of [0, 1]; the outer end of the last bisection."""
    for _ in range(_BISECTIONS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if inside(middle) else (good, middle)
    return bad


def _sorted(draws: ArrayLike) -> np.ndarray:
    x = np.sort(real_array("the draws", draws).ravel())
    if np.isnan(x).any():
        raise DomainError("the draws hold entries that are not numbers; drop or report those draws first")
    return x


def _check(alpha: float) -> None:
    if not 0 < real_number("alpha", alpha) < 1:
        raise DomainError(f"alpha is a probability in (0, 1); received {alpha!r}")
