"""Kernels of infinitely wide networks on data: covariances of the pre-activations and tangent kernels."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.angle_layers import angle_layers, is_angle_network
from numerics.pair_layers import PairLayers
from numerics.pairs import Pairs, assembled
from theory.errors import DivergenceError, DomainError, UnsupportedError
from theory.network import NetworkSpec

__all__ = ["Kernels", "kernels"]

Array = NDArray[np.float64]


class Kernels(NamedTuple):
    """Covariances `nngp` and tangent kernels `ntk` of the last pre-activation, arrays (m, m); `ntk` may be None."""

    nngp: Array
    ntk: Array | None


def kernels(net: NetworkSpec, X: ArrayLike, depth: int | None = None) -> Kernels:
    r"""Kernels of a network of infinite width on data.

    $$ S^1 = \tfrac{C_W}{d} X X^\top + C_b, \qquad \Theta^1 = S^1 $$

    and layer by layer as in `theory.propagation.iteration.iterate`, with `ntk` parameterisation.

    Parameters
    ----------
    net : network without free parameters.
    X : real array (m, d), one input per row; zero, equal and opposite rows are allowed.
    depth : number of weight matrices; that of the network if left out.

    Returns
    -------
    Kernels
        $S^L$ and $\Theta^L$, L = depth.  `ntk` is None from depth 2 on for an activation that jumps, whose kernel is
        infinite, and for parameterisations other than `"ntk"`.

    The map of every layer is accurate to $10^{-13}$ of the scale $\sqrt{S_{aa} S_{bb}}$: closed forms are compared with
    balls when they are compiled, Hermite series have their tails checked.  Diagonals take the one-input route.
    For positively homogeneous activations without skip and normalisation angles are carried instead of correlations:
    both kernels keep full accuracy for nearly equal inputs.  For other activations with a kink the tangent kernel of
    inputs at an angle below $10^{-6}$ is accurate to about $10^{-8}$, because a correlation in double precision does
    not resolve smaller angles.

    Raises
    ------
    DomainError
        for data that are not a finite real array (m, d), a missing depth, or free parameters.
    DivergenceError
        if a kernel overflows or a variance is infinite; the message names the layer.
    PrecisionError
        if a Hermite series does not reach its accuracy.
    UnsupportedError
        for batch normalisation, weights correlated inside a layer, and kinked activations without closed form.

    Examples
    --------
    >>> from theory.activations import activation
    >>> result = kernels(NetworkSpec(activation("relu"), C_W=2), [[1.0, 1.0], [1.0, -1.0]], depth=2)
    >>> result.nngp.round(6).tolist(), result.ntk.round(6).tolist()
    ([[2.0, 0.63662], [0.63662, 2.0]], [[4.0, 0.63662], [0.63662, 4.0]])

    References
    ----------
    lee2018deep, jacot2018neural
    """
    steps = _depth(net, depth)
    rows, inverse = np.unique(_data(X), axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    start = Pairs.of_data(rows, float(net.C_W), float(net.C_b))
    with np.errstate(all="ignore"):
        if is_angle_network(net):
            found = [angle_layers(net, block, steps) for block in start.blocks()]
        else:
            found = [_layers(net).run(block, steps) for block in start.blocks()]
    nngp = assembled(start, found[0].variances, [part.covariances for part in found])
    own, crosses = found[0].own, [part.cross for part in found if part.cross is not None]
    ntk = None if own is None else assembled(start, own, crosses)
    for values, name in ((nngp, "covariance"), (ntk, "tangent kernel")):
        if values is not None and not np.isfinite(values).all():
            raise DivergenceError(f"the {name} of layer {steps} is not a finite number in double precision")
    if len(rows) == len(inverse) and (inverse == np.arange(len(rows))).all():
        return Kernels(nngp, ntk)
    place = np.ix_(inverse, inverse)
    return Kernels(nngp[place], None if ntk is None else ntk[place])


@lru_cache(maxsize=64)
def _layers(net: NetworkSpec) -> PairLayers:
    return PairLayers(net)


def _data(X: ArrayLike) -> Array:
    try:
        array = np.asarray(X)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"dtype {array.dtype}")
        # Adding zero turns -0.0 into 0.0, so that equal rows are equal bytes.
        array = array.astype(np.float64) + 0.0
    except (TypeError, ValueError) as error:
        raise DomainError(
            f"data are a real array (m, d), one input per row; received {type(X).__name__} ({error})"
        ) from None
    if array.ndim != 2 or not array.size:
        raise DomainError(f"data are a real array (m, d), one input per row; received shape {array.shape}")
    if not np.isfinite(array).all():
        raise DomainError("data are finite numbers; received an infinity or not-a-number")
    return array


def _depth(net: NetworkSpec, depth: int | None) -> int:
    if not isinstance(net, NetworkSpec):
        raise DomainError(f"kernels belong to a NetworkSpec; received {net!r}")
    steps = net.depth if depth is None else depth
    if steps is None:
        raise DomainError("give depth=, the number of weight matrices; the network has none of its own")
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool) or steps < 1:
        raise DomainError(f"the depth is a positive integer, the number of weight matrices; received {steps!r}")
    if net.parameters:
        names = ", ".join(map(str, net.parameters))
        raise DomainError(f"kernels on data need numbers; the network has the free parameters {names}: use net.subs")
    if net.weights.law in ("row_correlated", "block_correlated"):
        raise UnsupportedError(f"the maps are those of weights without correlations in a layer; received {net.weights}")
    if net.normalization is not None and net.normalization.kind == "batch":
        raise UnsupportedError("batch normalization couples all inputs of a batch; it has no map of two inputs")
    return int(steps)
