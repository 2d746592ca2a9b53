r"""Atom normal form: sums of polynomial times Gaussian-exponential times half-space factors.

$$ \sum_a P_a(x)\, e^{Q_a(x)} \prod_{h \in H_a} \Pr\{w_h \cdot x + d_h - \tau_h W_h > 0\} $$

with $P_a$ a polynomial, $Q_a$ quadratic (complex coefficients carry sine and cosine) and $W_h$ fresh standard
normals.  With $\tau = 0$ a half-space is an indicator, with $\tau = 1$ it is the normal distribution function
$\Phi(w \cdot x + d)$: both are the same object for the calculus.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sympy import (
    Add,
    Expr,
    Heaviside,
    I,
    Integer,
    Mul,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expand,
    expand_complex,
    log,
    sin,
    sinh,
    sqrt,
)
from sympy.polys.polyerrors import PolynomialError

__all__ = ["Atoms", "HalfSpace", "NotInClass", "smooth_atoms"]

_MAX_POWER = 64


class NotInClass(Exception):
    """An expression that the exact rules do not cover; the argument says why."""


class HalfSpace(NamedTuple):
    """Event `weights . x + offset - noise * W > 0` with `W` standard normal and `noise` 0 or positive."""

    weights: tuple[Expr, ...]
    offset: Expr
    noise: Expr

    def flipped(self) -> HalfSpace:
        """The complementary event, up to a set of measure zero."""
        return HalfSpace(tuple(-w for w in self.weights), -self.offset, self.noise)


Key = tuple[Expr, tuple[HalfSpace, ...]]  # exponent without constant part, half-spaces
Polynomial = dict[tuple[int, ...], Expr]  # powers of the variables -> coefficient


class Atoms:
    """A sum of atoms in `variables`, grouped by exponent and half-spaces."""

    def __init__(self, variables: tuple[Symbol, ...], groups: dict[Key, Polynomial] | None = None) -> None:
        self.variables = variables
        self.groups: dict[Key, Polynomial] = {}
        for key, polynomial in (groups or {}).items():
            kept = {m: c for m, e in polynomial.items() if (c := expand(e)) != 0}
            if kept:
                self.groups[key] = kept

    @classmethod
    def constant(cls, value: Expr, variables: tuple[Symbol, ...]) -> Atoms:
        """The sum with the single atom `value`."""
        return cls(variables, {(S.Zero, ()): {(0,) * len(variables): value}})

    @classmethod
    def half_space(cls, half: HalfSpace, variables: tuple[Symbol, ...]) -> Atoms:
        """The probability of a half-space, with its first weight counted positive."""
        lead = next((w for w in half.weights if w != 0), None)
        if lead is not None and lead.could_extract_minus_sign():
            return cls.constant(S.One, variables) - cls.half_space(half.flipped(), variables)
        return cls(variables, {(S.Zero, (half,)): {(0,) * len(variables): S.One}})

    def __add__(self, other: Atoms) -> Atoms:
        merged = {key: dict(polynomial) for key, polynomial in self.groups.items()}
        for key, polynomial in other.groups.items():
            target = merged.setdefault(key, {})
            for monom, coeff in polynomial.items():
                target[monom] = target.get(monom, S.Zero) + coeff
        return Atoms(self.variables, merged)

    def __sub__(self, other: Atoms) -> Atoms:
        return self + other.scaled(S.NegativeOne)

    def scaled(self, factor: Expr) -> Atoms:
        """The sum times a constant."""
        return Atoms(
            self.variables,
            {key: {m: c * factor for m, c in p.items()} for key, p in self.groups.items()},
        )

    def __mul__(self, other: Atoms) -> Atoms:
        product: dict[Key, Polynomial] = {}
        for (exp1, half1), poly1 in self.groups.items():
            for (exp2, half2), poly2 in other.groups.items():
                halves = _intersect(half1, half2)
                if halves is None:
                    continue
                target = product.setdefault((expand(exp1 + exp2), halves), {})
                for m1, c1 in poly1.items():
                    for m2, c2 in poly2.items():
                        monom = tuple(a + b for a, b in zip(m1, m2, strict=True))
                        target[monom] = target.get(monom, S.Zero) + c1 * c2
        return Atoms(self.variables, product)

    def power(self, exponent: int) -> Atoms:
        """The sum to a non-negative integer power."""
        result = Atoms.constant(S.One, self.variables)
        for _ in range(exponent):
            result = result * self
        return result

    def lifted(self, variables: tuple[Symbol, ...]) -> Atoms:
        """The same sum seen as a function of more variables."""
        place = [variables.index(v) for v in self.variables]

        def widen(values: tuple, empty: object) -> tuple:
            wide = [empty] * len(variables)
            for p, value in zip(place, values, strict=True):
                wide[p] = value
            return tuple(wide)

        return Atoms(
            variables,
            {
                (e, tuple(HalfSpace(widen(h.weights, S.Zero), h.offset, h.noise) for h in halves)): {
                    widen(m, 0): c for m, c in p.items()
                }
                for (e, halves), p in self.groups.items()
            },
        )

    def __iter__(self) -> Iterator[tuple[Expr, tuple[HalfSpace, ...], Polynomial]]:
        for (exponent, halves), polynomial in self.groups.items():
            yield exponent, halves, polynomial

    def expr(self) -> Expr:
        """The sum as an ordinary expression, indicators as Heaviside functions."""
        return Add(*(_group_expr(self.variables, *group) for group in self))


def _group_expr(
    variables: tuple[Symbol, ...], exponent: Expr, halves: tuple[HalfSpace, ...], polynomial: Polynomial
) -> Expr:
    factors = [exp(exponent)]
    for h in halves:
        argument = Add(*(w * v for w, v in zip(h.weights, variables, strict=True)), h.offset)
        factors.append(Heaviside(argument) if h.noise == 0 else (1 + erf(argument / (sqrt(2) * h.noise))) / 2)
    terms = (c * Mul(*(v**p for v, p in zip(variables, m, strict=True))) for m, c in polynomial.items())
    return Add(*terms) * Mul(*factors)


def _intersect(first: tuple[HalfSpace, ...], second: tuple[HalfSpace, ...]) -> tuple[HalfSpace, ...] | None:
    """Half-spaces of a product: an indicator squared is itself, opposite indicators exclude each other."""
    merged = list(first)
    for half in second:
        if half.noise == 0 and half in merged:
            continue
        if half.noise == 0 and half.flipped() in merged:
            return None
        merged.append(half)
    return tuple(sorted(merged, key=lambda h: (h.noise.sort_key(), str(h))))


def smooth_atoms(e: Expr, variables: tuple[Symbol, ...]) -> Atoms:
    """Atoms of an expression without kinks, by structural rules.

    Raises
    ------
    NotInClass
        with the sub-expression that no rule covers.
    """
    if not e.has_free(*variables):
        return Atoms.constant(_real_constant(e), variables)
    if e.is_polynomial(*variables):
        poly = Poly(e, *variables)
        if poly.total_degree() > _MAX_POWER:
            raise NotInClass(f"the polynomial degree of {e} exceeds {_MAX_POWER}")
        return Atoms(variables, {(S.Zero, ()): {tuple(map(int, m)): c for m, c in poly.terms()}})
    if isinstance(e, Add):
        total = Atoms(variables)
        for a in e.args:
            total = total + smooth_atoms(a, variables)
        return total
    if isinstance(e, Mul):
        product = Atoms.constant(S.One, variables)
        for a in e.args:
            product = product * smooth_atoms(a, variables)
        return product
    if isinstance(e, exp):
        return _exponential(e.exp, variables)
    if isinstance(e, Pow):
        return _power(e, variables)
    if isinstance(e, sin | cos | sinh | cosh):
        turn = I if isinstance(e, sin | cos) else S.One
        plus, minus = (_exponential(s * turn * e.args[0], variables) for s in (1, -1))
        if isinstance(e, cos | cosh):
            return (plus + minus).scaled(Rational(1, 2))
        return (plus - minus).scaled(1 / (2 * turn))
    if isinstance(e, erf | erfc):
        half = Atoms.half_space(_noisy(e.args[0], variables), variables)
        one = Atoms.constant(S.One, variables)
        return half.scaled(Integer(2)) - one if isinstance(e, erf) else (one - half).scaled(Integer(2))
    raise NotInClass(f"no exact rule for {e.func.__name__}({', '.join(map(str, e.args))})")


def _real_constant(e: Expr) -> Expr:
    """A constant with its imaginary unit in the open, so that it can become a generator."""
    return expand_complex(e) if e.has(I) else e


def _power(e: Pow, variables: tuple[Symbol, ...]) -> Atoms:
    base, exponent = e.base, e.exp
    if exponent.is_Integer and 0 < exponent <= _MAX_POWER:
        return smooth_atoms(base, variables).power(int(exponent))
    if isinstance(base, exp) and not exponent.has_free(*variables):
        return _exponential(base.exp * exponent, variables)
    if isinstance(base, Mul):
        simple = [f for f in base.args if isinstance(f, exp) or not f.has_free(*variables)]
        if len(simple) == len(base.args) and exponent.is_Integer:
            return smooth_atoms(Mul(*(f**exponent for f in simple)), variables)
    if not base.has_free(*variables) and base.is_positive:
        return _exponential(exponent * log(base), variables)
    raise NotInClass(f"no exact rule for the power {e}")


def _exponential(exponent: Expr, variables: tuple[Symbol, ...]) -> Atoms:
    try:
        poly = Poly(exponent, *variables)
    except PolynomialError as error:
        raise NotInClass(f"the exponent {exponent} is not a polynomial") from error
    if poly.total_degree() > 2 or poly.free_symbols_in_domain & set(variables):
        raise NotInClass(f"the exponent {exponent} is not a polynomial of degree at most two")
    origin = (0,) * len(variables)
    constant = poly.coeff_monomial(origin)
    moving = expand(poly.as_expr() - constant)
    return Atoms(variables, {(moving, ()): {origin: _real_constant(exp(constant))}})


def _noisy(argument: Expr, variables: tuple[Symbol, ...]) -> HalfSpace:
    r"""Half-space of $\Phi$ in erf(argument) = 2 Phi(sqrt(2) argument) - 1."""
    weights, offset = affine(sqrt(2) * argument, variables)
    if any(w.has(I) for w in weights) or offset.has(I):
        raise NotInClass(f"erf with the complex argument {argument}")
    scale = next((abs(w) for w in weights if w.is_number and w != 0), None)
    if scale is not None and (scale**2).is_Rational and len([w for w in weights if w != 0]) == 1:
        # Dividing by |w| keeps the arithmetic rational: erf(x) has w = sqrt(2).
        return HalfSpace(tuple(w / scale for w in weights), expand(offset / scale), 1 / scale)
    return HalfSpace(weights, offset, S.One)


def affine(e: Expr, variables: tuple[Symbol, ...]) -> tuple[tuple[Expr, ...], Expr]:
    """Weights and offset of an expression of degree one in the variables."""
    try:
        poly = Poly(e, *variables)
    except PolynomialError as error:
        raise NotInClass(f"{e} is not a polynomial") from error
    if poly.total_degree() > 1:
        raise NotInClass(f"{e} is not of degree one")
    size = len(variables)
    weights = tuple(poly.coeff_monomial(tuple(int(i == j) for j in range(size))) for i in range(size))
    return weights, poly.coeff_monomial((0,) * size)
