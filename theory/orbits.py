"""Orbits: iterated maps as inert data, read by claims about depth and by the iteration that checks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, latex

from theory.errors import DomainError
from theory.gaussian.law import exact

__all__ = ["Orbit"]


@dataclass(frozen=True)
class Orbit:
    r"""The sequence `readout(x_l)` with `x_0 = start`, `x_{l+1} = map(x_l)`.

    Parameters
    ----------
    map, variable : the map and its variable.
    start : where the orbit starts.
    readout : expression in the variable that is looked at; the variable itself if omitted.

    Raises
    ------
    DomainError
        if the map or the readout does not depend on the variable, or the start does.

    Examples
    --------
    >>> x = Symbol("x")
    >>> Orbit(x / (1 + x), x, 1).free_symbols
    set()
    """

    map: Expr
    variable: Symbol
    start: Expr
    readout: Expr | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.variable, Symbol):
            raise DomainError(f"the variable of an orbit is a symbol; received {self.variable!r}")
        readout = self.variable if self.readout is None else exact(self.readout)
        object.__setattr__(self, "readout", readout)
        object.__setattr__(self, "start", exact(self.start))
        for name, e in (("map", self.map), ("readout", readout)):
            if not isinstance(e, Expr) or self.variable not in e.free_symbols:
                raise DomainError(f"the {name} of an orbit depends on {self.variable}; received {e}")
        if self.variable in self.start.free_symbols:
            raise DomainError(f"the start of an orbit does not contain its variable; received {self.start}")

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, without the variable of the map."""
        assert self.readout is not None
        inside = (self.map.free_symbols | self.readout.free_symbols) - {self.variable}
        return inside | self.start.free_symbols

    def _repr_latex_(self) -> str:
        x = latex(self.variable)
        return rf"${latex(self.readout)},\ {x} \mapsto {latex(self.map)},\ {x}_0 = {latex(self.start)}$"
