"""Normal form over transcendental atoms: decides that a difference is zero, without `simplify`.

Every transcendental function value becomes a generator, equal arguments meeting by the same decision; square roots
become algebraic generators reduced by their squares; what is left is a rational function.  "True" is a proof; "False"
only says that these rules do not reduce the difference to zero.
"""

from __future__ import annotations

from collections.abc import Callable
from math import lcm
from typing import Any

from sympy import (
    Abs,
    Add,
    DiracDelta,
    Dummy,
    Expr,
    Function,
    Heaviside,
    I,
    Integer,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    acos,
    apart,
    asin,
    cancel,
    ceiling,
    cosh,
    coth,
    erf,
    erfc,
    exp,
    expand,
    factor_list,
    factorint,
    floor,
    log,
    pi,
    sign,
    sinh,
    sqrt,
    tanh,
)
from sympy.polys.polyerrors import PolynomialError

from theory.gaussian.field import CoefficientField
from theory.gaussian.functions import conditional_score, phi2
from theory.gaussian.ordering import Ordering

__all__ = ["is_zero", "proves_zero"]

_JUMPS = (Piecewise, sign, Heaviside, floor, ceiling, DiracDelta, log)
_ODD = ("asin", "atan", "asinh", "erf", "sin", "erfi", "tan")


def is_zero(e: Expr, sample: dict[Symbol, Expr], ordering: Ordering | None = None) -> bool:
    """True if the rules reduce the expression to zero.

    `sample` is one admissible interior point.  A root is split into the roots of its factors only where `ordering`
    proves their signs; without an `ordering` every radicand is taken to be positive on a connected domain, so that
    its factors of odd power keep the sign they have at the sample.

    Examples
    --------
    >>> from sympy.abc import r
    >>> is_zero(acos(r) + asin(r) - pi / 2, {r: Rational(1, 3)})
    True
    >>> is_zero(sqrt(1 - r**2) - sqrt(1 - r) * sqrt(1 + r), {r: Rational(1, 3)})
    True
    >>> is_zero(sqrt(r**2) - r, {r: Rational(1, 3)})
    False
    """
    return _Reducer(sample, ordering).is_zero(e)


def proves_zero(
    e: Expr,
    sample: dict[Symbol, Expr],
    exact_points: dict[Symbol, list[Expr]],
    ordering: Ordering | None = None,
) -> str | None:
    """How the expression is proved zero, or None.

    Either the normal form vanishes, or the derivative in one symbol does and so does the value at an exact point;
    the second route is for expressions without jumps.
    """
    if is_zero(e, sample, ordering):
        return "normal form of the difference is zero"
    if e.has(*_JUMPS):
        return None
    for s, points in exact_points.items():
        if s not in e.free_symbols or not is_zero(e.diff(s), sample, ordering):
            continue
        for point in points:
            value = e.subs(s, point)
            rest = {t: v for t, v in sample.items() if t != s}
            if not value.has(S.NaN, S.ComplexInfinity) and is_zero(value, rest, ordering):
                return f"derivative in {s} is zero and so is the value at {s} = {point}"
    return None


class _Reducer:
    def __init__(self, sample: dict[Symbol, Expr], ordering: Ordering | None) -> None:
        self.sample, self.ordering = sample, ordering
        self.functions: list[tuple[Function, Dummy]] = []
        self.roots: dict[Expr, Dummy] = {}
        self.exponents: dict[Expr, int] = {}
        self.exponentials: dict[Expr, Dummy] = {}
        self._known_roots: dict[Expr, Expr] = {}

    def is_zero(self, e: Expr) -> bool:
        e = _standard(e)
        self._scan_exponents(e)
        return self._vanishes(self._rewrite(e))

    def _scan_exponents(self, e: Expr) -> None:
        """Common denominators of the exponents, so that exp(x) and exp(x/2) share a generator."""
        for node in e.atoms(exp):
            for coeff, monom in _terms(node.exp):
                self.exponents[monom] = lcm(self.exponents.get(monom, 1), int(coeff.q))

    def _rewrite(self, e: Expr) -> Expr:
        if isinstance(e, Rational) or e in (pi, I) or isinstance(e, Symbol):
            return e
        if isinstance(e, exp):
            return self._exponential(e.exp)
        if isinstance(e, Add | Mul):
            return e.func(*(self._rewrite(a) for a in e.args))
        if isinstance(e, Pow):
            if isinstance(e.exp, Integer):
                return Pow(self._rewrite(e.base), e.exp)
            if isinstance(e.exp, Rational) and e.exp.q == 2:
                return Pow(self._root(e.base), e.exp.p)
            return self._opaque(e)
        if isinstance(e, Function) and all(isinstance(a, Expr) for a in e.args):  # a Piecewise has conditions
            return self._function(e)
        return self._opaque(e)

    def _exponential(self, exponent: Expr) -> Expr:
        product: Expr = S.One
        for coeff, monom in _terms(exponent):
            unit = self.exponents.setdefault(monom, int(coeff.q))
            generator = self.exponentials.setdefault(monom, Dummy("e", positive=True))
            product *= generator ** (coeff * unit)
        return product

    def _function(self, e: Function) -> Expr:
        if isinstance(e, Abs | sign) and self.ordering is not None:
            known = self.ordering.sign_or_none(e.args[0])
            if known is not None:
                return known * (self._rewrite(e.args[0]) if isinstance(e, Abs) else S.One)
        for known, generator in self.functions:
            if known.func != e.func or len(known.args) != len(e.args):
                continue
            if all(self._same(a, b) for a, b in zip(known.args, e.args, strict=True)):
                return generator
            if e.func.__name__ in _ODD and self._same(known.args[0], -e.args[0]):
                return -generator
        generator = Dummy(e.func.__name__)
        self.functions.append((e, generator))
        return generator

    def _opaque(self, e: Expr) -> Expr:
        return self.roots.setdefault(e, Dummy("opaque"))

    def _same(self, a: Expr, b: Expr) -> bool:
        return a == b or _Reducer(self.sample, self.ordering).is_zero(a - b)

    def _root(self, radicand: Expr) -> Expr:
        """sqrt as a product of roots of irreducible factors, positive at the sample."""
        if radicand not in self._known_roots:
            self._known_roots[radicand] = self._split_root(radicand)
        return self._known_roots[radicand]

    def _split_root(self, radicand: Expr) -> Expr:
        radicand = self._rewrite(_standard(radicand)).together()
        numer, denom = radicand.as_numer_denom()
        try:
            content, factors = factor_list(expand(numer * denom))
            scale, below = factor_list(expand(denom))
        except PolynomialError:
            return self._opaque(sqrt(radicand))
        if not isinstance(content, Rational) or not isinstance(scale, Rational):
            return self._opaque(sqrt(radicand))
        if content > 0 and not below and len(factors) == 1 and factors[0][1] == 1:
            return self._generator(factors[0][0]) * self._numeric_root(content) / abs(scale)
        signs = [self._sign(f, power) for f, power in factors]
        outside = [self._sign(f, power) for f, power in below]
        if None in signs or None in outside:
            return self._opaque(sqrt(radicand))
        product: Expr = 1 / abs(scale)
        for (factor, power), known in zip(factors, signs, strict=True):
            content *= known**power
            product *= (known * factor) ** (power // 2)
            if power % 2:
                product *= self._generator(known * factor)
        for (factor, power), known in zip(below, outside, strict=True):
            product /= (known * factor) ** power
        return product * self._numeric_root(content)

    def _sign(self, factor: Expr, power: int) -> int | None:
        """Sign of a factor of a radicand: proved, or that at the sample where the caller vouches for radicands."""
        if self.ordering is not None:
            return self.ordering.sign_or_none(factor) or None
        if power % 2 == 0:
            return Ordering().sign_or_none(factor) or None
        return -1 if self._value(factor) < 0 else 1

    def _numeric_root(self, number: Rational) -> Expr:
        product: Expr = Rational(1, number.q)
        top = int(number.p) * int(number.q)
        if top < 0:
            product, top = product * I, -top
        for prime, power in factorint(top).items():
            product *= Integer(prime) ** (power // 2)
            if power % 2:
                product *= self._generator(Integer(prime))
        return product

    def _generator(self, radicand: Expr) -> Dummy:
        return self.roots.setdefault(radicand, Dummy("root", positive=True))

    def _value(self, e: Expr) -> float:
        point: dict[Expr, Expr] = dict(self.sample)
        point |= {g: exp(m / self.exponents[m]).subs(self.sample) for m, g in self.exponentials.items()}
        point |= {g: f.subs(self.sample) for f, g in self.functions}
        for radicand, g in self.roots.items():
            point[g] = sqrt(radicand.subs(point)) if not radicand.has(g) else S.One
        return float(complex(e.subs(point).evalf(30)).real)

    def _vanishes(self, e: Expr) -> bool:
        field = CoefficientField([e, *self.roots])
        numer = field(e).numer
        rules = [
            (field.generators.index(g), field(r).numer)
            for r, g in self.roots.items()
            if g in field.generators and g.name == "root"
        ]
        changed = True
        while changed and numer:
            changed = False
            for position, square in rules:
                lowered = _lower(numer, position, square)
                changed |= lowered != numer
                numer = lowered
        return not field.reduce(field.field.field_new(numer))


def _lower(poly: Any, position: int, square: Any) -> Any:
    """Replace even powers of a root by powers of its square."""
    ring = poly.ring
    out = ring.zero
    for monom, coeff in poly.terms():
        power = monom[position]
        rest = ring.from_dict({(*monom[:position], power % 2, *monom[position + 1 :]): coeff})
        out += rest * square ** (power // 2) if power > 1 else rest
    return out


def _terms(exponent: Expr) -> list[tuple[Rational, Expr]]:
    exponent = cancel(exponent) if exponent.is_rational_function(*exponent.free_symbols) else exponent
    if len(exponent.free_symbols) == 1 and not exponent.is_polynomial(*exponent.free_symbols):
        exponent = apart(exponent) if exponent.is_rational_function(*exponent.free_symbols) else exponent
    return [t.as_coeff_Mul() for t in Add.make_args(expand(exponent))]


_REWRITES: list[tuple[type, Callable[..., Expr]]] = [
    (acos, lambda z: pi / 2 - asin(z)),
    (erfc, lambda z: 1 - erf(z)),
    (cosh, lambda z: (exp(z) + exp(-z)) / 2),
    (sinh, lambda z: (exp(z) - exp(-z)) / 2),
    (tanh, lambda z: (exp(2 * z) - 1) / (exp(2 * z) + 1)),
    (coth, lambda z: (exp(2 * z) + 1) / (exp(2 * z) - 1)),
    (conditional_score, lambda k, h, r: (k - r * h) / sqrt(1 - r**2)),
    (phi2, lambda h, k, r: exp(-(h**2 - 2 * r * h * k + k**2) / (2 * (1 - r**2))) / (2 * pi * sqrt(1 - r**2))),
]


def _standard(e: Expr) -> Expr:
    """Functions that others express are written in them."""
    for kind, rule in _REWRITES:
        if e.has(kind):
            e = e.replace(kind, rule)
    return e
