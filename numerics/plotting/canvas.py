"""A figure in the style of the project: colour-blind safe, reproducible, without global state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory.errors import DomainError, UnsupportedError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BLACK",
    "BLUE",
    "COLOURS",
    "GREEN",
    "GREY",
    "ORANGE",
    "SEQUENCE",
    "canvas",
    "check_path",
    "save_figure",
    "tidy",
]

# Okabe and Ito: told apart under every common colour blindness; line styles repeat the distinction.
BLUE, ORANGE, GREEN, PURPLE, BLACK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#777777"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
SEQUENCE = "cividis"
FORMATS = (".svg", ".pdf", ".png")

_STYLE = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "mathtext.fontset": "cm",
    "font.family": "DejaVu Sans",
    "lines.linewidth": 1.4,
    "svg.hashsalt": "widetheory",
    "svg.fonttype": "path",
}


@contextmanager
def canvas(rows: int = 1, width: float = 4.2, height: float = 3.4) -> Iterator[tuple[Figure, list[Any]]]:
    """A figure with axes below each other, which a phone shows legibly, drawn in the style of the project.

    Raises
    ------
    UnsupportedError
        without matplotlib.
    """
    matplotlib = _matplotlib()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = import_module("matplotlib.figure").Figure(figsize=(width, height * rows), layout="constrained")
        yield figure, [figure.add_subplot(rows, 1, i + 1) for i in range(rows)]


def tidy(axes: Any, x: str, y: str, *, legend: bool = False) -> None:
    """Labels and legend of one panel."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if legend:
        axes.legend()


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure, whole or not at all; the same figure gives the same SVG.

    Raises
    ------
    DomainError
        for an ending other than .svg, .pdf or .png.
    """
    target = check_path(path)
    aside = target.with_name(f".{target.stem}.part{target.suffix}")
    # A date would make two runs differ.
    metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}[target.suffix]
    try:
        with _matplotlib().rc_context(_STYLE):
            figure.savefig(aside, dpi=160, metadata=metadata)
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    return target


def check_path(path: str | os.PathLike[str]) -> Path:
    """The path, refused where its ending names no format of a picture."""
    target = Path(path)
    if target.suffix not in FORMATS:
        raise DomainError(f"a picture ends in {', '.join(FORMATS)}; received {target.name!r}")
    return target


def _matplotlib() -> Any:
    try:
        return import_module("matplotlib")
    except ImportError as error:
        raise UnsupportedError('pictures need the library matplotlib: pip install "widetheory[plot]"') from error
