"""Direct sampling of random networks: the weights are drawn and multiplied.

It costs n^2 per layer where the law-exact sampler needs n; it serves every weight law, the Jacobian and its
spectrum, and is the independent check of the law-exact sampler.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from numerics.codegen import compile
from numerics.loops.law_layer import LARGE, LIMIT
from numerics.samplers.jacobian import jacobian_row, largest_singular_value, singular_values
from numerics.samplers.layer import Layer
from numerics.samplers.normalizers import normalize
from numerics.samplers.record import NonFiniteError
from numerics.samplers.weight_draws import draw_weights
from numerics.streams import stream
from theory.errors import DomainError
from theory.network import NetworkSpec

__all__ = ["DirectSampler"]

Array = NDArray[np.float64]

BATCH_WEIGHTS = 2**17


class DirectSampler:
    r"""Sampler of a network with its weights.

    Parameters
    ----------
    spec : network without free parameters.
    width, depth : neurons per layer, number of weight matrices.
    inputs : array (m, d), one input per row.
    seed, identifier : name the random stream; replica r is the same whatever else is drawn.
    gradients : also the Gram matrices of the back-propagated signals of $F = \sum_a c_a f(x_a)$, where f is the
        first pre-activation of the last layer, $\delta^\ell(a) = \partial F/\partial h^\ell(a)$.
    cotangent : the coefficients c, shape (m,), ones if left out; "random" for standard normal ones in every replica.
    singular_values : also the singular values of the Jacobian $\partial h^L/\partial x^0$ at the first input.
    spectral_norm : also the largest of them, without the others and without the Jacobian.

    Raises
    ------
    DomainError
        for a network that cannot be drawn.
    UnsupportedError
        if gradients are asked for and the activation jumps.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        width: int,
        depth: int,
        inputs: ArrayLike,
        seed: int = 0,
        identifier: str = "",
        *,
        gradients: bool = False,
        cotangent: ArrayLike | str | None = None,
        singular_values: bool = False,
        spectral_norm: bool = False,
    ) -> None:
        if spec.parameters:
            raise DomainError(f"a network that is drawn has no free parameters; received {spec.parameters}")
        self.spec, self.width, self.depth, self.seed, self.identifier = spec, width, depth, seed, identifier
        self.inputs = np.atleast_2d(np.asarray(inputs, dtype=np.float64))
        if self.inputs.ndim != 2 or not self.inputs.size or not np.isfinite(self.inputs).all():
            raise DomainError(f"inputs are a finite array (m, d); received shape {np.shape(inputs)}")
        if width < 1 or depth < 1:
            raise DomainError(f"width and depth are positive; received width = {width}, depth = {depth}")
        rule = spec.normalization
        size = len(self.inputs)
        if rule is not None and rule.kind == "batch" and size < 2:
            raise DomainError("batch normalization needs at least two inputs; received one")
        if rule is not None and rule.centered and rule.kind == "layer" and width < 2:
            raise DomainError("layer normalization of one neuron has no variance; received width = 1")
        if (singular_values or spectral_norm) and rule is not None and rule.kind == "batch":
            raise DomainError("with batch normalization an output depends on every input; its Jacobian is not offered")
        self._draws_cotangent = isinstance(cotangent, str) and cotangent == "random"
        given = np.ones(size) if cotangent is None or self._draws_cotangent else cotangent
        self.cotangent = np.asarray(given, dtype=np.float64)
        if self.cotangent.shape != (size,):
            raise DomainError(f"a cotangent has one entry per input, {size}; received shape {self.cotangent.shape}")
        self.gradients, self.singular_values, self.spectral_norm = gradients, singular_values, spectral_norm
        # Without derivatives a layer is forgotten when the next one is drawn.
        self._keeps = gradients or singular_values or spectral_norm
        x = spec.phi.variable
        self._phi = compile(spec.phi.expr, x)
        self._slope = compile(spec.phi.derivative(), x) if self._keeps else None
        self._C_W, self._C_b = float(spec.C_W), float(spec.C_b)
        # Small networks are computed many at a time.
        self._batch = max(1, BATCH_WEIGHTS // (width * max(width, self.inputs.shape[1])))

    def run(self, first: int, count: int) -> dict[str, Array]:
        """Replicas first, ..., first + count - 1, as arrays with the replica first.

        `before`, `after` (depth, m, m): Gram matrices of h and of x divided by the width; `mean` (depth, m): of x;
        `fourth` (depth, m): of h^4; `delta` (depth, m, m): Gram matrices of the gradients, not divided;
        `singular_values` (min(width, d)) and `spectral_norm` (): of the Jacobian.  See `Record` for `scales`.

        Raises
        ------
        NonFiniteError
            if a signal, a gradient or the Jacobian overflows, if a signal underflows or has no spread to normalise.
        """
        # One BLAS thread: the order of summation, hence every bit, is the same on any number of threads.
        with threadpool_limits(1), np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            last = first + count
            numbers = [range(begin, min(begin + self._batch, last)) for begin in range(first, last, self._batch)]
            batches = [self._checked(batch) for batch in numbers]
        return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}

    def layers(self, replica: int) -> list[Layer]:
        """The drawn network of a replica, layer by layer, with everything it computed."""
        return [layer.replica(0) for layer in self._walk([replica])]

    def _checked(self, replicas: range) -> dict[str, Array]:
        """A batch; if one of its networks fails, the error is that of the first such network."""
        try:
            return self._replicas(replicas)
        except NonFiniteError:
            for replica in replicas:
                self._replicas([replica])
            raise

    def _walk(self, replicas: Sequence[int]) -> Iterator[Layer]:
        generators = [stream(self.identifier, self.width, replica, self.seed) for replica in replicas]
        x = np.broadcast_to(self.inputs.T, (len(replicas), *self.inputs.T.shape))
        for number in range(self.depth):
            layer = self._layer(x, generators, first=number == 0)
            yield layer
            x = layer.x

    def _layer(self, x: Array, generators: Sequence[np.random.Generator], first: bool) -> Layer:
        rule, width, fan_in = self.spec.normalization, self.width, x.shape[-2]
        weights = np.stack([draw_weights(self.spec.weights, width, fan_in, self._C_W, g) for g in generators])
        h = weights @ x
        if self._C_b:
            h = h + np.sqrt(self._C_b) * np.stack([g.standard_normal((width, 1)) for g in generators])
        before = normalize(rule, h) if rule is not None and rule.place == "before" else None
        argument = h if before is None else before.values
        value = self._phi(argument)
        after = normalize(rule, value) if rule is not None and rule.place == "after" else None
        output = value if after is None else after.values
        branch, strength, projection = 1.0, 0.0, None
        skip = self.spec.skip
        if skip is not None and not first:
            branch, strength = float(skip.branch), float(skip.strength)
            if skip.kind == "projection":
                projection = np.stack([g.standard_normal((width, fan_in)) for g in generators]) / np.sqrt(fan_in)
            output = branch * output + strength * (x if projection is None else projection @ x)
        slope = self._slope(argument) if self._slope else None
        return Layer(weights, h, slope, before, after, branch, strength, projection, output)

    def _replicas(self, replicas: Sequence[int]) -> dict[str, Array]:
        layers: list[Layer] = []
        rows: list[tuple[Array, ...]] = []
        scales = np.zeros((len(replicas), self.depth, 3), np.int64)
        for place, layer in enumerate(self._walk(replicas)):
            self._check(layer, replicas, place + 1)
            h, scales[:, place, 0] = in_range(layer.h)
            x, scales[:, place, 1] = in_range(layer.x)
            grams = (h.mT @ h / self.width, x.mT @ x / self.width)
            rows.append((*grams, x.mean(axis=-2), (h**4).mean(axis=-2)))
            if self._keeps:
                layers.append(layer)
        before, after, mean, fourth = (np.stack(parts, axis=1) for parts in zip(*rows, strict=True))
        record = {"before": before, "after": after, "mean": mean, "fourth": fourth, "scales": scales}
        if self.gradients:
            record |= self._gradients(layers, replicas, scales)
        if self.singular_values or self.spectral_norm:
            record |= self._jacobians(layers, replicas)
        return record

    def _jacobians(self, layers: list[Layer], replicas: Sequence[int]) -> dict[str, Array]:
        """What is asked for of the singular values."""
        networks = [[layer.replica(place) for layer in layers] for place in range(len(replicas))]
        for number, network in zip(replicas, networks, strict=True):
            if not np.isfinite(jacobian_row(network)).all():
                raise NonFiniteError(number, self.depth, "has a Jacobian that overflowed")
        found = {}
        if self.singular_values:
            found["singular_values"] = np.stack([singular_values(network) for network in networks])
        if self.spectral_norm:
            found["spectral_norm"] = np.array([largest_singular_value(network) for network in networks])
        return found

    def _check(self, layer: Layer, replicas: Sequence[int], number: int) -> None:
        """Raises NonFiniteError for a layer in which a signal is lost."""

        def refuse(lost: NDArray[np.bool_], *reason: str) -> None:
            if lost.any():
                raise NonFiniteError(replicas[int(lost.argmax())], number, *reason)

        argument = layer.h if layer.before is None else layer.before.values
        refuse(_nonfinite(layer.h))
        refuse(_nonfinite(argument), "has no spread to normalise")
        lost = _nonfinite(layer.x)
        if lost.any():
            flat = layer.after is not None and not _nonfinite(self._phi(argument))[lost.argmax()]
            refuse(lost, "has no spread to normalise" if flat else "overflowed")
        sizes = np.abs(argument).max(axis=(-2, -1))
        small = (sizes > 0) & (sizes < 2.0**-LARGE)
        small[small] = ~self._phi(np.stack([-sizes[small], sizes[small]])).any(axis=0)
        largest = np.abs(layer.h).max(axis=(-2, -1))
        refuse(small | ((largest > 0) & (largest < 2.0**-LIMIT)), "underflowed")

    def _gradients(self, layers: list[Layer], replicas: Sequence[int], scales: NDArray[np.int64]) -> dict[str, Array]:
        """`delta`, its exponents into `scales`, and `loss`."""
        cotangents = np.broadcast_to(self.cotangent, (len(replicas), len(self.cotangent)))
        if self._draws_cotangent:
            streams = [stream(f"{self.identifier}; loss", self.width, number, self.seed) for number in replicas]
            cotangents = np.stack([generator.standard_normal(len(self.cotangent)) for generator in streams])
        grams, norms, x = [], [], np.broadcast_to(self.inputs.T, (len(replicas), *self.inputs.T.shape))
        for place, delta in enumerate(self._deltas(layers, cotangents)):
            scaled, scales[:, place, 2] = in_range(delta)
            below, exponents = in_range(x)
            # Not from the Gram matrices: for dependent inputs the gradient is a small difference of large parts.
            products = np.linalg.norm(scaled @ below.mT, axis=(-2, -1))
            norms.append(np.ldexp(products, scales[:, place, 2] + exponents))
            grams.append(scaled.mT @ scaled)
            x = layers[place].x
            lost = np.flatnonzero(_nonfinite(grams[-1]) | ~np.isfinite(norms[-1]))
            if lost.size:
                raise NonFiniteError(replicas[int(lost[0])], place + 1, "has gradients that overflowed")
        return {"delta": np.stack(grams, axis=1), "loss": np.stack(norms, axis=1)}

    def _deltas(self, layers: list[Layer], cotangents: Array) -> list[Array]:
        """The arrays delta^1, ..., delta^L, shape (replicas, neurons, inputs)."""
        delta = np.zeros_like(layers[-1].h)
        delta[..., 0, :] = cotangents
        deltas, upstream = [delta], layers[-1].weights.mT @ delta
        for layer in layers[-2::-1]:
            delta, upstream = layer.backward(upstream)
            deltas.append(delta)
        return deltas[::-1]


def _nonfinite(values: Array) -> NDArray[np.bool_]:
    """Per replica, whether an entry is not a finite number."""
    return np.logical_not(np.isfinite(values).all(axis=(-2, -1), keepdims=True))[..., 0, 0]


def in_range(values: Array) -> tuple[Array, NDArray[np.int64]]:
    """v and e, per replica, with `values` = 2^e v; e is 0 unless their squares might leave the range of a double."""
    exponents = np.frexp(np.abs(values).max(axis=(-2, -1)))[1].astype(np.int64)
    exponents[np.abs(exponents) <= LARGE] = 0
    return (np.ldexp(values, -exponents[:, None, None]) if exponents.any() else values), exponents
