"""The networks that both samplers draw, and the joint sample of their observables that is compared."""

from __future__ import annotations

import itertools

import numpy as np

import theory as th
from numerics.samplers.direct import DirectSampler
from numerics.samplers.law_exact import LawSampler, refusal

INPUTS = np.random.default_rng(5).standard_normal((3, 4))
DEPTH = 10
_RULES = [None, *(th.Normalization(k, p) for k in ("rms", "layer", "batch") for p in ("before", "after"))]
_RULES += [th.Normalization("layer", centered=False)]
_RULES += [th.Normalization("batch", place, centered=False) for place in ("before", "after")]
_SKIPS = [None, th.Skip("identity", 0.5), th.Skip("projection", 0.5)]


def networks() -> dict[str, th.NetworkSpec]:
    """Every law, normalisation and skip that the law-exact sampler has, by name; some without bias, some that die."""
    relu, tanh = th.activation("relu"), th.activation("tanh")
    found = {"gaussian, no bias": th.NetworkSpec(tanh, C_W=1.5)}
    for law, skip in (("gaussian", None), ("orthogonal", None), ("gaussian", _SKIPS[1]), ("gaussian", _SKIPS[2])):
        name = f"{law}, relu, no bias, {skip.kind + ' skip' if skip else 'no skip'}"
        found[name] = th.NetworkSpec(relu, C_W=2, weights=law, skip=skip)
    for kind in ("rms", "layer", "batch"):
        found[f"gaussian, relu, {kind} before"] = th.NetworkSpec(relu, C_W=2, C_b=0.1, normalization=kind)
    for law, rule, skip in itertools.product(("gaussian", "orthogonal"), _RULES, _SKIPS):
        net = th.NetworkSpec(tanh, C_W=1.5, C_b=0.1, weights=law, normalization=rule, skip=skip)
        if refusal(net, False) is None:
            found[f"{law}, {rule or 'no normalization'}, {skip.kind + ' skip' if skip else 'no skip'}"] = net
    return found


def joint(record: dict[str, np.ndarray]) -> np.ndarray:
    """One row per replica: Gram matrices, means, fourth moments and gradients at the first, middle and last layer."""
    rows, columns = np.triu_indices(len(INPUTS))
    parts = []
    for layer in (0, DEPTH // 2 - 1, DEPTH - 1):
        for name in ("after", "before", *(["delta"] if "delta" in record else [])):
            parts.append(record[name][:, layer][:, rows, columns])
        parts += [record["mean"][:, layer], record["fourth"][:, layer]]
    # Everything here is of order one, and what a normalisation makes constant differs by rounding alone.
    return np.round(np.concatenate(parts, axis=1), 9)


def law_sample(net: th.NetworkSpec, width: int, replicas: int, gradients: bool = False, seed: int = 1) -> np.ndarray:
    return joint(LawSampler(net, width, DEPTH, INPUTS, seed, "law", gradients=gradients).run(0, replicas))


def direct_sample(net: th.NetworkSpec, width: int, replicas: int, gradients: bool = False) -> np.ndarray:
    return joint(DirectSampler(net, width, DEPTH, INPUTS, 2, "direct", gradients=gradients).run(0, replicas))
