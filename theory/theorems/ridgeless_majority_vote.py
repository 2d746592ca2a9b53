"""Refuted: without ridge a deep kernel of slope below one at one votes with the majority."""

from sympy import Matrix, Rational, Symbol, symbols

import theory as th
from theory.symbols import ell, rho

b = Symbol("b", positive=True)
s, t = symbols("s t", real=True)


def _tangent(r):
    return (1 - b ** (ell + 1)) / (1 - b) - (ell + 1) * b**ell * (1 - r)


@th.theorem(
    topics=["depth", "classification", "refuted"],
    sources=["radhakrishnan2023wide"],
    status="refuted",
    needs=["majority_vote_tangent_kernel"],
)
def ridgeless_majority_vote():
    """FALSE: regression with the tangent kernel at depth l predicts the mean label, kappa = 1 - b + b rho, b < 1.

    All entries tend to 1/(1 - b), yet what is left of their differences decides: two training points of correlation
    rho and labels 1, 0 give a test point of correlations s, t the value 1/2 + (s - t)/(2 (1 - rho)) in the limit.  The
    vote needs kappa'(1) > 1, or a ridge kept while the depth grows.  The hypotheses of the source were not seen.
    """
    gram = Matrix([[_tangent(1), _tangent(rho)], [_tangent(rho), _tangent(1)]])
    weights = gram.inv() * Matrix([1, 0])
    prediction = (Matrix([[_tangent(s), _tangent(t)]]) * weights)[0]
    at = {b: Rational(1, 2), ell: 60, rho: 0, s: Rational(1, 2), t: -Rational(1, 2)}
    inside = th.Interval(-1, 1, left_open=True, right_open=True)
    return th.Statement(
        claim=th.Refutation(th.Identity(prediction, Rational(1, 2)), at=at),
        domains={
            b: th.Interval(Rational(1, 10), Rational(9, 10)),
            ell: th.Integers(1, 100),
            rho: inside,
            s: inside,
            t: inside,
        },
        missing_witness="one number against another; their enclosures decide",
    )
