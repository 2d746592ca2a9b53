"""Balance of two scalar layers under gradient flow."""

from sympy import Rational, symbols

import theory as th


@th.theorem(topics=["dynamics", "deep_linear"], sources=["saxe2014exact"], status="theorem", needs=[])
def layer_balance_invariant():
    """Gradient flow of (s - a b)^2/2 keeps a^2 - b^2: a' = b (s - a b), b' = a (s - a b) move on its level sets."""
    a, b, c = symbols("a b c", real=True)
    s = symbols("s", positive=True)
    flow = {a: b * (s - a * b), b: a * (s - a * b)}
    return th.Statement(
        claim=th.Invariance(a**2 - b**2 - c, flow),
        domains={
            a: th.Interval(-3, 3),
            b: th.Interval(-3, 3),
            c: th.Interval(-2, 2),
            s: th.Interval(Rational(1, 2), 3),
        },
        near_misses=[
            th.Invariance(a**2 + b**2 - c, flow),
            th.Invariance(a - b - c, flow),
            th.Invariance(a**2 - 2 * b**2 - c, flow),
            th.Invariance(a**2 - b**2 - c, {a: b * (s - a * b), b: -a * (s - a * b)}),
        ],
    )
