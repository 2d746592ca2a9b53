"""A function of a standard normal variable: an expression at mean + sd * z."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from flint import acb

from theory.balls import ball_function
from theory.errors import DomainError
from theory.gaussian.law import exact
from theory.hermite.removable import resolved

__all__ = ["Profile", "activation_profile", "variance"]


class Profile(NamedTuple):
    """The function z -> expr(mean + sd * z) of a standard normal z; numbers only."""

    expr: sp.Expr
    x: sp.Symbol
    mean: sp.Expr
    sd: sp.Expr

    def evaluator(self) -> Callable[[acb], acb]:
        """The function on balls at the current precision; not finite where it may not be analytic."""
        inner = ball_function(resolved(self.expr, self.x), [self.x])
        mean, sd = (ball_function(value)((), False) for value in (self.mean, self.sd))
        return lambda z: inner([mean + sd * z], True)

    def squared(self) -> Profile:
        """The square of the function."""
        return self._replace(expr=self.expr**2)


def activation_profile(phi: Any, q: sp.Expr) -> Profile:
    """z -> phi(sqrt(q) z) for an activation without symbolic parameters."""
    if phi.parameters:
        names = ", ".join(map(str, phi.parameters))
        raise DomainError(
            f"certified Hermite coefficients need numbers; {phi.expr} has the symbolic parameters {names}; "
            "substitute values, or use the closed form Activation.hermite"
        )
    return Profile(phi.expr, phi.variable, sp.Integer(0), sp.sqrt(q))


def variance(q: Any, name: str = "q") -> sp.Expr:
    """A positive number as an exact expression."""
    value = exact(q)
    if value.free_symbols:
        raise DomainError(f"certified Hermite coefficients need a number for the variance {name}; received {value}")
    if not value.is_positive:
        raise DomainError(f"the variance {name} must be positive; received {value}")
    return value
