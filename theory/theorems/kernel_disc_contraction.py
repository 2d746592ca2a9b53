"""Contraction of a centred kernel map in the whole unit disc."""

from sympy import Symbol, chebyshevt

import theory as th

a = Symbol("a", nonnegative=True)  # slope of the map at zero
radius, cosine = Symbol("r", nonnegative=True), Symbol("c", real=True)


def _builder(rate):
    def build(weights):
        powers = (0, a, *((1 - a) * weight for weight in weights[1:]))
        terms = [(k, weight) for k, weight in enumerate(powers) if weight]
        square = sum(w * v * radius ** (j + k) * chebyshevt(abs(j - k), cosine) for j, w in terms for k, v in terms)
        scale = rate * radius
        return th.Bound(square * (1 - radius + scale) ** 2, scale**2)

    return build


@th.theorem(
    topics=["depth", "kernel"],
    sources=["joudaki2024kernel"],
    status="derived",
    needs=["mehler_formula", "kernel_potential_contraction"],
)
def kernel_disc_contraction():
    """|kappa|/(1 - |kappa|) <= ((1 + kappa'(0))/2) |w|/(1 - |w|) for |w| < 1 complex, kappa(0) = 0, multiplied out.

    Here w = r (c + i sqrt(1 - c^2)).  An inner fixed point is brought to zero by an automorphism of the disc, with
    kappa'(rho*) in place of kappa'(0).  On the real line 1/(2 - kappa'(0)) is the better rate.  Stated in the authors'
    summary; the text of the paper was not seen.
    """
    family = th.HermiteWeights(4, centered=True)
    inside = th.Interval(0, 1, right_open=True)

    def claim(rate, text):
        left, map_ = r"\frac{|\kappa_a(w)|}{1 - |\kappa_a(w)|}", r"\kappa_a(w) = a w + (1 - a)\, w\, \kappa(w)"
        place = r"w = r\bigl(c + i\sqrt{1 - c^2}\bigr)"
        return th.ForAll(family, _builder(rate), rf"{left} \le {text}\,\frac{{r}}{{1 - r}},\quad {map_},\quad {place}")

    return th.Statement(
        claim=claim((1 + a) / 2, r"\frac{1 + a}{2}"),
        domains={radius: inside, cosine: th.Interval(-1, 1), a: th.Interval(0, 1)},
        near_misses=[claim(a, "a"), claim((1 + 3 * a) / 4, r"\frac{1 + 3 a}{4}")],
        missing_witness="a deterministic inequality; nothing is random",
    )
