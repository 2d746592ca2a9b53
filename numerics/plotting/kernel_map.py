"""Picture of the correlation map of a layer, with the staircase of its iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.arguments import real_number
from numerics.plotting.canvas import BLACK, BLUE, GREY, ORANGE, canvas, tidy
from numerics.plotting.sampling import angles, drawn_variance, orbit, sampled
from numerics.plotting.title import set_title
from theory.arguments import whole
from theory.errors import DomainError
from theory.network import NetworkSpec, checked_network
from theory.propagation.fixed_points import correlation_fixed_points
from theory.propagation.maps import correlation_map
from theory.symbols import rho

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["kernel_map_figure"]

_POINTS = 81


def kernel_map_figure(net: NetworkSpec, q: Any = None, start: float = 0.0, layers: int = 12) -> Figure:
    r"""The correlation map $\rho' = R(\rho)$ at variance q, its fixed points, and the iteration from one correlation.

    Parameters
    ----------
    net : network without symbolic parameters.
    q : variance of the inputs of the map; left out, see `correlation_fixed_points`.
    start : first correlation, in [-1, 1].
    layers : steps of the staircase.

    Raises
    ------
    DomainError
        for a start outside [-1, 1], fewer than one layer, or a variance that is not determined.
    UnsupportedError
        without matplotlib.
    """
    net, start = checked_network(net), real_number("the start", start)
    layers = whole("the number of layers", layers, 1, 10_000)
    if not -1 <= start <= 1:
        raise DomainError(f"a correlation lies in [-1, 1]; received start = {start}")
    with canvas() as (figure, (axes,)):
        variance = drawn_variance(net, q)
        step = correlation_map(net, rho, variance)
        grid = angles(_POINTS)
        axes.plot([-1, 1], [-1, 1], color=GREY, linewidth=0.8, linestyle=":")
        axes.plot(grid, sampled(step, rho, grid), color=BLUE, label=r"$R(\rho)$")
        path = np.clip(orbit(step, rho, start, layers), -1, 1)
        stairs = np.repeat(path, 2)
        axes.plot(
            stairs[:-1], [start, *stairs[2:]], color=ORANGE, linewidth=0.9, label=f"{layers} layers from {start:g}"
        )
        found = correlation_fixed_points(net, variance)
        for name, face, attracts in (("attracting", BLACK, True), ("repelling", "white", False)):
            isolated = [p for p in found if p.stability != "continuum"]
            values = [float(p.value) for p in isolated if p.stability.startswith("attracting") == attracts]
            if values:
                axes.plot(
                    values, values, "o", color=BLACK, markerfacecolor=face, markersize=5, clip_on=False, zorder=5,
                    label=name,
                )  # fmt: skip
        axes.set_aspect("equal")
        axes.set_xlim(-1, 1)
        tidy(axes, r"correlation $\rho$", r"correlation of the next layer $R(\rho)$", legend=True)
        set_title(axes, net.phi, rf"$q = {float(variance):.4g}$")
    return figure
