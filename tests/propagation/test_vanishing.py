"""Numbers proved to be zero: in the field of one algebraic number, and not next to zero."""

import pytest
from sympy import CRootOf, Rational, sqrt
from sympy.abc import x

from theory.propagation.vanishing import vanishes

ROOT = CRootOf(x**3 + 2 * x**2 - 2, 0)


@pytest.mark.parametrize(
    "zero",
    [ROOT**3 + 2 * ROOT**2 - 2, (ROOT**5 + 2 * ROOT**4 - 2 * ROOT**2) / (ROOT + 7), 1 / (ROOT + 2) - ROOT**2 / 2],
)
def test_a_rational_function_of_a_root(zero):
    assert vanishes(zero)
    assert not vanishes(zero + Rational(1, 10**60))
    assert not vanishes(zero + sqrt(2) * Rational(1, 10**30))


def test_a_root_is_not_a_conjugate():
    other = CRootOf(x**3 + 2 * x**2 - 2, 1)
    assert not vanishes(ROOT - other)
