r"""Decay law of entire functions: exponential polynomials and Gaussians times polynomials.

$$ E[e^{\beta X} He_k(Z)] = (\beta\sqrt q)^k e^{\beta^2 q/2}, \qquad
   E[e^{\alpha X^2 + \beta X} He_k(Z)] = K\,r^{k/2} He_k(\mu/\sqrt r), \quad X = \sqrt q\,Z $$

with $r = -2\alpha q/(1 - 2\alpha q)$, $\mu = \beta\sqrt q/(1 - 2\alpha q)$ and
$K = (1 - 2\alpha q)^{-1/2} e^{\beta^2 q/(2(1 - 2\alpha q))}$.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sympy as sp
from sympy import Expr, S, Symbol

from theory.errors import UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.hermite.differential import normal_form
from theory.hermite.singularities import Law, separated
from theory.symbols import k as INDEX

__all__ = ["entire_law"]


class _Term(NamedTuple):
    """coefficient * x**degree * exp(alpha x^2 + beta x), to leading degree."""

    coefficient: Expr
    degree: int
    alpha: Expr
    beta: Expr


def entire_law(f: Expr, order: int, x: Symbol, q: Expr, ordering: Ordering) -> Law:
    """Law of a function whose derivative of the given order is `f`."""
    terms = list(_terms(f, x))
    if any(t.alpha != 0 for t in terms):
        return _geometric(terms, order, q, ordering)
    return _superexponential([t for t in terms if t.beta != 0], order, q, ordering)


def _terms(f: Expr, x: Symbol) -> Iterator[_Term]:
    for monomial, coeff in normal_form(f, x).items():
        if monomial.roots or monomial.primitives or not sp.cancel(coeff).is_polynomial(x):
            raise UnsupportedError(f"no rule gives the decay law of the entire function {f}")
        poly = sp.Poly(sp.cancel(coeff), x)
        waves = {"": [(S.One, S.Zero)]}
        waves["cos"] = [(S.Half, sp.I * monomial.phase), (S.Half, -sp.I * monomial.phase)]
        waves["sin"] = [(-sp.I / 2, sp.I * monomial.phase), (sp.I / 2, -sp.I * monomial.phase)]
        for factor, exponent in waves[monomial.wave]:
            total = sp.expand(monomial.exponent + exponent)
            if not total.is_polynomial(x) or sp.degree(total, x) > 2:
                raise UnsupportedError(f"no rule gives the decay law of exp({total})")
            part = sp.Poly(total, x)
            alpha, beta, constant = (part.coeff_monomial(x**n) for n in (2, 1, 0))
            yield _Term(poly.LC() * factor * sp.exp(constant), poly.degree(), alpha, beta)


def _largest(sizes: list[Expr], ordering: Ordering) -> list[int]:
    """Places of the largest of some non-negative numbers."""
    best: list[int] = []
    for i, size in enumerate(sizes):
        gap = ordering.sign(sp.expand(size - sizes[best[0]])) if best else 1
        best = [i] if gap > 0 else [*best, i] if gap == 0 else best
    return best


def _real(value: Expr) -> Expr:
    return separated(value)[0]


def _superexponential(terms: list[_Term], order: int, q: Expr, ordering: Ordering) -> Law:
    if not terms:
        raise UnsupportedError("no rule gives the decay law of this entire function")
    squares = [sp.expand(sum(part**2 for part in separated(t.beta))) for t in terms]
    chosen = [terms[i] for i in _largest(squares, ordering)]
    size = sp.sqrt(squares[_largest(squares, ordering)[0]])
    degree = max(t.degree for t in chosen)
    chosen = [t for t in chosen if t.degree == degree]
    shift = INDEX - order - degree
    unit = INDEX**degree * (size * sp.sqrt(q)) ** INDEX * size ** (-order - degree) / sp.sqrt(sp.factorial(INDEX))
    leading, envelope = S.Zero, S.Zero
    for t in chosen:
        real, imag = separated(t.beta)
        coefficient = separated(t.coefficient)
        angle = sp.arg(t.beta) * shift + real * imag * q
        damping = sp.exp((real**2 - imag**2) * q / 2)
        leading += unit * damping * (coefficient[0] * sp.cos(angle) - coefficient[1] * sp.sin(angle))
        envelope += abs(unit * damping) * sp.sqrt(coefficient[0] ** 2 + coefficient[1] ** 2)
    reason = f"exponentials of largest rate {size}"
    return Law("superexponential", sp.Integer(degree), size * sp.sqrt(q), reason, leading, envelope)


def _geometric(terms: list[_Term], order: int, q: Expr, ordering: Ordering) -> Law:
    gaussians = [t for t in terms if t.alpha != 0]
    if any(separated(t.alpha)[1] != 0 for t in gaussians):
        raise UnsupportedError("no rule gives the decay law of an oscillating Gaussian exp(i x^2)")
    ratios = [sp.cancel(-2 * t.alpha * q / (1 - 2 * t.alpha * q)) for t in gaussians]
    sizes = [r * ordering.sign(r) for r in ratios]
    best = _largest(sizes, ordering)
    degree = max(gaussians[i].degree for i in best)
    index = INDEX - order
    exponent = sp.Rational(degree - order, 2) - sp.Rational(1, 4)
    size = sp.sqrt(sizes[best[0]])
    leading, envelope = S.Zero, S.Zero
    for i in best:
        t, r = gaussians[i], ratios[i]
        if t.degree == degree:
            unit = (2 / sp.pi) ** sp.Rational(1, 4) * INDEX**exponent * size**index * sp.sqrt(q) ** (order + degree)
            unit *= ((1 - r) / size) ** degree
            term, amplitude = _wave(t, r, size, index, q)
            leading += unit * term
            envelope += abs(unit) * amplitude
    reason = f"Gaussian factor exp({gaussians[best[0]].alpha} x^2)"
    return Law("geometric", exponent, size, reason, leading, envelope)


def _wave(t: _Term, r: Expr, size: Expr, index: Expr, q: Expr) -> tuple[Expr, Expr]:
    """The oscillating factor and its amplitude; terms with complex beta come in conjugate pairs."""
    rest = 1 - 2 * t.alpha * q
    mu, root = t.beta * sp.sqrt(q) / rest, sp.sqrt(index + S.Half)
    factor = t.coefficient * sp.exp(t.beta**2 * q / (2 * rest) + mu**2 / (4 * r)) / sp.sqrt(rest)
    angle = mu * root / size
    if t.alpha.is_negative:
        wave = sp.cos(angle - (index - t.degree) * sp.pi / 2)
        bound = sp.cosh(separated(angle)[1])
    else:
        wave = (sp.exp(angle) + (-1) ** (index + t.degree) * sp.exp(-angle)) / 2
        bound = sp.cosh(separated(angle)[0])
    return _real(factor * wave), sp.sqrt(sum(part**2 for part in separated(factor))) * bound
