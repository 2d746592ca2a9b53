"""Kernel maps from Hermite weights, as the members of `theory.domains.HermiteWeights` stand for them."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, sympify

__all__ = ["kernel_polynomial", "kernel_with_fixed_point"]


def kernel_polynomial(weights: Sequence[Expr], r: Expr) -> Expr:
    r"""$\sum_k a_k r^k$ for the weights $(a_0, \dots, a_K)$.

    Examples
    --------
    >>> kernel_polynomial([Integer(0), Integer(3)], Integer(5))
    15
    """
    return sum((weight * r**power for power, weight in enumerate(weights)), Integer(0))


def kernel_with_fixed_point(weights: Sequence[Expr], star: Expr, r: Expr) -> Expr:
    r"""The kernel map $c + (1 - c)\kappa(r)$ that fixes `star`, affine in the centred map $\kappa$ of the weights.

    $\kappa(1) = 1$ and $0 < \rho^* < 1$; the constant $c = (\rho^* - \kappa(\rho^*))/(1 - \kappa(\rho^*))$ lies in
    [0, 1], so that the weights of the result are non-negative as well.  It is the value at zero.

    Examples
    --------
    >>> from sympy import Rational, Symbol
    >>> x = Symbol("x")
    >>> kernel_with_fixed_point([Integer(0), Integer(0), Integer(1)], Rational(1, 2), x)
    2*x**2/3 + 1/3
    """
    value = kernel_polynomial(weights, sympify(star))
    offset = (star - value) / (1 - value)
    return offset + (1 - offset) * kernel_polynomial(weights, r)
