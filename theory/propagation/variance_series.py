r"""Gaussian means as power series in the variance, with a proved remainder.

For $f \in L^2(N(0, K_0))$ with Hermite coefficients $c_k$ at the variance $K_0$,
$$ E_{K_0(1+\delta)} f = \sum_m a_m \delta^m, \qquad a_m = \frac{\sqrt{(2m)!}}{2^m m!}\, c_{2m}, \qquad
   |a_m| \le \|f\|_{K_0}, \quad |\delta| < 1, $$
so that one set of coefficients covers a whole interval of variances.
"""

from __future__ import annotations

from typing import NamedTuple

from flint import arb, fmpq

from theory.balls import workprec

__all__ = ["VarianceSeries", "density_series", "upper"]

_DISC = fmpq(9, 10)  # radius on which densities at a kink are bounded
_SHRUNK = fmpq(9, 10)


class VarianceSeries(NamedTuple):
    r"""$\sum_m a_m\delta^m$ with $|a_m| \le \text{bound} \cdot \text{disc}^{-m}$ for every m, known up to some M."""

    coefficients: tuple[arb, ...]
    bound: arb
    disc: fmpq = fmpq(1)

    def plus(self, other: VarianceSeries) -> VarianceSeries:
        """Sum of two series of the same length."""
        pairs = zip(self.coefficients, other.coefficients, strict=True)
        return VarianceSeries(tuple(a + b for a, b in pairs), self.bound + other.bound, min(self.disc, other.disc))

    def scaled(self, factor: arb) -> VarianceSeries:
        """Multiple of the series."""
        return VarianceSeries(tuple(factor * a for a in self.coefficients), upper(abs(factor)) * self.bound, self.disc)

    def times_variance(self, center: arb) -> VarianceSeries:
        r"""Product with the variance $K_0(1 + \delta)$."""
        a = self.coefficients
        shifted = (a[0], *(a[m] + a[m - 1] for m in range(1, len(a))))
        return VarianceSeries(tuple(center * c for c in shifted), upper(center) * self.bound * 2, self.disc)

    def value(self, delta: arb) -> arb:
        """Ball around the sum on a ball of displacements inside the disc."""
        total = arb(0)
        for a in reversed(self.coefficients):
            total = total * delta + a
        x = upper(abs(delta)) / self.disc
        return total + _spread(self.bound * x ** len(self.coefficients) / (1 - x))

    def derivative(self) -> VarianceSeries:
        """Derivative in the displacement, on a disc that is smaller by a tenth: (m + 1) 0.9^m < 4."""
        terms = tuple(m * self.coefficients[m] for m in range(1, len(self.coefficients)))
        return VarianceSeries(terms, 4 * self.bound / arb(self.disc), self.disc * _SHRUNK)

    def slope(self, delta: arb) -> arb:
        """Ball around the derivative in the displacement."""
        total = arb(0)
        for m in range(len(self.coefficients) - 1, 0, -1):
            total = total * delta + m * self.coefficients[m]
        x, n = upper(abs(delta)) / self.disc, len(self.coefficients)
        return total + _spread(self.bound / self.disc * x ** (n - 1) * (n - (n - 1) * x) / (1 - x) ** 2)


def density_series(place: arb, center: arb, length: int, bits: int) -> VarianceSeries:
    r"""Density of $N(0, K_0(1+\delta))$ at a point b, by $(1+\delta)^2 f' = (\beta - \frac{1+\delta}{2}) f$."""
    with workprec(bits + 4 * length + 60):
        beta = place * place / (2 * center)
        terms = [(-beta).exp() / (2 * arb.pi() * center).sqrt()]
        for m in range(length - 1):
            below = terms[m - 1] if m else arb(0)
            step = (beta - fmpq(1, 2) - 2 * m) * terms[m] - (m - 1 + fmpq(1, 2)) * below
            terms.append(step / (m + 1))
        # On |delta| = r the density is at most (2 pi K_0 (1 - r))^(-1/2) exp(-beta/(1 + r)), by Cauchy.
        bound = (-beta / (1 + arb(_DISC))).exp() / (2 * arb.pi() * center * (1 - arb(_DISC))).sqrt()
    return VarianceSeries(tuple(terms), upper(bound), _DISC)


def upper(ball: arb) -> arb:
    """The upper end of a ball, exact."""
    return ball.abs_upper()


def _spread(radius: arb) -> arb:
    return arb(0, radius.abs_upper())
