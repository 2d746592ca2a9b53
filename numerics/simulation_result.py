"""Result of a simulation: labelled averages over the replicas, with their errors and their accidents."""

from __future__ import annotations

import html
import importlib
from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from numerics.arguments import real_number
from numerics.observables import observable
from numerics.samplers.record import Array
from theory.arguments import known_name
from theory.errors import DomainError, UnsupportedError

__all__ = ["Estimate", "Simulation"]

# Probabilities whose quantiles outlive the replicas.
GRID = (0.0, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 1.0)
# Share of one replica in a sum above which a mean is that replica's, not the law's.
DOMINANCE = 0.1


class Estimate(NamedTuple):
    """Mean over the replicas, its standard error, and the names of the axes."""

    mean: Array
    standard_error: Array
    dims: tuple[str, ...]


class Simulation:
    """Observables of simulated networks, averaged over replicas.

    Axis `width` comes first if several widths were asked for; layer l is at index l - 1 of axis `layer`.

    Parameters
    ----------
    title : the network in words.
    widths : one width, or several.
    replicas : number of networks of each width.
    sampler : "law" or "direct".
    draws : for each observable an array per width, replicas first.
    keep : whether the replicas stay available.

    Examples
    --------
    >>> draws = {"mean": [np.array([[[1.0]], [[3.0]]])]}
    >>> sim = Simulation("a network", 8, 2, "law", draws, keep=True)
    >>> sim["mean"].mean.tolist(), sim.dims("mean"), sim.median("mean").tolist()
    ([[2.0]], ('layer', 'input'), [[2.0]])
    """

    def __init__(
        self,
        title: str,
        widths: int | tuple[int, ...],
        replicas: int,
        sampler: str,
        draws: Mapping[str, list[Array]],
        keep: bool = False,
    ) -> None:
        self.title, self.widths, self.replicas, self.sampler = title, widths, replicas, sampler
        self._summaries = {name: _Summary(self._joined(parts)) for name, parts in draws.items()}
        self._raw = {name: self._joined(parts) for name, parts in draws.items()} if keep else None
        self.warnings = [line for name in self.names for line in self._accidents(name)]

    def _joined(self, parts: list[Array]) -> Array:
        """Replicas first, then widths; singular values of narrow networks are filled up with not-a-number."""
        if isinstance(self.widths, int):
            return parts[0]
        longest = max(part.shape[-1] for part in parts)
        shape = [(0, 0)] * (parts[0].ndim - 1)
        filled = [np.pad(p, [*shape, (0, longest - p.shape[-1])], constant_values=np.nan) for p in parts]
        return np.stack(filled, axis=1)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the observables."""
        return tuple(self._summaries)

    def dims(self, name: str) -> tuple[str, ...]:
        """Names of the axes of an observable."""
        self._summary(name)
        first = () if isinstance(self.widths, int) else ("width",)
        return (*first, *observable(name).dims)

    def __getitem__(self, name: str) -> Estimate:
        return Estimate(self.mean(name), self.standard_error(name), self.dims(name))

    def mean(self, name: str) -> Array:
        """Mean over the replicas."""
        return self._summary(name).mean

    def standard_error(self, name: str) -> Array:
        """Standard error of the mean; not-a-number for one replica."""
        return self._summary(name).standard_error

    def log_mean(self, name: str) -> Array:
        """Mean of the logarithm; not-a-number where a replica is negative."""
        return self._summary(name).log_mean

    def median(self, name: str) -> Array:
        """Median over the replicas."""
        return self.quantile(name, 0.5)

    def quantile(self, name: str, p: float) -> Array:
        """Quantile of probability p, interpolated; without the replicas p is one of a fixed list."""
        summary = self._summary(name)
        p = real_number("the probability of a quantile", p)
        if not 0 <= p <= 1:
            raise DomainError(f"a quantile has a probability in [0, 1]; received {p!r}")
        if self._raw is not None:
            return np.asarray(_quantile(self._raw[name], p))
        if p not in GRID:
            raise DomainError(f"without keep=True the quantiles kept are {list(GRID)}; received {p!r}")
        return summary.quantiles[GRID.index(p)]

    def largest_share(self, name: str) -> Array:
        """Share of the largest replica in the sum of absolute values: near 1, the mean is that replica's."""
        return self._summary(name).share

    def raw(self, name: str) -> Array:
        """All replicas, replica first; needs keep=True."""
        self._summary(name)
        if self._raw is None:
            raise DomainError("the replicas were not kept; simulate with keep=True")
        return self._raw[name]

    def table(self, name: str | None = None) -> str:
        """Text table of an observable over the layers, of its first entries in the other axes."""
        chosen = self.names if name is None else (name,)
        lines = []
        for item in chosen:
            dims = self.dims(item)
            lines.append(f"{item} ({', '.join(dims)})")
            mean, error = self.mean(item), self.standard_error(item)
            for place in self._places(item):
                label = ", ".join(f"{dim} {at}" for dim, at in zip(dims, self._labels(dims, place), strict=True))
                lines.append(f"  {label or 'value'}: {mean[place]:.6g} +- {error[place]:.2g}")
        return "\n".join(lines)

    def to_xarray(self) -> Any:
        """Dataset of means and standard errors; UnsupportedError without xarray."""
        try:
            xarray: Any = importlib.import_module("xarray")
        except ImportError as error:
            raise UnsupportedError("labelled datasets need the library xarray: pip install xarray") from error
        data, coordinates = {}, {}
        for name in self.names:
            dims = self.dims(name)
            data[name] = (dims, self.mean(name))
            data[f"{name}_standard_error"] = (dims, self.standard_error(name))
            if "layer" in dims:
                coordinates["layer"] = np.arange(1, self.mean(name).shape[dims.index("layer")] + 1)
        if not isinstance(self.widths, int):
            coordinates["width"] = np.array(self.widths)
        return xarray.Dataset(data, coordinates, {"network": self.title, "replicas": self.replicas})

    def _places(self, name: str) -> list[tuple[int, ...]]:
        """Entries shown: at most eight layers, and the first and last of what stands for two inputs."""
        shape, dims = self.mean(name).shape, self.dims(name)
        steps = []
        for length, dim in zip(shape, dims, strict=True):
            every = range(0, length, -(-length // 8)) if dim in ("layer", "width", "power", "index") else [0]
            steps.append([length - 1] if dim == "other" else list(every))
        return list(product(*steps))

    def _labels(self, dims: tuple[str, ...], place: tuple[int, ...]) -> list[int]:
        widths = () if isinstance(self.widths, int) else self.widths
        return [widths[at] if dim == "width" else at + 1 for dim, at in zip(dims, place, strict=True)]

    def _summary(self, name: str) -> _Summary:
        return self._summaries[known_name("observable of this simulation", name, self._summaries)]

    def _accidents(self, name: str) -> list[str]:
        summary = self._summaries[name]
        lines = []
        undefined = int(summary.undefined.max(initial=0))
        if undefined:
            lines.append(f"{name}: undefined in up to {undefined} of {self.replicas} replicas; see raw({name!r})")
        limit = min(max(DOMINANCE, 10 / self.replicas), 0.5)
        if self.replicas > 1 and (summary.share > limit).any():
            lines.append(f"{name}: one replica makes the mean (heavy tail); read median or log_mean instead")
        return lines

    def __repr__(self) -> str:
        alarm = f", {len(self.warnings)} warnings" if self.warnings else ""
        return (
            f"Simulation(widths={self.widths}, replicas={self.replicas}, sampler={self.sampler!r}, "
            f"observables={list(self.names)}{alarm})"
        )

    def _repr_html_(self) -> str:
        lines = html.escape("\n".join([*self.warnings, self.table()]))
        return f"<details><summary>{html.escape(repr(self))}</summary><pre>{lines}</pre></details>"


class _Summary:
    """What is kept of the replicas of one observable."""

    def __init__(self, draws: Array) -> None:
        count = len(draws)
        with np.errstate(all="ignore"):
            self.mean: Array = draws.mean(axis=0)
            deviation = draws.std(axis=0, ddof=1) if count > 1 else np.full(draws.shape[1:], np.nan)
            self.standard_error: Array = deviation / np.sqrt(count)
            self.log_mean: Array = np.log(draws).mean(axis=0)
            sizes = np.abs(draws)
            total = sizes.sum(axis=0)
            self.share: Array = np.where(total > 0, sizes.max(axis=0) / total, 0.0)
        self.undefined = np.isnan(draws).sum(axis=0) * ~np.isnan(draws).all(axis=0)
        self.quantiles: Array = np.stack([_quantile(draws, p) for p in GRID])


def _quantile(draws: Array, p: float) -> Array:
    """Quantile along the first axis; infinite where a neighbour is."""
    ordered = np.sort(draws, axis=0)
    place = p * (len(draws) - 1)
    low = int(place)
    high = min(low + 1, len(draws) - 1)
    share = place - low
    with np.errstate(invalid="ignore"):
        result = ordered[low] if share == 0 else (1 - share) * ordered[low] + share * ordered[high]
    return np.where(np.isnan(draws).any(axis=0), np.nan, result)
