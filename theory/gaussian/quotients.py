r"""Quotients such as sin(a x)/x as integrals of waves over a box.

$$ \frac{e^{i a y} - \sum_{k<n} (i a y)^k / k!}{y^n} = \frac{(i a)^n}{(n-1)!} \int_0^1 (1-t)^{n-1} e^{i a t y}\, dt $$

turns a quotient without pole into an integral over t.  The place t becomes one more variable S, formally standard
normal: its density is divided out again, and indicators keep it in the box.  The Gaussian calculus then ends in the
probability of a box instead of an integral.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import (
    Add,
    Dummy,
    Expr,
    Heaviside,
    I,
    Mul,
    Poly,
    Pow,
    S,
    Symbol,
    cos,
    exp,
    expand,
    factorial,
    pi,
    sin,
    sinc,
    sqrt,
)

from theory.gaussian.atoms import NotInClass
from theory.gaussian.law import Gaussian

__all__ = ["open_quotients"]

_MAX_POWER = 8

Waves = dict[Expr, dict[tuple[Expr, int], Expr]]  # other factors -> (frequency, power of the variable) -> coefficient


def open_quotients(e: Expr, law: Gaussian) -> tuple[Expr, Gaussian, tuple[Symbol, ...]]:
    """The expression without negative powers of the variables, the law of more variables, and those added.

    Raises
    ------
    NotInClass
        if a pole is left, or the quotient is not one of trigonometric polynomials.
    """
    e = e.replace(sinc, lambda a: sin(a) / a)
    added: list[Symbol] = []
    for v in law.variables:
        centres = _poles(e, v)
        if not centres:
            continue
        if len(centres) > 1:
            raise NotInClass(f"poles at the places {centres} of {v}")
        place = Dummy("t", real=True)
        added.append(place)
        # The exponential brings the density of the box variable back to a constant.
        box = sqrt(2) * sqrt(pi) * exp(place**2 / 2)
        e = _opened(e, v, centres[0], place, box)
    if not added:
        return e, law, ()
    size, total = len(law.variables), len(law.variables) + len(added)
    cov = [[law.cov[i, j] if max(i, j) < size else S(int(i == j)) for j in range(total)] for i in range(total)]
    mean = [*law.mean, *(S.Zero for _ in added)]
    return e, Gaussian([*law.variables, *added], cov, mean=mean), tuple(added)


def _poles(e: Expr, v: Symbol) -> list[Expr]:
    """The places at which an affine function of the variable stands in a denominator."""
    found: dict[Expr, None] = {}
    for p in e.atoms(Pow):
        if p.exp.is_Integer and p.exp.is_negative and p.base.has_free(v) and p.base.is_polynomial(v):
            poly = Poly(p.base, v)
            if poly.degree() == 1:
                slope, offset = poly.all_coeffs()
                found[expand(-offset / slope)] = None
    return list(found)


def _opened(e: Expr, v: Symbol, centre: Expr, place: Symbol, box: Expr) -> Expr:
    terms = []
    y = v - centre
    for rest, waves in _waves(e, v, centre).items():
        poles: dict[int, Expr] = {}
        regular: dict[tuple[Expr, int], Expr] = {}
        integrals: dict[tuple[Expr, int], Expr] = {}
        for (a, p), c in waves.items():
            if p >= 0:
                regular[a, p] = c
                continue
            for k in range(-p):
                poles[p + k] = poles.get(p + k, S.Zero) + c * (I * a) ** k / factorial(k)
            if a != 0:
                integrals[a, -p] = c * (I * a) ** -p / factorial(-p - 1)
        if any(expand(c, complex=True) != 0 for c in poles.values()):
            raise NotInClass(f"a pole of {v} at {centre}")
        inner = [y**p * wave for p, wave in _real(regular, y)]
        for n, wave in _real(integrals, place * y):
            if n == 1 and not wave.has(sin):
                # Even in the place: the symmetric box, where one wave serves for its mirror image.
                indicator = Heaviside(place + 1) - Heaviside(place - 1)
                wave = wave.replace(cos, lambda a: exp(I * a)) / 2
            else:
                indicator = Heaviside(place) - Heaviside(place - 1)
            inner.append(box * indicator * (1 - place) ** (n - 1) * wave)
        terms += [rest * t for t in inner]
    return Add(*terms)


def _real(waves: dict[tuple[Expr, int], Expr], angle: Expr) -> list[tuple[int, Expr]]:
    """Sums of c exp(i a angle) with the same power, in sine and cosine."""
    found = []
    rest = dict(waves)
    while rest:
        (a, p), c = rest.popitem()
        if a == 0:
            found.append((p, c))
            continue
        mirror = rest.pop((-a, p), S.Zero)
        if a.could_extract_minus_sign():
            a, c, mirror = -a, mirror, c
        even, odd = (expand(part, complex=True) for part in (c + mirror, I * (c - mirror)))
        wave = even * cos(a * angle) + odd * sin(a * angle)
        if even.has(I) or odd.has(I):
            raise NotInClass("a quotient whose coefficients are not real")
        if wave != 0:
            found.append((p, wave))
    return found


def _waves(e: Expr, v: Symbol, centre: Expr) -> Waves:
    """The expression as trigonometric polynomial in v - centre with powers of either sign, times other factors."""
    if not e.has_free(v):
        return {S.One: {(S.Zero, 0): e}}
    if isinstance(e, Add):
        total: Waves = {}
        for a in e.args:
            for rest, waves in _waves(a, v, centre).items():
                _merge(total.setdefault(rest, {}), waves.items())
        return total
    if isinstance(e, Mul):
        product: Waves = {S.One: {(S.Zero, 0): S.One}}
        for a in e.args:
            product = _product(product, _waves(a, v, centre))
        return product
    if isinstance(e, Pow) and e.exp.is_Integer and abs(e.exp) <= _MAX_POWER:
        return _power(e, v, centre)
    if isinstance(e, sin | cos) and e.args[0].is_polynomial(v) and Poly(e.args[0], v).degree() == 1:
        a, offset = Poly(expand(e.args[0].subs(v, v + centre)), v).all_coeffs()
        if isinstance(e, cos):
            return {S.One: {(s * a, 0): (cos(offset) + s * I * sin(offset)) / 2 for s in (1, -1)}}
        return {S.One: {(s * a, 0): (sin(offset) - s * I * cos(offset)) / 2 for s in (1, -1)}}
    if e == v:
        return {S.One: {(S.Zero, 1): S.One, **({(S.Zero, 0): centre} if centre != 0 else {})}}
    return {e: {(S.Zero, 0): S.One}}


def _power(e: Expr, v: Symbol, centre: Expr) -> Waves:
    if e.exp.is_negative:
        poly = Poly(e.base, v) if e.base.is_polynomial(v) else None
        if poly is None or poly.degree() != 1:
            return {e: {(S.Zero, 0): S.One}}
        return {S.One: {(S.Zero, int(e.exp)): poly.LC() ** e.exp}}
    base = _waves(e.base, v, centre)
    product: Waves = {S.One: {(S.Zero, 0): S.One}}
    for _ in range(int(e.exp)):
        product = _product(product, base)
    return product


def _product(first: Waves, second: Waves) -> Waves:
    product: Waves = {}
    for rest1, waves1 in first.items():
        for rest2, waves2 in second.items():
            items = [((a + b, p + q), c * d) for (a, p), c in waves1.items() for (b, q), d in waves2.items()]
            _merge(product.setdefault(rest1 * rest2, {}), items)
    return product


def _merge(total: dict[tuple[Expr, int], Expr], items: Iterable[tuple[tuple[Expr, int], Expr]]) -> None:
    for (a, p), c in items:
        key = (expand(a), p)
        value = expand(total.get(key, S.Zero) + c)
        if value == 0:
            total.pop(key, None)
        else:
            total[key] = value
