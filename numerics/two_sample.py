"""Two-sample test of equal distributions, sensitive to every difference of the joint law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from numerics.arguments import real_array
from numerics.loops.energy import energy_permutations
from theory.arguments import whole
from theory.errors import DomainError

__all__ = ["TwoSample", "energy_test"]

_MOST = 10**6  # lines and permutations; each is a row of an array


@dataclass(frozen=True)
class TwoSample:
    """Outcome of a two-sample test.

    `statistic` : the distance of the samples; `p_value` : its tail probability under permutations of the
    labels, from a Pearson III law with the mean, variance and skewness of the permutations; `rank` : share of the
    permutations, the sample included, that reach the statistic, an exact p-value no smaller than
    1/(permutations + 1).
    """

    statistic: float
    p_value: float
    rank: float


def energy_test(
    first: ArrayLike, second: ArrayLike, *, lines: int = 32, permutations: int = 299, seed: int = 0
) -> TwoSample:
    r"""Sliced energy test of the hypothesis that two samples have the same law.

    Every coordinate is replaced by the normal score of its pooled rank, so the test is unchanged by increasing
    maps of a coordinate and indifferent to heavy tails, and folded scores are added as further coordinates.  The
    statistic is the fourth-power mean over lines through the origin (the axes, and random ones on the whitened
    scores) of the Cramer distance $\int (F - G)^2$ of the projections; a difference on one line is not averaged away.

    Parameters
    ----------
    first, second : arrays (n, d) and (m, d), one draw per row; infinite entries are allowed, nan is not.
    lines : random lines beside the d axes.
    permutations : of the labels, for the null law.
    seed : of the lines and permutations.

    Raises
    ------
    DomainError
        for fewer than 20 draws, different d, or entries that are not numbers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, y, z = rng.normal(size=(3, 500, 2))
    >>> energy_test(x, y).p_value > 0.01, energy_test(x, z + [0.5, 0]).p_value < 1e-6
    (True, True)

    References
    ----------
    szekely2013energy
    """
    a, b = (real_array("a sample", sample) for sample in (first, second))
    a, b = (sample[:, None] if sample.ndim == 1 else sample for sample in (a, b))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 20:
        raise DomainError(
            f"two samples of at least 20 draws of the same d coordinates are needed; received {a.shape} and {b.shape}"
        )
    if np.isnan(a).any() or np.isnan(b).any():
        raise DomainError("the samples hold entries that are not numbers; drop or report those draws first")
    lines, permutations = whole("lines", lines, 1, _MOST), whole("permutations", permutations, 2, _MOST)
    generator = np.random.Generator(np.random.SFC64(whole("seed", seed, 0, None)))
    scores = _normal_scores(np.concatenate([a, b]))
    # The distances of Cramer see a shift far better than a change of spread, which is a shift of |score|.
    points = _projections(np.column_stack([scores, _normal_scores(np.abs(scores))]), lines, generator)
    orders = np.argsort(points, axis=1, kind="stable")
    gaps = np.diff(np.take_along_axis(points, orders, axis=1), axis=1)
    weights = np.concatenate([np.full(len(a), 1 / len(a)), np.full(len(b), -1 / len(b))])
    results = np.empty(permutations + 1)
    energy_permutations(generator, orders, gaps, weights, results)
    return TwoSample(float(results[0]), _pearson_tail(results[0], results[1:]), float((results >= results[0]).mean()))


def _normal_scores(pooled: NDArray[np.float64]) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = ndtri(rankdata(pooled, axis=0) / (len(pooled) + 1))
    varying = scores.std(axis=0) > 0
    return scores[:, varying]


def _projections(scores: NDArray[np.float64], lines: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Scores on the axes and on random lines of the whitened cloud, shape (lines, points), unit variance."""
    if scores.shape[1] == 0:
        return np.zeros((1, len(scores)))
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(scores.T)))
    kept = values > 1e-9 * values[-1]
    white = scores @ (vectors[:, kept] / np.sqrt(values[kept]))
    directions = generator.standard_normal((white.shape[1], lines))
    both = np.concatenate([scores.T, (white @ (directions / np.linalg.norm(directions, axis=0))).T])
    return np.ascontiguousarray(both / both.std(axis=1, keepdims=True))


def _pearson_tail(value: float, null: NDArray[np.float64]) -> float:
    from scipy.stats import pearson3

    spread = null.std(ddof=1)
    if spread == 0:
        return 1.0 if value <= null[0] else 0.0
    standard = (null - null.mean()) / spread
    # A sum of squares is skewed to the right; a sampled skewness below 0.1 would only be noise.
    skewness = max(float((standard**3).mean()), 0.1)
    return float(pearson3.sf((value - null.mean()) / spread, skewness))
