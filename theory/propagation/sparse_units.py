r"""Activations that are zero on intervals: how sparse a layer is, and clipping, which cures their instability.

A unit such as $\max(x - \tau, 0)$ has $\langle\varphi\varphi''\rangle_q = 0$ at every variance, so that
$\chi_\parallel = \chi_\perp$: on the edge of chaos the fixed variance has slope one and a positive curvature, and
repels from above.  Clipped at a level m it has $\langle\varphi\varphi''\rangle_q < 0$, and the fixed variance attracts.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Integer, Max, Min, erf, oo, sqrt

from theory.activations import Activation
from theory.errors import DomainError
from theory.gaussian.law import exact

__all__ = ["clipped", "sparsity"]


def sparsity(phi: Activation, q: Any = 1) -> Expr:
    r"""Share of a wide layer that is zero, $P(\varphi(\sqrt q Z) = 0)$.

    Parameters
    ----------
    phi : any activation; only intervals on which it vanishes count.
    q : positive variance of the pre-activations.

    Raises
    ------
    DomainError
        for a variance that is not positive.

    Examples
    --------
    >>> from theory.activations import activation
    >>> sparsity(activation("shifted_relu", tau=1))
    erf(sqrt(2)/2)/2 + 1/2
    >>> sparsity(activation("tanh"))
    0

    References
    ----------
    price2024deep
    """
    phi, q = _activation(phi), exact(q)
    if q.is_nonpositive:
        raise DomainError(f"the variance q is positive; received {q}")
    pieces = phi.pieces
    ends = [-oo, *pieces.breaks, oo]
    zero = [i for i, part in enumerate(pieces.parts) if part.expand().is_zero]
    return Add(*(_below(ends[i + 1], q) - _below(ends[i], q) for i in zero))


def clipped(phi: Activation, level: Any) -> Activation:
    r"""The activation cut off at a level, $\min(\max(\varphi, -m), m)$.

    Raises
    ------
    DomainError
        for a level that is not positive.

    Examples
    --------
    >>> from sympy import N
    >>> from theory.activations import activation
    >>> from theory.propagation.edge_of_chaos import edge_of_chaos
    >>> unit = activation("shifted_relu", tau=1)
    >>> point = edge_of_chaos(unit, 1)
    >>> point.stability, point.slope
    ('attracting_from_below', 1)
    >>> cured = edge_of_chaos(clipped(unit, 1), 1)
    >>> cured.stability, N(cured.slope, 6)
    ('attracting', 0.602731)

    References
    ----------
    price2024deep
    """
    phi, level = _activation(phi), exact(level)
    if not level.is_positive:
        raise DomainError(f"the level of clipping is positive; received {level}")
    assumptions = [*phi.assumptions, level > 0] if level.free_symbols else phi.assumptions
    return Activation(Min(Max(phi.expr, -level), level), phi.variable, assumptions)


def _below(place: Expr, q: Expr) -> Expr:
    if place in (oo, -oo):
        return Integer(1) if place is oo else Integer(0)
    return (1 + erf(place / sqrt(2 * q))) / 2


def _activation(phi: Any) -> Activation:
    if not isinstance(phi, Activation):
        raise DomainError(f"an Activation is needed, such as th.activation('shifted_relu'); received {phi!r}")
    return phi
