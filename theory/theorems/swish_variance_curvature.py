"""The critical variance of the swish attracts from below: its variance map is convex there."""

from sympy import Integer, Matrix, Rational, Tuple, exp

import theory as th
from theory.symbols import u

_VARIANCE = Rational(1432, 100)  # the critical one is 14.3202


@th.theorem(
    topics=["criticality", "moments"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["swish_critical_variance", "weighted_heat_equation"],
)
def swish_variance_curvature():
    """E[swish(X)^2 (X^4 - 6 q X^2 + 3 q^2)] > 2/5 at q = 14.32, X ~ N(0, q), next to the critical variance.

    This is 4 q^4 times the second derivative of E[swish^2], so the marginal fixed point attracts from below and repels
    above it; that of the Gaussian error linear unit, with a concave map, attracts from above.
    """
    weight = u**4 - 6 * _VARIANCE * u**2 + 3 * _VARIANCE**2
    swish = u / (1 + exp(-u))
    curvature = th.GaussianExpectation(swish**2 * weight, Tuple(u), Matrix([[_VARIANCE]]), Tuple(0))
    return th.Statement(
        claim=th.Bound(Rational(2, 5), curvature, strict=True),
        domains={},
        near_misses=[th.Bound(Rational(1, 2), curvature, strict=True), th.Bound(curvature, Integer(0), strict=True)],
        missing_witness="a mean with a weight of degree four; it is integrated with error bounds, not sampled",
    )
