r"""Four-point vertex of two inputs: leading fluctuations of their kernel in the width.

With A = (ab) and B = (cd) pairs of inputs, and neurons i != j of layer $\ell$,

$$ E[z_{i;a} z_{i;b} z_{j;c} z_{j;d}] - K_A K_B = V_{AB}^\ell/n + O(n^{-2}). $$
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sympy import Expr, ImmutableMatrix, Symbol, diff, sqrt, zeros

from theory.errors import DomainError
from theory.gaussian.expectation import expect
from theory.gaussian.kernels import check_correlation
from theory.gaussian.law import Gaussian, exact
from theory.network import NetworkSpec, checked_depth, checked_network
from theory.propagation.finite_width import is_orthogonal
from theory.propagation.maps import covariance_map, parallel_susceptibility

__all__ = ["PairVertex", "pair_vertex", "pair_vertex_step"]

_PAIRS = ((0, 0), (0, 1), (1, 1))


class PairVertex(NamedTuple):
    """Layer, covariances (K11, K12, K22) and the symmetric matrix V over the pairs (11, 12, 22)."""

    layer: int
    covariance: tuple[Expr, Expr, Expr]
    vertex: ImmutableMatrix


def pair_vertex(net: NetworkSpec, depth: int, q1: Any = 1, q2: Any = None, rho: Any = 0) -> list[PairVertex]:
    r"""Covariances and four-point vertices of layers 1, ..., depth for two inputs.

    With $F_{ab}(K) = C_b + C_W \langle\varphi_a\varphi_b\rangle_K$ and its Jacobian $J = \partial F/\partial K$,

    $$ V^{\ell+1} = C_W^2\,\mathrm{Cov}_{K^\ell}(\varphi_a\varphi_b, \varphi_c\varphi_d) + J V^\ell J^T
       - \epsilon\,(S_{ac} S_{bd} + S_{ad} S_{bc}), \qquad S = K^{\ell+1} - C_b $$

    The expressions are exact and grow with the depth; `pair_vertex_step` goes on from rounded numbers.
    $\epsilon = 0$ and $V^1 = 0$ for Gaussian weights, $\epsilon = 1$ and the last term alone for orthogonal ones.

    Parameters
    ----------
    depth : number of weight matrices; layer 1 is the first pre-activation.
    q1, q2, rho : variances and correlation in layer 1, -1 < rho < 1; q2 = q1 if left out.

    Raises
    ------
    UnsupportedError
        for other weights, skips and normalisations, or an activation that jumps.
    DomainError
        for a variance that is not positive, a correlation outside (-1, 1), or a depth that is not a positive integer.

    Examples
    --------
    >>> from theory.activations import activation
    >>> pair_vertex(NetworkSpec(activation("identity")), 3)[2].vertex
    Matrix([
    [4, 0, 0],
    [0, 2, 0],
    [0, 0, 4]])

    References
    ----------
    roberts2022principles
    """
    net, depth = checked_network(net), checked_depth(depth)
    orthogonal = is_orthogonal(net)
    first, second, rho = exact(q1), exact(q1 if q2 is None else q2), exact(rho)
    check_correlation(rho)
    if rho in (1, -1):
        raise DomainError(f"two inputs of correlation {rho} are one up to scale; use finite_width")
    for q in (first, second):
        if not q.is_positive and (q.is_number or q.is_nonpositive):
            raise DomainError(f"the variances of layer 1 are positive; received {q}")
    covariance = first, rho * (first if first == second else sqrt(first * second)), second
    start = _gram(net, covariance) if orthogonal else zeros(3, 3)
    states = [PairVertex(1, covariance, ImmutableMatrix(-start))]
    while len(states) < depth:
        states.append(pair_vertex_step(net, states[-1]))
    return states


def pair_vertex_step(net: NetworkSpec, state: PairVertex) -> PairVertex:
    """The next layer; see `pair_vertex`."""
    orthogonal = is_orthogonal(net)
    q1, q12, q2 = state.covariance
    above = covariance_map(net, q1, q2, q12)
    covariance = above[0], above[2], above[1]
    jacobian = _jacobian(net, state.covariance)
    vertex = net.C_W**2 * _spread(net, state.covariance) + jacobian * state.vertex * jacobian.T
    if orthogonal:
        vertex -= _gram(net, covariance)
    return PairVertex(state.layer + 1, covariance, ImmutableMatrix(vertex))


def _gram(net: NetworkSpec, covariance: tuple[Expr, Expr, Expr]) -> ImmutableMatrix:
    """Covariance of the products of two Gaussian pairs with the covariance S, less the bias."""
    S = {pair: value - net.C_b for pair, value in zip(_PAIRS, covariance, strict=True)}

    def entry(i: int, j: int) -> Expr:
        (a, b), (c, d) = _PAIRS[i], _PAIRS[j]
        pairs = ((a, c), (b, d)), ((a, d), (b, c))
        return sum(S[min(p), max(p)] * S[min(r), max(r)] for p, r in pairs)

    return ImmutableMatrix(3, 3, entry)


def _spread(net: NetworkSpec, covariance: tuple[Expr, Expr, Expr]) -> ImmutableMatrix:
    """Covariances of the products of the activations of the two inputs."""
    phi = net.phi
    u, v = Symbol("u", real=True), Symbol("v", real=True)
    q1, q12, q2 = covariance
    law = Gaussian([u, v], cov=[[q1, q12], [q12, q2]])

    def mean(i: int, j: int) -> Expr:
        """E phi(u)^i phi(v)^j."""
        if i == 0 or j == 0:
            return phi.moment(i + j, q2 if i == 0 else q1)
        return expect(phi(u) ** i * phi(v) ** j, law, phi.assumptions)

    counts = [(pair.count(0), pair.count(1)) for pair in _PAIRS]
    means = [mean(*count) for count in counts]
    known = {(i, 4 - i): mean(i, 4 - i) for i in range(5)}
    return ImmutableMatrix(
        3, 3, lambda i, j: known[counts[i][0] + counts[j][0], counts[i][1] + counts[j][1]] - means[i] * means[j]
    )


def _jacobian(net: NetworkSpec, covariance: tuple[Expr, Expr, Expr]) -> ImmutableMatrix:
    """Derivatives of the covariances (11, 12, 22) of the next layer by those of this one."""
    phi, C_W = net.phi, net.C_W
    q1, q12, q2 = covariance
    names = Symbol("q1", positive=True), Symbol("q12", real=True), Symbol("q2", positive=True)
    here = dict(zip(names, covariance, strict=True))
    cross = C_W * phi.dual_cov(names[0], names[2], names[1])
    row = [diff(cross, name).subs(here, simultaneous=True) for name in (names[0], names[2])]
    # Price's theorem at fixed variances.
    product = q1 if q1 == q2 else sqrt(q1 * q2)
    between = C_W * phi.dual_derivative(q12 / product, q1, q2)
    return ImmutableMatrix(
        [
            [parallel_susceptibility(net, q1), 0, 0],
            [row[0], between, row[1]],
            [0, 0, parallel_susceptibility(net, q2)],
        ]
    )
