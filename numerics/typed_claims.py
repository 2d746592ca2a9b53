"""Statements built from what a user typed: an activation whose dual was derived, or a claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Expr, Rational, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from theory.activations import Activation
from theory.claims import GaussianIdentity
from theory.domains import Interval
from theory.errors import TheoryError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian
from theory.parsing import parse_claim, parse_parameters
from theory.statement import Statement
from theory.symbols import rho, u, v

__all__ = ["statement_from_activation", "statement_from_text"]

_RESOLUTION = Rational(1, 100)


def statement_from_activation(phi: Activation) -> Statement:
    """The derived dual of an activation as the claim under test; derivation and claim then have one author."""
    return Statement(
        claim=GaussianIdentity(phi(u) * phi(v), Gaussian([u, v], corr=rho), phi.dual(rho)),
        domains={rho: Interval(-1, 1), **_domains(phi.parameters, phi.assumptions)},
        assumptions=phi.assumptions,
        resolution=_RESOLUTION,
        identifier="derived_dual",
        prose="The derived dual activation.",
    )


def statement_from_text(text: str, parameters: Sequence[str] = (), resolution: Any = None) -> Statement:
    """Statement of a claim typed as `E[f(U, V)] = stated`, U and V of unit variance and correlation rho."""
    symbols, conditions = parse_parameters(parameters)
    parsed = parse_claim(text, symbols)
    size = len(parsed.variables)
    law = Gaussian(list(parsed.variables), corr=rho) if size == 2 else Gaussian(list(parsed.variables))
    claim = GaussianIdentity(parsed.integrand, law, parsed.stated)
    domains = {rho: Interval(-1, 1)} if rho in claim.free_symbols else {}
    used = [s for s in symbols.values() if s in claim.free_symbols]
    return Statement(
        claim=claim,
        domains={**domains, **_domains(used, conditions)},
        assumptions=[c for c in conditions if c.free_symbols <= set(used) | {rho}],
        derive=lambda: expect(parsed.integrand, law, conditions),
        resolution=_RESOLUTION if resolution is None else resolution,
        identifier="typed_claim",
        prose=text,
    )


def _domains(symbols: Iterable[Symbol], conditions: Iterable[Relational]) -> dict[Symbol, Interval]:
    """An interval of test values per parameter, as wide as its numeric bounds allow."""
    domains = {}
    for s in symbols:
        low, high = Rational(-3), Rational(3)
        if s.is_nonnegative:
            low = Rational(1, 20)
        if s.is_nonpositive:
            high = Rational(-1, 20)
        open_low = open_high = False
        for condition in conditions:
            bound = _bound(condition, s)
            if bound is None:
                continue
            value, lower, strict = bound
            if lower and value >= low:
                low, open_low, high = value, strict, max(high, value + 3)
            if not lower and value <= high:
                high, open_high, low = value, strict, min(low, value - 3) if low > value else low
        if not low <= high:
            raise TheoryError(f"no value of {s} satisfies {list(conditions)}")
        domains[s] = Interval(low, high, left_open=open_low, right_open=open_high)
    return domains


def _bound(condition: Relational, s: Symbol) -> tuple[Expr, bool, bool] | None:
    """(number, is it a lower bound, strict) if the condition bounds the symbol by a number."""
    if not isinstance(condition, Lt | Le | Gt | Ge):
        return None
    left, right = condition.lhs, condition.rhs
    strict = isinstance(condition, Lt | Gt)
    below = isinstance(condition, Lt | Le)
    if left == s and right.is_number:
        return right, not below, strict
    if right == s and left.is_number:
        return left, below, strict
    return None
