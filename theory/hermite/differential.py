r"""Linear differential systems with rational coefficients, read off an expression.

A function is written as $\sum_M r_M(x)\,M(x)$ with rational $r_M$ and monomials $M$ in exponentials, sines, powers of
rational functions and primitives such as $\operatorname{erf}$ or $\operatorname{atan}$.  The monomials are closed under
differentiation, $M' = \sum_N A_{MN}(x)\,N$, which decides every linear relation between derivatives by linear algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp
from sympy import Expr, S, Symbol

from theory.errors import UnsupportedError

__all__ = ["Combination", "DifferentialSystem", "Monomial", "differential_system", "normal_form"]

_MAX_DIMENSION = 60
_MAX_POWER = 40

# Primitives of functions of the class that are analytic on the real line where their derivative is.
_PRIMITIVES = (
    *(sp.log, sp.asin, sp.acos, sp.atan, sp.asinh, sp.acosh, sp.atanh),
    *(sp.erf, sp.erfi, sp.Si, sp.Shi, sp.fresnels, sp.fresnelc),
)
_EXPONENTIAL = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)
_CIRCULAR = (sp.tan, sp.cot, sp.sec, sp.csc)


class Monomial(NamedTuple):
    """exp(exponent) * wave(phase) * product of base**power over roots * product of node**power over primitives."""

    exponent: Expr = S.Zero
    wave: str = ""  # "cos", "sin", or none
    phase: Expr = S.Zero
    roots: frozenset[tuple[Expr, Expr]] = frozenset()
    primitives: frozenset[tuple[Expr, int]] = frozenset()

    @property
    def is_algebraic(self) -> bool:
        """Built from powers of rational functions alone."""
        return not (self.exponent or self.wave or self.primitives)

    def as_expr(self) -> Expr:
        """The function."""
        wave = {"": S.One, "cos": sp.cos(self.phase), "sin": sp.sin(self.phase)}[self.wave]
        powers = [b**p for b, p in self.roots] + [b**p for b, p in self.primitives]
        return sp.Mul(sp.exp(self.exponent), wave, *powers)


ONE = Monomial()
Combination = dict[Monomial, Expr]


@dataclass(frozen=True)
class DifferentialSystem:
    """Monomials, their derivatives as rows of rational functions, and the pieces of a function as vectors."""

    variable: Symbol
    basis: tuple[Monomial, ...]
    matrix: tuple[dict[int, Expr], ...]
    vectors: tuple[dict[int, Expr], ...]


def differential_system(parts: Sequence[Expr], x: Symbol) -> DifferentialSystem:
    """The smallest system of monomials that contains the given functions.

    Raises
    ------
    UnsupportedError
        if a function satisfies no linear differential equation with polynomial coefficients that the rules find.
    """
    reader = _Reader(x)
    forms = [reader.read(part) for part in parts]
    basis: list[Monomial] = list(dict.fromkeys(m for form in forms for m in form))
    rows: list[Combination] = []
    while len(rows) < len(basis):
        rows.append(reader.derivative(basis[len(rows)]))
        basis += [m for m in rows[-1] if m not in basis]
        if len(basis) > _MAX_DIMENSION:
            raise UnsupportedError(
                f"{sp.Tuple(*parts)} leads to a differential system of more than {_MAX_DIMENSION} functions; "
                "split the function into simpler terms"
            )
    place = {m: i for i, m in enumerate(basis)}
    matrix = tuple({place[m]: c for m, c in row.items()} for row in rows)
    vectors = tuple({place[m]: c for m, c in form.items()} for form in forms)
    return DifferentialSystem(x, tuple(basis), matrix, vectors)


def normal_form(e: Expr, x: Symbol) -> Combination:
    """The expression as rational functions times monomials."""
    return _Reader(x).read(e)


class _Reader:
    def __init__(self, x: Symbol) -> None:
        self.x = x
        self._known: dict[Expr, Combination] = {}

    def read(self, e: Expr) -> Combination:
        if e not in self._known:
            self._known[e] = self._read(e)
        return self._known[e]

    def _read(self, e: Expr) -> Combination:
        x = self.x
        if not e.has_free(x) or e.is_rational_function(x):
            return {ONE: e} if e != 0 else {}
        if isinstance(e, sp.Add):
            return _sum(*(self.read(a) for a in e.args))
        if isinstance(e, sp.Mul):
            product: Combination = {ONE: S.One}
            for factor in e.args:
                product = self._times(product, self.read(factor))
            return product
        if isinstance(e, sp.exp):
            return self._exponential(e.exp)
        if isinstance(e, sp.Pow):
            return self._power(e.base, e.exp)
        if isinstance(e, sp.sin | sp.cos):
            self._demand_algebraic(e, e.args[0])
            return _wave(e.func.__name__, sp.expand(e.args[0]), S.One)
        if isinstance(e, sp.sinc):
            return self.read(sp.sin(e.args[0]) / e.args[0])
        if isinstance(e, _EXPONENTIAL):
            return self.read(e.rewrite(sp.exp))
        if isinstance(e, _CIRCULAR):
            return self.read(e.rewrite(sp.cos))
        if isinstance(e, sp.erfc):
            return self.read(1 - sp.erf(e.args[0]))
        if isinstance(e, _PRIMITIVES):
            self.read(e.diff(x))
            self._demand_algebraic(e, e.args[0])
            return {Monomial(primitives=frozenset({(e, 1)})): S.One}
        raise UnsupportedError(f"no rule writes {e} as the solution of a linear differential equation")

    def _demand_algebraic(self, e: Expr, inner: Expr) -> None:
        form = self.read(inner)
        if not all(m.is_algebraic for m in form):
            # The chain rule brings in the composite itself with ever new factors, or its branch points.
            raise UnsupportedError(
                f"{e} composes {e.func.__name__} with a transcendental function; such a composite satisfies no linear "
                "differential equation with polynomial coefficients that the rules find"
            )

    def _exponential(self, g: Expr) -> Combination:
        constant, moving = sp.expand(g).as_independent(self.x, as_Add=True)
        self._demand_algebraic(sp.exp(g), moving)
        return {Monomial(exponent=moving): sp.exp(constant)}

    def _power(self, base: Expr, exponent: Expr) -> Combination:
        x = self.x
        if exponent.has_free(x):
            if base.has_free(x):
                raise UnsupportedError(f"{base**exponent} has a variable base and a variable exponent")
            return self._exponential(exponent * sp.log(base))
        if isinstance(exponent, sp.Integer):
            if exponent < 0:
                return self._power_of(self._inverse(base), -int(exponent), base)
            return self._power_of(self.read(base), int(exponent), base)
        if base.is_rational_function(x):
            return _root(base, exponent, S.One)
        form = self.read(base)
        if len(form) == 1:
            ((monomial, coeff),) = form.items()
            if not monomial.wave and not monomial.primitives and not monomial.roots and coeff.is_positive:
                return {Monomial(exponent=sp.expand(monomial.exponent * exponent)): coeff**exponent}
        raise UnsupportedError(self._singular(base, f"the branch points of ({base})**({exponent})"))

    def _power_of(self, form: Combination, n: int, base: Expr) -> Combination:
        if n > _MAX_POWER:
            raise UnsupportedError(f"the power {n} of {base} exceeds the limit {_MAX_POWER} of the rules")
        result: Combination = {ONE: S.One}
        for _ in range(n):
            result = self._times(result, form)
        return result

    def _inverse(self, base: Expr) -> Combination:
        form = self.read(base)
        if len(form) == 1:
            ((m, coeff),) = form.items()
            if not m.wave and not m.primitives:
                result: Combination = {Monomial(exponent=-m.exponent): 1 / coeff}
                for root, power in m.roots:
                    result = self._times(result, _root(root, -power, S.One))
                return result
        surds = {root for m in form for root in m.roots}
        if len(surds) == 1 and all(m.is_algebraic for m in form):
            ((root, power),) = surds
            if power == sp.Rational(1, 2):
                surd = Monomial(roots=frozenset(surds))
                a, b = form.get(ONE, S.Zero), form[surd]
                norm = sp.cancel(a**2 - b**2 * root)
                if norm != 0:
                    return _sum({ONE: sp.cancel(a / norm), surd: sp.cancel(-b / norm)})
        raise UnsupportedError(self._singular(base, f"the poles of 1/({base})"))

    def _singular(self, base: Expr, what: str) -> str:
        form = self.read(base)
        if all(not m.roots and not m.primitives for m in form) and len(form) > 1:
            return (
                f"{base} is an exponential polynomial with infinitely many complex zeros, which are {what}; a solution "
                "of a linear differential equation with polynomial coefficients has finitely many singularities"
            )
        return f"no rule finds a linear differential equation with polynomial coefficients past {what}"

    def _times(self, a: Combination, b: Combination) -> Combination:
        return _sum(*(_scaled(_product(m, n), c * d) for m, c in a.items() for n, d in b.items()))

    def derivative(self, m: Monomial) -> Combination:
        """The derivative of a monomial by Leibniz' rule."""
        x = self.x
        terms: list[Combination] = []
        whole: Combination = {m: S.One}
        if m.exponent:
            terms.append(self._times(whole, self.read(m.exponent.diff(x))))
        if m.wave:
            turned = _wave("sin" if m.wave == "cos" else "cos", m.phase, S.NegativeOne if m.wave == "cos" else S.One)
            rest: Combination = {m._replace(wave="", phase=S.Zero): S.One}
            terms.append(self._times(self._times(rest, turned), self.read(m.phase.diff(x))))
        for base, power in m.roots:
            terms.append({m: sp.cancel(power * base.diff(x) / base)})
        for node, count in m.primitives:
            others = m.primitives - {(node, count)} | ({(node, count - 1)} if count > 1 else set())
            lowered: Combination = {m._replace(primitives=frozenset(others)): sp.Integer(count)}
            terms.append(self._times(lowered, self.read(node.diff(x))))
        return _sum(*terms)


def _scaled(form: Combination, factor: Expr) -> Combination:
    return {m: c * factor for m, c in form.items()}


def _sum(*forms: Combination) -> Combination:
    gathered: dict[Monomial, list[Expr]] = {}
    for form in forms:
        for m, c in form.items():
            gathered.setdefault(m, []).append(c)
    result = {m: cs[0] if len(cs) == 1 else sp.cancel(sp.Add(*cs)) for m, cs in gathered.items()}
    return {m: c for m, c in result.items() if c != 0}


def _wave(kind: str, phase: Expr, factor: Expr) -> Combination:
    if phase == 0:
        return {ONE: factor} if kind == "cos" else {}
    if phase.could_extract_minus_sign():
        phase, factor = -phase, factor if kind == "cos" else -factor
    return {Monomial(wave=kind, phase=phase): factor}


def _root(base: Expr, power: Expr, factor: Expr) -> Combination:
    """base**power, the integer part of the power going into the rational coefficient."""
    base = sp.cancel(base)
    content, core = base.primitive()
    if content > 0 and content != 1:
        factor, base = factor * content**power, core
    whole = sp.floor(power) if isinstance(power, sp.Rational) else S.Zero
    rest = power - whole
    coeff = factor * base**whole
    return {Monomial(roots=frozenset({(base, rest)})) if rest else ONE: coeff}


def _product(a: Monomial, b: Monomial) -> Combination:
    powers: dict[Expr, Expr] = {}
    for base, power in (*a.roots, *b.roots):
        powers[base] = powers.get(base, S.Zero) + power
    coeff: Expr = S.One
    roots: set[tuple[Expr, Expr]] = set()
    for base, power in powers.items():
        ((m, c),) = _root(base, power, S.One).items()
        coeff, roots = coeff * c, roots | m.roots
    counts: dict[Expr, int] = {}
    for node, count in (*a.primitives, *b.primitives):
        counts[node] = counts.get(node, 0) + count
    frame = Monomial(sp.expand(a.exponent + b.exponent), roots=frozenset(roots), primitives=frozenset(counts.items()))
    return {frame._replace(wave=m.wave, phase=m.phase): coeff * c for m, c in _waves(a, b).items()}


def _waves(a: Monomial, b: Monomial) -> Combination:
    """Products of sines and cosines as sums."""
    if not (a.wave and b.wave):
        alone = a if a.wave else b
        return {Monomial(wave=alone.wave, phase=alone.phase): S.One}
    if a.wave == "cos" and b.wave == "sin":
        a, b = b, a
    less, more = sp.expand(a.phase - b.phase), sp.expand(a.phase + b.phase)
    kind = "cos" if a.wave == b.wave else "sin"
    second = -S.Half if a.wave == b.wave == "sin" else S.Half
    return _sum(_wave(kind, less, S.Half), _wave(kind, more, second))
