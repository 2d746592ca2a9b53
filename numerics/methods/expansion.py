"""Method `expansion`: the map is expanded at its fixed point of slope one, and the orbit is proved to arrive there.

Exponent, constant and logarithm follow from Taylor coefficients of the stated map; no orbit is extrapolated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flint import arb
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.parabolic import Decay, decay
from numerics.points import mixed_points
from numerics.sides import NotRealError, real_ball
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import DepthAsymptotic
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.orbits import Orbit
from theory.propagation.vanishing import vanishes
from theory.statement import Statement

__all__ = ["METHOD"]

_POINTS = {"quick": 2, "standard": 4, "deep": 12}
_DIGITS = 40
_RADIUS = 1e-20


class _Case(NamedTuple):
    point: dict[Symbol, Expr]
    law: Decay | TheoryError


class _Expansion:
    name = "expansion"
    grade = Grade.CERTIFIED
    independent_of = "the stated values and every long orbit: Taylor coefficients of the map and a remainder in balls"

    def accepts(self, statement: Statement) -> bool:
        claim = statement.claim
        return isinstance(claim, DepthAsymptotic) and isinstance(claim.sequence, Orbit)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> list[_Case]:
        claim: Any = statement.claim
        cases = []
        for point in mixed_points(statement, _POINTS[budget.name], seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            cases.append(_Case(values, _law(claim.sequence, values)))
        return cases

    def judge(self, claim: Claim, gathered: list[_Case]) -> Judgement:
        assert isinstance(claim, DepthAsymptotic)
        if not gathered:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        shown = Judgement(Verdict.UNDECIDED, "")
        undecided = None
        for case in gathered:
            shown = _judged(claim, case)
            if shown.verdict is Verdict.FAILS:
                return shown
            if shown.verdict is Verdict.UNDECIDED:
                undecided = shown
        if undecided is not None:
            return undecided
        text = "Taylor coefficients at the fixed point; the orbit is proved to enter where they decide"
        return Judgement(Verdict.HOLDS, text, shown.point, shown.measured, shown.stated, len(gathered))


def _law(sequence: Orbit, point: dict[Symbol, Expr]) -> Decay | TheoryError:
    """The error is kept: another point may still refute the claim."""
    try:
        assert sequence.readout is not None
        parts = (sequence.map.doit(), sequence.start, sequence.readout)
        image, start, readout = (part.subs(point) for part in parts)
        return decay(Orbit(image, sequence.variable, start, readout))
    except TheoryError as error:
        return error


def _judged(claim: DepthAsymptotic, case: _Case) -> Judgement:
    name = {str(s): str(v) for s, v in case.point.items()}
    law = case.law
    if isinstance(law, TheoryError):
        return Judgement(Verdict.UNDECIDED, str(law), name)
    pairs = [(law.exponent, claim.exponent, "exponent"), (law.constant, claim.constant, "constant")]
    if claim.log_coefficient is not None:
        if law.log_coefficient is None:
            return Judgement(Verdict.UNDECIDED, "the expansion ends before the order of the logarithm", name)
        pairs.append((law.log_coefficient, claim.log_coefficient, "coefficient of the logarithm"))
    shown = Judgement(Verdict.UNDECIDED, "", name)
    for derived, typed, what in pairs:
        try:
            shown = _compared(derived, typed.subs(case.point), what, name)
        except NotRealError as error:
            return Judgement(Verdict.FAILS, str(error), name, stated="not real", points=1)
        except TheoryError as error:
            return Judgement(Verdict.UNDECIDED, str(error), name)
        if shown.verdict is not Verdict.HOLDS:
            return shown
    return shown


def _compared(derived: Expr, typed: Expr, what: str, name: dict[str, str]) -> Judgement:
    left, right = enclose(derived, _DIGITS), real_ball(typed, _DIGITS)
    measured, stated = left.str(20), right.str(20)
    if not left.overlaps(right):
        return Judgement(Verdict.FAILS, f"the {what} is certified to be another", name, measured, stated, 1)
    if not (vanishes(derived - typed) or (_narrow(left) and _narrow(right))):
        return Judgement(Verdict.UNDECIDED, f"the enclosures of the {what} are too wide", name, measured, stated)
    return Judgement(Verdict.HOLDS, what, name, measured, stated, 1)


def _narrow(value: arb) -> bool:
    return bool(value.rad() <= _RADIUS * (1 + abs(value.mid())))


METHOD = _Expansion()
