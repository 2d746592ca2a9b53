"""The base class of our special functions: scalar arguments, and numerical values from rigorous enclosures."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, SympifyError, sympify

from theory.errors import DomainError

__all__ = ["Enclosed", "scalar"]


def scalar(name: str, value: Any) -> Expr:
    """An argument of a function as an expression; text is never read as one.

    Raises
    ------
    DomainError
        for texts, lists, truth values and other objects.

    Examples
    --------
    >>> scalar("Phi2", 2)
    2
    """
    if isinstance(value, Expr):
        return value
    try:
        expr = sympify(value, strict=True)
    except (SympifyError, TypeError):
        expr = None
    if not isinstance(expr, Expr):
        raise DomainError(f"the arguments of {name} are numbers and expressions; received {value!r}")
    return expr


class Enclosed(Function):
    """A function whose numerical value comes from an enclosure: `N(f(...), d)` has d correct digits."""

    def __new__(cls, *args: Any, **options: Any) -> Expr:
        return super().__new__(cls, *(scalar(cls.__name__, value) for value in args), **options)

    def _eval_evalf(self, prec: int) -> Expr | None:
        if any(argument.free_symbols for argument in self.args):
            return None
        from theory.enclosure import evaluate

        return evaluate(self, prec)
