"""A simulation as work in chunks: which replicas of which width a chunk holds, and what it computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numerics.chunks import ChunkResults, Task
from numerics.observables import Setting, observable
from numerics.samplers.law_exact import LawSampler
from numerics.samplers.record import Array, Record
from theory.network import NetworkSpec

__all__ = ["SimulationTask"]

# Work in a chunk, in neurons or weights: milliseconds, enough to hide the cost of handing it out.
CHUNK = 2**18


@dataclass(frozen=True, eq=False)
class SimulationTask(Task):
    """Replicas of a network at several widths; chunks follow the widths, then the replicas.

    Boundaries of chunks depend on the network alone; the last one is cut short, and has a number of its own, so that
    a longer run finds the whole chunks of a shorter one in the ledger.
    """

    spec: NetworkSpec
    widths: tuple[int, ...]
    depth: int
    covariance: Array
    inputs: Array | None
    replicas: int
    seed: int
    observables: tuple[str, ...]
    sampler: str
    samplers: dict[int, Any] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        # What is compiled stays in its process.
        return self.__dict__ | {"samplers": {}}

    def text(self) -> str:
        """Everything that the result of a numbered chunk depends on, as text."""
        arrays = [None if a is None else (a.shape, a.tobytes().hex()) for a in (self.covariance, self.inputs)]
        rest = (self.widths, self.depth, self.seed, self.observables, self.sampler)
        return f"{self.spec.key()} {arrays} {rest}"

    def title(self) -> str:
        """The task in a few words."""
        widths = ", ".join(map(str, self.widths))
        return f"{_shortened(str(self.spec.phi.expr))}, width {_shortened(widths)}, depth {self.depth}"

    def size(self, width: int) -> int:
        """Replicas in a chunk."""
        neurons = width * self.depth * (width if self.sampler == "direct" else 1)
        return max(1, CHUNK // neurons)

    @property
    def chunks(self) -> list[int]:
        """Numbers of the chunks."""
        found = []
        for place, width in enumerate(self.widths):
            whole, rest = divmod(self.replicas, self.size(width))
            parts = [block * CHUNK for block in range(whole)] + ([whole * CHUNK + rest] if rest else [])
            found += [part * len(self.widths) + place for part in parts]
        return found

    def prepare(self) -> None:
        """Compiles the activation and builds a sampler for each width."""
        from numerics.samplers.direct import DirectSampler

        needs = {observable(name).needs for name in self.observables}
        gradients = any("gradients" in need for need in needs)
        identifier = self.spec.with_(depth=None).key()
        for width in dict.fromkeys(self.widths):
            common = (self.spec, width, self.depth)
            if self.sampler == "law":
                gram = None if self.inputs is not None else self.covariance
                self.samplers[width] = LawSampler(
                    *common, self.inputs, self.seed, identifier, gram=gram, gradients=gradients
                )
            else:
                assert self.inputs is not None
                self.samplers[width] = DirectSampler(
                    *common, self.inputs, self.seed, f"{identifier}; direct",
                    gradients=gradients, singular_values="singular_values" in needs,
                    spectral_norm="spectral_norm" in needs,
                    cotangent="random" if "loss gradients" in needs else None,
                )  # fmt: skip
            self.samplers[-width] = self._setting(width)

    def run(self, chunk: int) -> dict[str, Array]:
        """Observables of the replicas of a chunk, replicas first."""
        place, first, count = self._place(chunk)
        width = self.widths[place]
        record = Record.of(self.samplers[width].run(first, count))
        setting = self.samplers[-width]
        return {name: observable(name).compute(record, setting) for name in self.observables}

    def samples(self, chunk: int) -> int:
        """Replicas of a chunk."""
        return self._place(chunk)[2]

    def by_width(self, results: ChunkResults, name: str) -> list[Array]:
        """All replicas of an observable, one array per width."""
        parts: list[list[Array]] = [[] for _ in self.widths]
        for chunk, payload in results.items():
            parts[self._place(chunk)[0]].append(payload[name])
        return [np.concatenate(part) for part in parts]

    def _place(self, chunk: int) -> tuple[int, int, int]:
        """Place of the width, first replica and number of replicas of a chunk."""
        part, place = divmod(chunk, len(self.widths))
        block, rest = divmod(part, CHUNK)
        size = self.size(self.widths[place])
        return place, block * size, rest or size

    def _setting(self, width: int) -> Setting:
        products = None if self.inputs is None else self.inputs @ self.inputs.T
        return Setting(float(self.spec.C_W), float(self.spec.C_b), width, self.covariance, products)


def _shortened(text: str, longest: int = 48) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."
