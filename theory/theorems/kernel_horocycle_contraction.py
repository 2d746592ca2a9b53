"""Julia's inequality for a kernel map at one."""

from sympy import Rational, Symbol

import theory as th

c = Rational(1, 2)  # the value of the map at correlation zero
x, y = Symbol("x", real=True), Symbol("y", real=True)


def _builder(rate):
    def build(weights):
        real, imaginary = _image(weights)
        slope = (1 - c) * sum(weight * power for power, weight in enumerate(weights))
        left = ((1 - real) ** 2 + imaginary**2) * (1 - x**2 - y**2)
        return th.Bound(left, rate(slope) * ((x - 1) ** 2 + y**2) * (1 - real**2 - imaginary**2))

    return build


def _image(weights):
    """Real and imaginary part of c + (1 - c) sum a_k (x + i y)^k, by Horner's rule."""
    real = imaginary = 0
    for weight in reversed(weights):
        real, imaginary = real * x - imaginary * y + weight, real * y + imaginary * x
    return c + (1 - c) * real, (1 - c) * imaginary


@th.theorem(topics=["depth", "kernel"], sources=["joudaki2024kernel"], status="derived", needs=["mehler_formula"])
def kernel_horocycle_contraction():
    """|1 - kappa(w)|^2/(1 - |kappa(w)|^2) <= kappa'(1) |1 - w|^2/(1 - |w|^2) in the unit disc, multiplied out.

    Stated in the authors' summary; the text of the paper was not seen.  Here w = x + i y and kappa(0) = 1/2.
    """
    family = th.HermiteWeights(4, centered=True)

    def claim(rate, text):
        left, right = r"\frac{|1 - \kappa_c(w)|^2}{1 - |\kappa_c(w)|^2}", r"\frac{|1 - w|^2}{1 - |w|^2}"
        place = r"w = x + i y,\quad \kappa_c = \tfrac{1}{2}(1 + \kappa)"
        return th.ForAll(family, _builder(rate), rf"{left} \le {text}\,{right},\quad {place}")

    return th.Statement(
        claim=claim(lambda slope: slope, r"\kappa_c'(1)"),
        domains={x: th.Interval(-1, 1), y: th.Interval(-1, 1)},
        assumptions=[x**2 + y**2 < 1],
        near_misses=[
            claim(lambda slope: slope**2, r"\kappa_c'(1)^2"),
            claim(lambda slope: slope / 2, r"\frac{1}{2}\kappa_c'(1)"),
        ],
    )
