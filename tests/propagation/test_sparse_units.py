"""Sparsity of a layer, and clipping as the cure of its instability."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from sympy import Abs, Max, N, Rational, Symbol, sign

from theory.activations import Activation, activation
from theory.errors import DomainError
from theory.propagation.edge_of_chaos import edge_of_chaos
from theory.propagation.sparse_units import clipped, sparsity
from theory.symbols import x

SOFT = Activation(sign(x) * Max(Abs(x) - Rational(3, 2), 0), x)
GAP = Activation(Max(x - 1, 0) + Max(-x - Rational(1, 2), 0), x)


@pytest.mark.parametrize(
    ("phi", "low", "high"), [(SOFT, -1.5, 1.5), (GAP, -0.5, 1.0), (activation("relu"), float("-inf"), 0.0)]
)
def test_sparsity_is_a_probability(phi, low, high):
    law = NormalDist(0, 2**0.5)
    assert float(sparsity(phi, 2)) == pytest.approx(law.cdf(high) - law.cdf(low), abs=1e-14)
    assert float(sparsity(phi, 3)) != pytest.approx(law.cdf(high) - law.cdf(low), abs=1e-3) or low == float("-inf")


def test_sparsity_with_a_symbolic_threshold():
    tau = Symbol("tau", positive=True)
    share = sparsity(Activation(Max(x - tau, 0), x), 1).subs(tau, Rational(1))
    assert float(share) == pytest.approx(NormalDist().cdf(1.0), abs=1e-14)


@pytest.mark.parametrize("phi", [SOFT, GAP, activation("shifted_relu", tau=1)])
def test_clipping_makes_the_edge_of_chaos_attract(phi):
    raw, cured = edge_of_chaos(phi, 1), edge_of_chaos(clipped(phi, Rational(1, 2)), 1)
    assert raw.stability == "attracting_from_below"
    assert raw.slope == 1 or abs(N(raw.slope) - 1) < 1e-12
    assert cured.stability == "attracting"
    assert N(cured.slope) < 0.9
    assert sparsity(clipped(phi, Rational(1, 2))) == sparsity(phi)


def test_refused():
    with pytest.raises(DomainError, match="level"):
        clipped(SOFT, 0)
    with pytest.raises(DomainError, match="variance"):
        sparsity(SOFT, -1)
    with pytest.raises(DomainError, match="Activation"):
        sparsity(x)
