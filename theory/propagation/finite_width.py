r"""Leading corrections in the width: fluctuations, kurtosis and mean shift of the pre-activations of one input.

At width n, for Gaussian weights and for square orthogonal ones (inputs of dimension at most n),

$$ E[z_i^2 z_j^2] - E[z_i^2]E[z_j^2] = V^\ell/n + O(n^{-2}) \quad (i \ne j), \qquad
   E[z_i^2] = K^\ell + G^\ell/n + O(n^{-2}). $$
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sympy import Expr, Integer, Symbol

from theory.activations import Activation
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.network import NetworkSpec, checked_depth, checked_network
from theory.propagation.maps import parallel_susceptibility, variance_map

__all__ = [
    "FiniteWidth",
    "excess_kurtosis",
    "finite_width",
    "finite_width_step",
    "homogeneous_second_moment",
    "homogeneous_vertex",
    "is_orthogonal",
]

_K = Symbol("K", positive=True)


class FiniteWidth(NamedTuple):
    """Layer, variance K, four-point vertex V and shift G of the mean square, both coefficients of 1/n."""

    layer: int
    variance: Expr
    vertex: Expr
    shift: Expr


def finite_width(net: NetworkSpec, depth: int, q: Any = 1) -> list[FiniteWidth]:
    r"""Leading finite-width corrections of layers 1, ..., depth, with variance q in layer 1.

    $$ V^{\ell+1} = C_W^2\left(\langle\varphi^4\rangle - \langle\varphi^2\rangle^2\right)_{K^\ell}
       + \chi_\parallel(K^\ell)^2 V^\ell - 2 \epsilon (K^{\ell+1} - C_b)^2, \qquad
       G^{\ell+1} = \chi_\parallel(K^\ell) G^\ell + \tfrac12 C_W g''(K^\ell) V^\ell $$

    $g(K) = \langle\varphi^2\rangle_K$; $\epsilon = 0$, $V^1 = 0$ for Gaussian weights; $\epsilon = 1$,
    $V^1 = -2(q - C_b)^2$ for orthogonal ones.

    Raises
    ------
    UnsupportedError
        for other weights, skips and normalisations.
    DomainError
        for a variance that is not positive, or a depth that is not a positive integer.

    Examples
    --------
    >>> from theory.activations import activation
    >>> [state.vertex for state in finite_width(NetworkSpec(activation("relu"), C_W=2), 4)]
    [0, 5, 10, 15]
    >>> [s.vertex for s in finite_width(NetworkSpec(activation("relu"), C_W=2, weights="orthogonal"), 4)]
    [-2, 1, 4, 7]

    References
    ----------
    roberts2022principles, day2023feature
    """
    net, depth = checked_network(net), checked_depth(depth)
    orthogonal = is_orthogonal(net)
    q = exact(q)
    if not q.is_positive and (q.is_number or q.is_nonpositive):
        raise DomainError(f"the variance of layer 1 is positive; received {q}")
    if orthogonal and (q < net.C_b) == True:  # noqa: E712 - symbolic
        raise DomainError(f"layer 1 has a variance of at least C_b = {net.C_b}; received {q}")
    start = -2 * (q - net.C_b) ** 2 if orthogonal else Integer(0)
    states = [FiniteWidth(1, q, start, Integer(0))]
    while len(states) < depth:
        states.append(finite_width_step(net, states[-1]))
    return states


def finite_width_step(net: NetworkSpec, state: FiniteWidth) -> FiniteWidth:
    """The next layer; see `finite_width`."""
    orthogonal = is_orthogonal(net)
    K = state.variance
    phi, C_W = net.phi, net.C_W
    above = variance_map(net, K)
    chi = parallel_susceptibility(net, K)
    spread = phi.moment(4, K) - phi.moment(2, K) ** 2
    vertex = C_W**2 * spread + chi**2 * state.vertex
    if orthogonal:
        vertex -= 2 * (above - net.C_b) ** 2
    curvature = phi.moment(2, _K).diff(_K, 2).subs(_K, K)
    return FiniteWidth(
        state.layer + 1, above, vertex.expand(), (chi * state.shift + C_W * curvature * state.vertex / 2).expand()
    )


def excess_kurtosis(state: FiniteWidth) -> Expr:
    r"""Coefficient of 1/n in the excess kurtosis of a pre-activation, $3 V^\ell/(K^\ell)^2$.

    Examples
    --------
    >>> from theory.activations import activation
    >>> excess_kurtosis(finite_width(NetworkSpec(activation("identity")), 3)[2])
    12

    References
    ----------
    roberts2022principles
    """
    return 3 * state.vertex / state.variance**2


def homogeneous_vertex(net: NetworkSpec, layer: Any, q: Any = 1) -> Expr:
    r"""Four-point vertex at a symbolic layer, for two half-lines through the origin and no bias.

    $$ V^\ell = (\ell - 1)\left(c - 2\epsilon\right)(K^\ell)^2 - 2\epsilon (K^\ell)^2, \quad
       c = \langle\varphi^4\rangle_1/\langle\varphi^2\rangle_1^2 - 1, \quad
       K^\ell = (C_W\langle\varphi^2\rangle_1)^{\ell-1} q $$

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import ell
    >>> homogeneous_vertex(NetworkSpec(activation("relu"), C_W=2, weights="orthogonal"), ell)
    3*ell - 5

    References
    ----------
    roberts2022principles
    """
    orthogonal = is_orthogonal(net)
    _require_homogeneous(net)
    layer, q = exact(layer), exact(q)
    square = net.phi.moment(2)
    ratio = net.phi.moment(4) / square**2 - 1
    variance = (net.C_W * square) ** (layer - 1) * q
    coefficient = (layer - 1) * (ratio - 2) - 2 if orthogonal else (layer - 1) * ratio
    return coefficient.expand() * variance**2


def homogeneous_second_moment(net: NetworkSpec, layer: Any, width: Any, q: Any = 1) -> Expr:
    r"""Exact $E[z_i^2 z_j^2]$, i != j, at every width n, for two half-lines through the origin and no bias.

    $$ \text{Gaussian: } (K^\ell)^2 \left(1 + \frac cn\right)^{\ell-1}, \qquad
       \text{orthogonal: } \frac{n}{n+2} (K^\ell)^2 \left(\frac{n + c}{n + 2}\right)^{\ell-1} $$

    with c and $K^\ell$ of `homogeneous_vertex`; all hidden layers have width n, and for orthogonal weights the input
    has at most n entries.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import ell, n
    >>> homogeneous_second_moment(NetworkSpec(activation("relu"), C_W=2), ell, n)
    (1 + 5/n)**(ell - 1)

    References
    ----------
    roberts2022principles
    """
    orthogonal = is_orthogonal(net)
    _require_homogeneous(net)
    layer, width, q = exact(layer), exact(width), exact(q)
    if width.is_number and not (width.is_integer and width.is_positive):
        raise DomainError(f"a width is a positive integer; received {width}")
    square = net.phi.moment(2)
    ratio = net.phi.moment(4) / square**2 - 1
    variance = (net.C_W * square) ** (layer - 1) * q
    if orthogonal:
        return width / (width + 2) * variance**2 * ((width + ratio) / (width + 2)) ** (layer - 1)
    return variance**2 * (1 + ratio / width) ** (layer - 1)


def is_orthogonal(net: NetworkSpec) -> bool:
    """Are the weights orthogonal (or else Gaussian), in a plain network?"""
    if net.weights.law not in ("gaussian", "orthogonal"):
        raise UnsupportedError(
            f"finite-width corrections are those of Gaussian or orthogonal weights; received {net.weights}"
        )
    if net.skip is not None or net.normalization is not None:
        raise UnsupportedError("finite-width corrections are those of networks without skip and normalisation")
    return net.weights.law == "orthogonal"


def _require_homogeneous(net: NetworkSpec) -> None:
    if net.C_b != 0 or not _is_two_half_lines(net.phi):
        raise DomainError(
            "the closed form at every layer needs an activation of two half-lines through 0 and no bias; "
            f"received {net}: use finite_width"
        )


def _is_two_half_lines(phi: Activation) -> bool:
    x, pieces = phi.variable, phi.pieces
    return all(b == 0 for b in pieces.breaks) and not any((p / x).cancel().has(x) for p in pieces.parts)
