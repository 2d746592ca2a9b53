r"""All fixed points of the variance map: at zero by expansion, solved where the equation is, else by search.

No fixed point at all is proved by the sign of one integrand; otherwise the search covers the interval between two
variances beyond which there is none.
"""

from __future__ import annotations

from flint import arb
from sympy import Add, Expr, Integer, Rational, S, nan, oo

from theory.enclosure import enclose
from theory.errors import TheoryError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation
from theory.propagation.exact_roots import all_real_roots
from theory.propagation.fixed_point import FixedPoint, FixedPoints
from theory.propagation.local_expansion import (
    first_departure,
    one_sided_taylor,
    powers_at_zero,
    sides_at_zero,
    terms_at_zero,
)
from theory.propagation.one_sign import mean_sign
from theory.propagation.rates import Geometric, Logarithmic, Rate, SuperExponential, certified_sign, power_law
from theory.propagation.variance_curve import VarianceCurve
from theory.propagation.variance_ends import excluded_above, excluded_below
from theory.propagation.variance_search import VarianceSearch
from theory.symbols import q as variance_symbol

__all__ = ["all_variance_points"]

_LOWEST, _HIGHEST = Rational(1, 2**20), Rational(2**12)
_HIGHEST_ORDER = 12


def all_variance_points(curve: VarianceCurve) -> FixedPoints:
    """Fixed points in [0, oo) of the variance map of a network without free parameters."""
    affine = _affine(curve)
    if affine is not None:
        return affine
    origin, terms = _at_zero(curve)
    solved = all_real_roots(curve.derivative(0), curve.q) if curve.is_closed else None
    if solved is not None:
        exact = [r for r in solved if _is_root(curve, r)]
        points = [*origin, *(_classified(curve, r) for r in sorted(exact, key=lambda r: r.evalf(30)))]
        return _listed(points, S.Zero, oo, [])
    low, high = excluded_below(curve, terms), excluded_above(curve)
    if (low is None or high is None) and mean_sign(curve.integral):
        return _listed(origin, S.Zero, oo, [])
    search = VarianceSearch(curve)
    missing = ["no bound excludes fixed points near zero"] * (low is None)
    missing += ["no bound excludes fixed points at large variances"] * (high is None)
    start, end = low or _LOWEST, high or max(_HIGHEST, (low or _LOWEST) * 2**12)
    roots, stop = search.roots(start, end)
    reached = (S.Zero if low is not None else start, oo if high is not None and stop is None else stop or end)
    if stop is not None:
        missing.append(search.trouble)
    points = [_classified(curve, r, touches=r in search.tangent) for r in roots]
    return _listed([*origin, *points], *reached, missing)


def _listed(points: list[FixedPoint], low: Expr, high: Expr, missing: list[str]) -> FixedPoints:
    reason = "; ".join(missing)
    if not points and not missing:
        reason = "F(q) - q has one sign for every variance q"
    return FixedPoints(points, range=(low, high), complete=not missing, reason=reason)


def _affine(curve: VarianceCurve) -> FixedPoints | None:
    """The linear map and the constant one, solved."""
    q = curve.q
    if any(q in node.free_symbols for node in curve.expr.atoms(GaussianExpectation)):
        return None
    slope = curve.expr.diff(q)
    if slope.has(q):
        return None
    offset = curve.expr.subs(q, 0)
    sign = certified_sign(slope - 1, "the slope of the variance map, less one,")
    level = certified_sign(offset, "the constant of the variance map")
    if sign == 0:
        if level == 0:
            return _listed([FixedPoint(variance_symbol, S.One, "continuum")], S.Zero, oo, [])
        return FixedPoints([], range=(S.Zero, oo), reason=f"F(q) = q + {offset} exceeds q: variances grow linearly")
    value = offset / (1 - slope)
    if sign > 0 and level > 0:
        return FixedPoints([], range=(S.Zero, oo), reason=f"F(q) = {slope} q + {offset} exceeds q at every variance")
    return _listed([_by_multiplier(value, slope)], S.Zero, oo, [])


def _by_multiplier(value: Expr, multiplier: Expr, order: Expr = oo) -> FixedPoint:
    size = certified_sign(multiplier**2 - 1, "the squared multiplier less one")
    if size > 0:
        return FixedPoint(value, multiplier, "repelling")
    if size == 0:
        raise UnsupportedError(f"the variance map has slope {multiplier} at {value}; no rule covers period doubling")
    rate: Rate = Geometric(multiplier) if certified_sign(multiplier, "the multiplier") else SuperExponential(order)
    return FixedPoint(value, multiplier, "attracting", rate)


def _at_zero(curve: VarianceCurve) -> tuple[list[FixedPoint], list[tuple[Rational, Expr]] | None]:
    """The fixed point at zero if there is one, and the expansion of F(q) - q up to its first term that is not zero."""
    if certified_sign(curve.bias, "the bias") > 0:
        return [], None
    try:
        values = [side[0] for side in one_sided_taylor(curve.phi, 0)]
        terms = terms_at_zero(curve.phi, curve.weight, curve.slope, 1)
    except TheoryError:
        values, terms = [curve.phi.expr.subs(curve.phi.variable, 0)] * 2, None
    if any(not v.has(nan) and certified_sign(v, "the activation at zero") for v in values):
        return [], terms
    if terms is None:
        return [_of_rough_activation(curve)], None
    multiplier = terms[2][1] + 1
    if certified_sign(multiplier - 1, "the slope of the variance map at zero, less one,"):
        order = _first_order(curve) if certified_sign(multiplier, "the slope at zero") == 0 else oo
        return [_by_multiplier(S.Zero, multiplier, order)], terms
    for order in (3, _HIGHEST_ORDER // 2):
        terms = terms_at_zero(curve.phi, curve.weight, curve.slope, order)
        if any(certified_sign(a, f"the coefficient of q^{p}") for p, a in terms):
            break
    else:
        return [_touching_flatly(curve)], None
    law = power_law([t for t in terms if t[0] > 1])
    return [FixedPoint(S.Zero, S.One, "attracting" if law else "repelling", law)], terms


def _of_rough_activation(curve: VarianceCurve) -> FixedPoint:
    r"""Zero where the activation is like $c_\pm |x|^\alpha$: then F(q) is like $E|Z|^{2\alpha} q^\alpha$."""
    powers = powers_at_zero(curve.phi)
    if powers is None or any(p <= 0 for _, p in powers):
        raise UnsupportedError(
            f"{curve.phi.expr} vanishes at zero, and neither its Taylor expansions nor its leading powers there are "
            "known: whether the fixed point q = 0 attracts is not decided"
        )
    power = min(p for _, p in powers)
    square = Add(*(c**2 for c, p in powers if p == power)) / 2
    if power < 1:
        return FixedPoint(S.Zero, oo, "repelling")
    if power == 1 or curve.slope:
        return _by_multiplier(S.Zero, curve.slope + (curve.weight * square if power == 1 else 0))
    return FixedPoint(S.Zero, S.Zero, "attracting", SuperExponential(power))


def _touching_flatly(curve: VarianceCurve) -> FixedPoint:
    r"""Zero where F(q) - q vanishes to every order: it is like $\pm e^{-b^2/(2q)}$, b the first kink off the origin."""
    departure = first_departure(curve.phi)
    if departure is None:
        raise UnsupportedError(
            f"F(q) - q vanishes to order {_HIGHEST_ORDER // 2} at zero for {curve.phi.expr}; no rule gives its rate"
        )
    distance, sign = departure
    if sign > 0:
        return FixedPoint(S.Zero, S.One, "repelling")
    return FixedPoint(S.Zero, S.One, "attracting", Logarithmic(distance**2 / 2))


def _first_order(curve: VarianceCurve) -> Expr:
    """Power p of F(q) ~ c q^p at zero; infinity where F is smaller than every power."""
    if all(side == 0 for side in sides_at_zero(curve.phi)):
        return oo
    for k, (right, left) in enumerate(zip(*one_sided_taylor(curve.phi, _HIGHEST_ORDER), strict=True)):
        if certified_sign(right**2 + left**2, f"the Taylor coefficient of order {k}"):
            return Integer(k)
    raise UnsupportedError(f"{curve.phi.expr} vanishes to order {_HIGHEST_ORDER} at zero; its rate needs higher orders")


def _is_root(curve: VarianceCurve, value: Expr) -> bool:
    """Positive, and a root of the equation rather than of its rationalised form."""
    if not enclose(value, 30) > 0:
        return False
    return bool(abs(enclose(value, 40) - enclose(curve.expr.subs(curve.q, value), 40)) < arb(10) ** -25)


def _classified(curve: VarianceCurve, value: Expr, touches: bool = False) -> FixedPoint:
    multiplier = curve.derivative(1).subs(curve.q, value) + 1
    if not touches and certified_sign(multiplier - 1, f"the slope of the variance map at {value}, less one,"):
        return _by_multiplier(value, multiplier)
    second, third = (curve.derivative(m).subs(curve.q, value) / d for m, d in ((2, 2), (3, 6)))
    bend = certified_sign(second, "the second derivative of the variance map")
    if bend == 0:
        law = power_law([(Integer(3), third)])
        return FixedPoint(value, S.One, "attracting" if law else "repelling", law)
    law = power_law([(Integer(2), -abs(second) if bend < 0 else -second), (Integer(3), third)])
    return FixedPoint(value, S.One, "attracting_from_above" if bend < 0 else "attracting_from_below", law)
