"""Existence of orthogonal convolutions: bounds without a formula, descent over kernels, damaged criteria."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from sympy import Rational

import theory as th
from numerics.methods.descent import METHOD
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.enclosure import enclose
from theory.errors import DomainError
from theory.haar.convolutions import ConvolutionDefect, defect_bounds, matching_size

NAME = "orthogonal_convolution_existence"


def test_bounds_meet_and_vanish_exactly_under_the_criterion() -> None:
    met = 0
    for m, c, k, s, n in product(range(1, 6), range(1, 4), range(1, 4), range(1, 5), range(1, 4)):
        if s * n < 2 * k - 1:
            continue
        lower, upper = defect_bounds((m, c, k, s, n))
        assert lower == upper
        assert (lower == 0) is (m <= c * k if m <= c * s else s <= k)
        met += lower > 0
    assert met > 50


def test_the_theorem_holds_with_two_witnesses_and_its_damaged_copies_fail() -> None:
    statement = th.lookup(NAME)
    report = verify(statement, "quick")
    assert report.verdict is Verdict.HOLDS
    holding = {e.method for e in report.evidence if e.verdict is Verdict.HOLDS}
    assert holding == {"certified", "descent"}
    for wrong in statement.damaged_claims():
        damaged = replace(statement, claim=wrong, near_misses=())
        assert verify(damaged, "quick").verdict is Verdict.FAILS
    sides = statement.claim
    assert METHOD.accepts(statement)
    smaller = sides.replace_stated(sides.stated_side - Rational(1, 2))
    gathered = METHOD.gather(replace(statement, points=2), _Budget(), 0)
    assert METHOD.judge(smaller, gathered).verdict is Verdict.UNDECIDED
    larger = sides.replace_stated(sides.stated_side + Rational(1, 2))
    assert METHOD.judge(larger, gathered).verdict is Verdict.FAILS


class _Budget:
    points = 2


def test_sizes_are_checked() -> None:
    for sizes in ((0, 1, 1, 1, 1), (1, 1, 5, 2, 2), (Rational(1, 2), 1, 1, 1, 1)):
        with pytest.raises(DomainError):
            enclose(ConvolutionDefect(*sizes), 10)
    assert matching_size({0: [1], 1: [1], 2: [1, 2]}) == 2
