"""Expressions as functions on balls: every value comes back with a rigorous radius (python-flint)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import flint
import sympy as sp
from flint import acb, arb, fmpq
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Not, Or, to_nnf

from theory.errors import UnsupportedError

__all__ = ["BallFunction", "ball_function", "workprec"]

BallFunction = Callable[[Sequence[acb], bool], acb]


@contextmanager
def workprec(bits: int) -> Iterator[None]:
    """Work at `bits` of precision; the setting is global to the process and restored at the end."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def ball_function(e: sp.Expr, variables: Sequence[sp.Symbol] = ()) -> BallFunction:
    """The expression as `f(balls, analytic)`, with its constants enclosed at the current precision.

    With `analytic=True` the value is not finite wherever the function is not analytic on the ball.

    Raises
    ------
    UnsupportedError
        for a function without an enclosure, by name.
    """
    place = _Places({v: i for i, v in enumerate(variables)})
    place.repeated = _repeated(e, place)
    whole = _build(e, place)
    # A tuple of its own marks one evaluation: what the caller does to the sequence afterwards cannot reach it.
    return (lambda z, analytic: whole((*z,), analytic)) if place.shared else whole


class _Places(dict[sp.Symbol, int]):
    """Place of each variable among the balls; the nodes that occur more than once, and those of them built so far."""

    repeated: frozenset[sp.Basic] = frozenset()

    def __init__(self, places: dict[sp.Symbol, int]) -> None:
        super().__init__(places)
        self.shared: dict[sp.Expr, BallFunction] = {}


def _repeated(e: sp.Expr, place: _Places) -> frozenset[sp.Basic]:
    """Nodes with a function of the variables that are arguments of several nodes."""
    if not place:
        return frozenset()
    seen, twice, stack = {e}, set(), [e]
    while stack:
        for a in stack.pop().args:
            if a in seen:
                twice.add(a)
            else:
                seen.add(a)
                stack.append(a)
    return frozenset(
        a
        for a in twice
        if isinstance(a, sp.Expr) and not a.is_Symbol and a.free_symbols & place.keys() and a.has(sp.Function, sp.exp)
    )


def _once(f: BallFunction) -> BallFunction:
    """The function with its last value kept: the same balls, at the same precision, are not evaluated again."""
    last: tuple[Any, ...] = (None, False, 0, None)

    def value(z: Sequence[acb], analytic: bool) -> acb:
        nonlocal last
        prec = flint.ctx.prec
        if last[0] is not z or last[1] != analytic or last[2] != prec:
            last = (z, analytic, prec, f(z, analytic))
        found: acb = last[3]
        return found

    return value


def _build(e: sp.Expr, place: _Places) -> BallFunction:
    if e in place.repeated:
        if e not in place.shared:
            place.shared[e] = _once(_build_new(e, place))
        return place.shared[e]
    return _build_new(e, place)


def _build_new(e: sp.Expr, place: _Places) -> BallFunction:
    if e in place:
        index = place[e]
        return lambda z, analytic: z[index]
    if not e.free_symbols & place.keys():
        value = _constant(e)
        return lambda z, analytic: value
    if isinstance(e, sp.Sum):
        return _build(_written_out(e), place)
    parts = [_build(a, place) for a in e.args] if not isinstance(e, sp.Piecewise) else []
    return _combine(e, parts, place)


def _written_out(e: sp.Sum) -> sp.Expr:
    """A finite sum as its terms."""
    if not all(limit.is_Integer for _, *ends in e.limits for limit in ends):
        raise UnsupportedError(f"no enclosure for {e}; only sums between two integers")
    return e.doit()


def _constant(e: sp.Expr) -> acb:
    if isinstance(e, sp.Rational):
        return acb(fmpq(int(e.p), int(e.q)))
    special = _CONSTANTS.get(e)
    if special is not None:
        return special()
    if isinstance(e, sp.Float):
        return acb(arb(str(e)))
    if isinstance(e, sp.CRootOf):
        return _root(e)
    whole = getattr(e, "_enclose", None)
    if whole is not None:
        return acb(whole())
    if not e.args or isinstance(e, sp.Symbol):
        raise UnsupportedError(f"no enclosure for {e}; substitute a number for it first")
    if isinstance(e, sp.Sum):
        return _constant(_written_out(e))
    parts = [_build(a, _Places({})) for a in e.args] if not isinstance(e, sp.Piecewise) else []
    return _combine(e, parts, _Places({}))((), False)


def _root(e: sp.CRootOf) -> acb:
    """Root of a polynomial, from the isolating interval that sympy refines."""
    step = sp.Rational(1, 1 << (flint.ctx.prec + 4))
    near = e.eval_rational(dx=step, dy=step)
    re, im = (arb(_fraction(part), _fraction(step)) for part in near.as_real_imag())
    return acb(re) if e.is_real else acb(re, im)


def _fraction(number: sp.Rational) -> arb:
    return arb(fmpq(int(number.p), int(number.q)))


_CONSTANTS: dict[sp.Expr, Callable[[], acb]] = {
    sp.pi: lambda: acb(arb.pi()),
    sp.E: lambda: acb(arb.const_e()),
    sp.EulerGamma: lambda: acb(arb.const_euler()),
    sp.I: lambda: acb(0, 1),
    sp.oo: lambda: acb(arb.pos_inf()),
    -sp.oo: lambda: acb(arb.neg_inf()),
}


def _combine(e: sp.Expr, parts: list[BallFunction], place: _Places) -> BallFunction:
    if isinstance(e, sp.Add):
        return lambda z, analytic: _sum(p(z, analytic) for p in parts)
    if isinstance(e, sp.Mul):
        entire = _without_poles(e)
        if entire is not e:
            return _build(entire, place)
        return lambda z, analytic: _product(p(z, analytic) for p in parts)
    if isinstance(e, sp.Pow):
        return _power(e, parts)
    if isinstance(e, sp.Piecewise):
        return _piecewise(e, place)
    if isinstance(e, sp.Max | sp.Min):
        choose = "real_max" if isinstance(e, sp.Max) else "real_min"
        return lambda z, analytic: _fold(choose, [p(z, analytic) for p in parts], analytic)
    own = getattr(e, "_ball", None)
    if own is not None:
        return lambda z, analytic: own(*(p(z, analytic) for p in parts))
    several = _SEVERAL.get(e.func)
    if several is not None:
        return lambda z, analytic: several([p(z, analytic) for p in parts], analytic)
    plain = _PLAIN.get(e.func)
    if plain is not None:
        first = parts[0]
        return lambda z, analytic: plain(first(z, analytic))
    careful = _CAREFUL.get(e.func)
    if careful is not None:
        first = parts[0]
        return lambda z, analytic: careful(first(z, analytic), analytic)
    raise UnsupportedError(f"no enclosure for the function {e.func.__name__}")


def _without_poles(e: sp.Mul) -> sp.Expr:
    """sin(a)/a as sinc(a), which has no pole at 0."""
    powers = e.as_powers_dict()
    for factor in e.atoms(sp.sin):
        argument = factor.args[0]
        base = argument.as_independent(*argument.free_symbols)[1]
        common = min(powers.get(factor, sp.S.Zero), -powers.get(base, sp.S.Zero))
        if common.is_Integer and common > 0 and argument.free_symbols:
            return e * (base / factor) ** common * (sp.sinc(argument) * argument / base) ** common
    return e


def _sum(terms: Any) -> acb:
    total = acb(0)
    for t in terms:
        total += t
    return total


def _product(factors: Any) -> acb:
    total = acb(1)
    for f in factors:
        total *= f
    return total


def _fold(name: str, values: list[acb], analytic: bool) -> acb:
    result = values[0]
    for v in values[1:]:
        result = getattr(result, name)(v, analytic)
    return result


def _power(e: sp.Pow, parts: list[BallFunction]) -> BallFunction:
    base = parts[0]
    if isinstance(e.exp, sp.Integer):
        power = int(e.exp)
        return lambda z, analytic: base(z, analytic) ** power
    if e.exp == sp.Rational(1, 2):
        return lambda z, analytic: base(z, analytic).sqrt(analytic)
    if e.exp == sp.Rational(-1, 2):
        return lambda z, analytic: base(z, analytic).rsqrt(analytic)
    if e.base == sp.E:
        exponent = parts[1]
        return lambda z, analytic: exponent(z, analytic).exp()
    exponent = parts[1]
    return lambda z, analytic: base(z, analytic).pow(exponent(z, analytic), analytic)


def _cut_away(value: acb, good: bool, analytic: bool) -> acb:
    return acb(arb.nan(), arb.nan()) if analytic and not good else value


def _inverse_sine(z: acb, analytic: bool) -> acb:
    inside = bool(abs(z.real) < 1) or z.imag != 0
    return _cut_away(z.asin(), inside, analytic)


def _inverse_cosine(z: acb, analytic: bool) -> acb:
    inside = bool(abs(z.real) < 1) or z.imag != 0
    return _cut_away(z.acos(), inside, analytic)


def _off_imaginary_cut(name: str) -> Callable[[acb, bool], acb]:
    def apply(z: acb, analytic: bool) -> acb:
        good = bool(abs(z.imag) < 1) or bool(z.real > 0) or bool(z.real < 0)
        return _cut_away(getattr(z, name)(), good, analytic)

    return apply


def _inverse_sinh(z: acb, analytic: bool) -> acb:
    """By oddness from the right half-plane, where z + sqrt(z^2 + 1) does not cancel."""
    mirrored = bool(z.real < 0)
    value = _off_imaginary_cut("asinh")(-z if mirrored else z, analytic)
    return -value if mirrored else value


def _lambert_w(values: list[acb], analytic: bool) -> acb:
    z, branch = values[0], int(float(values[1].real)) if len(values) > 1 else 0
    beyond = bool(z.real > -1 / arb.const_e()) or z.imag != 0
    return _cut_away(z.lambertw(branch), beyond and branch == 0, analytic)


def _real_abs(z: acb, analytic: bool) -> acb:
    return z.real_abs(analytic)


_PLAIN: dict[Any, Callable[[acb], acb]] = {
    sp.exp: acb.exp,
    sp.sin: acb.sin,
    sp.cos: acb.cos,
    sp.tan: acb.tan,
    sp.sinh: acb.sinh,
    sp.cosh: acb.cosh,
    sp.tanh: acb.tanh,
    sp.coth: acb.coth,
    sp.sech: acb.sech,
    sp.csch: acb.csch,
    sp.sinc: acb.sinc,
    sp.erf: acb.erf,
    sp.erfc: acb.erfc,
    sp.erfi: acb.erfi,
    sp.gamma: acb.gamma,
    sp.re: lambda z: acb(z.real),
    sp.im: lambda z: acb(z.imag),
    sp.factorial: lambda z: (z + 1).gamma(),
}


def _off_negative_axis(name: str) -> Callable[[list[acb], bool], acb]:
    """A function f(order, z) with a cut along the negative half-line."""

    def apply(values: list[acb], analytic: bool) -> acb:
        order, z = values
        good = bool(z.real > 0) or not z.imag.contains(0)
        return _cut_away(getattr(z, name)(order), good, analytic)

    return apply


_SEVERAL: dict[Any, Callable[[list[acb], bool], acb]] = {
    sp.LambertW: _lambert_w,
    sp.besselk: _off_negative_axis("bessel_k"),
    sp.lowergamma: _off_negative_axis("gamma_lower"),
    sp.uppergamma: _off_negative_axis("gamma_upper"),
}

_CAREFUL: dict[Any, Callable[[acb, bool], acb]] = {
    sp.log: lambda z, analytic: z.log(analytic),
    sp.asin: _inverse_sine,
    sp.acos: _inverse_cosine,
    sp.atan: _off_imaginary_cut("atan"),
    sp.asinh: _inverse_sinh,
    sp.Abs: _real_abs,
    sp.sign: lambda z, analytic: z.real_sgn(analytic),
    sp.Heaviside: lambda z, analytic: z.real_heaviside(analytic),
}


def _piecewise(e: sp.Piecewise, place: _Places) -> BallFunction:
    branches = [(_build(value, place), _truth(to_nnf(condition, simplify=False), place)) for value, condition in e.args]

    def evaluate(z: Sequence[acb], analytic: bool) -> acb:
        hull: acb | None = None
        for value, truth in branches:
            known = truth(z)
            if known is False:
                continue
            here = value(z, analytic)
            hull = here if hull is None else hull.union(here)
            if known:
                return hull
            if analytic:
                break
        return acb(arb.nan(), arb.nan())

    return evaluate


def _truth(condition: Boolean, place: _Places) -> Callable[[Sequence[acb]], bool | None]:
    """Truth of a condition on a ball: True, False, or None where the ball straddles it."""
    if isinstance(condition, And | Or):
        parts = [_truth(c, place) for c in condition.args]
        ends = isinstance(condition, Or)

        def joined(z: Sequence[acb]) -> bool | None:
            values = [p(z) for p in parts]
            if ends in values:
                return ends
            return None if None in values else not ends

        return joined
    if isinstance(condition, Not):
        inner = _truth(condition.args[0], place)
        return lambda z: None if (t := inner(z)) is None else not t
    if isinstance(condition, Relational):
        gap = _build(condition.lhs - condition.rhs, place)
        func = condition.func

        def compare(z: Sequence[acb]) -> bool | None:
            value = gap(z, False).real
            if value > 0 or value < 0 or value == 0:
                return bool(func(sp.Integer(1 if value > 0 else -1 if value < 0 else 0), 0))
            if (value >= 0 and func is sp.Ge) or (value <= 0 and func is sp.Le):
                return True
            return None

        return compare
    decided = bool(condition)
    return lambda z: decided
