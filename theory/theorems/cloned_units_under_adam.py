"""Adaptive steps with momentum keep cloned units equal."""

from sympy import Rational, symbols

import theory as th

y = symbols("y", real=True)
w1, w2, m1, m2 = symbols("w1 w2 m1 m2", real=True)  # weights into the two units, and their momenta
s1, s2 = symbols("s1 s2", positive=True)  # one over the roots of the second moments


def _flow():
    """Adam in continuous time, on the squared error of phi(w1) + phi(w2) at the input 1, phi(h) = h + h^2."""
    loss = (y - sum(w + w**2 for w in (w1, w2))) ** 2 / 2
    flow = {}
    for weight, mean, scale in ((w1, m1, s1), (w2, m2, s2)):
        gradient = loss.diff(weight)
        flow[weight] = -mean * scale
        flow[mean] = gradient - mean
        flow[scale] = Rational(1, 4) * (scale - scale**3 * gradient**2)
    return flow


@th.theorem(topics=["cloning", "dynamics"], sources=["joudaki2025barriers"], status="derived", needs=[])
def cloned_units_under_adam():
    """Two hidden units with equal weights, momenta and second moments stay equal under Adam, in continuous time.

    w' = -m s, m' = g - m, (1/s^2)' = (g^2 - 1/s^2)/2 for the weight w into a unit, g its gradient; the weights out of
    the units are one.  The gradients of equal units are equal, and every rule that acts on the entries of the gradient
    alike keeps them so: momentum and adaptive step sizes do not leave the set of cloned networks.
    """
    kept = (w1 - w2, m1 - m2, s1 - s2)
    flow = _flow()
    part, positive = th.Interval(-1, 1), th.Interval(Rational(1, 2), 2)
    return th.Statement(
        claim=th.Invariance(kept, flow),
        domains={**dict.fromkeys((y, w1, w2, m1, m2), part), s1: positive, s2: positive},
        near_misses=[
            th.Invariance((w1 - w2, m1 - 2 * m2, s1 - s2), flow),
            th.Invariance((w1 - w2, s1 - s2), flow),
            th.Invariance((w1 + w2, m1 + m2, s1 - s2), flow),
        ],
    )
