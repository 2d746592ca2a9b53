r"""Weight variances that preserve the forward or the backward signal, and where the two agree."""

from __future__ import annotations

from typing import Any

from sympy import Expr, oo

from theory.activations import Activation
from theory.errors import DomainError
from theory.gaussian.law import exact
from theory.propagation.edge_of_chaos import Curve, slope_moment
from theory.propagation.variance_zeros import Zeros

__all__ = ["balanced_variances", "forward_backward_ratio", "gradient_preserving_gain", "variance_preserving_gain"]


def variance_preserving_gain(phi: Activation, q: Any = 1) -> Expr:
    r"""Weight variance $C_W = q/E\varphi(\sqrt q Z)^2$ that keeps the variance q from layer to layer without bias.

    Raises
    ------
    DomainError
        for a variance that is not positive, or an activation that vanishes.

    Examples
    --------
    >>> from theory.activations import activation
    >>> variance_preserving_gain(activation("relu"))
    2
    """
    phi, q = _activation(phi), _variance(q)
    return q / _nonzero(phi.moment(2, q), "E phi^2", phi)


def gradient_preserving_gain(phi: Activation, q: Any = 1) -> Expr:
    r"""Weight variance $C_W = 1/E\varphi'(\sqrt q Z)^2$ that keeps the second moment of the gradient at a variance q.

    Raises
    ------
    UnsupportedError
        for an activation that jumps: its gradient has no second moment.
    DomainError
        for a variance that is not positive, or a constant activation.
    """
    phi, q = _activation(phi), _variance(q)
    return 1 / _nonzero(slope_moment(phi, q), "E phi'^2", phi)


def forward_backward_ratio(phi: Activation, q: Any = 1) -> Expr:
    r"""Ratio $q\,E\varphi'^2/E\varphi^2$ of the two gains; one where a network without bias preserves both."""
    return variance_preserving_gain(phi, q) / gradient_preserving_gain(phi, q)


def balanced_variances(phi: Activation) -> Zeros:
    r"""All variances q > 0 with $q\,E\varphi'^2 = E\varphi^2$: forward and backward gain agree there.

    For centred activations the Gaussian Poincare inequality leaves none, unless they are linear; `signs` are those of
    $q\,E\varphi'^2 - E\varphi^2$, and (0,) says that the gains agree at every variance.

    Examples
    --------
    >>> from theory.activations import activation
    >>> balanced_variances(activation("gaussian")).values
    (1 + sqrt(2),)
    >>> balanced_variances(activation("relu")).vanishes
    True
    """
    if _activation(phi).derivative(1) == 0:
        return Zeros((), (-1,), exact(0), oo)
    return Curve(phi).balance


def _activation(phi: Any) -> Activation:
    if not isinstance(phi, Activation):
        raise DomainError(f"a gain is that of an Activation, such as th.activation('tanh'); received {phi!r}")
    return phi


def _variance(q: Any) -> Expr:
    value = exact(q)
    if value.is_positive is False:
        raise DomainError(f"the variance q is positive; received {q}")
    return value


def _nonzero(value: Expr, name: str, phi: Activation) -> Expr:
    if value.is_zero:
        raise DomainError(f"no gain exists: {name} = 0 for {phi.expr}")
    return value
