"""Sphinx configuration; the theorem pages are written from the catalogue before anything is read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

project = "widetheory"
author = "The widetheory developers"
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["gallery"]
html_theme = "alabaster"
html_theme_options = {"description": "Closed forms, certified numbers and verdicts", "fixed_sidebar": False}
html_css_files = ["formula.css"]
html_static_path = ["_static"]
html_show_sourcelink = False


def setup(app: Any) -> None:
    """Write the theorem pages before the sources are read."""
    app.connect("builder-inited", _write_pages)


def _write_pages(app: Any) -> None:
    sys.path.insert(0, str(app.srcdir))
    from theorem_pages import write_theorem_pages

    write_theorem_pages(Path(app.srcdir) / "theorems")
