r"""Half-space Gaussian calculus: moments of polynomials times half-space events.

For jointly Gaussian $X, U$ the rules are Stein's lemma in the polynomial degree,

$$ E[X_i F] = \mu_i E F + \sum_j \Sigma_{ij} E[\partial_j F], $$

where the derivative of the indicator of $U_h > 0$ is a point mass, that is a density times the same question
under the law conditioned on $U_h = 0$.  The recursion ends in orthant probabilities of at most three variables.
"""

from __future__ import annotations

from typing import NamedTuple

from sympy.polys.fields import FracElement

from theory.gaussian.atoms import NotInClass
from theory.gaussian.field import CoefficientField

__all__ = ["HalfSpaceLaw", "Scalar", "Special", "Sum"]


class Special(NamedTuple):
    """A transcendental function of standardised arguments, e.g. `erf` of mean / sqrt(2 variance)."""

    kind: str  # "erf", "asin", "orthant", "score_erf", "score_exp"
    data: tuple[FracElement, ...]


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
        parent: tuple[list[FracElement], list[list[FracElement]], int] | None = None,
    ) -> None:
        self.field, self.mean, self.cov, self.size = field, mean, cov, size
        self.degenerate, self.parent = degenerate, parent
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
            parent = (self.mean, self.cov, h)
            child = HalfSpaceLaw(self.field, new_mean, new_cov, self.size, self.degenerate, parent)
            self._children[h] = (self._density(h), child)
        return self._children[h]

    def _density(self, h: int) -> Scalar:
        mean, variance = self.mean[h], self.cov[h][h]
        exponent = -(mean**2) / (2 * variance)
        if self._degenerates(exponent):
            return Scalar(self.field.zero, variance, 1, (Special("score_exp", self._pair(h)),))
        return Scalar(exponent, variance, 1, ())

    def _pair(self, h: int) -> tuple[FracElement, ...]:
        """Means, variances and covariance of U_h and of the half-space conditioned on before it."""
        assert self.parent is not None
        mean, cov, first = self.parent
        original = h + 1 if h >= first else h
        return (mean[original], cov[original][original], mean[first], cov[first][first], cov[original][first])

    def _degenerates(self, quotient: FracElement) -> bool:
        """Does the quotient lose its meaning where the law becomes singular?"""
        if self.parent is None or not self.degenerate:
            return False
        return any(quotient.denom.gcd(d.numer) != 1 for d in self.degenerate)

    def _orthant(self) -> Sum:
        """Pr{U_h > 0 for all h}."""
        one, half = self.field.one, self.field.one / 2
        if not self.active:
            return {self.one_key: one}
        if len(self.active) == 1:
            return self._single(self.active[0])
        if len(self.active) == 2:
            return self._double(*self.active)
        if len(self.active) == 3 and not any(self.mean[h] for h in self.active):
            total = {self.one_key: half / 4}
            for g, h in ((0, 1), (0, 2), (1, 2)):
                accumulate(total, half, None, self._arcsine(self.active[g], self.active[h]))
            return total
        raise NotInClass(f"an orthant of {len(self.active)} half-spaces has no elementary closed form")

    def _single(self, h: int) -> Sum:
        total = {self.one_key: self.field.one / 2}
        mean, variance = self.mean[h], self.cov[h][h]
        if not mean:
            return total
        if self._degenerates(mean**2 / variance):
            special = Special("score_erf", self._pair(h))
            accumulate(total, self.field.one / 2, None, {self._key(special): self.field.one})
            return total
        turn, mean = self._oriented(mean)
        accumulate(total, turn / 2, None, {self._key(Special("erf", (mean, variance))): self.field.one})
        return total

    def _double(self, g: int, h: int) -> Sum:
        cross = self.cov[g][h]
        if not cross:
            total: Sum = {}
            second = self._single(h)
            for key, coeff in self._single(g).items():
                accumulate(total, coeff, key, second)
            return total
        if not self.mean[g] and not self.mean[h]:
            total = {self.one_key: self.field.one / 4}
            accumulate(total, self.field.one, None, self._arcsine(g, h))
            return total
        # Complex conjugate pairs stay as they are: their sum is then real term by term.
        is_real = not any(self.field.split(self.mean[i])[1] for i in (g, h))
        turn_g, mean_g = self._oriented(self.mean[g]) if is_real else (self.field.one, self.mean[g])
        turn_h, mean_h = self._oriented(self.mean[h]) if is_real else (self.field.one, self.mean[h])
        first, second_ = sorted(((mean_g, self.cov[g][g]), (mean_h, self.cov[h][h])), key=str)
        special = Special("orthant", (*first, *second_, turn_g * turn_h * cross))
        total = {self._key(special): turn_g * turn_h}
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
