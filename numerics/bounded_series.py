r"""Dual activations without a closed form, as functions of the correlation: Mehler's series with a bound.

$$ E[\varphi(U)\psi(V)] = \sum_k c_k(q_1)\, d_k(q_2)\, \rho^k, \qquad
   \Bigl| \sum_{k > K} \Bigr| \le |\rho|^{K+1} \Bigl( \sum_{k > K} c_k^2 \sum_{k > K} d_k^2 \Bigr)^{1/2} $$

The coefficients are balls, rounded once; the tails come from Parseval's identity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import sympy as sp
from flint import arb
from numpy.typing import NDArray

from numerics.loops.horner import power_series
from theory.balls import workprec
from theory.enclosure import enclose
from theory.errors import DomainError, PrecisionError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.separation import separable_terms

__all__ = ["BoundedSeries"]

_LENGTHS = (64, 128, 256, 512, 1024)
_DIGITS = 30
_BITS = 200
_TAIL = 1e-15  # of the Cauchy-Schwarz scale
_UNIT = 2.0**-53
Array = NDArray[np.float64]
Factor = tuple[sp.Expr, sp.Symbol, sp.Expr]  # function, its variable, the variance


class BoundedSeries:
    """The function rho -> expr for an expression that is affine in expectations, at numeric variances.

    Raises
    ------
    UnsupportedError
        if `expr` has another argument than the correlation, or the series converges too slowly.
    """

    plain = None
    pieces = None

    def __init__(self, expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> None:
        if len(symbols) != 1:
            raise UnsupportedError(
                f"an expectation without closed form is compiled as a function of the correlation alone; received the "
                f"arguments {symbols}: substitute numbers for the others"
            )
        (rho,) = symbols
        nodes = sorted((a for a in expr.atoms(GaussianExpectation) if a.has(rho)), key=sp.default_sort_key)
        marks = [sp.Dummy() for _ in nodes]
        try:
            outer = sp.Poly(expr.xreplace(dict(zip(nodes, marks, strict=True))), *marks, rho)
        except sp.PolynomialError:
            raise UnsupportedError(f"a series is compiled for sums of expectations; received {expr}") from None
        total: list[arb] = []
        self.tail, self.order = 0.0, _LENGTHS[-1]
        with workprec(_BITS):
            for powers, factor in outer.terms():
                chosen = [i for i, p in enumerate(powers[:-1]) if p]
                if sum(powers[:-1]) > 1:
                    raise UnsupportedError(
                        f"a series is compiled for sums of expectations; {expr} has a product of them"
                    )
                weight = enclose(factor, _DIGITS)
                series, tail = _series(nodes[chosen[0]], rho) if chosen else ([arb(1)], 0.0)
                shifted = [arb(0)] * powers[-1] + [weight * c for c in series]
                total = [a + b for a, b in zip(_padded(total, shifted), _padded(shifted, total), strict=True)]
                if chosen:
                    self.tail += tail * abs(float(weight))
                    self.order = min(self.order, len(series))
        size = len(total) + len(total) % 2
        middle = np.array([float(c.mid()) for c in total] + [0.0] * (size - len(total)))
        self.even, self.odd = np.ascontiguousarray(middle[::2]), np.ascontiguousarray(middle[1::2])
        radius = sum(float(c.rad()) for c in total) + _UNIT * float(np.abs(middle).sum())
        # Horner's rule rounds partial sums: each weighs as much as the coefficients beyond it.
        beyond = np.cumsum(np.abs(middle)[::-1])[::-1]
        self.rounding = radius + 3.0 * _UNIT * float(beyond[::2].sum() + beyond[1::2].sum())
        self.source = "\n".join(map(repr, middle.tolist()))

    def __call__(self, *columns: Array) -> tuple[Array, Array]:
        """Values and error bounds; not-a-number outside [-1, 1]."""
        points = np.ascontiguousarray(columns[0], dtype=np.float64)
        value = np.empty_like(points)
        power_series(self.even, self.odd, points, value)
        outside = ~(np.abs(points) <= 1)
        value[outside] = np.nan
        with np.errstate(invalid="ignore"):
            bound = self.rounding + self.tail * np.abs(points) ** self.order
        bound[outside] = np.inf
        return value, bound


def _padded(first: list[arb], second: list[arb]) -> list[arb]:
    return first + [arb(0)] * (len(second) - len(first))


def _series(node: GaussianExpectation, rho: sp.Symbol) -> tuple[list[arb], float]:
    """Coefficients of the powers of rho, and the bound on the rest at correlation one."""
    integrand, variables, cov, mean = node.args
    if len(variables) != 2 or any(mean):
        raise UnsupportedError(
            f"a compiled expectation is one of a centred pair; received {node}: evaluate it with N(expr)"
        )
    q1, q2 = cov[0, 0], cov[1, 1]
    if (q1.free_symbols | q2.free_symbols) or sp.expand(cov[0, 1] ** 2 - rho**2 * q1 * q2) != 0:
        raise UnsupportedError("a series needs numeric variances and the correlation as its argument")
    sign = 1 if cov[0, 1].subs(rho, 1).is_positive else -1
    total: list[arb] = []
    tail = 0.0
    for f, g in separable_terms(integrand, tuple(variables)):
        series, rest = _product((f, variables[0], q1), (g, variables[1], q2))
        signed = [c * sign**k for k, c in enumerate(series)]
        total = [a + b for a, b in zip(_padded(total, signed), _padded(signed, total), strict=True)]
        tail += rest
    return total, tail


def _product(first: Factor, second: Factor) -> tuple[list[arb], float]:
    rests: list[float] = []
    for length in _LENGTHS:
        c, c_rest, c_all = _coefficients(first, length)
        same = first[2] == second[2] and first[0].subs(first[1], second[1]) == second[0]
        d, d_rest, d_all = (c, c_rest, c_all) if same else _coefficients(second, length)
        if c_rest * d_rest <= _TAIL**2 * c_all * d_all:
            with workprec(_BITS):
                return [a * b for a, b in zip(c, d, strict=True)], math.sqrt(c_rest * d_rest)
        rests.append(c_rest * d_rest)
        if _is_algebraic(rests):
            break
    raise UnsupportedError(
        f"the series of {first[0]} decays too slowly: more than {_LENGTHS[-1]} terms for double precision; "
        "evaluate with N(expr) or theory.enclose"
    )


def _is_algebraic(rests: list[float]) -> bool:
    """Whether the rests at doubled lengths fall by a constant factor, as a kink makes them do."""
    if len(rests) < 3 or not 0.0 < rests[-1] < rests[-2] < rests[-3]:
        return False
    before, now = math.log(rests[-3] / rests[-2]), math.log(rests[-2] / rests[-1])
    return now < 1.2 * before


def _coefficients(factor: Factor, length: int) -> tuple[list[arb], float, float]:
    """Hermite coefficients, the sum of the squares beyond, and the sum of all squares (upper bounds)."""
    from theory.activations import Activation
    from theory.hermite.sequence import hermite_coefficients
    from theory.hermite.tail import hermite_tail

    f, x, q = factor
    try:
        phi = Activation(f, x)
        balls = list(hermite_coefficients(phi, length - 1, q, _DIGITS))
        rest = hermite_tail(phi, length - 1, q, _DIGITS)
    except (DomainError, PrecisionError) as error:
        raise UnsupportedError(f"no series for {f}: {error}") from None
    beyond = max(0.0, float(abs(rest).upper()))
    return balls, beyond, beyond + float(sum((c * c for c in balls), arb(0)).upper())
