"""Direct sampling of random networks: the weights are drawn and multiplied.

It costs n^2 per layer where the law-exact sampler needs n; it serves every weight law, the Jacobian and its
spectrum, and is the independent check of the law-exact sampler.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from numerics.codegen import compile
from numerics.samplers.jacobian import singular_values
from numerics.samplers.layer import Layer
from numerics.samplers.normalizers import normalize
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
        if singular_values and rule is not None and rule.kind == "batch":
            raise DomainError("with batch normalization an output depends on every input; its Jacobian is not offered")
        self._draws_cotangent = isinstance(cotangent, str) and cotangent == "random"
        given = np.ones(size) if cotangent is None or self._draws_cotangent else cotangent
        self.cotangent = np.asarray(given, dtype=np.float64)
        if self.cotangent.shape != (size,):
            raise DomainError(f"a cotangent has one entry per input, {size}; received shape {self.cotangent.shape}")
        self.gradients, self.singular_values = gradients, singular_values
        x = spec.phi.variable
        self._phi = compile(spec.phi.expr, x)
        self._slope = compile(spec.phi.derivative(), x) if gradients or singular_values else None
        self._C_W, self._C_b = float(spec.C_W), float(spec.C_b)

    def run(self, first: int, count: int) -> dict[str, Array]:
        """Replicas first, ..., first + count - 1, as arrays with the replica first.

        `before`, `after` (depth, m, m): Gram matrices of h and of x divided by the width; `mean` (depth, m): of x;
        `fourth` (depth, m): of h^4; `delta` (depth, m, m): Gram matrices of the gradients, not divided;
        `singular_values` (min(width, d)): of the Jacobian.
        """
        # One BLAS thread: the order of summation, hence every bit, is the same on any number of threads.
        with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
            replicas = [self._replica(number) for number in range(first, first + count)]
        return {name: np.stack([replica[name] for replica in replicas]) for name in replicas[0]}

    def layers(self, replica: int) -> list[Layer]:
        """The drawn network of a replica, layer by layer, with everything it computed."""
        generator = stream(self.identifier, self.width, replica, self.seed)
        layers: list[Layer] = []
        x = self.inputs.T
        for _ in range(self.depth):
            layers.append(self._layer(x, generator, first=not layers))
            x = layers[-1].x
        return layers

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
        layers = self.layers(number)
        record = {
            "before": np.stack([layer.h.T @ layer.h for layer in layers]) / self.width,
            "after": np.stack([layer.x.T @ layer.x for layer in layers]) / self.width,
            "mean": np.stack([layer.x.mean(axis=0) for layer in layers]),
            "fourth": np.stack([(layer.h**4).mean(axis=0) for layer in layers]),
        }
        if self.gradients:
            cotangent = self.cotangent
            if self._draws_cotangent:
                generator = stream(f"{self.identifier}; loss", self.width, number, self.seed)
                cotangent = generator.standard_normal(len(cotangent))
            deltas = self._deltas(layers, cotangent)
            record["delta"] = np.stack([delta.T @ delta for delta in deltas])
            below = [self.inputs.T, *(layer.x for layer in layers)]
            # Not from the Gram matrices: for dependent inputs the gradient is a small difference of large parts.
            norms = [np.linalg.norm(delta @ x.T) for delta, x in zip(deltas, below, strict=False)]
            record["loss"] = np.array(norms, dtype=np.float64)
        if self.singular_values:
            record["singular_values"] = singular_values(layers)
        return record

    def _deltas(self, layers: list[Layer], cotangent: Array) -> list[Array]:
        """The arrays delta^1, ..., delta^L, shape (neurons, inputs)."""
        delta = np.zeros((self.width, len(self.inputs)))
        delta[0] = cotangent
        deltas, upstream = [delta], layers[-1].weights.T @ delta
        for layer in layers[-2::-1]:
            delta, upstream = layer.backward(upstream)
            deltas.append(delta)
        return deltas[::-1]
