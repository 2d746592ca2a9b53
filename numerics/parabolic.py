r"""Orbits that tend to a fixed point of slope one: the power law of their decay, with a proof.

In $t = |x - x^*|^{1/m}$, m = 1 or 2 (a square root at the fixed point), the map is $H(t) = |f(x) - x^*|$ with exact
Taylor coefficients.  Where Taylor's theorem with a remainder in balls gives $0 < H(t) < t^m$ on $(0, \tau]$, every
orbit that enters the interval tends to the fixed point, and its law is that of the first coefficients.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flint import acb, arb
from sympy import Dummy, Expr, Pow, Rational, Symbol, acos, asin, factor, factorial, nan, oo, pi, sqrt, zoo

from numerics.iteration import orbit
from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import PrecisionError, UnsupportedError
from theory.orbits import Orbit
from theory.propagation.rates import power_law
from theory.propagation.vanishing import vanishes

__all__ = ["Decay", "decay"]

_BITS = 200
_HIGHEST = 7  # the map is compared with the identity up to this order
_SCALES = 24
_DEPTHS = (0, 4, 32, 256, 2048)


class Decay(NamedTuple):
    r"""`constant * l^-exponent (1 + log_coefficient log(l)/l + O(1/l))`, all exact; the last may be unknown."""

    exponent: Expr
    constant: Expr
    log_coefficient: Expr | None


def decay(sequence: Orbit) -> Decay:
    r"""The power law of an orbit without parameters whose readout is affine and vanishes in the limit.

    Raises
    ------
    UnsupportedError
        if the readout is not affine, its zero is no fixed point of slope one, or the map has no expansion there in
        powers of the distance or of its square root.
    PrecisionError
        if the orbit does not enter an interval where the expansion is proved to contract.

    Examples
    --------
    >>> from sympy import Integer, sin
    >>> x = Symbol("x")
    >>> decay(Orbit(sin(x), x, Integer(1)))
    Decay(exponent=1/2, constant=sqrt(3), log_coefficient=-3/10)
    """
    x, readout = sequence.variable, sequence.readout
    assert readout is not None
    slope = readout.diff(x)
    if slope.has(x) or vanishes(slope):
        raise UnsupportedError(f"a decay is read from an affine function of {x}; received {readout}")
    limit = -readout.subs(x, 0) / slope
    side = _side(sequence, limit)
    for ramification in (1, 2):
        t = Dummy("t", positive=True)
        image = _unfolded(side * (sequence.map.subs(x, limit + side * t**ramification) - limit), t)
        found = _expansion(image, t, ramification)
        if found is not None:
            break
    else:
        raise UnsupportedError(f"{sequence.map} has no expansion in powers of the root of the distance from {limit}")
    terms, beyond = found
    law = power_law([(Rational(k, ramification), c) for k, c in terms[1:]])
    if law is None:
        raise UnsupportedError(f"orbits of {sequence.map} on this side of {limit} move away from it")
    _enters(sequence, limit, side, _basin(image, beyond, t, ramification, terms), ramification)
    logarithm = None
    if law.log_coefficient is not None:
        logarithm = -law.exponent * law.log_coefficient * law.constant ** (1 / law.exponent)
    return Decay(law.exponent, slope * side * law.constant, logarithm)


def _side(sequence: Orbit, limit: Expr) -> int:
    """Whether the orbit arrives from above or from below."""
    value = orbit(sequence.map, sequence.variable, sequence.start, sequence.variable - limit, [_DEPTHS[1]])[0]
    return 1 if value > 0 else -1


def _unfolded(e: Expr, t: Symbol) -> Expr:
    """Inverse circular functions and roots at their branch point as analytic functions of the positive t."""

    def arc(w: Expr) -> Expr:
        for end in (1, -1):
            if vanishes(w.subs(t, 0) - end):
                angle = 2 * asin(sqrt(factor(((1 - end * w) / 2).expand())))
                return angle if end == 1 else pi - angle
        return acos(w)

    def root(base: Expr, power: Expr) -> Expr:
        inner = factor(base.expand()) if power.is_Rational and not power.is_Integer and base.has(t) else base
        return Pow(inner, power)

    e = e.replace(asin, lambda w: pi / 2 - arc(w) if arc(w).func is not acos else asin(w))
    return e.replace(acos, arc).replace(Pow, root)


def _expansion(image: Expr, t: Symbol, ramification: int) -> tuple[list[tuple[int, Expr]], Expr] | None:
    """Taylor coefficients from the order of the distance up to that of the logarithm, and the derivative after them.

    None if a derivative is infinite.
    """
    terms: list[tuple[int, Expr]] = []
    part, last = image, _HIGHEST
    for k in range(2 * _HIGHEST):
        value = part.subs(t, 0)
        if value.has(nan, zoo, oo, -oo):
            return None
        value /= factorial(k)
        if k < ramification and not vanishes(value):
            raise UnsupportedError(f"the map moves the point at which the readout vanishes, by {value}")
        if k == ramification and not vanishes(value - 1):
            raise UnsupportedError(f"the map has the slope {value} at its fixed point; power laws belong to slope one")
        if k >= ramification:
            terms.append((k, value))
        if k > ramification and last == _HIGHEST and not vanishes(value):
            last = max(2 * k - ramification, k + 2)  # up to the logarithm; a short expansion contracts on little only
        part = part.diff(t)
        if k >= last:
            break
    return terms, part


def _basin(image: Expr, beyond: Expr, t: Symbol, ramification: int, terms: list[tuple[int, Expr]]) -> arb:
    """A distance below which the map is proved to bring every point nearer, and not to or across the fixed point."""
    order = next(k for k, c in terms[1:] if not vanishes(c))
    degree = terms[-1][0] + 1
    with workprec(_BITS):
        whole = ball_function(image, [t])
        remainder = ball_function(beyond / factorial(degree), [t])
        known = [(k - order, enclose(c, 50)) for k, c in terms if k >= order]
        for distance in _scales():
            ball = arb(0).union(distance)
            last = remainder([acb(ball)], True).real
            if not (whole([acb(ball)], True).is_finite() and last.is_finite()):
                continue
            change = sum((c * ball**k for k, c in known), last * ball ** (degree - order))
            if change < 0 and 1 + distance ** (order - ramification) * change > 0:
                return distance**ramification
    raise PrecisionError(f"no interval is found in which {image} is proved to be below {t}^{ramification}")


def _scales() -> Iterator[arb]:
    return (arb(2) ** -j for j in range(_SCALES))


def _enters(sequence: Orbit, limit: Expr, side: int, basin: arb, ramification: int) -> None:
    distance = side * (sequence.variable - limit)
    for depth in _DEPTHS:
        value = orbit(sequence.map, sequence.variable, sequence.start, distance, [depth])[0]
        if 0 < value <= basin:
            return
    raise PrecisionError(
        f"after {_DEPTHS[-1]} steps the orbit is at the distance {value.str(6)} from {limit}; the expansion is proved"
        f" to contract below {basin.str(6)}"
    )
