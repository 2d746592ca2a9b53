"""Picture of the phases in the plane of weight and bias variance, with the edge of chaos and depth scales."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from numerics.arguments import real_array
from numerics.plotting.canvas import BLACK, SEQUENCE, canvas, tidy
from numerics.plotting.sampling import sampled
from numerics.plotting.title import set_title
from theory.activations import Activation, checked_activation
from theory.arguments import whole
from theory.errors import DomainError
from theory.propagation.edge_of_chaos import Curve, edge_of_chaos, slope_moment
from theory.symbols import q

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["phase_diagram_figure", "settled_susceptibility"]

_NODES = 40  # variances at which the moments are computed, evenly spaced in the logarithm
_LOWEST, _HIGHEST = 1e-3, 1e2
_FINE = 600
_LONGEST = 100.0  # layers, end of the colour scale
_TICKS = (1, 2, 5, 10, 20, 50, 100)


def phase_diagram_figure(
    phi: Activation, C_W: tuple[float, float] = (0.5, 4.0), C_b: tuple[float, float] = (0.0, 0.5), points: int = 120
) -> Figure:
    r"""Depth scale $|\xi_c| = 1/|\ln\chi_\perp|$ of plain networks, with the edge of chaos $\chi_\perp = 1$.

    At the fixed variance that inputs of variance one tend to.  White: no fixed variance between 0.001 and 100.

    Parameters
    ----------
    phi : continuous activation without symbolic parameters.
    C_W, C_b : ranges of the axes.
    points : pixels per axis.

    Raises
    ------
    DomainError
        for empty or negative ranges, fewer than two points, or symbolic parameters.
    UnsupportedError
        without matplotlib, or if the activation jumps.
    """
    phi, points = checked_activation(phi), whole("points", points, 2, 10_000)
    ranges = [real_array("the range of C_W", C_W), real_array("the range of C_b", C_b)]
    if any(ends.shape != (2,) or not 0 <= ends[0] < ends[1] < np.inf for ends in ranges) or C_W[0] == 0:
        raise DomainError(
            f"ranges increase, with C_W > 0 and C_b >= 0, over two points at least; received {C_W}, {C_b}, {points}"
        )
    if phi.parameters:
        raise DomainError(f"a picture needs numbers; {', '.join(map(str, phi.parameters))} is free")
    curve = edge_of_chaos(phi)
    with canvas(width=4.8) as (figure, (axes,)):
        weights, biases = (np.linspace(ends[0], ends[1], points) for ends in ranges)
        chi = settled_susceptibility(phi, weights, biases)
        with np.errstate(divide="ignore"):
            scale = np.clip(1 / np.abs(np.log(chi)), None, _LONGEST)
        mesh = axes.pcolormesh(
            weights, biases, np.log10(scale), cmap=SEQUENCE, vmin=0, vmax=np.log10(_LONGEST), shading="nearest",
            rasterized=True,
        )  # fmt: skip
        bar = figure.colorbar(mesh, ax=axes, label=r"depth scale $|\xi_c|$ (layers)", extend="both")
        bar.set_ticks([math.log10(tick) for tick in _TICKS], labels=[str(tick) for tick in _TICKS])
        _draw_edge(axes, curve)
        for name, mask in (("ordered", chi < 1), ("chaotic", chi > 1)):
            _name_region(axes, name, mask, weights, biases)
        axes.set_xlim(*C_W)
        axes.set_ylim(*C_b)
        tidy(axes, r"weight variance $C_W$", r"bias variance $C_b$", legend=True)
        set_title(axes, phi)
        axes.get_legend().set_frame_on(True)
    return figure


def settled_susceptibility(
    phi: Activation, weights: NDArray[np.float64], biases: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""$\chi_\perp$ at the fixed variance that variance one tends to: a row per bias, a column per weight, or nan.

    The variance moves monotonically where the variance map increases, so the fixed point is the first one in the
    direction in which variance one sets out.
    """
    nodes = np.geomspace(_LOWEST, _HIGHEST, _NODES)
    square, slope = (
        CubicSpline(np.log(nodes), sampled(expr, q, nodes)) for expr in (phi.moment(2, q), slope_moment(phi, q))
    )
    grid = np.geomspace(_LOWEST, _HIGHEST, _FINE)
    moments = square(np.log(grid))
    start = int(np.searchsorted(grid, 1.0))
    found = np.full((len(biases), len(weights)), np.nan)
    for j, weight in enumerate(weights):
        excess = weight * moments + biases[:, None] - grid
        found[:, j] = [_settled(row, grid, start) for row in excess]
    return np.asarray(weights * slope(np.log(found)))


def _settled(excess: NDArray[np.float64], grid: NDArray[np.float64], start: int) -> float:
    """The root of `excess` that the start tends to, nan outside the grid."""
    scale = 1e-12 * grid[start]
    if abs(excess[start]) <= scale:
        return float(grid[start])
    rises = excess[start] > 0
    beyond = np.flatnonzero(excess[start:] <= 0) if rises else np.flatnonzero(excess[:start] >= 0)
    if not beyond.size:
        # Below the grid the susceptibility is that of its lowest variance to the width of a line.
        return float("nan") if rises else float(grid[0])
    high = start + beyond[0] if rises else beyond[-1] + 1
    low = high - 1
    share = excess[low] / (excess[low] - excess[high])
    return float(grid[low] + share * (grid[high] - grid[low]))


def _draw_edge(axes: Any, curve: Curve) -> None:
    rows = np.array(curve.sample(1 if curve.is_point else 60))
    if curve.is_point:
        axes.plot(
            rows[:, 1], rows[:, 2], "o", color=BLACK, clip_on=False, zorder=5, label=r"edge of chaos $\chi_\perp = 1$"
        )
    else:
        axes.plot(rows[:, 1], rows[:, 2], color=BLACK, label=r"edge of chaos $\chi_\perp = 1$")


def _name_region(axes: Any, name: str, mask: Any, weights: Any, biases: Any) -> None:
    rows, columns = np.nonzero(mask)
    if rows.size < mask.size / 50:
        return
    place = weights[int(np.median(columns))], biases[int(np.median(rows))]
    axes.text(*place, name, ha="center", va="center", bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none"})
