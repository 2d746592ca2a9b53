"""Picture of variance and correlation over depth: infinite width, and simulated networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import real_number
from numerics.plotting.canvas import BLACK, COLOURS, canvas, tidy
from numerics.plotting.sampling import at_variance, orbit, variance_orbit
from numerics.plotting.title import set_title
from numerics.simulation import simulate
from theory.arguments import items, whole
from theory.errors import DomainError
from theory.network import NetworkSpec, checked_network
from theory.propagation.maps import correlation_map
from theory.symbols import q, rho

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["convergence_figure", "covariance_orbit"]

_BAND = (0.05, 0.95)
_MARKERS = "os^D"


def convergence_figure(
    net: NetworkSpec,
    depth: int = 20,
    widths: Sequence[int] = (64, 1024),
    *,
    variance: float = 1.0,
    correlation: float = 0.0,
    replicas: int = 400,
    seed: int = 0,
) -> Figure:
    r"""Variance and correlation of the pre-activations over depth, for two inputs of equal variance.

    The line is infinite width; bands hold 90 % of the simulated networks of each width, dots are their medians.

    Parameters
    ----------
    net : network without symbolic parameters.
    depth : number of layers.
    widths : up to four widths of the simulated networks; empty for theory alone.
    variance, correlation : of the pre-activations of layer 1.
    replicas, seed : of the simulation.

    Raises
    ------
    DomainError
        for a variance that is not positive, a correlation outside [-1, 1], a depth below one, or too many widths.
    UnsupportedError
        without matplotlib.
    """
    net, depth = checked_network(net), whole("depth", depth, 1, 10_000)
    variance, correlation = real_number("the variance", variance), real_number("the correlation", correlation)
    widths = [whole("a width", width) for width in items("widths", widths)]
    if not 0 < variance < np.inf or not -1 <= correlation <= 1:
        raise DomainError(
            "two inputs have variance > 0, correlation in [-1, 1] and depth >= 1; "
            f"received {variance}, {correlation}, {depth}"
        )
    if len(set(widths)) > len(COLOURS) or len(set(widths)) < len(widths):
        raise DomainError(f"a picture tells {len(COLOURS)} different widths apart; received {list(widths)}")
    with canvas(2, height=2.9) as (figure, panels):
        layers = np.arange(1, depth + 1)
        theory = covariance_orbit(net, variance, correlation, depth)
        gram = [[variance, variance * correlation], [variance * correlation, variance]]
        for colour, marker, width in zip(COLOURS, _MARKERS, widths, strict=False):
            sim = simulate(
                net, width, depth, gram=gram, replicas=replicas, seed=seed, observables="preactivation_gram", keep=True,
                progress=False,
            )  # fmt: skip
            for axes, values in zip(panels, _split(sim.raw("preactivation_gram")), strict=True):
                low, middle, high = np.quantile(values, (_BAND[0], 0.5, _BAND[1]), axis=0)
                axes.fill_between(layers, low, high, color=colour, alpha=0.25, linewidth=0)
                axes.plot(layers, middle, marker, color=colour, markersize=3, label=f"width {width}")
        for axes, values in zip(panels, theory, strict=True):
            axes.plot(layers, values, color=BLACK, label="infinite width")
            axes.xaxis.get_major_locator().set_params(integer=True)
        tidy(panels[0], r"layer $\ell$", r"variance $q^\ell$", legend=True)
        tidy(panels[1], r"layer $\ell$", r"correlation $\rho^\ell$")
        numbers = rf"$C_W = {float(net.C_W):.4g},\; C_b = {float(net.C_b):.4g}$"
        set_title(panels[0], net.phi, f"{numbers}; bands: 90 % of {replicas} networks" if widths else numbers)
    return figure


def covariance_orbit(
    net: NetworkSpec, variance: float, correlation: float, depth: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variance and correlation of layers 1, ..., depth at infinite width, for inputs of equal variance."""
    variances = variance_orbit(net, variance, depth)
    step, correlations = correlation_map(net, rho, q), [correlation]
    for value in variances[:-1]:
        # The slope of the map at +-1 may be vertical: a rounded 1 must stay 1.
        at = float(np.clip(correlations[-1], -1, 1))
        correlations.append(orbit(at_variance(step, value), rho, at, 1)[1])
    return variances, np.array(correlations)


def _split(grams: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variance of the first input, and correlation of the two."""
    first, second, cross = grams[:, :, 0, 0], grams[:, :, 1, 1], grams[:, :, 0, 1]
    return first, cross / np.sqrt(first * second)
