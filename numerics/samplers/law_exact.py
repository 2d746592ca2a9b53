"""Law-exact sampler: what the law of a layer needs, and no weight matrix.

Given the Gram matrix of a layer, the rows of the next pre-activations of a Gaussian network are independent
Gaussian vectors; those of a network with Haar weights are the rows of a Haar frame.  Either is drawn neuron by
neuron, so that memory grows with the number of inputs and not with the width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Integer

from numerics.codegen import kernel_module
from numerics.loops.law_backward import law_backward
from numerics.loops.law_forward import FRAME, OVERFLOW, SPREAD, UNDERFLOW, law_chains, make_buffers, make_tape
from numerics.loops.law_layer import Plan
from numerics.samplers.generator_memory import generator_memory
from numerics.samplers.record import Array, NonFiniteError
from numerics.streams import stream, stream_states
from theory.errors import DomainError, UnsupportedError
from theory.network import NetworkSpec

__all__ = ["LawSampler", "refusal"]

_SKIPS = {"identity": 1, "projection": 2}
_PLACES = {"layer": 1, "rms": 1, "batch": 2}


def refusal(spec: NetworkSpec, backward: bool = False) -> str | None:
    """Why the law-exact sampler does not do a network, or None if it does."""
    if spec.weights.law not in ("gaussian", "orthogonal"):
        return f"the law-exact sampler knows Gaussian and orthogonal weights, not {spec.weights}"
    if not backward:
        return None
    if spec.weights.law != "gaussian":
        return f"gradients in law are known for Gaussian weights, not for {spec.weights}"
    norm, skip = spec.normalization, spec.skip
    if norm is not None and norm.kind == "batch":
        return "gradients in law are not derived for batch normalization, where every input acts on all gradients"
    if skip is not None and skip.kind == "identity":
        return "gradients in law are not derived for identity skips"
    if skip is not None and norm is not None and norm.place == "after":
        return "gradients in law are not derived for a normalization after the activation together with a skip"
    return None


class LawSampler:
    r"""Sampler of a network without its weights.

    Parameters
    ----------
    spec : network without free parameters, Gaussian or orthogonal weights.
    width, depth : neurons per layer, number of weight matrices.
    inputs : array (m, d), one input per row; or
    gram : array (m, m), covariance $S^1$ of the pre-activations of layer 1.
    seed, identifier : name the random stream; replica r is the same whatever else is drawn.
    gradients : also the Gram matrices of the gradients of $f(x_a) = h^L_1(x_a)$.

    Raises
    ------
    UnsupportedError
        for a network that needs its weights, or gradients of an activation that jumps.
    DomainError
        for the Gram matrix of a first layer that does not say what its orthogonal weights see.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        width: int,
        depth: int,
        inputs: Array | None = None,
        seed: int = 0,
        identifier: str = "",
        *,
        gram: Array | None = None,
        gradients: bool = False,
    ) -> None:
        reason = refusal(spec, gradients)
        if reason is not None:
            raise UnsupportedError(f'{reason}; take sampler="direct"')
        self.width, self.depth, self.seed, self.gradients = width, depth, seed, gradients
        # Gradients need further normals of every neuron, hence a stream of their own.
        self.identifier = f"{identifier}; gradients" if gradients else identifier
        self._plan = _plan(spec, gradients)
        self._start, self._first_rows = _first_layer(self._plan, width, inputs, gram)
        phi = spec.phi
        slope = phi.derivative() if gradients else Integer(0)
        functions = kernel_module("activation_block", phi.expr, phi.variable, slope)
        self._phi, self._slope = functions.activation_block, functions.derivative_block

    def run(self, first: int, count: int) -> dict[str, NDArray[Any]]:
        """Replicas first, ..., first + count - 1, as arrays with the replica first; see `Record`.

        Raises
        ------
        NonFiniteError
            if a signal overflows or underflows, or has no spread to normalise.
        DomainError
            if the width is too small for a frame of the inputs.
        """
        depth, size, width = self.depth, len(self._start), self.width
        matrices, vectors = (count, depth, size, size), (count, depth, size)
        before, after, mean, fourth = np.empty(matrices), np.empty(matrices), np.empty(vectors), np.empty(vectors)
        scales = np.zeros((count, depth, 3), np.int64)
        delta = np.empty(matrices if self.gradients else (0,))
        buffers, neuron = make_buffers(size), np.empty(size)
        tape = make_tape(self._plan, depth, size, width)
        starts = stream_states(self.identifier, width, first, count, self.seed)
        generator = stream(self.identifier, width, first, self.seed)
        memory = generator_memory(generator)
        # The backward pass reads what the forward pass of the same network leaves behind.
        step = 1 if self.gradients else max(count, 1)
        for r in range(0, count, step):
            part = slice(r, r + step)
            late, stopped = law_chains(
                generator, memory, starts[part], self._phi, self._start, width, self._first_rows, self._plan, tape,
                buffers, before[part], after[part], mean[part], fourth[part], scales[part], neuron,
            )  # fmt: skip
            if stopped >= 0:
                raise self._accident(first + r + late, stopped)
            if self.gradients:
                stopped = law_backward(
                    generator, memory, self._phi, self._slope, width, self._plan, tape, buffers,
                    before[r], after[r], mean[r], neuron, delta[r], scales[r, :, 2],
                )  # fmt: skip
                if stopped >= 0:
                    raise NonFiniteError(first + r, stopped + 1, "has gradients that overflowed")
        record = {"before": before, "after": after, "mean": mean, "fourth": fourth, "scales": scales}
        return record | {"delta": delta} if self.gradients else record

    def _accident(self, replica: int, stopped: int) -> DomainError:
        layer, reason = stopped // 4 + 1, stopped % 4
        if reason == FRAME:
            return DomainError(
                f"orthogonal weights of width {self.width} hold no frame for inputs of higher rank (layer {layer}); "
                f'take a width of at least {len(self._start)}, or inputs= with sampler="direct"'
            )
        words = {OVERFLOW: "overflowed", UNDERFLOW: "underflowed", SPREAD: "has no spread to normalise"}
        return NonFiniteError(replica, layer, words[reason])


def _plan(spec: NetworkSpec, gradients: bool) -> Plan:
    """The network as the numbers that the kernels read."""
    norm, skip = spec.normalization, spec.skip
    return Plan(
        float(spec.C_W),
        float(spec.C_b),
        0 if norm is None else _PLACES[norm.kind],
        norm is not None and norm.place == "after",
        norm is not None and norm.centered,
        0 if skip is None else _SKIPS[skip.kind],
        0.0 if skip is None else float(skip.strength),
        1.0 if skip is None else float(skip.branch),
        spec.weights.law == "orthogonal",
        gradients,
    )


def _first_layer(plan: Plan, width: int, inputs: Array | None, gram: Array | None) -> tuple[Array, int]:
    """What the first layer starts from, and the rows of the frame that its weights are cut from."""
    if inputs is not None:
        fan_in = inputs.shape[1]
        products = np.ascontiguousarray(inputs @ inputs.T) / fan_in
        if plan.frames:
            return products, max(width, fan_in)
        return plan.weight_variance * products + plan.bias_variance, width
    if gram is None:
        raise DomainError("a network is simulated on inputs= (m, d) or gram= (m, m); received neither")
    if not plan.frames:
        return np.ascontiguousarray(gram), width
    if plan.bias_variance > 0 or plan.weight_variance == 0:
        raise DomainError(
            "with orthogonal weights the first layer is read off the Gram matrix only where C_b = 0 and C_W > 0; "
            "give inputs= in place of gram="
        )
    return np.ascontiguousarray(gram) / plan.weight_variance, width
