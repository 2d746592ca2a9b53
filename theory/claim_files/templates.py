"""Templates of claim files: they work as they are written, and are meant to be changed."""

from __future__ import annotations

from pathlib import Path

from theory.claim_files.sources import SUFFIX
from theory.errors import StatementError

__all__ = ["template_file", "write_template"]

_TOML = """# Check with:   widetheory check {file}
# Repeat often: one [table] per claim.  Only `claim` is needed; every key is explained in docs/own-claims.md.

[{name}]
prose = "Dual of the rectifier for a standard Gaussian pair (U, V) of correlation rho."
claim = "E[max(U,0)*max(V,0)] = (sqrt(1-rho^2) + rho*(pi-acos(rho)))/(2*pi)"
domains = {{ rho = "[-1, 1]" }}
source = "cho2009kernel"          # a key of the bibliography, or words such as "my draft, equation (7)"
status = "theorem"                # theorem, derived, heuristic, conjecture
topics = ["kernel"]
resolution = 0.002                # what sampling must be able to tell apart
near_misses = ["(sqrt(1-rho^2) + rho*acos(rho))/(2*pi)"]   # typical slips; each must come out false
"""
_PYTHON = '''"""Dual of the rectifier.  Check with: widetheory check {file}"""

from sympy import Max, Rational, acos, pi, sqrt

import theory as th
from theory.symbols import rho, u, v


@th.theorem(topics=["kernel"], sources=["cho2009kernel"], status="theorem", needs=[])
def {name}():
    """E[max(U,0) max(V,0)] for a standard Gaussian pair of correlation rho."""
    stated = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)
    return th.Statement(
        claim=th.GaussianIdentity(Max(u, 0) * Max(v, 0), th.Gaussian([u, v], corr=rho), stated),
        domains={{rho: th.Interval(-1, 1)}},
        derive=lambda: th.Activation(Max(u, 0), u).dual(rho),
        resolution=Rational(1, 500),
        near_misses=[stated.subs(pi - acos(rho), acos(rho))],
    )
'''


def template_file(name: str, python: bool = False) -> Path:
    """The file a template of that name is written to; a folder before the name is kept."""
    ending = ".py" if python else SUFFIX
    return Path(name if name.endswith(ending) else name + ending)


def write_template(name: str, python: bool = False) -> Path:
    """Write a claim file that holds as it is, and return its path.

    Raises
    ------
    StatementError : the name is no identifier, or the file exists already.
    """
    file = template_file(name, python)
    stem = file.name.removesuffix(".py" if python else SUFFIX)
    if not stem.isidentifier() or not stem.isascii():
        raise StatementError(f"a claim is named by letters, digits and underscores, as in my_dual; received {stem!r}")
    text = (_PYTHON if python else _TOML).format(name=stem, file=file.name)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise StatementError(f"{file} exists already and is left as it is; choose another name") from None
    return file
