r"""Identities that every dual activation obeys, as equations to be certified on a derived formula.

They tie the formula to expectations that the derivation never used: its values at the correlations 0 and 1, its
slope at 0, and its derivative by Price's theorem.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sympy import Expr, S, Symbol, Tuple, nan, oo, sqrt, zoo

from theory.errors import UnsupportedError
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.kernels import correlated_pair
from theory.gaussian.law import Gaussian

__all__ = ["Identity", "dual_identities"]

_Z = Symbol("Z", real=True)
_PAIR = (Symbol("U", real=True), Symbol("V", real=True))


class Identity(NamedTuple):
    """An equation `lhs = rhs` between a derived formula and expectations kept as their definitions."""

    rule: str
    explanation: str
    lhs: Expr
    rhs: Expr


def dual_identities(phi: Any, rho: Expr, q1: Expr, q2: Expr, dual: Expr) -> list[Identity]:
    r"""Identities of `dual`, the dual activation of an `Activation` at a symbolic correlation.

    - zero correlation: $\hat\varphi(0) = E\varphi(\sqrt{q_1}Z)\,E\varphi(\sqrt{q_2}Z) = c_0(q_1)c_0(q_2)$;
    - slope at zero: $\hat\varphi'(0) = c_1(q_1)c_1(q_2)$;
    - diagonal: $\hat\varphi(1) = E\varphi(\sqrt{q_1}Z)\varphi(\sqrt{q_2}Z)$;
    - Price: $\hat\varphi'(\rho) = \sqrt{q_1q_2}\,E\varphi'(U)\varphi'(V)$ for a continuous $\varphi$.

    A number or an expression in place of the correlation has no derivative; only formulas in a symbol are tied.

    References
    ----------
    price1958useful, daniely2016toward
    """
    if not isinstance(rho, Symbol) or dual.has(GaussianExpectation):
        return []
    a, b = sqrt(q1), sqrt(q2)
    means = _mean(phi(a * _Z)) * _mean(phi(b * _Z))
    slopes = _mean(_Z * phi(a * _Z)) * _mean(_Z * phi(b * _Z))
    derivative = dual.diff(rho)
    found = [
        Identity("zero correlation", "independent variables: the product of the means", _at(dual, rho, 0), means),
        Identity("slope at zero", "the product of the first Hermite coefficients", _at(derivative, rho, 0), slopes),
        Identity(
            "diagonal", "one variable is left", _diagonal(phi, dual, rho, q1, q2), _mean(phi(a * _Z) * phi(b * _Z))
        ),
    ]
    try:
        slope = phi.derivative()
    except UnsupportedError:
        return found  # a jump: the derivative is a point mass
    u, v = _PAIR
    law = Gaussian([u, v], cov=correlated_pair(a, b, rho))
    pair = GaussianExpectation(
        slope.subs(phi.variable, u) * slope.subs(phi.variable, v), Tuple(u, v), law.cov, Tuple(0, 0)
    )
    words = "the derivative in the correlation is the dual of the derivative"
    return [*found, Identity("Price", words, derivative, a * b * pair)]


def _mean(integrand: Expr) -> Expr:
    if _Z not in integrand.free_symbols:
        return integrand
    return GaussianExpectation(integrand, Tuple(_Z), [[1]], Tuple(0))


def _at(e: Expr, rho: Symbol, value: int) -> Expr:
    return e.subs(rho, S(value))


def _diagonal(phi: Any, dual: Expr, rho: Symbol, q1: Expr, q2: Expr) -> Expr:
    """The formula at correlation one, or its one-dimensional route where the formula has only a limit there."""
    value = _at(dual, rho, 1)
    return phi.dual(1, q1, q2) if value.has(nan, oo, -oo, zoo) else value
