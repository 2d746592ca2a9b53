"""Method `quadrature`: double-precision integration of the definition, split at the kinks."""

from __future__ import annotations

from typing import Any, NamedTuple

from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.quadrature import Estimate, gaussian_quadrature
from numerics.sides import NotRealError, real_ball
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import GaussianIdentity
from theory.errors import TheoryError, UnsupportedError
from theory.statement import Statement

__all__ = ["METHOD"]

_RELATIVE = 1e-9  # of the value; a claim this far off is refuted
_MARGIN = 20.0  # the error is an estimate: differences below this many are not called


class _Case(NamedTuple):
    point: dict[Symbol, Expr]
    estimate: Estimate


class _Quadrature:
    name = "quadrature"
    grade = Grade.QUADRATURE
    independent_of = "closed forms and ball arithmetic"

    def accepts(self, statement: Statement) -> bool:
        return isinstance(statement.claim, GaussianIdentity)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> list[_Case]:
        claim: Any = statement.claim
        cases = []
        for point in mixed_points(statement, budget.points, seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            try:
                law = claim.law.subs(values)
                estimate = gaussian_quadrature(claim.integrand.subs(values), law)
            except (UnsupportedError, ZeroDivisionError):
                continue  # fully correlated points belong to the certified method
            cases.append(_Case(values, estimate))
        return cases

    def judge(self, claim: Claim, gathered: list[_Case]) -> Judgement:
        if not gathered:
            return Judgement(Verdict.UNDECIDED, "no point inside the reach of quadrature")
        worst = 0.0
        undecided = ""
        assert claim.stated_side is not None
        for case in gathered:
            value, error, mass = case.estimate
            name = {str(s): str(v) for s, v in case.point.items()}
            try:
                stated = float(real_ball(claim.stated_side.subs(case.point), 20).mid())
            except NotRealError as reason:
                return Judgement(Verdict.FAILS, str(reason), name, f"{value:.15g} +- {error:.1e}", "not real", 1)
            except TheoryError as reason:
                undecided = str(reason)
                continue
            gap, scale = abs(value - stated), max(abs(value), 1e-3)
            if gap > _MARGIN * error + _RELATIVE * scale:
                detail = f"apart by {gap:.2e}, estimated error {error:.1e}"
                return Judgement(Verdict.FAILS, detail, name, f"{value:.15g} +- {error:.1e}", f"{stated:.15g}", 1)
            if _MARGIN * error > _RELATIVE * max(
                scale, mass
            ):  # where the parts cancel, no sum is better than its parts
                undecided = f"the estimated error {error:.1e} at {name} is too large"
            worst = max(worst, gap / scale)
        if undecided:
            return Judgement(Verdict.UNDECIDED, undecided, points=len(gathered))
        return Judgement(Verdict.HOLDS, f"agrees to {worst:.1e} relative", points=len(gathered))


METHOD = _Quadrature()
