"""Certified orthants P{X > h, Y > k} of a Gaussian pair, quick also next to correlation 1 and -1.

The wedge is split into what lies beyond its two sides, each one a ball integral with a bound on its tail.  On the
middle of the domain the tests compare it with the integral over the correlation that the package uses.  The error of
compiled functions is measured with it.
"""

from flint import acb, arb, ctx

from theory.gaussian.functions import Phi2

plackett = Phi2._ball


def tail(h):
    return (h / arb(2).sqrt()).erfc() / 2


def beyond(h, z):
    """W(h, z) for h > 0, z >= 0."""
    reach = ((arb(2) * ctx.prec).sqrt() + 2).mid()

    def integrand(x, _):
        return (-x * x / 2).exp() / (acb(h * h) + x * x)

    inner = acb.integral(integrand, acb(z), acb(z + reach), eval_limit=100 * ctx.prec).real
    inner += arb(0, 1) * (-((z + reach) ** 2) / 2).exp().upper() / (h * h + z * z).lower()
    return h * (-h * h / 2).exp() * inner / (2 * arb.pi())


def side(h, z):
    if z.contains(0):
        # W(h, 0) is half the tail, and the integrand is at most its value at 0.
        return tail(h) / 2 + arb(0, 1) * abs(z).upper() * ((-h * h / 2).exp() / (2 * arb.pi() * h)).upper()
    return beyond(h, z) if z >= 0 else tail(h) - beyond(h, -z)


def positive(h, k, r):
    width = ((1 - r) * (1 + r)).sqrt()
    return side(h, (k - r * h) / width) + side(k, (h - r * k) / width)


def orthant(h, k, r):
    if h > 0 and k > 0:
        return positive(h, k, r)
    if h < 0 and k < 0:
        return 1 - tail(-h) - tail(-k) + positive(-h, -k, r)
    if h < 0:
        return tail(k) - positive(-h, k, -r)
    return tail(h) - positive(h, -k, -r)


def Phi2_ball(h, k, r):
    """Phi2 on real balls away from the axes; the package's own elsewhere."""
    real = all(a.imag.is_zero() for a in (h, k, r))
    if real and abs(r) < 1 and not h.real.contains(0) and not k.real.contains(0):
        return acb(orthant(-h.real, -k.real, r.real))
    return plackett(h, k, r)
