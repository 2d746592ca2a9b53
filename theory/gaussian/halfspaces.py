r"""Half-space Gaussian calculus: moments of polynomials times half-space events.

For jointly Gaussian $X, U$ the rules are Stein's lemma in the polynomial degree,

$$ E[X_i F] = \mu_i E F + \sum_j \Sigma_{ij} E[\partial_j F], $$

where the derivative of the indicator of $U_h > 0$ is a point mass, that is a density times the same question
under the law conditioned on $U_h = 0$.  The recursion ends in orthant probabilities: elementary for independent
blocks and centred orthants of two, three variables, named functions otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from sympy.polys.fields import FracElement

from theory.gaussian.atoms import NotInClass
from theory.gaussian.field import CoefficientField

__all__ = ["HalfSpaceLaw", "Scalar", "Special", "Sum"]

_MAX_HALF_SPACES = 5


class Special(NamedTuple):
    """A transcendental function of standardised arguments, e.g. `erf` of mean / sqrt(2 variance).

    The data of an orthant are its thresholds (mean and variance, or the data of a score, which knows its limits), then
    the variances, then the covariances of the pairs.
    """

    kind: str  # "erf", "asin", "orthant", "score_erf", "score_exp"
    data: tuple[Any, ...]


class Scalar(NamedTuple):
    r"""Key of a term: $e^{\text{exponent}} \, \text{radicand}^{-1/2} (2\pi)^{-\text{pis}/2} \prod \text{specials}$."""

    exponent: FracElement
    radicand: FracElement
    pis: int
    specials: tuple[Special, ...]

    def times(self, other: Scalar) -> Scalar:
        """The product of two keys."""
        specials = tuple(sorted((*self.specials, *other.specials), key=str))
        return Scalar(self.exponent + other.exponent, self.radicand * other.radicand, self.pis + other.pis, specials)


Sum = dict[Scalar, FracElement]


def accumulate(total: Sum, factor: FracElement, scalar: Scalar | None, terms: Sum) -> None:
    """Add `factor * scalar * terms` to `total` in place."""
    for key, coeff in terms.items():
        product = key if scalar is None else scalar.times(key)
        value = total.get(product)
        total[product] = factor * coeff if value is None else value + factor * coeff


class HalfSpaceLaw:
    """Joint law of the variables X (first `size` coordinates) and the open half-spaces U (the rest).

    `noise_free` marks the coordinates whose half-space is an indicator; a pair of those degenerates when the
    variables are fully correlated, and is then written with functions that know their limits.
    """

    def __init__(
        self,
        field: CoefficientField,
        mean: list[FracElement],
        cov: list[list[FracElement]],
        size: int,
        degenerate: tuple[FracElement, ...] = (),
        parent: tuple[HalfSpaceLaw, int] | None = None,
    ) -> None:
        self.field, self.mean, self.cov, self.size = field, mean, cov, size
        self.degenerate, self.parent = degenerate, parent
        # Of half-spaces taken out of a conditioned law: the pairs of scores, since the parent does not fit any more.
        self.pairs: tuple[tuple[Any, ...] | None, ...] | None = None
        self.active = tuple(range(size, len(mean)))
        self.one_key = Scalar(field.zero, field.one, 0, ())
        self._moments: dict[tuple[int, ...], Sum] = {}
        self._children: dict[int, tuple[Scalar, HalfSpaceLaw]] = {}

    def moment(self, powers: tuple[int, ...]) -> Sum:
        """E[X^powers prod_h 1{U_h > 0}]."""
        known = self._moments.get(powers)
        if known is None:
            known = self._moments[powers] = self._moment(powers)
        return known

    def _moment(self, powers: tuple[int, ...]) -> Sum:
        i = next((i for i, p in enumerate(powers) if p), None)
        if i is None:
            return self._orthant()
        lower = (*powers[:i], powers[i] - 1, *powers[i + 1 :])
        total: Sum = {}
        if self.mean[i]:
            accumulate(total, self.mean[i], None, self.moment(lower))
        for j, p in enumerate(lower):
            if p and self.cov[i][j]:
                below = (*lower[:j], p - 1, *lower[j + 1 :])
                accumulate(total, self.cov[i][j] * p, None, self.moment(below))
        for h in self.active:
            if self.cov[i][h]:
                density, child = self._condition(h)
                accumulate(total, self.cov[i][h], density, child.moment(lower))
        return {key: c for key, c in total.items() if c}

    def _condition(self, h: int) -> tuple[Scalar, HalfSpaceLaw]:
        """Density of U_h at 0, and the law given U_h = 0."""
        if h not in self._children:
            mean, variance = self.mean[h], self.cov[h][h]
            if not variance:
                raise NotInClass("a half-space of zero variance: the law is degenerate")
            kept = [i for i in range(len(self.mean)) if i != h]
            gain = [self.cov[i][h] / variance for i in range(len(self.mean))]
            new_mean = [self.mean[i] - gain[i] * mean for i in kept]
            new_cov = [[self.cov[i][j] - gain[i] * self.cov[j][h] for j in kept] for i in kept]
            child = HalfSpaceLaw(self.field, new_mean, new_cov, self.size, self.degenerate, (self, h))
            self._children[h] = (self._density(h), child)
        return self._children[h]

    def _density(self, h: int) -> Scalar:
        mean, variance = self.mean[h], self.cov[h][h]
        exponent = -(mean**2) / (2 * variance)
        if self._degenerates(exponent):
            return Scalar(self.field.zero, variance, 1, (Special("score_exp", self._pair(h)),))
        return Scalar(exponent, variance, 1, ())

    def _pair(self, h: int) -> tuple[Any, ...]:
        """Thresholds, variances and covariance of U_h and of the half-space conditioned on before it."""
        assert self.parent is not None
        law, first = self.parent
        original = h + 1 if h >= first else h
        thresholds = (law._threshold(original), law._threshold(first))
        return (*thresholds, law.cov[original][original], law.cov[first][first], law.cov[original][first])

    def _degenerates(self, quotient: FracElement) -> bool:
        """Does the quotient lose its meaning where the law becomes singular?"""
        if (self.parent is None and self.pairs is None) or not self.degenerate:
            return False
        return any(quotient.denom.gcd(d.numer) != 1 for d in self.degenerate)

    def _orthant(self) -> Sum:
        """Pr{U_h > 0 for all h}."""
        one = self.field.one
        if not self.active:
            return {self.one_key: one}
        if len(self.active) == 1:
            return self._single(self.active[0])
        if len(self.active) == 2:
            return self._double(*self.active)
        blocks = self._blocks()
        if len(blocks) > 1:
            total = {self.one_key: one}
            for block in blocks:
                product: Sum = {}
                part = self._restricted(block)._orthant()
                for key, coeff in total.items():
                    accumulate(product, coeff, key, part)
                total = product
            return total
        if len(self.active) > _MAX_HALF_SPACES:
            raise NotInClass(f"an orthant of {len(self.active)} half-spaces")
        if len(self.active) > 3 and any(self.mean[h] for h in self.active):
            # Near singular correlations the definition is enclosed faster than such an orthant.
            raise NotInClass(f"an orthant of {len(self.active)} half-spaces with thresholds")
        if len(self.active) % 2 and not any(self.mean[h] for h in self.active):
            return self._odd_centred()
        return self._named()

    def _blocks(self) -> list[list[int]]:
        """The half-spaces in groups without correlation between them."""
        blocks: list[list[int]] = []
        for h in self.active:
            joined = [b for b in blocks if any(self.cov[g][h] for g in b)]
            blocks = [b for b in blocks if b not in joined]
            blocks.append(sorted([h, *(g for b in joined for g in b)]))
        return blocks

    def _restricted(self, kept: Sequence[int]) -> HalfSpaceLaw:
        """The law of some half-spaces alone."""
        mean = [self.mean[h] for h in kept]
        cov = [[self.cov[g][h] for h in kept] for g in kept]
        law = HalfSpaceLaw(self.field, mean, cov, 0, self.degenerate)
        law.pairs = tuple(self._pair_or_none(h) for h in kept)
        return law

    def _odd_centred(self) -> Sum:
        """By inclusion and exclusion: an orthant and its mirror image have the same probability."""
        total: Sum = {}
        half = self.field.one / 2
        for size in range(len(self.active)):
            for kept in combinations(self.active, size):
                accumulate(total, half * (-1) ** size, None, self._restricted(kept)._orthant())
        return {key: c for key, c in total.items() if c}

    def _named(self) -> Sum:
        """The orthant as a function of its thresholds and correlations, in an order that does not depend on names."""
        thresholds = {h: self._threshold(h) for h in self.active}

        def profile(h: int) -> str:
            return str((thresholds[h], self.cov[h][h], sorted(str(self.cov[g][h]) for g in self.active if g != h)))

        order = sorted(self.active, key=profile)
        data = [thresholds[h] for h in order] + [self.cov[h][h] for h in order]
        data += [self.cov[g][h] for g, h in combinations(order, 2)]
        return {self._key(Special("orthant", tuple(data))): self.field.one}

    def _threshold(self, h: int) -> tuple[Any, ...]:
        mean, variance = self.mean[h], self.cov[h][h]
        pair = self._pair_or_none(h)
        return pair if mean and pair is not None and self._degenerates(mean**2 / variance) else (mean, variance)

    def _pair_or_none(self, h: int) -> tuple[Any, ...] | None:
        if self.pairs is not None:
            return self.pairs[h]
        return None if self.parent is None else self._pair(h)

    def _single(self, h: int) -> Sum:
        total = {self.one_key: self.field.one / 2}
        mean, variance = self.mean[h], self.cov[h][h]
        if not mean:
            return total
        pair = self._pair_or_none(h)
        if pair is not None and self._degenerates(mean**2 / variance):
            special = Special("score_erf", pair)
            accumulate(total, self.field.one / 2, None, {self._key(special): self.field.one})
            return total
        turn, mean = self._oriented(mean)
        accumulate(total, turn / 2, None, {self._key(Special("erf", (mean, variance))): self.field.one})
        return total

    def _double(self, g: int, h: int) -> Sum:
        cross = self.cov[g][h]
        if not cross:
            product: Sum = {}
            second = self._single(h)
            for key, coeff in self._single(g).items():
                accumulate(product, coeff, key, second)
            return product
        if not self.mean[g] and not self.mean[h]:
            quarter: Sum = {self.one_key: self.field.one / 4}
            accumulate(quarter, self.field.one, None, self._arcsine(g, h))
            return quarter
        # Complex conjugate pairs stay as they are: their sum is then real term by term.
        if any(len(self._threshold(i)) > 2 for i in (g, h)):
            return self._named()
        is_real = not any(self.field.split(self.mean[i])[1] for i in (g, h))
        turn_g, mean_g = self._oriented(self.mean[g]) if is_real else (self.field.one, self.mean[g])
        turn_h, mean_h = self._oriented(self.mean[h]) if is_real else (self.field.one, self.mean[h])
        low, high = sorted(((mean_g, self.cov[g][g]), (mean_h, self.cov[h][h])), key=str)
        special = Special("orthant", (low, high, low[1], high[1], turn_g * turn_h * cross))
        total: Sum = {self._key(special): turn_g * turn_h}
        # Pr{U < 0, V > 0} = Pr{V > 0} - Pr{U > 0, V > 0}, used once per flipped mean.
        if turn_g == -1:
            accumulate(total, self.field.one, None, self._single(h))
        if turn_h == -1:
            flipped = self._single(g) if turn_g == 1 else self._complement(g)
            accumulate(total, turn_g, None, flipped)
        return {key: c for key, c in total.items() if c}

    def _complement(self, h: int) -> Sum:
        total = {key: -c for key, c in self._single(h).items()}
        accumulate(total, self.field.one, None, {self.one_key: self.field.one})
        return total

    def _arcsine(self, g: int, h: int) -> Sum:
        """asin(r)/(2 pi), the excess of a centred quadrant over 1/4."""
        cross = self.cov[g][h]
        if not cross:
            return {}
        turn, cross = self._oriented(cross)
        special = Special("asin", (cross, self.cov[g][g] * self.cov[h][h]))
        return {Scalar(self.field.zero, self.field.one, 2, (special,)): turn}

    def _key(self, special: Special) -> Scalar:
        return Scalar(self.field.zero, self.field.one, 0, (special,))

    def _oriented(self, element: FracElement) -> tuple[FracElement, FracElement]:
        """Sign and absolute value by the leading coefficient: a canonical choice, not an order."""
        if element and element.numer.LC < 0:
            return -self.field.one, -element
        return self.field.one, element
