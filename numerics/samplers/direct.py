"""Direct sampling of random networks: the weights are drawn and multiplied.

It costs n^2 per layer where the law-exact sampler needs n; it serves every weight law, the Jacobian and its
spectrum, and is the independent check of the law-exact sampler.
"""

from __future__ import annotations

from collections.abc import Iterator

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
            replicas = [self._replica(number) for number in range(first, first + count)]
        return {name: np.stack([replica[name] for replica in replicas]) for name in replicas[0]}

    def layers(self, replica: int) -> list[Layer]:
        """The drawn network of a replica, layer by layer, with everything it computed."""
        return list(self._walk(replica))

    def _walk(self, replica: int) -> Iterator[Layer]:
        generator = stream(self.identifier, self.width, replica, self.seed)
        x = self.inputs.T
        for number in range(self.depth):
            layer = self._layer(x, generator, first=number == 0)
            yield layer
            x = layer.x

    def _layer(self, x: Array, generator: np.random.Generator, first: bool) -> Layer:
        rule, width = self.spec.normalization, self.width
        weights = draw_weights(self.spec.weights, width, len(x), self._C_W, generator)
        h = weights @ x
        if self._C_b:
            h = h + np.sqrt(self._C_b) * generator.standard_normal((width, 1))
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
                projection = generator.standard_normal((width, len(x))) / np.sqrt(len(x))
            output = branch * output + strength * (x if projection is None else projection @ x)
        slope = self._slope(argument) if self._slope else None
        return Layer(weights, h, slope, before, after, branch, strength, projection, output)

    def _replica(self, number: int) -> dict[str, Array]:
        layers: list[Layer] = []
        rows: list[tuple[Array, ...]] = []
        scales = np.zeros((self.depth, 3), np.int64)
        for place, layer in enumerate(self._walk(number)):
            self._check(layer, number, place + 1)
            h, scales[place, 0] = in_range(layer.h)
            x, scales[place, 1] = in_range(layer.x)
            rows.append((h.T @ h / self.width, x.T @ x / self.width, x.mean(axis=0), (h**4).mean(axis=0)))
            if self._keeps:
                layers.append(layer)
        before, after, mean, fourth = (np.stack(parts) for parts in zip(*rows, strict=True))
        record = {"before": before, "after": after, "mean": mean, "fourth": fourth, "scales": scales}
        if self.gradients:
            record |= self._gradients(layers, number, scales)
        if self.singular_values or self.spectral_norm:
            if not np.isfinite(jacobian_row(layers)).all():
                raise NonFiniteError(number, self.depth, "has a Jacobian that overflowed")
            if self.singular_values:
                record["singular_values"] = singular_values(layers)
            if self.spectral_norm:
                record["spectral_norm"] = np.array(largest_singular_value(layers))
        return record

    def _check(self, layer: Layer, replica: int, number: int) -> None:
        """Raises NonFiniteError for a layer whose signal is lost."""
        argument = layer.h if layer.before is None else layer.before.values
        if not np.isfinite(layer.h).all():
            raise NonFiniteError(replica, number)
        if layer.before is not None and not np.isfinite(argument).all():
            raise NonFiniteError(replica, number, "has no spread to normalise")
        if not np.isfinite(layer.x).all():
            spread = layer.after is not None and np.isfinite(self._phi(argument)).all()
            raise NonFiniteError(replica, number, "has no spread to normalise" if spread else "overflowed")
        size = float(np.abs(argument).max())
        lost = 0 < size < 2.0**-LARGE and not self._phi(np.array([-size, size])).any()
        if lost or 0 < float(np.abs(layer.h).max()) < 2.0**-LIMIT:
            raise NonFiniteError(replica, number, "underflowed")

    def _gradients(self, layers: list[Layer], number: int, scales: NDArray[np.int64]) -> dict[str, Array]:
        """`delta`, its exponents into `scales`, and `loss`."""
        cotangent = self.cotangent
        if self._draws_cotangent:
            generator = stream(f"{self.identifier}; loss", self.width, number, self.seed)
            cotangent = generator.standard_normal(len(cotangent))
        grams, norms, x = [], [], self.inputs.T
        for place, delta in enumerate(self._deltas(layers, cotangent)):
            scaled, scales[place, 2] = in_range(delta)
            below, exponent = in_range(x)
            # Not from the Gram matrices: for dependent inputs the gradient is a small difference of large parts.
            norms.append(np.ldexp(np.linalg.norm(scaled @ below.T), int(scales[place, 2]) + exponent))
            grams.append(scaled.T @ scaled)
            x = layers[place].x
            if not np.isfinite(grams[-1]).all() or not np.isfinite(norms[-1]):
                raise NonFiniteError(number, place + 1, "has gradients that overflowed")
        return {"delta": np.stack(grams), "loss": np.array(norms)}

    def _deltas(self, layers: list[Layer], cotangent: Array) -> list[Array]:
        """The arrays delta^1, ..., delta^L, shape (neurons, inputs)."""
        delta = np.zeros((self.width, len(self.inputs)))
        delta[0] = cotangent
        deltas, upstream = [delta], layers[-1].weights.T @ delta
        for layer in layers[-2::-1]:
            delta, upstream = layer.backward(upstream)
            deltas.append(delta)
        return deltas[::-1]


def in_range(values: Array) -> tuple[Array, int]:
    """v and e with `values` = 2^e v; e is 0 unless their squares might leave the range of a double."""
    exponent = int(np.frexp(np.abs(values).max())[1])
    return (values, 0) if abs(exponent) <= LARGE else (np.ldexp(values, -exponent), exponent)
