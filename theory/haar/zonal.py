"""Zonal spherical functions of the pair (S_2k, hyperoctahedral group), as weights of spectral sums."""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import factorial, prod

from flint import fmpq, fmpq_mat

from theory.haar.partitions import Partition, as_partition, centralizer_order, contents, dominates, partitions

__all__ = ["zonal_values"]


@cache
def power_to_monomial(degree: int) -> fmpq_mat:
    """Matrix L of `p_mu = sum_nu L[mu, nu] m_nu` in the order of `partitions(degree)`."""
    types = partitions(degree)
    index = {nu: i for i, nu in enumerate(types)}
    matrix = fmpq_mat(len(types), len(types))
    for row, mu in enumerate(types):
        # A set of blocks of parts with sums nu can be laid onto the bins of nu in prod mult! ways.
        blocks: Counter[Partition] = Counter({(): 1})
        for part in mu:
            grown: Counter[Partition] = Counter()
            for sums, count in blocks.items():
                grown[as_partition((*sums, part))] += count
                for position in range(len(sums)):
                    grown[as_partition((*sums[:position], sums[position] + part, *sums[position + 1 :]))] += count
            blocks = grown
        for nu, count in blocks.items():
            matrix[row, index[nu]] = count * prod(factorial(m) for m in Counter(nu).values())
    return matrix


@cache
def monomial_coefficients(shape: Partition) -> dict[Partition, fmpq]:
    """Zonal polynomial of `shape` in monomial symmetric functions, leading coefficient 1.

    The Laplace-Beltrami operator is triangular in dominance order, which gives the coefficients one by one.
    """
    energy = {mu: sum(contents(mu, 2)) for mu in partitions(sum(shape)) if dominates(shape, mu)}
    result = {shape: fmpq(1)}
    for mu in energy:
        if mu == shape:
            continue
        total = fmpq(0)
        for i in range(len(mu)):
            for j in range(i + 1, len(mu)):
                for t in range(1, mu[j] + 1):
                    raised = list(mu)
                    raised[i] += t
                    raised[j] -= t
                    upper = as_partition(part for part in raised if part)
                    if upper in result:
                        total += (mu[i] - mu[j] + 2 * t) * result[upper]
        result[mu] = total / (energy[shape] - energy[mu])
    return result


@cache
def zonal_values(shape: Partition) -> tuple[fmpq, ...]:
    """Coefficients of `1/prod(n + content)` in `Wg_O(mu, n)`, `mu` in the order of `partitions(k)`.

    The generating function `E exp(tr J'O) = sum_shape C_shape(J J') / (2^k k! prod(n + content))` in zonal
    polynomials `C_shape` (which add up to `p_1^k`) equals `sum_mu Wg(mu) p_mu(J J') / (2^parts z_mu)`.

    Source: collins2009some.
    """
    degree = sum(shape)
    types = partitions(degree)
    index = {mu: i for i, mu in enumerate(types)}
    coefficients = fmpq_mat(1, len(types))
    for mu, coefficient in monomial_coefficients(shape).items():
        coefficients[0, index[mu]] = coefficient
    powers = coefficients * inverse_transition(degree)
    norm = normalisation(shape) / (2**degree * factorial(degree))
    return tuple(norm * powers[0, i] * 2 ** len(mu) * centralizer_order(mu) for i, mu in enumerate(types))


@cache
def inverse_transition(degree: int) -> fmpq_mat:
    """Inverse of `power_to_monomial`."""
    return power_to_monomial(degree).inv()


def normalisation(shape: Partition) -> fmpq:
    """Leading coefficient of `C_shape`: `2^k k! / prod (2 arm + leg + 2)`."""
    columns = [sum(1 for part in shape if part > j) for j in range(shape[0])] if shape else []
    product = fmpq(2 ** sum(shape) * factorial(sum(shape)))
    for i, part in enumerate(shape):
        for j in range(part):
            arm, leg = part - j - 1, columns[j] - i - 1
            product /= 2 * arm + leg + 2
    return product
