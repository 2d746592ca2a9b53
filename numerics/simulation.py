"""Simulation of wide random networks, exact in law at every finite width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from numerics.arguments import real_number
from numerics.chunk_runs import run_chunks
from numerics.codegen import kernel_module
from numerics.executors import Place
from numerics.ledger import Ledger
from numerics.observables import OBSERVABLES, observable
from numerics.samplers.law_exact import refusal
from numerics.samplers.record import NonFiniteError
from numerics.simulation_input import check_normalization, covariance_of, first_signal, width_list
from numerics.simulation_result import Simulation
from numerics.simulation_task import SimulationTask
from numerics.streams import stream
from numerics.versions import content_version, engine_version
from theory.arguments import whole
from theory.errors import DomainError, UnknownNameError, UnsupportedError
from theory.network import NetworkSpec

__all__ = ["NonFiniteError", "gram_samples", "simulate"]

SAMPLERS = ("auto", "direct", "law")

# Neurons per layer and stream: about a millisecond of work, enough to hide the cost of starting a stream.
BLOCK = 2**16


def simulate(
    spec: NetworkSpec,
    widths: int | Sequence[int],
    depth: int | None = None,
    inputs: ArrayLike | None = None,
    *,
    gram: ArrayLike | None = None,
    replicas: int = 100,
    seed: int = 0,
    observables: str | Sequence[str] = ("gram",),
    sampler: str = "auto",
    keep: bool = False,
    executor: Place | Executor | int | None = None,
    ledger: Ledger | str | Path | bool | None = None,
    progress: bool | None = None,
) -> Simulation:
    r"""Observables of random networks at finite width, by layer, averaged over replicas.

    Layer l has pre-activations $h^l$ and outputs $x^l$, l = 1, ..., depth, all of the same width n.

    Parameters
    ----------
    spec : network without free symbols.
    widths : one width, or several, which become the first axis of the result.
    depth : number of weight matrices, if the network does not say it.
    inputs : array (m, d), one input per row; or
    gram : array (m, m), the covariance $S^1$ of the pre-activations of layer 1, $C_W XX'/d + C_b$ for data.
    replicas, seed : number of networks of each width, and of the random streams.  A replica depends on the network,
        its width, its number and the seed alone: not on threads, processes, the depth, or the number of replicas.
    observables : names of `observable_names()`.
    sampler : "law" draws what the law needs and no weights, at any width; "direct" draws the weights; "auto" is the
        former where it can.
    keep : whether all replicas stay available in `raw` and at every `quantile`.
    executor, ledger, progress : see `numerics.chunk_runs.run_chunks`.

    Raises
    ------
    DomainError
        for a network with free symbols, a width or depth below one, inputs of a wrong shape, a gram that is no
        covariance, batch normalisation of a single input.
    NonFiniteError
        for a signal that overflows, underflows, or has no spread to normalise; it names layer and replica.
    UnknownNameError
        for an unknown observable or sampler.
    UnsupportedError
        for observables that the sampler does not have, such as gradients of an activation that jumps.

    Examples
    --------
    >>> from theory.activations import activation
    >>> net = NetworkSpec(activation("relu"), C_W=2)
    >>> sim = simulate(net, widths=1000, depth=3, gram=[[1, 0.5], [0.5, 1]], observables=["norm", "correlation"])
    >>> [round(float(c), 1) for c in sim.mean("correlation")[:, 0, 1]]
    [0.6, 0.7, 0.7]
    """
    if not isinstance(spec, NetworkSpec):
        raise DomainError(f"a simulation takes a NetworkSpec; received {spec!r}")
    if spec.parameters:
        names = ", ".join(map(str, spec.parameters))
        raise DomainError(f"a simulated network has numbers only; free symbols: {names}; put them in with subs")
    chosen = _chosen_observables(observables)
    needs = {observable(name).needs for name in chosen}
    if depth is None and spec.depth is None:
        raise DomainError("the depth is missing; give depth=, the number of weight matrices")
    levels = whole("depth", spec.depth if depth is None else depth)
    sizes, several = width_list(widths)
    count, number = whole("replicas", replicas), whole("seed", seed, 0, None)
    data, covariance = first_signal(spec, inputs, gram)
    check_normalization(spec, len(covariance), min(sizes))
    gradients = any(need.startswith("gradients") for need in needs)
    if needs & {"gradients and inputs", "loss gradients"} and data is None:
        raise DomainError("the gradient in the weights of layer 1 needs the data; give inputs= in place of gram=")
    if gradients and "loss gradients" in needs:
        raise UnsupportedError("gradients of f and of the loss F are simulated in separate calls")
    if gradients and spec.normalization is not None and spec.normalization.kind == "batch":
        raise UnsupportedError("with batch normalization every input acts on every output; take loss_gradient_norm")
    task = SimulationTask(
        spec, sizes, levels, covariance, data, count, number, chosen,
        _chosen_sampler(spec, sampler, gradients, needs, data is not None),
    )  # fmt: skip
    version = content_version(engine_version(), task.text())
    key = f"simulate {task.title()} [{content_version(task.text())[:12]}]"
    results = run_chunks(
        task, task.chunks, executor, ledger, key=key, version=version, progress=progress is None or progress
    )
    draws = {name: task.by_width(results, name) for name in chosen}
    return Simulation(spec.key(), sizes if several else sizes[0], count, task.sampler, draws, keep)


def _chosen_observables(observables: object) -> tuple[str, ...]:
    names = (observables,) if isinstance(observables, str) else observables
    if not isinstance(names, Iterable):
        raise DomainError(f"observables are names; received {observables!r}")
    chosen = tuple(dict.fromkeys(map(str, names)))
    if not chosen:
        raise DomainError(f"a simulation needs an observable, such as {next(iter(OBSERVABLES))!r}; received none")
    return chosen


def _chosen_sampler(spec: NetworkSpec, sampler: str, gradients: bool, needs: set[str], data: bool) -> str:
    """`law` or `direct`, or the reason why not."""
    if sampler not in SAMPLERS:
        raise UnknownNameError("sampler", str(sampler), SAMPLERS)
    reason = refusal(spec, gradients)
    if needs & {"singular_values", "spectral_norm"}:
        reason = "the law-exact sampler draws no Jacobian"
    elif "loss gradients" in needs:
        reason = "the law-exact sampler has no gradient of a loss"
    if sampler == "law" and reason is not None:
        raise UnsupportedError(f'{reason}; take sampler="direct"')
    if sampler == "law" or (sampler == "auto" and reason is None):
        return "law"
    if not data:
        raise DomainError(f"the direct sampler needs data{f' ({reason})' if reason else ''}; give inputs= (m, d)")
    return "direct"


def gram_samples(
    phi: sp.Expr,
    x: sp.Symbol,
    gram: ArrayLike,
    widths: int | Sequence[int],
    depth: int,
    replicas: int,
    seed: int = 0,
    identifier: str = "",
    C_W: float = 1.0,
    C_b: float = 0.0,
    *,
    first: int = 0,
    preactivations: bool = False,
) -> NDArray[np.float64]:
    """Gram matrices of a Gaussian network, shape (replicas, depth, m, m), drawn from their exact law.

    Layer 1 has pre-activation covariance S_1 = gram; G_l = (1/n_l) sum_i phi(h_i) phi(h_i)' over the n_l
    neurons of layer l, and S_(l+1) = C_W G_l + C_b.  Entry [r, l - 1] is G_l, or (1/n_l) sum_i h_i h_i' if
    `preactivations`.  No weight matrix is drawn; equal or opposite inputs stay so exactly.

    Parameters
    ----------
    phi, x : Expr, Symbol
        The activation x -> phi; no other symbols.
    gram : array, shape (m, m)
        Covariance of the pre-activations of layer 1, positive semi-definite of any rank:
        C_W X X'/d + C_b for data, [[1, rho], [rho, 1]] for E[phi(U) phi(V)].
    widths : int or sequence of int
        Width of every layer, or one per layer.
    depth, replicas, first : int
        Layers of neurons; replicas first, ..., first + replicas - 1.  A replica's value depends on its number
        and on the other arguments, never on how the replicas are split over calls.
    seed, identifier : int, str
        Name the random stream.
    C_W, C_b : float
        Weight and bias variance between layers, not negative.

    Raises
    ------
    DomainError
        If `gram` is not a covariance, or a number is outside its range.
    NonFiniteError
        If a Gram matrix overflows.
    UnsupportedError
        If `phi` has no form in generated code.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> G = gram_samples(sp.Max(x, 0), x, [[1, 0.5], [0.5, 1]], widths=10_000, depth=2, replicas=3, C_W=2.0)
    >>> G.shape, round(float(G[:, 0, 0, 0].mean()), 1)
    ((3, 2, 2, 2), 0.5)
    """
    if not isinstance(phi, sp.Expr) or not isinstance(x, sp.Symbol):
        raise DomainError(f"phi is a sympy expression in the symbol x; received {phi!r} and {x!r}")
    for name, value, least in (("depth", depth, 1), ("replicas", replicas, 1), ("first", first, 0)):
        whole(name, value, least)
    C_W, C_b = real_number("C_W", C_W), real_number("C_b", C_b)
    sizes, several = width_list(widths)
    layers = sizes if several else sizes * depth
    if len(layers) != depth:
        raise DomainError(f"one positive width per layer is needed, {depth} in all; received {widths!r}")
    if not (0 <= C_W < np.inf and 0 <= C_b < np.inf):
        raise DomainError(f"variances are finite and not negative; received C_W = {C_W}, C_b = {C_b}")
    module = kernel_module("gram_chain", phi, x)
    covariance = covariance_of(gram)
    key = identifier if len(set(layers)) == 1 else f"{identifier}|{list(layers)}"
    size = max(1, BLOCK // max(layers))
    results = np.empty((replicas, depth, *covariance.shape))
    for block in range(first // size, (first + replicas - 1) // size + 1):
        start, stop = max(first, block * size), min(first + replicas, (block + 1) * size)
        # A block is always drawn from its beginning, so that its replicas do not depend on `first`.
        shape = (stop - block * size, depth, *covariance.shape)
        before, after = np.empty(shape), np.empty(shape)
        generator = stream(key, layers[0], block, seed)
        bad = module.gram_chain(generator, covariance, np.array(layers), float(C_W), float(C_b), before, after)
        if bad >= 0:
            raise NonFiniteError(block * size + bad // depth, bad % depth + 1)
        chosen = before if preactivations else after
        results[start - first : stop - first] = chosen[start - block * size :]
    return results
