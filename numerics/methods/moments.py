"""Method `moments`: the moments of a stated law, integrated in balls, against those of what is drawn, exactly."""

from __future__ import annotations

from typing import Any, NamedTuple

from flint import acb, arb
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.verdict import Grade, Verdict
from theory.balls import ball_function, workprec
from theory.claim import Claim
from theory.claims import Distribution
from theory.enclosure import enclose
from theory.errors import TheoryError, UnsupportedError
from theory.laws import ContinuousLaw, GaussianFunction, GaussianSpectrum
from theory.statement import Statement

__all__ = ["METHOD"]

_MOMENTS = {"quick": 5, "standard": 8, "deep": 12}
_BITS = 110
_RADIUS = 1e-20
_END = arb(10) ** -26


class _Case(NamedTuple):
    point: dict[Symbol, Expr]
    moments: list[Expr]


class _Moments:
    name = "moments"
    grade = Grade.CERTIFIED
    independent_of = "sampling, and the derivation of the law: its first moments are computed exactly"

    def accepts(self, statement: Statement) -> bool:
        claim: Any = statement.claim
        known = isinstance(claim, Distribution) and isinstance(claim.sample, GaussianSpectrum | GaussianFunction)
        return known and isinstance(claim.law, ContinuousLaw)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> list[_Case]:
        claim: Any = statement.claim
        cases = []
        for point in mixed_points(statement, 1 if not statement.domains else 4, seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            sample = claim.sample.subs(values)
            cases.append(_Case(values, [sample.moment(k) for k in range(1, _MOMENTS[budget.name] + 1)]))
        return cases

    def judge(self, claim: Claim, gathered: list[_Case]) -> Judgement:
        if not gathered:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        if not isinstance(claim, Distribution) or not isinstance(claim.law, ContinuousLaw):
            raise UnsupportedError("moments are compared with those of a ContinuousLaw")
        shown = Judgement(Verdict.UNDECIDED, "")
        for case in gathered:
            name = {str(s): str(v) for s, v in case.point.items()}
            law = claim.law.subs(case.point)
            ends = _mass(law)
            if not ends.overlaps(arb(1)):
                text = "the stated distribution function does not rise from 0 to 1"
                return Judgement(Verdict.FAILS, text, name, "1", ends.str(15), 1)
            for k, exact in enumerate(case.moments, 1):
                measured, stated = enclose(exact, 25), _moment(law, k)
                shown = Judgement(Verdict.HOLDS, "", name, f"moment {k} = {measured.str(15)}", stated.str(15))
                if not measured.overlaps(stated):
                    text = f"moment {k} of the stated law is certified wrong"
                    return Judgement(Verdict.FAILS, text, name, measured.str(15), stated.str(15), 1)
                if not stated.rad() <= _RADIUS * (1 + abs(stated.mid())):
                    return Judgement(Verdict.UNDECIDED, f"the ball around moment {k} is too wide", name)
        text = f"moments 1 to {len(gathered[0].moments)} agree, radius at most {_RADIUS:.0e}"
        return Judgement(Verdict.HOLDS, text, shown.point, shown.measured, shown.stated, len(gathered))


def _mass(law: ContinuousLaw) -> arb:
    """`F(upper) - F(lower)`; the value at the lower end must be 0."""
    low, high = (enclose(law.cdf.subs(law.variable, end), 25) for end in (law.lower, law.upper))
    return high if low.contains(0) else high - low + arb(2)


def _moment(law: ContinuousLaw, k: int) -> arb:
    """`b^k - int_a^b k x^(k-1) F(x) dx`, by parts."""
    if not (law.lower.is_finite and law.upper.is_finite):
        raise UnsupportedError("moments are integrated over a bounded support only")
    with workprec(_BITS):
        f = ball_function(law.cdf, [law.variable])
        low, high = enclose(law.lower, 30), enclose(law.upper, 30)

        def integrand(x: acb, analytic: bool) -> acb:
            return k * x ** (k - 1) * f([x], analytic)

        limits: dict[str, Any] = {"rel_tol": arb(2) ** -80, "abs_tol": arb(2) ** -80, "eval_limit": 100_000}
        found, ends = acb.integral(integrand, acb(low), acb(high), **limits), arb(0)
        if not found.is_finite():  # a power that balls around an end do not enclose; there 0 <= F <= 1
            found = acb.integral(integrand, acb(low + _END), acb(high - _END), **limits)
            largest = abs(low).max(abs(high))
            ends = 2 * k * largest ** (k - 1) * _END * arb(0).union(1)
        if not found.is_finite():
            raise TheoryError(f"the moment {k} of the stated law is not enclosed")
        return high**k - found.real - ends


METHOD = _Moments()
