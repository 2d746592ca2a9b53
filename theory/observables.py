r"""Observables of random networks as inert data, read by the closed forms and by the simulators alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, latex

from theory.arguments import whole
from theory.errors import DomainError
from theory.gaussian.law import exact

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

    Raises
    ------
    DomainError
        for a depth out of range, or values that are no numbers or expressions.

    Examples
    --------
    >>> from sympy import Max
    >>> x, rho = Symbol("x"), Symbol("rho")
    >>> GramEntry(Max(x, 0), x, rho, depth=2, C_W=2).free_symbols
    {rho}
    """

    phi: Expr
    variable: Symbol
    rho: Expr
    depth: int = 1
    C_W: Expr | int = 1
    C_b: Expr | int = 0
    q: Expr | int = 1

    def __post_init__(self) -> None:
        whole("the depth of a GramEntry", self.depth, 1, 5)
        if not isinstance(self.variable, Symbol) or self.variable not in exact(self.phi).free_symbols:
            raise DomainError(f"phi is an expression in {self.variable!r}; received {self.phi!r}")
        for name in ("rho", "C_W", "C_b", "q"):
            object.__setattr__(self, name, exact(getattr(self, name)))

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, without the variable of the activation."""
        inside = self.phi.free_symbols - {self.variable}
        values = (self.rho, self.C_W, self.C_b, self.q)
        return inside.union(*(getattr(value, "free_symbols", set()) for value in values))

    def _repr_latex_(self) -> str:
        return rf"$G^{{({self.depth})}}_{{12}}[{{\varphi = {latex(self.phi)}}}]$"
