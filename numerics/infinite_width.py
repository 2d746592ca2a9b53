"""Kernels of infinitely wide networks on data: covariances of the pre-activations and tangent kernels."""

from __future__ import annotations

from functools import cached_property, lru_cache
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.angle_layers import AngleLayers
from numerics.chosen_pairs import ChosenPairs
from numerics.closed_layers import ClosedLayers
from numerics.pair_layers import PairLayers
from numerics.pairs import Pairs, assembled
from numerics.series_duals import SeriesDuals
from numerics.series_layers import SeriesLayers
from theory.errors import DivergenceError, DomainError, UnsupportedError
from theory.network import NetworkSpec, checked_depth

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
    balls when they are compiled, Hermite series have their tails checked.  Diagonals take the one-input route.  The
    error of a layer grows in later ones as a difference of inputs does, and $\Theta_{ab}/\sqrt{S_{aa} S_{bb}}$ is that
    magnification, summed over the layers: where it exceeds 4 L the pair is computed again by its distances
    $S_{aa} + S_{bb} \mp 2 S_{ab}$, which keep their relative accuracy, so that a chaotic network takes nearly equal and
    nearly opposite rows apart as exactly as their data say.  Hence the error of an entry is at most about
    $4 L \cdot 10^{-13}$ of its scale.
    For positively homogeneous activations without skip and normalisation angles are carried instead of correlations:
    both kernels keep full accuracy for nearly equal inputs.  For other activations with a kink the tangent kernel of
    inputs at an angle below $10^{-6}$ that the network does not take apart is accurate to about $10^{-8}$, because a
    correlation in double precision does not resolve smaller angles.

    Raises
    ------
    DomainError
        for data that are not a finite real array (m, d), a missing depth, or free parameters.
    DivergenceError
        if a kernel overflows or a variance is infinite; the message names the layer.
    PrecisionError
        if a Hermite series does not reach its accuracy, or a chaotic network magnifies the rounding of nearly equal or
        opposite inputs and no form of the activation keeps their distances.
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
    layers = _layers(net)
    mirror = layers.mirror if steps > 1 else 0
    rows, inverse, signs = _distinct(_data(X), mirror)
    nngp, ntk = layers.run(rows, steps)
    if net.parameterization != "ntk":
        ntk = None
    if inverse is None:
        return Kernels(nngp, ntk)
    place = np.ix_(inverse, inverse)
    sign = np.outer(signs, signs)
    return Kernels(nngp[place] * sign, None if ntk is None else ntk[place] * sign)


class _Layers:
    """The ways through the layers of a network: angles, whole programs, or pairs layer by layer."""

    def __init__(self, net: NetworkSpec) -> None:
        self.C_W, self.C_b = float(net.C_W), float(net.C_b)
        self.plain = net.skip is None and net.normalization is None
        self.angle = AngleLayers.of(net) if self.plain else None
        # Elsewhere the tangent kernel also tells which pairs need care.
        self.net = net.with_(parameterization="ntk")

    @cached_property
    def pairs(self) -> PairLayers:
        return PairLayers(self.net)

    @cached_property
    def whole(self) -> ClosedLayers | SeriesLayers | None:
        if not self.plain:
            return None
        duals = self.pairs.duals
        return SeriesLayers(self.net, duals) if isinstance(duals, SeriesDuals) else ClosedLayers.of(self.net, duals)

    @cached_property
    def chosen(self) -> ChosenPairs:
        return ChosenPairs(self.net, self.pairs.duals)

    @cached_property
    def mirror(self) -> int:
        """-1 where opposite inputs have opposite outputs, 1 where they have equal ones, else 0."""
        if self.C_b:
            return 0
        parity = self.net.phi.parity
        return -1 if parity == "odd" else int(parity == "even" and self.net.skip is None)

    def run(self, rows: Array, depth: int) -> tuple[Array, Array | None]:
        """Layer `depth` of distinct rows."""
        if depth > 1 and self.angle is not None:
            return _checked(self.angle.run(rows, depth), depth)
        found = self._rounded(rows, depth)
        if depth > 1 and len(rows) > 1:
            self.chosen.refine(rows, depth, *found)
        return found

    def _rounded(self, rows: Array, depth: int) -> tuple[Array, Array | None]:
        """The layer from covariances, whose rounding a chaotic network magnifies."""
        if depth > 1 and self.whole is not None:
            found = self.whole.run(rows, depth)
            if found is not None and _finite(found[0]) and _finite(found[1]):
                return found
        with np.errstate(all="ignore"):
            start = Pairs.of_data(rows, self.C_W, self.C_b)
            parts = [self.pairs.run(block, depth) for block in start.blocks()]
        nngp = assembled(start, parts[0].variances, [part.covariances for part in parts])
        own, crosses = parts[0].own, [part.cross for part in parts if part.cross is not None]
        return _checked((nngp, None if own is None else assembled(start, own, crosses)), depth)


@lru_cache(maxsize=64)
def _layers(net: NetworkSpec) -> _Layers:
    if net.parameters:
        names = ", ".join(map(str, net.parameters))
        raise DomainError(f"kernels on data need numbers; the network has the free parameters {names}: use net.subs")
    if net.weights.law in ("row_correlated", "block_correlated"):
        raise UnsupportedError(f"the maps are those of weights without correlations in a layer; received {net.weights}")
    if net.normalization is not None and net.normalization.kind == "batch":
        raise UnsupportedError("batch normalization couples all inputs of a batch; it has no map of two inputs")
    return _Layers(net)


def _finite(values: Array | None) -> bool:
    # A finite sum of squares is enough, and quicker to find.
    return values is None or isfinite(np.vdot(values, values)) or bool(np.isfinite(values).all())


def _checked(found: tuple[Array, Array | None], depth: int) -> tuple[Array, Array | None]:
    for values, name in zip(found, ("covariance", "tangent kernel"), strict=True):
        if not _finite(values):
            raise DivergenceError(f"the {name} of layer {depth} is not a finite number in double precision")
    return found


def _distinct(rows: Array, mirror: int) -> tuple[Array, NDArray[np.intp] | None, Array]:
    """The distinct rows, the place of every row among them, None where all are distinct, and the signs of rows.

    With `mirror` a row opposite to an earlier one takes its place, with this sign.
    """
    signs = np.ones(len(rows))
    if len({abs(a) for a in rows[:, 0].tolist()}) == len(rows):
        return rows, None, signs
    places: dict[bytes, int] = {}
    inverse = []
    for n, row in enumerate(rows):
        key = row.tobytes()
        if mirror and key not in places:
            # Subtracted from zero, lest -0.0 appear.
            opposite = places.get((0.0 - row).tobytes())
            if opposite is not None:
                signs[n] = mirror
                inverse.append(opposite)
                continue
        inverse.append(places.setdefault(key, len(places)))
    if len(places) == len(rows):
        return rows, None, signs
    place = np.array(inverse)
    return rows[np.unique(place, return_index=True)[1]], place, signs


def _data(X: ArrayLike) -> Array:
    try:
        array = np.asarray(X)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"dtype {array.dtype}")
        # Adding zero turns -0.0 into 0.0, so that equal rows are equal bytes.
        array = np.add(array, 0.0, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise DomainError(
            f"data are a real array (m, d), one input per row; received {type(X).__name__} ({error})"
        ) from None
    if array.ndim != 2 or not array.size:
        raise DomainError(f"data are a real array (m, d), one input per row; received shape {array.shape}")
    if not _finite(array):
        raise DomainError("data are finite numbers; received an infinity or not-a-number")
    return array


def _depth(net: NetworkSpec, depth: int | None) -> int:
    if not isinstance(net, NetworkSpec):
        raise DomainError(f"kernels belong to a NetworkSpec; received {net!r}")
    steps = net.depth if depth is None else depth
    if steps is None:
        raise DomainError("give depth=, the number of weight matrices; the network has none of its own")
    return checked_depth(steps)
