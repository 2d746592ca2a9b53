"""Theorem files with a near-miss in the place of the claim come out false, and refutations of true claims too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Rational, S

import theory as th
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.claims import Bound, HaarIdentity, Refutation
from theory.haar.means import IsometryGain

NAMES = [
    "haar_absolute_entry",
    "haar_centred_permutation_moment",
    "haar_forms_of_two_rows",
    "haar_log_form",
    "haar_symplectic_form",
    "haar_trace_fourth_moment",
    "haar_truncation_word",
    "haar_unitary_crossed_product",
    "isometry_gain_bound",
    "orthogonalisation_rate",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_near_miss_in_place_of_the_claim_fails(name: str) -> None:
    statement = th.lookup(name)
    for wrong in statement.damaged_claims():
        damaged = replace(statement, claim=wrong, near_misses=())
        assert verify(damaged, "quick").verdict is Verdict.FAILS


def test_refutations_of_true_claims_fail() -> None:
    plain = th.lookup("qr_of_gaussian_is_haar")
    false = plain.claim.claim
    right = HaarIdentity(false.integrand, false.group, -Rational(1, 2))
    damaged = replace(plain, claim=Refutation(right, at=plain.claim.pinned))
    assert verify(damaged, "quick").verdict is Verdict.FAILS

    sharper = th.lookup("isometry_gain_sharper_bound")
    (t,) = sharper.claim.pinned
    published = Bound(1 / (1 - 3 * t**2 / 15), IsometryGain(1 + 2 * t, 1 - t))
    damaged = replace(sharper, claim=Refutation(published, at={t: Rational(3, 10)}))
    assert verify(damaged, "quick").verdict is Verdict.FAILS


def test_derived_form_of_another_group_fails() -> None:
    """A wrong `derive` is caught, too: the unitary moment does not confirm the orthogonal one."""
    statement = th.lookup("haar_fourth_moment")
    n = next(iter(statement.domains))
    damaged = replace(statement, derive=lambda: 2 / (S(n) * (n + 1)))
    assert verify(damaged, "quick").verdict is Verdict.FAILS
