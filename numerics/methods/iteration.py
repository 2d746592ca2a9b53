"""Method `iteration`: the stated map is iterated in ball arithmetic.

Depth asymptotics are read off a long orbit by extrapolation, fixed points are found by Newton's method and each proved
to be one; neither looks at the stated values.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, NamedTuple

from flint import arb
from mpmath import exp as mp_exp
from mpmath import log as mp_log
from mpmath import mpf, workdps
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.extrapolation import log_ladder
from numerics.iteration import FixedPointBall, fixed_points, orbit
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.sides import NotRealError, real_ball
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import DepthAsymptotic, FixedPoint
from theory.errors import TheoryError
from theory.orbits import Orbit
from theory.statement import Statement

__all__ = ["METHOD"]

_DEPTH = {"quick": 13, "standard": 15, "deep": 17}  # binary logarithm of the longest orbit
_SHALLOWEST = 6
_ORDER = 3
_MARGIN = 10.0  # the error of an extrapolation is an estimate
_COARSEST = 1e-2  # a relative error above this confirms nothing
_STARTS = (-3.0, -1.2, -0.6, -0.1, 0.15, 0.5, 0.8, 1.1, 2.5, 6.0)
_DIGITS = 22
_NUMERICALLY = 60


class _Fit(NamedTuple):
    """Logarithms of |sequence| on a ladder of depths."""

    depths: list[int]
    logarithms: list[mpf]
    sign: int


class _Case(NamedTuple):
    point: dict[Symbol, Expr]
    found: _Fit | list[FixedPointBall]


class _Iteration:
    name = "iteration"
    grade = Grade.QUADRATURE
    independent_of = "the stated values: the map is iterated in balls, and its fixed points are searched"

    def accepts(self, statement: Statement) -> bool:
        claim = statement.claim
        return isinstance(claim, FixedPoint) or (isinstance(claim, DepthAsymptotic) and _readable(claim))

    def gather(self, statement: Statement, budget: Budget, seed: int) -> list[_Case]:
        claim: Any = statement.claim
        cases = []
        deep = isinstance(claim, DepthAsymptotic)
        for point in mixed_points(statement, 2 if deep else max(budget.points, statement.points), seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            if deep:
                cases.append(_Case(values, _orbit_fit(claim, values, _DEPTH[budget.name])))
            else:
                found = fixed_points(claim.map.doit().subs(values), claim.variable, _STARTS, random.Random(seed))
                cases.append(_Case(values, found))
        return cases

    def judge(self, claim: Claim, gathered: list[_Case]) -> Judgement:
        if not gathered:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        shown = Judgement(Verdict.UNDECIDED, "")
        undecided = None
        for case in gathered:
            try:
                if isinstance(case.found, _Fit):
                    shown = _compare_depth(claim, case, case.found)
                else:
                    shown = _compare_fixed(claim, case, case.found)
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), _name(case), stated="not real", points=1)
            except TheoryError as error:
                shown = Judgement(Verdict.UNDECIDED, str(error), _name(case))
            if shown.verdict is Verdict.FAILS:
                return shown
            if shown.verdict is Verdict.UNDECIDED:
                undecided = shown
        return undecided or replace(shown, points=len(gathered))


def _name(case: _Case) -> dict[str, str]:
    return {str(s): str(v) for s, v in case.point.items()}


def _readable(claim: DepthAsymptotic) -> bool:
    return isinstance(claim.sequence, Orbit | Expr)


def _orbit_fit(claim: DepthAsymptotic, point: dict[Symbol, Expr], octaves: int) -> _Fit:
    """The sequence on a ladder of half octaves."""
    depths = sorted({round(2 ** (k / 2)) for k in range(2 * _SHALLOWEST, 2 * octaves + 1)})
    sequence = claim.sequence
    if isinstance(sequence, Orbit):
        map_, start = sequence.map.doit().subs(point), sequence.start.subs(point)
        assert sequence.readout is not None
        values = orbit(map_, sequence.variable, start, sequence.readout.subs(point), depths)
    else:
        values = [real_ball(sequence.subs(point).subs(claim.index, depth), 40) for depth in depths]
    sign = 1 if values[-1] > 0 else -1
    if not all(sign * value > 0 for value in values):
        raise TheoryError("the sequence changes its sign or vanishes; no power law is read from it")
    with workdps(_NUMERICALLY):
        logarithms = [mp_log(abs(_number(value))) for value in values]
    return _Fit(depths, logarithms, sign)


def _number(value: arb) -> mpf:
    with workdps(_NUMERICALLY):
        return mpf(value.mid().str(_NUMERICALLY, radius=False))


def _compare_depth(claim: Any, case: _Case, fit: _Fit) -> Judgement:
    """Exponent first, then the constant at the stated exponent, then the logarithm at both."""
    exponent, constant = (float(real_ball(s.subs(case.point), 25).mid()) for s in (claim.exponent, claim.constant))
    measured, error = _settled(fit, lambda f, order: -log_ladder(f.depths, f.logarithms, order)[1])
    name = _name(case)
    if error > _COARSEST * abs(measured):  # no power law yet: the estimate of the error means nothing
        return Judgement(Verdict.UNDECIDED, f"no power law is seen in {fit.depths[-1]} steps", name)
    if abs(measured - exponent) > _MARGIN * error + 1e-9:
        text = f"the orbit decays with the exponent {measured:.8g} +- {error:.1e}"
        return Judgement(Verdict.FAILS, text, name, f"l^-{measured:.8g}", f"l^-{exponent:.8g}", 1)
    if constant == 0 or fit.sign * constant < 0:
        return Judgement(Verdict.FAILS, "the sign of the constant", name, f"sign {fit.sign}", f"{constant:.10g}", 1)
    logarithm, error = _settled(fit, lambda f, order: _leading(f, exponent, order))
    value, spread = fit.sign * float(mp_exp(logarithm)), abs(error)
    shown = f"{value:.12g} +- {abs(value) * spread:.1e}"
    if abs(value / constant - 1) > _MARGIN * spread + 1e-12:
        return Judgement(Verdict.FAILS, "the constant of the orbit", name, shown, f"{constant:.12g}", 1)
    if spread > _COARSEST:
        return Judgement(Verdict.UNDECIDED, "the orbit is too short", name, shown, f"{constant:.12g}")
    if claim.log_coefficient is not None:
        stated = float(real_ball(claim.log_coefficient.subs(case.point), 25).mid())
        found, error = _settled(fit, lambda f, order: log_ladder(f.depths, f.logarithms, order)[2])
        if abs(found - stated) > _MARGIN * error + 1e-9:
            text = f"the logarithm has the coefficient {found:.6g} +- {error:.1e}"
            return Judgement(Verdict.FAILS, text, name, f"{found:.8g}", f"{stated:.8g}", 1)
        if error > _COARSEST * max(1.0, abs(stated)):
            return Judgement(Verdict.UNDECIDED, "the orbit is too short for its logarithm", name, f"{found:.6g}")
    text = f"exponent {measured:.8g} and constant by extrapolation of {fit.depths[-1]} steps, in balls"
    return Judgement(Verdict.HOLDS, text, name, shown, f"{constant:.12g}", 1)


def _leading(fit: _Fit, exponent: float, order: int) -> mpf:
    """ln C at a known exponent: that of the sequence times l^exponent."""
    with workdps(_NUMERICALLY):
        lifted = [v + exponent * mp_log(d) for v, d in zip(fit.logarithms, fit.depths, strict=True)]
        return log_ladder(fit.depths, lifted, order, exponent_known=True)[0]


def _settled(fit: _Fit, reading: Any) -> tuple[float, float]:
    """A coefficient at the highest order, and how much it moves with the order and with the depth."""
    best = reading(fit, _ORDER)
    half = _Fit(fit.depths[:-2], fit.logarithms[:-2], fit.sign)
    moved = max(abs(best - reading(fit, _ORDER - 1)), abs(best - reading(half, _ORDER)))
    return float(best), float(moved)


def _compare_fixed(claim: Any, case: _Case, found: list[FixedPointBall]) -> Judgement:
    stated = real_ball(claim.value.subs(case.point), _DIGITS)
    name = _name(case)
    for ball in found:
        if not ball.value.overlaps(stated):
            continue
        text = f"one of {len(found)} isolated fixed points, slope {ball.slope.str(10, radius=False)}"
        if claim.multiplier is not None:
            multiplier = real_ball(claim.multiplier.subs(case.point), _DIGITS)
            if not ball.slope.overlaps(multiplier):
                slope = ball.slope.str(20)
                return Judgement(Verdict.FAILS, "the slope of the map there", name, slope, multiplier.str(20), 1)
        return Judgement(Verdict.HOLDS, text, name, ball.value.str(20), stated.str(20), 1)
    image = real_ball(claim.map.subs(case.point).subs(claim.variable, claim.value.subs(case.point)), _DIGITS)
    if not image.overlaps(stated):
        return Judgement(Verdict.FAILS, "the map moves the stated value", name, image.str(20), stated.str(20), 1)
    text = "the stated value is not an isolated fixed point of a smooth map that Newton's method finds"
    return Judgement(Verdict.UNDECIDED, text, name)


METHOD = _Iteration()
