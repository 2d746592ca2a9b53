"""Quantities of an activation that a typed claim may name: `dual(phi, rho)`, `moment(phi, 2, q)`, `hermite(phi, k)`.

Each stands for its definition, an expectation, and never for a closed form of ours: a claim is compared with what it
is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import sympy as sp
from sympy import Dummy, Expr, Integer, S, Symbol, Tuple, factorial, hermite_prob, sqrt

from theory.activations import Activation
from theory.errors import ParseError, StatementError
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.law import Gaussian

__all__ = ["FUNCTIONS", "RANDOM", "Means"]

RANDOM = {name: Symbol(name, real=True) for name in "UVZ"}
_U, _V, _Z = RANDOM.values()
_LARGEST = 100  # of a number under factorial, gamma, binomial and of an order: sympy writes the values out


def _bounded(rule: Callable[..., Expr]) -> Callable[..., Expr]:
    def bounded(*args: Expr) -> Expr:
        if any(arg.is_number and not abs(arg) <= _LARGEST for arg in args):
            raise ParseError(f"an argument of {rule.__name__} is at most {_LARGEST} in size")
        return rule(*args)

    return bounded


def _counted(name: str, rule: Callable[..., Expr]) -> Callable[..., Expr]:
    """The rule; another number of arguments is refused with what is due."""

    def counted(*args: Expr) -> Expr:
        try:
            signature(rule).bind(*args)
        except TypeError:
            raise ParseError(f"{name} is called as {usage}; received {len(args)} arguments") from None
        return rule(*args)

    usage = f"{name}({', '.join(['phi', *list(signature(rule).parameters)[1:]])})"
    return counted


FUNCTIONS: dict[str, Callable[..., Expr]] = {
    "factorial": _bounded(factorial),
    "gamma": _bounded(sp.gamma),
    "binomial": _bounded(sp.binomial),
    "conj": sp.conjugate,
    "conjugate": sp.conjugate,
}


class Means:
    """The expectations of one claim: dummies stand for them while its text is read.

    Parameters
    ----------
    activations : by name; `marks` are the symbols that stand for them as arguments.
    """

    def __init__(self, activations: Mapping[str, Activation]) -> None:
        self.activations = dict(activations)
        self.marks = {Dummy(name, real=True): phi for name, phi in activations.items()}
        self.gaussian: dict[Dummy, GaussianExpectation] = {}
        self.haar: dict[Dummy, tuple[Expr, Any]] = {}

    def functions(self) -> dict[str, Callable[..., Expr]]:
        """The functions that a claim may call besides those of a formula."""
        named = {name: _counted(name, rule) for name, rule in self.named().items()}
        return {**FUNCTIONS, **named, **self.activations}

    def named(self) -> dict[str, Callable[..., Expr]]:
        """The quantities of an activation, whose first argument is its name."""
        return {"dual": self.dual, "moment": self.moment, "hermite": self.hermite, "kernel_map": self.kernel_map}

    def mean(self, integrand: Expr, law: Gaussian) -> Dummy:
        """The dummy for an expectation; the same one for the same expectation."""
        node = GaussianExpectation(integrand, Tuple(*law.variables), law.cov, Tuple(*law.mean))
        known = next((dummy for dummy, other in self.gaussian.items() if other == node), None)
        if known is None:
            known = Dummy(f"mean_{len(self.gaussian)}", real=True)
            self.gaussian[known] = node
        return known

    def haar_mean(self, integrand: Expr, group: Any) -> Dummy:
        """The dummy for a mean over a random matrix."""
        known = next((dummy for dummy, other in self.haar.items() if other[0] == integrand), None)
        if known is None:
            known = Dummy(f"haar_{len(self.haar)}", real=True)
            self.haar[known] = (integrand, group)
        return known

    @property
    def stand_ins(self) -> set[Dummy]:
        """Symbols that are none of the claim's own."""
        return {*self.marks, *self.gaussian, *self.haar}

    def _activation(self, mark: Expr, what: str) -> Activation:
        if mark not in self.marks:
            names = ", ".join(self.activations) or 'none; declare one, as in phi = "max(x, 0)"'
            raise ParseError(f"the first argument of {what} is the name of an activation; known: {names}")
        return self.marks[mark]

    def dual(self, mark: Expr, r: Expr, q1: Expr = S.One, q2: Expr | None = None) -> Expr:
        """`E[phi(U) phi(V)]`, variances q1 and q2 (the same if only one is given), correlation r."""
        phi, q2 = self._activation(mark, "dual"), q1 if q2 is None else q2
        cross = r * q1 if q1 == q2 else r * sqrt(q1 * q2)
        return self.mean(phi(_U) * phi(_V), Gaussian([_U, _V], cov=[[q1, cross], [cross, q2]]))

    def moment(self, mark: Expr, order: Expr, q: Expr = S.One) -> Expr:
        """`E[phi(sqrt(q) Z)^order]`."""
        phi = self._activation(mark, "moment")
        return self.mean(phi(_Z) ** _order(order, "moment"), Gaussian([_Z], cov=[[q]]))

    def hermite(self, mark: Expr, k: Expr, q: Expr = S.One) -> Expr:
        """`E[phi(sqrt(q) Z) He_k(Z)]/sqrt(k!)`."""
        phi = self._activation(mark, "hermite")
        index = k if k.free_symbols else _order(k, "hermite")
        return self.mean(phi(sqrt(q) * _Z) * hermite_prob(index, _Z), Gaussian([_Z])) / sqrt(factorial(index))

    def kernel_map(self, mark: Expr, r: Expr, q: Expr = S.One) -> Expr:
        """`dual(phi, r, q)/dual(phi, 1, q)`."""
        return self.dual(mark, r, q) / self.moment(mark, Integer(2), q)


def _order(value: Expr, what: str) -> Integer:
    if not isinstance(value, Integer) or not 0 <= value <= _LARGEST:
        raise ParseError(f"the order in {what} is an integer from 0 to {_LARGEST}; received {value}")
    return value


def check_activation_name(name: str, taken: set[str]) -> None:
    """Refuse names that mean something else.

    Raises
    ------
    StatementError : the name is no identifier, or is taken.
    """
    if not name.isidentifier() or not name.isascii() or "__" in name or name in taken:
        raise StatementError(f"{name!r} cannot name an activation; choose another name, such as phi or psi")
