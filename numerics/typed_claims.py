"""Statements built from what a user typed: an activation whose dual was derived, or a claim."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, Max, Min, Rational, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from numerics.points import generic_points
from numerics.quadrature import gaussian_quadrature
from theory.activations import Activation
from theory.claims import GaussianIdentity
from theory.domains import Interval
from theory.errors import DomainError, TheoryError, UnsupportedError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian
from theory.parsing import parse_claim, parse_parameters
from theory.statement import Statement, Status
from theory.symbols import rho, u, v

__all__ = ["statement_from_activation", "statement_from_text"]

_RESOLUTION = Rational(1, 100)  # in standard deviations of the integrand, where those exceed 1
_TAIL = 1e6  # kurtosis beyond which a mean of draws is not trusted
_POINTS = 2
_WIDTH = 3  # of an interval of test values without numeric bound
_DISTANCE = Rational(1, 20)


def statement_from_activation(phi: Activation) -> Statement:
    """The derived dual of an activation as the claim under test; derivation and claim then have one author."""
    statement = Statement(
        claim=GaussianIdentity(phi(u) * phi(v), Gaussian([u, v], corr=rho), phi.dual(rho)),
        domains={rho: Interval(-1, 1), **_domains(phi.parameters, phi.assumptions)},
        assumptions=phi.assumptions,
        status=Status.DERIVED,
        identifier="derived_dual",
        prose="The derived dual activation.",
    )
    return _with_resolution(statement)


def statement_from_text(text: str, parameters: Sequence[str] = (), resolution: Any = None) -> Statement:
    """Statement of a claim typed as `E[f(U, V)] = stated`, U and V of unit variance and correlation rho."""
    symbols, conditions = parse_parameters(parameters)
    parsed = parse_claim(text, symbols)
    size = len(parsed.variables)
    law = Gaussian(list(parsed.variables), corr=rho) if size == 2 else Gaussian(list(parsed.variables))
    claim = GaussianIdentity(parsed.integrand, law, parsed.stated)
    domains = {rho: Interval(-1, 1)} if rho in claim.free_symbols else {}
    used = [s for s in symbols.values() if s in claim.free_symbols]
    statement = Statement(
        claim=claim,
        domains={**domains, **_domains(used, conditions)},
        assumptions=[c for c in conditions if c.free_symbols <= set(used) | {rho}],
        derive=lambda: expect(parsed.integrand, law, conditions),
        identifier="typed_claim",
        prose=text,
    )
    return _with_resolution(statement) if resolution is None else replace(statement, resolution=resolution)


def _with_resolution(statement: Statement) -> Statement:
    """The statement with a resolution on the scale of its integrand, or the reason why sampling is not asked for."""
    claim: Any = statement.claim
    spread, tail = 1.0, 0.0
    for point in generic_points(statement, _POINTS, seed=0):
        try:
            law = claim.law.subs(point)
            square, fourth = (gaussian_quadrature(claim.integrand.subs(point) ** p, law).value for p in (2, 4))
        except DomainError:
            continue
        except UnsupportedError:
            square, fourth = 1.0, math.inf
        spread = max(spread, math.sqrt(square))
        tail = max(tail, fourth / square**2 if square else 0.0)
    if tail > _TAIL:
        reason = "the integrand has so heavy tails that the mean of any feasible number of draws says nothing"
        return replace(statement, resolution=_RESOLUTION, missing_witness=reason)
    return replace(statement, resolution=_RESOLUTION * math.ceil(spread))


def _domains(symbols: Iterable[Symbol], conditions: Iterable[Relational]) -> dict[Symbol, Interval]:
    """An interval of test values per parameter, as wide as its numeric bounds allow.

    It keeps a small distance from an excluded zero: a scale that vanishes is out of reach of every quadrature.
    """
    return {s: _interval(s, [b for c in conditions if (b := _bound(c, s)) is not None]) for s in symbols}


def _interval(s: Symbol, bounds: list[tuple[Expr, bool, bool]]) -> Interval:
    lows = [(value, strict) for value, lower, strict in bounds if lower]
    highs = [(value, strict) for value, lower, strict in bounds if not lower]
    if s == rho:
        lows, highs = [*lows, (Integer(-1), False)], [*highs, (Integer(1), False)]
    if s.is_nonnegative:
        lows.append((Integer(0), bool(s.is_positive)))
    if s.is_nonpositive:
        highs.append((Integer(0), bool(s.is_negative)))
    low, low_open = max(lows) if lows else (Min(-_WIDTH, min(highs)[0] - _WIDTH) if highs else Integer(-_WIDTH), False)
    high, high_open = min((v, not strict) for v, strict in highs) if highs else (Max(_WIDTH, low + _WIDTH), True)
    high_open = not high_open
    if low == 0 and low_open:
        low, low_open = Min(_DISTANCE, high / 20), False
    if high == 0 and high_open:
        high, high_open = Max(-_DISTANCE, low / 20), False
    domain = Interval(low, high, left_open=low_open, right_open=high_open)
    if domain.is_empty():
        raise TheoryError(f"no value of {s} satisfies the inequalities given for it")
    return domain


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
