"""The command that draws pictures: plot."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from theory.propagation.commands import add_activation_options, add_network_options, chosen_activation, chosen_network

__all__ = ["add_plot_command"]


def add_plot_command(subparsers: argparse._SubParsersAction) -> None:
    """Register the command with an argument parser; each kind of picture has its own options."""
    plot = subparsers.add_parser("plot", help="a picture, written as .svg, .pdf or .png (needs matplotlib)")
    kinds = plot.add_subparsers(dest="kind", required=True, metavar="KIND")
    _add_kernel_map(kinds)
    _add_convergence(kinds)
    _add_phase_diagram(kinds)
    _add_fluctuations(kinds)
    _add_hermite_spectrum(kinds)


def _add_kernel_map(kinds: Any) -> None:
    parser = _kind(kinds, "kernel-map", _kernel_map, "the correlation map with the staircase of its iteration")
    add_network_options(parser)
    parser.add_argument("--variance", type=float, metavar="Q", help="variance of the map (default: the fixed one)")
    parser.add_argument("--start", type=float, default=0.0, metavar="RHO", help="first correlation (default 0)")
    parser.add_argument("--depth", type=int, default=12, metavar="L", help="steps of the staircase (default 12)")


def _add_convergence(kinds: Any) -> None:
    parser = _kind(kinds, "convergence", _convergence, "variance and correlation over depth, theory and networks")
    add_network_options(parser)
    _simulation_options(parser)
    parser.add_argument("--width", type=int, action="append", metavar="N", help="repeatable (default 64 and 1024)")
    parser.add_argument("--start", type=float, default=0.0, metavar="RHO", help="first correlation (default 0)")


def _add_phase_diagram(kinds: Any) -> None:
    parser = _kind(kinds, "phase-diagram", _phase_diagram, "depth scales over the variances, with the edge of chaos")
    add_activation_options(parser)
    for name, span, what in (("C_W", (0.5, 4.0), "weight"), ("C_b", (0.0, 0.5), "bias")):
        parser.add_argument(
            f"--{name.replace('_', '-')}", dest=name, type=float, nargs=2, default=span, metavar=("LOW", "HIGH"),
            help=f"range of the {what} variance (default {span[0]} {span[1]})",
        )  # fmt: skip


def _add_fluctuations(kinds: Any) -> None:
    parser = _kind(kinds, "fluctuations", _fluctuations, "relative variance of the kernel, two laws of weights")
    add_network_options(parser)
    _simulation_options(parser)
    parser.add_argument("--width", type=int, default=100, metavar="N", help="of all layers (default 100)")


def _add_hermite_spectrum(kinds: Any) -> None:
    parser = _kind(kinds, "hermite-spectrum", _hermite_spectrum, "sizes of the Hermite coefficients with their law")
    add_activation_options(parser)
    parser.add_argument("--variance", type=float, default=1.0, metavar="Q", help="of the argument (default 1)")
    parser.add_argument("--terms", type=int, default=200, metavar="K", help="highest index (default 200)")


def _kind(kinds: Any, name: str, draw: Callable[[argparse.Namespace], Any], what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=what)
    parser.add_argument("--output", required=True, metavar="FILE", help="ends in .svg, .pdf or .png")
    parser.set_defaults(run=_plot, draw=draw)
    return parser


def _simulation_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--depth", type=int, default=20, metavar="L", help="layers (default 20)")
    parser.add_argument("--variance", type=float, default=1.0, metavar="Q", help="in layer 1 (default 1)")
    parser.add_argument("--replicas", type=int, default=400, metavar="R", help="simulated networks (default 400)")
    parser.add_argument("--seed", type=int, default=0, help="of the simulation (default 0)")


def _plot(arguments: argparse.Namespace) -> int:
    from numerics.plotting.canvas import check_path, save_figure

    check_path(arguments.output)
    print(f"wrote {save_figure(arguments.draw(arguments), arguments.output)}")
    return 0


def _kernel_map(arguments: argparse.Namespace) -> Any:
    from numerics.plotting.kernel_map import kernel_map_figure

    return kernel_map_figure(chosen_network(arguments), arguments.variance, arguments.start, arguments.depth)


def _convergence(arguments: argparse.Namespace) -> Any:
    from numerics.plotting.convergence import convergence_figure

    widths, simulated = arguments.width or (64, 1024), _simulated(arguments)
    return convergence_figure(
        chosen_network(arguments), arguments.depth, widths, correlation=arguments.start, **simulated
    )


def _phase_diagram(arguments: argparse.Namespace) -> Any:
    from numerics.plotting.phase_diagram import phase_diagram_figure

    return phase_diagram_figure(chosen_activation(arguments), tuple(arguments.C_W), tuple(arguments.C_b))


def _fluctuations(arguments: argparse.Namespace) -> Any:
    from numerics.plotting.fluctuations import fluctuation_figure

    return fluctuation_figure(chosen_network(arguments), arguments.depth, arguments.width, **_simulated(arguments))


def _hermite_spectrum(arguments: argparse.Namespace) -> Any:
    from numerics.plotting.hermite_spectrum import hermite_spectrum_figure

    return hermite_spectrum_figure(chosen_activation(arguments), arguments.terms, arguments.variance)


def _simulated(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in ("variance", "replicas", "seed")}
