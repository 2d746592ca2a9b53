r"""Tangent kernel at infinite width: the dual of the derivative of a block, and the map of a layer.

With $h^\ell = \sqrt{C_W/n}\,\omega^\ell x^{\ell-1} + \sqrt{C_b}\,b^\ell$ and unit weights $\omega, b$ the kernel is
$\Theta^\ell_{ab} = \sum_{\text{weights}} \partial h^\ell_i(a)\,\partial h^\ell_i(b)$.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, S, sqrt

from theory.errors import UnsupportedError
from theory.gaussian.law import exact
from theory.network import NetworkSpec
from theory.propagation.maps import covariance_map, normalization_scales

__all__ = ["block_slope", "check_tangent_kernel", "first_tangent_kernel", "ntk_map"]


def block_slope(net: NetworkSpec, rho: Any, q1: Any, q2: Any) -> Expr:
    r"""Dual of the derivative of the block $\varphi(N(h))$ or $N(\varphi(h))$ with respect to h.

    $\dot B = E\varphi'(U)\varphi'(V)$ for a plain network.  A normalisation divides by its scales; the derivative of
    the scales themselves is a projection whose weight vanishes with the width.

    Raises
    ------
    UnsupportedError
        if the activation jumps, or for batch normalisation.
    """
    phi, rule = net.phi, net.normalization
    rho, q1, q2 = exact(rho), exact(q1), exact(q2)
    if rule is None:
        return phi.dual_derivative(rho, q1, q2)
    if rule.kind == "batch":
        raise UnsupportedError("batch normalization couples all inputs of a batch; it has no map of two inputs")
    if rule.place == "before":
        return phi.dual_derivative(rho, 1, 1) / (q1 if q1 == q2 else sqrt(q1) * sqrt(q2))
    scales = normalization_scales(net, q1, q2)
    below = scales[0] if q1 == q2 else sqrt(scales[0]) * sqrt(scales[1])
    return phi.dual_derivative(rho, q1, q2) / below


def first_tangent_kernel(net: NetworkSpec, covariance: Any) -> Expr:
    r"""Tangent kernel of layer 1, $\Theta^1 = S^1$: its weights and biases alone."""
    check_tangent_kernel(net)
    return exact(covariance)


def ntk_map(net: NetworkSpec, theta: Any, rho: Any, q1: Any = 1, q2: Any = None) -> Expr:
    r"""Tangent kernel of the next layer from the kernel and the pre-activation covariance of this one.

    $$ \Theta^{\ell+1} = S^{\ell+1} + \beta^2 C_W \dot B(S^\ell)\,\Theta^\ell + r^2 (\Theta^\ell - S^\ell) $$

    for a network with a skip of strength r and branch $\beta$ (0 and 1 without one) at layers 2, 3, ...; the matrix of
    a projection skip is not trained.

    Parameters
    ----------
    theta : the kernel $\Theta^\ell_{12}$ of the two inputs (for one input: rho = 1 and q1 = q2).
    rho, q1, q2 : correlation and variances of their pre-activations; q2 = q1 if left out.

    Raises
    ------
    UnsupportedError
        if the activation jumps (the kernel is infinite), for batch normalisation, for an identity skip of an uncentred
        activation (see `iterate`), or for a parameterisation other than `"ntk"`.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from theory.activations import activation
    >>> ntk_map(NetworkSpec(activation("relu"), C_W=2), Symbol("Theta"), 1, 3)
    Theta + 3

    References
    ----------
    jacot2018neural
    """
    check_tangent_kernel(net)
    theta, rho, q1 = exact(theta), exact(rho), exact(q1)
    q2 = q1 if q2 is None else exact(q2)
    current = rho * (q1 if q1 == q2 else sqrt(q1) * sqrt(q2))
    same = rho == 1 and q1 == q2
    above = covariance_map(net, q1, q2, current)
    skip = net.skip
    branch, strength = (S.One, S.Zero) if skip is None else (skip.branch, skip.strength)
    inner = branch**2 * net.C_W * block_slope(net, rho, q1, q2) * theta
    return (above[0] if same else above[2]) + inner + strength**2 * (theta - current)


def check_tangent_kernel(net: NetworkSpec) -> None:
    """Refuse a parameterisation whose kernel has no finite limit or other weights."""
    if net.parameterization != "ntk":
        raise UnsupportedError(
            f"the tangent kernel is that of parameterization='ntk', where it has a finite limit; received "
            f"{net.parameterization!r}: use net.with_(parameterization='ntk')"
        )
