r"""Observables of random networks as inert data, read by the closed forms and by the simulators alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, latex

from theory.errors import DomainError

__all__ = ["GramEntry"]


@dataclass(frozen=True)
class GramEntry:
    r"""Entry of the activation Gram matrix of a layer of a Gaussian network fed with two inputs.

    $$ G^{(\ell)}_{12} = \frac1n \sum_{i=1}^n \varphi(h^{(\ell)}_i(x_1))\,\varphi(h^{(\ell)}_i(x_2)),
       \qquad S^{(\ell+1)} = C_W G^{(\ell)} + C_b $$

    Parameters
    ----------
    phi, variable : the activation and its variable.
    rho : correlation of the first pre-activations, which have variance `q`.
    depth : layer at which the entry is read, 1 to 5; layer 1 is the first pre-activation.
    C_W, C_b : weight and bias variance between the layers.
    q : variance of the first pre-activations.
    """

    phi: Expr
    variable: Symbol
    rho: Expr
    depth: int = 1
    C_W: Expr | int = 1
    C_b: Expr | int = 0
    q: Expr | int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 5:
            raise DomainError(f"the depth of a GramEntry is 1 to 5; received {self.depth}")

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, without the variable of the activation."""
        inside = self.phi.free_symbols - {self.variable}
        values = (self.rho, self.C_W, self.C_b, self.q)
        return inside.union(*(getattr(value, "free_symbols", set()) for value in values))

    def _repr_latex_(self) -> str:
        return rf"$G^{{({self.depth})}}_{{12}}[\varphi = {latex(self.phi)}]$"
