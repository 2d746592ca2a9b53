"""Growth of one mode of a two-layer linear network under gradient flow."""

from sympy import Rational, exp, symbols

import theory as th


@th.theorem(topics=["dynamics", "deep_linear"], sources=["saxe2014exact"], status="theorem", needs=[])
def deep_linear_mode_growth():
    """With two balanced layers the strength u of a mode obeys tau u' = 2 u (s - u) and grows along a sigmoid to s.

    From u(0) = u0 the delay is about tau/(2 s) log(s/u0): strong modes are learned first.
    """
    s, u0, tau, t = symbols("s u_0 tau t", positive=True)
    u = symbols("u")
    growth = exp(2 * s * t / tau)

    def claim(solution, rate=2 * u * (s - u) / tau):
        return th.Flow({u: rate}, t, {u: solution}, {u: u0})

    stated = s * growth / (growth - 1 + s / u0)
    return th.Statement(
        claim=claim(stated),
        domains={
            s: th.Interval(Rational(1, 2), 4),
            u0: th.Interval(Rational(1, 1000), Rational(1, 2)),
            tau: th.Interval(Rational(1, 2), 2),
            t: th.Interval(0, 2, left_open=True),
        },
        near_misses=[
            claim(stated.subs(t, t / 2)),
            claim(stated.subs(t, 2 * t)),
            claim(s * growth / (growth + s / u0)),
            claim(stated, rate=u * (s - u) / tau),
        ],
    )
