"""The command that draws pictures: plot."""

from __future__ import annotations

import argparse
from typing import Any

from theory.propagation.commands import add_network_options, chosen_activation, chosen_network

__all__ = ["add_plot_command"]

KINDS = ("kernel-map", "convergence", "phase-diagram", "fluctuations", "hermite-spectrum")


def add_plot_command(subparsers: argparse._SubParsersAction) -> None:
    """Register the command with an argument parser."""
    plot = subparsers.add_parser("plot", help="a picture, written as .svg, .pdf or .png (needs matplotlib)")
    plot.add_argument("kind", choices=KINDS)
    add_network_options(plot)
    plot.add_argument("--output", required=True, metavar="FILE", help="ends in .svg, .pdf or .png")
    plot.add_argument("--depth", type=int, default=20, help="layers of convergence and fluctuations")
    plot.add_argument("--width", type=int, action="append", help="simulated width; several for convergence")
    plot.add_argument("--replicas", type=int, default=400, help="simulated networks")
    plot.add_argument("--start", type=float, default=0.0, help="correlation to start from")
    plot.add_argument("--variance", type=float, help="variance to start from, or of the kernel map and the spectrum")
    plot.add_argument("--terms", type=int, default=200, help="coefficients of hermite-spectrum")
    plot.add_argument("--seed", type=int, default=0, help="seed of the simulation")
    plot.set_defaults(run=_plot)


def _plot(arguments: argparse.Namespace) -> int:
    from numerics.plotting.canvas import check_path, save_figure

    check_path(arguments.output)
    print(f"wrote {save_figure(_figure(arguments), arguments.output)}")
    return 0


def _figure(arguments: argparse.Namespace) -> Any:
    kind, start = arguments.kind, arguments.variance if arguments.variance is not None else 1.0
    if kind == "phase-diagram":
        from numerics.plotting.phase_diagram import phase_diagram_figure

        return phase_diagram_figure(chosen_activation(arguments))
    if kind == "hermite-spectrum":
        from numerics.plotting.hermite_spectrum import hermite_spectrum_figure

        return hermite_spectrum_figure(chosen_activation(arguments), arguments.terms, start)
    net = chosen_network(arguments)
    drawn = {"replicas": arguments.replicas, "seed": arguments.seed, "variance": start}
    if kind == "kernel-map":
        from numerics.plotting.kernel_map import kernel_map_figure

        return kernel_map_figure(net, arguments.variance, arguments.start)
    if kind == "convergence":
        from numerics.plotting.convergence import convergence_figure

        widths = arguments.width or (64, 1024)
        return convergence_figure(net, arguments.depth, widths, correlation=arguments.start, **drawn)
    from numerics.plotting.fluctuations import fluctuation_figure

    return fluctuation_figure(net, arguments.depth, (arguments.width or [100])[0], **drawn)
