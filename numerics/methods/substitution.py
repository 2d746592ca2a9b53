"""Method `substitution`: a stated solution is put into its equations, a manifold is differentiated along its flow.

The residual of a solution must have the normal form zero; the derivative of the equations of a manifold must lie in the
ideal they generate.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flint import acb
from sympy import Expr, Poly, Symbol, expand_func, groebner, reduced, together
from sympy.polys.polyerrors import BasePolynomialError

from numerics.budget import Budget
from numerics.manifold import manifold_point
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.region import Region
from numerics.sides import NotRealError, real_ball
from numerics.verdict import Grade, Verdict
from theory.balls import ball_function, workprec
from theory.claim import Claim
from theory.claims import Flow, Invariance
from theory.errors import TheoryError
from theory.points import is_admissible
from theory.statement import Statement

__all__ = ["METHOD"]

_DIGITS = 25


class _Gathered(NamedTuple):
    statement: Statement
    region: Region
    points: list[dict[Any, Any]]


class _Substitution:
    name = "substitution"
    grade = Grade.EXACT
    independent_of = "integration: the claim is differentiated"

    def accepts(self, statement: Statement) -> bool:
        return isinstance(statement.claim, Flow | Invariance)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        region = Region.of(statement, 3 * budget.points, seed)
        return _Gathered(statement, region, mixed_points(statement, budget.points, seed))

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if not gathered.points:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        return _solution(claim, gathered.region) if isinstance(claim, Flow) else _manifold(claim, gathered)


def _solution(claim: Any, region: Region) -> Judgement:
    """Residuals of the equations, and of the initial values."""
    solution, time = dict(claim.solution), claim.time
    residuals = [(f"d{s}/d{time}", solution[s].diff(time) - rate.subs(solution)) for s, rate in claim.equations]
    residuals += [(f"{s}(0)", solution[s].subs(time, 0) - value) for s, value in claim.initial]
    how = ""
    for what, residual in residuals:
        for point in region.points:
            name = {str(s): str(v) for s, v in point.items()}
            try:
                value = real_ball(residual.subs(point), _DIGITS)
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), name, points=1)
            except TheoryError:
                continue
            if not value.contains(0):
                text = f"the solution violates its equation for {what}"
                return Judgement(Verdict.FAILS, text, name, f"residual {value.str(15)}", "0", 1)
        proof = region.proves_zero(together(expand_func(residual)))
        if proof is None:
            return Judgement(Verdict.UNDECIDED, f"the residual of {what} is not reduced to zero, nor certified apart")
        how = proof
    return Judgement(Verdict.HOLDS, f"the residuals are zero: {how}", points=len(region.points))


def _manifold(claim: Any, gathered: _Gathered) -> Judgement:
    """Derivatives along the flow: nonzero at a point of the manifold, or in its ideal."""
    flow = dict(claim.flow)
    derivatives = [sum((e.diff(s) * rate for s, rate in flow.items()), e * 0) for e in claim.manifold]
    for point in gathered.points:
        found = _leaves(claim.manifold, derivatives, flow, point, gathered.statement)
        if found is not None:
            return found
    states = list(flow)
    try:
        basis = groebner(claim.manifold, *states, order="grevlex")
        rests = [reduced(Poly(d, *states), basis.exprs, *states, order="grevlex")[1] for d in derivatives]
    except (BasePolynomialError, NotImplementedError) as error:
        return Judgement(Verdict.UNDECIDED, f"the manifold and its flow are not polynomial: {error}")
    if any(rest != 0 for rest in rests):
        return Judgement(Verdict.UNDECIDED, "a derivative along the flow is not in the ideal of the manifold")
    return Judgement(
        Verdict.HOLDS, "the derivatives along the flow are in the ideal of the manifold", points=len(gathered.points)
    )


def _leaves(
    manifold: tuple[Expr, ...],
    derivatives: list[Expr],
    flow: dict[Symbol, Expr],
    point: dict[Any, Any],
    statement: Statement,
) -> Judgement | None:
    """The refutation at a point of the manifold near the given one, if there is one."""
    values = {s: v for s, v in point.items() if isinstance(s, Symbol) and s not in flow}
    equations = [e.subs(values) for e in manifold]
    try:
        place = manifold_point(
            equations,
            {s: point[s] for s in flow},
            _DIGITS,
            lambda place: is_admissible(statement.domains, statement.assumptions, point | place),
        )
    except (TheoryError, KeyError):
        return None
    with workprec(120):
        balls = [acb(place[s]) for s in flow]
        for equation, derivative in zip(equations, derivatives, strict=True):
            value = ball_function(derivative.subs(values), list(flow))(balls, False).real
            if value.is_finite() and not value.contains(0):
                name = {str(s): place[s].str(12, radius=False) for s in flow} | {
                    str(s): str(v) for s, v in values.items()
                }
                text = f"the flow leaves {equation} = 0"
                return Judgement(Verdict.FAILS, text, name, f"derivative {value.str(15)}", "0", 1)
    return None


METHOD = _Substitution()
