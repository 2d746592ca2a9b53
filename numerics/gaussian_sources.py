"""Random draws whose mean is the expectation that a claim about Gaussian variables or a wide layer states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Mul, Symbol, sqrt

from numerics.codegen import compile as compile_expression
from numerics.draw_designs import PLAIN, cheapest_design, settling_draws
from numerics.simulation import gram_samples
from numerics.statistics import ConfidenceSequence
from numerics.streams import stream
from theory.claims import GaussianIdentity, WidthLimit
from theory.observables import GramEntry

__all__ = ["IntegrandSource", "NetworkSource", "source_of"]

_CHUNK_DRAWS = 1_000_000
_PILOT = 65_536


class NetworkSource:
    """Replicas of a Gram entry, one network each."""

    def __init__(
        self,
        entry: GramEntry,
        point: dict[Symbol, Expr],
        width: int,
        identifier: str,
        integrand: Callable[[], IntegrandSource] | None = None,
    ) -> None:
        self.integrand = integrand
        rho, q = float(_value(entry.rho, point)), float(_value(entry.q, point))
        self.gram = np.array([[q, q * rho], [q * rho, q]])
        self.phi, self.x = entry.phi.subs(point), entry.variable
        self.variances = float(_value(entry.C_W, point)), float(_value(entry.C_b, point))
        self.depth, self.width, self.identifier = entry.depth, width, identifier
        self.normals = 2 * entry.depth
        self.chunk = _chunk(width)

    def draw(self, first: int, count: int, seed: int) -> NDArray[np.float64]:
        """One draw per network, of the networks numbered from `first` on."""
        samples = gram_samples(
            self.phi, self.x, self.gram, self.width, self.depth, count, seed, self.identifier, *self.variances,
            first=first,
        )  # fmt: skip
        return np.asarray(samples[:, -1, 0, 1])

    def aimed(
        self, sequence: ConfidenceSequence, half_width: float, normals: int, seed: int
    ) -> NetworkSource | IntegrandSource:
        """Itself, or draws of the integrand where networks of so many normals are too skewed to decide.

        A network is drawn as it is; draws of an integrand may come from a wider law.
        """
        other = None if self.integrand is None else self.integrand()
        if other is None or other.settling_draws(sequence, seed) <= normals // self.normals:
            return self
        return other.aimed(sequence, half_width, normals, seed)


class IntegrandSource:
    """Replicas of the mean of an integrand over the neurons of one layer, any Gaussian law."""

    def __init__(self, claim: GaussianIdentity, point: dict[Symbol, Expr], width: int, identifier: str) -> None:
        law = claim.law.subs(point)
        cov = np.array(law.cov.evalf(20), dtype=float)
        values, vectors = np.linalg.eigh(cov)
        self.factor = vectors * np.sqrt(np.clip(values, 0.0, None))
        self.mean = np.array([float(m) for m in law.mean])
        self.function = compile_expression(claim.integrand.subs(point), list(law.variables), target="numpy")
        self.width, self.identifier = width, identifier
        self.normals = len(self.mean)
        self.chunk = _chunk(width)
        self.design = PLAIN

    def draw(self, first: int, count: int, seed: int) -> NDArray[np.float64]:
        """One mean per replica, of the replicas numbered from `first` on."""
        means = np.empty(count)
        for replica in range(count):
            z = self._normals(stream(self.identifier, self.width, first + replica, seed), self.width)
            means[replica] = self.design.values(self._values, z).mean()
        return means

    def aimed(self, sequence: ConfidenceSequence, half_width: float, normals: int, seed: int) -> IntegrandSource:
        """Itself, with the design that a pilot of its own finds cheapest if a chunk of plain draws does not do."""
        chunk, affordable = self.chunk * self.width, normals // self.normals
        self.design = cheapest_design(self._values, self._pilot(seed), sequence, half_width, chunk, affordable)
        return self

    def settling_draws(self, sequence: ConfidenceSequence, seed: int) -> float:
        """Plain draws beyond which the skewness of the mean is negligible, judged by a pilot of its own."""
        return settling_draws(self._values(self._pilot(seed)), sequence)

    def _pilot(self, seed: int) -> NDArray[np.float64]:
        return self._normals(stream(f"{self.identifier}|pilot", self.width, 0, seed), _PILOT)

    def _normals(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        return generator.standard_normal((len(self.mean), count))

    def _values(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.broadcast_to(self.function(*(self.factor @ z + self.mean[:, None])), z.shape[1:])


def source_of(claim: Any, point: dict[Symbol, Expr], width: int, statement: str) -> NetworkSource | IntegrandSource:
    """The draws that belong to a claim about Gaussian variables or a limit in the width, at a point."""
    identifier = f"{statement}|{sorted(map(str, point.items()))}"
    if isinstance(claim, WidthLimit):
        return NetworkSource(claim.observable, point, width, identifier)
    entry = _as_network(claim)
    # Each value of a parameter would be a kernel of its own to compile.
    if entry is not None and not (entry.phi.free_symbols - {entry.variable}):
        return NetworkSource(entry, point, width, identifier, lambda: IntegrandSource(claim, point, width, identifier))
    return IntegrandSource(claim, point, width, identifier)


def _chunk(width: int) -> int:
    return max(8, _CHUNK_DRAWS // width)


def _value(value: Any, point: dict[Symbol, Expr]) -> Any:
    return value.subs(point) if isinstance(value, Expr) else value


def _as_network(claim: GaussianIdentity) -> GramEntry | None:
    """The claim as the first layer of a network, if it reads E[phi(U) phi(V)] with equal variances."""
    law = claim.law
    if len(law.variables) != 2 or any(law.mean) or law.cov[0, 0] != law.cov[1, 1]:
        return None
    u, v = law.variables
    left = Mul(*(f for f in Mul.make_args(claim.integrand) if not f.has_free(v)))
    right = Mul(*(f for f in Mul.make_args(claim.integrand) if not f.has_free(u)))
    if left * right != claim.integrand or left.subs(u, v) != right:
        return None
    q = law.cov[0, 0]
    return GramEntry(left, u, law.cov[0, 1] / sqrt(q) ** 2, q=q)
