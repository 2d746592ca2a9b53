"""Statements built from what a user typed: an activation whose dual was derived, or a claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Rational

from numerics.points import generic_points
from numerics.quadrature import gaussian_quadrature
from theory.activations import Activation
from theory.claim_files.intervals import parameter_intervals
from theory.claims import GaussianIdentity
from theory.domains import Interval
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian
from theory.parsing import parse_claim, parse_parameters
from theory.statement import Statement, Status
from theory.symbols import rho, u, v

__all__ = ["statement_from_activation", "statement_from_text", "with_resolution"]

_RESOLUTION = Rational(1, 100)  # in standard deviations of the integrand, where those exceed 1
_TAIL = 1e6  # kurtosis beyond which a mean of draws is not trusted
_POINTS = 2


def statement_from_activation(phi: Activation) -> Statement:
    """The derived dual of an activation as the claim under test; derivation and claim then have one author."""
    statement = Statement(
        claim=GaussianIdentity(phi(u) * phi(v), Gaussian([u, v], corr=rho), phi.dual(rho)),
        domains={rho: Interval(-1, 1), **parameter_intervals(phi.parameters, phi.assumptions)},
        assumptions=phi.assumptions,
        status=Status.DERIVED,
        identifier="derived_dual",
        prose="The derived dual activation.",
    )
    return with_resolution(statement)


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
        domains={**domains, **parameter_intervals(used, conditions)},
        assumptions=[c for c in conditions if c.free_symbols <= set(used) | {rho}],
        derive=lambda: expect(parsed.integrand, law, conditions),
        identifier="typed_claim",
        prose=text,
    )
    return with_resolution(statement) if resolution is None else replace(statement, resolution=resolution)


def with_resolution(statement: Statement) -> Statement:
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
        reason = "the tails of the integrand are so heavy that the draws of the budget do not decide"
        return replace(statement, resolution=_RESOLUTION, missing_witness=reason)
    return replace(statement, resolution=_RESOLUTION * math.ceil(spread))
