"""Draws the pictures of docs/propagation.md in docs/images.  Run: python docs/gallery/propagation.py [NAME ...]"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sympy import Max, tanh

import theory as th
from numerics.plotting.canvas import save_figure
from numerics.plotting.convergence import convergence_figure
from numerics.plotting.fluctuations import fluctuation_figure
from numerics.plotting.hermite_spectrum import hermite_spectrum_figure
from numerics.plotting.kernel_map import kernel_map_figure
from numerics.plotting.phase_diagram import phase_diagram_figure
from theory.symbols import x

IMAGES = Path(__file__).parent.parent / "images"
TANH, RELU, RELU_SQUARED = (th.Activation(expr, x) for expr in (tanh(x), Max(x, 0), Max(x, 0) ** 2))

PICTURES: dict[str, Callable[[], Any]] = {
    "kernel-map": lambda: kernel_map_figure(th.NetworkSpec(RELU_SQUARED, normalization="layer"), start=-0.75),
    "convergence": lambda: convergence_figure(th.NetworkSpec(RELU, C_W=2), depth=20),
    "phase-diagram": lambda: phase_diagram_figure(TANH),
    "fluctuations": lambda: fluctuation_figure(th.NetworkSpec(TANH, C_W=1), depth=30),
    "hermite-spectrum": lambda: hermite_spectrum_figure(RELU),
}


def main() -> None:
    """Draw the pictures named on the command line, or all."""
    for name in sys.argv[1:] or PICTURES:
        print(save_figure(PICTURES[name](), IMAGES / f"{name}.svg"))


if __name__ == "__main__":
    main()
