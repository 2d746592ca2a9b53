r"""Hermite coefficients of $P(x) (x^2 + a)^\sigma$, a > 0, by Tricomi's function.

From $(x^2 + a)^\sigma = \frac{1}{\Gamma(-\sigma)} \int_0^\infty u^{-\sigma-1} e^{-u(x^2+a)} du$ and its continuation,

$$ E[(Z^2 + a)^\sigma He_k(Z)] = He_k(0)\, 2^\sigma \frac{\Gamma(\frac k2 - \sigma)}{\Gamma(-\sigma)}\,
   U\big(\tfrac k2 - \sigma, \tfrac12 - \sigma, \tfrac a2\big). $$
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sympy import Add, Expr, Mul, Poly, Rational, S, Symbol, apart, binomial, expand, gamma, together
from sympy.polys.polyerrors import PolynomialError

from theory.gaussian.atoms import NotInClass
from theory.gaussian.ordering import Ordering
from theory.hermite.confluent import tricomi_u
from theory.hermite.polynomials import hermite_at_zero
from theory.hermite.solution import K, Solution

__all__ = ["Unit", "read_units"]


class Unit(NamedTuple):
    """coeff * x^odd * (x^2 + level)^power with odd 0 or 1 and a rational power, not a natural number."""

    coeff: Expr
    odd: int
    level: Expr
    power: Rational

    def solution(self, scale: Expr) -> Solution:
        """The sequence C_k of the unit at x = scale * Z."""
        sigma, odd = self.power, self.odd
        order = (K - odd) / 2 - sigma
        size = self.coeff * scale ** (odd + 2 * sigma) * 2**sigma / gamma(-sigma)
        parity = hermite_at_zero(K - 1) * K if odd else hermite_at_zero(K)
        special = tricomi_u(expand(order), Rational(1, 2) - odd - sigma, self.level / (2 * scale**2))
        # The other parity has coefficient zero, but there the gamma function may have a pole.
        poles = (k for k in range(1 - odd, int(2 * sigma) + odd + 1, 2) if order.subs(K, k).is_nonpositive)
        zeros = {k: S.Zero for k in poles if order.subs(K, k).is_Integer}
        return Solution(size * parity * gamma(expand(order)) * special, zeros)


def read_units(e: Expr, x: Symbol, ordering: Ordering) -> tuple[list[Unit], Expr]:
    """Units and the polynomial that add up to the expression.

    Raises
    ------
    NotInClass
        if it is not a sum of polynomials times powers of one positive quadratic each.
    """
    units: list[Unit] = []
    rest: Expr = S.Zero
    for term in Add.make_args(_partial_fractions(e, x)):
        if term.is_polynomial(x):
            rest += term
            continue
        for coeff, m, level, power in _read(term, x, ordering):
            half, odd = divmod(m, 2)
            for i in range(half + 1):
                factor = coeff * binomial(half, i) * (-level) ** (half - i)
                if (power + i).is_nonnegative and (power + i).is_Integer:
                    rest += factor * x**odd * (x**2 + level) ** (power + i)
                else:
                    units.append(Unit(factor, odd, level, power + i))
    return _merged(units), expand(rest)


def _merged(units: list[Unit]) -> list[Unit]:
    total: dict[tuple[int, Expr, Rational], Expr] = {}
    for u in units:
        total[u[1:]] = total.get(u[1:], S.Zero) + u.coeff
    return [Unit(c, *key) for key, e in total.items() if (c := expand(e)) != 0]


def _partial_fractions(e: Expr, x: Symbol) -> Expr:
    if not e.is_rational_function(x):
        return expand(e)
    try:
        return apart(together(e), x)
    except (PolynomialError, NotImplementedError):
        return e


def _read(term: Expr, x: Symbol, ordering: Ordering) -> Iterator[tuple[Expr, int, Expr, Rational]]:
    """Terms coeff * x^m * (x^2 + level)^power of a product."""
    polynomial: list[Expr] = []
    base: Expr | None = None
    power: Expr = S.Zero
    for factor in Mul.make_args(term):
        b, p = factor.as_base_exp()
        if factor.is_polynomial(x):
            polynomial.append(factor)
        elif b.is_polynomial(x) and p.is_Rational and base in (None, b):
            base, power = b, power + p
        else:
            raise NotInClass(f"no rule in k covers {term}")
    if base is None:
        raise NotInClass(f"no rule in k covers {term}")
    lead, middle, last = _quadratic(base, x)
    level = last / lead if middle == 0 else S.NegativeOne
    if ordering.sign_or_none(level) != 1:
        raise NotInClass(f"no rule in k covers {base**power}, only powers of {x}^2 + a with a > 0")
    if ordering.sign_or_none(lead) != 1 and not power.is_Integer:
        raise NotInClass(f"the sign of {lead} is not settled in {base**power}")
    for (m,), c in Poly(Mul(*polynomial), x).terms():
        yield c * lead**power, int(m), level, power


def _quadratic(base: Expr, x: Symbol) -> tuple[Expr, Expr, Expr]:
    poly = Poly(base, x)
    if poly.degree() != 2:
        raise NotInClass(f"no rule in k covers powers of {base}")
    lead, middle, last = (poly.coeff_monomial(x**m) for m in (2, 1, 0))
    return lead, expand(middle), last
