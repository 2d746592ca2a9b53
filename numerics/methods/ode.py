"""Method `ode`: the equations are integrated by Taylor steps in balls and compared with what is stated.

A flow starts where the claim says, or where its solution is at time 0; a manifold is left or kept by the solution
through one of its points.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from flint import acb, arb
from sympy import Expr, Rational, Symbol

from numerics.budget import Budget
from numerics.manifold import manifold_point
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.sides import NotRealError, real_ball
from numerics.taylor import solve
from numerics.verdict import Grade, Verdict
from theory.balls import ball_function, workprec
from theory.claim import Claim
from theory.claims import Flow, Invariance
from theory.enclosure import enclose
from theory.errors import PrecisionError, TheoryError, UnsupportedError
from theory.points import is_admissible
from theory.statement import Statement

__all__ = ["METHOD"]

_POINTS = {"quick": 4, "standard": 8, "deep": 30}
_DIGITS = 22
_RADIUS = 1e-20
_TIME = Symbol("t")
_END = Rational(3, 4)  # how long a manifold is followed


class _Gathered(NamedTuple):
    """Points, and solutions by equations, start and end, which damaged copies of the claim share."""

    statement: Statement
    points: list[dict[Any, Any]]
    wanted: int
    solutions: dict[Any, dict[Symbol, arb] | TheoryError]


class _Ode:
    name = "ode"
    grade = Grade.CERTIFIED
    independent_of = "the stated solution: the equations are integrated with error bounds"

    def accepts(self, statement: Statement) -> bool:
        return isinstance(statement.claim, Flow | Invariance)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        claim = statement.claim
        count = max(_POINTS[budget.name], statement.points if isinstance(claim, Flow) else 0)
        points = mixed_points(statement, 3 * count, seed)
        if isinstance(claim, Flow):
            points.sort(key=lambda p: abs(p.get(claim.time, 0)))  # long times cost steps and digits
            initial = [p for p in points if p.get(claim.time, 0) == 0]
            points = (initial[:1] + [p for p in points if p not in initial] + initial[1:])[:count]
        else:
            points.sort(key=lambda p: sum(value == 0 for value in p.values()))  # at zeros a flow may be at rest
        return _Gathered(statement, points, min(count, statement.points), {})

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if len(gathered.points) < gathered.wanted:
            return Judgement(
                Verdict.VACUOUS, f"{len(gathered.points)} admissible points of {gathered.wanted} asked for"
            )
        shown, undecided = Judgement(Verdict.UNDECIDED, ""), None
        decided = 0
        for point in gathered.points:
            if isinstance(claim, Invariance) and decided == gathered.wanted:
                break
            name = {str(s): str(v) for s, v in point.items()}
            try:
                pairs = (
                    _flow_pairs(claim, point, gathered) if isinstance(claim, Flow) else _kept(claim, point, gathered)
                )
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), name, stated="not real", points=1)
            except UnsupportedError as error:
                if isinstance(claim, Invariance):
                    continue  # no point of the manifold near this one
                return Judgement(Verdict.UNDECIDED, str(error), name)
            except TheoryError as error:
                undecided = Judgement(Verdict.UNDECIDED, str(error), name)
                continue
            decided += 1
            for what, measured, stated in pairs:
                shown = Judgement(Verdict.HOLDS, "", name, f"{what} = {measured.str(20)}", stated.str(20))
                if not measured.overlaps(stated):
                    text = f"the solution and the claim for {what} are certified apart"
                    if isinstance(claim, Invariance):
                        text = f"the flow carries a point of the manifold off it within {_END} units of time"
                        name |= _place(claim, point, gathered)
                    return Judgement(Verdict.FAILS, text, name, shown.measured, shown.stated, 1)
                if measured.rad() > _RADIUS * (1 + abs(measured.mid())):
                    undecided = Judgement(Verdict.UNDECIDED, f"the ball around {what} is too wide", name)
        if undecided or decided < gathered.wanted:
            return undecided or Judgement(Verdict.UNDECIDED, f"{decided} points of the manifold were found")
        text = f"integrated in balls at {decided} points, radius at most {_RADIUS:.0e}"
        return Judgement(Verdict.HOLDS, text, shown.point, shown.measured, shown.stated, decided)


def _flow_pairs(claim: Any, point: dict[Any, Any], gathered: _Gathered) -> list[tuple[str, arb, arb]]:
    """Integrated and stated value of every state at the time of the point."""
    values = {s: v for s, v in point.items() if isinstance(s, Symbol) and s != claim.time}
    end = point.get(claim.time, _END)
    solution = {s: e.subs(values) for s, e in claim.solution}
    start = {s: e.subs(claim.time, 0) for s, e in solution.items()} | {s: e.subs(values) for s, e in claim.initial}
    equations = {s: e.subs(values) for s, e in claim.equations}
    key = (tuple(equations.items()), tuple(start.items()), end)
    if key not in gathered.solutions:
        gathered.solutions[key] = _solved(equations, claim.time, start, end)
    found = gathered.solutions[key]
    if isinstance(found, TheoryError):
        raise found
    return [(str(s), found[s], real_ball(e.subs(claim.time, end), _DIGITS)) for s, e in solution.items()]


def _solved(
    equations: dict[Symbol, Expr], time: Symbol, start: dict[Symbol, Expr], end: Expr
) -> dict[Symbol, arb] | TheoryError:
    if end < 0:  # backwards in time
        equations, end = {s: -e.subs(time, -time) for s, e in equations.items()}, -end
    try:
        return solve(equations, time, lambda digits: {s: enclose(v, digits) for s, v in start.items()}, end, _DIGITS)
    except TheoryError as error:
        return error


def _kept(claim: Any, point: dict[Any, Any], gathered: _Gathered) -> list[tuple[str, arb, arb]]:
    """The equations of the manifold on the solution through one of its points, against zero."""
    values = _parameters(claim, point)
    states = [s for s, _ in claim.flow]
    manifold = [e.subs(values) for e in claim.manifold]
    equations = {s: e.subs(values) for s, e in claim.flow}
    key = (tuple(equations.items()), tuple(manifold), tuple(point.get(s) for s in states))
    if key not in gathered.solutions:
        try:
            found = solve(equations, _TIME, lambda digits: _start(claim, point, gathered, digits), _END, _DIGITS)
            gathered.solutions[key] = found
        except (UnsupportedError, PrecisionError) as error:
            gathered.solutions[key] = error
    solved = gathered.solutions[key]
    if isinstance(solved, TheoryError):
        raise solved
    with workprec(120):
        balls = [acb(solved[s]) for s in states]
        return [(str(e), ball_function(e, states)(balls, False).real, arb(0)) for e in manifold]


def _parameters(claim: Any, point: dict[Any, Any]) -> dict[Symbol, Expr]:
    states = {s for s, _ in claim.flow}
    return {s: v for s, v in point.items() if isinstance(s, Symbol) and s not in states}


def _start(claim: Any, point: dict[Any, Any], gathered: _Gathered, digits: int) -> dict[Symbol, arb]:
    """A point of the manifold near the given one."""
    manifold = [e.subs(_parameters(claim, point)) for e in claim.manifold]
    near = {s: point[s] if s in point else Rational(1, 2) for s, _ in claim.flow}
    return manifold_point(manifold, near, digits=digits, admissible=partial(_fits, gathered.statement, point))


def _place(claim: Any, point: dict[Any, Any], gathered: _Gathered) -> dict[str, str]:
    """Where the solution started that left the manifold."""
    return {str(s): ball.str(12, radius=False) for s, ball in _start(claim, point, gathered, 20).items()}


def _fits(statement: Statement, point: dict[Any, Any], place: dict[Symbol, Expr]) -> bool:
    return is_admissible(statement.domains, statement.assumptions, point | place)


METHOD = _Ode()
