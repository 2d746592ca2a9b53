"""Every theorem file: its verdict, its witnesses, its damaged copies, its resolution."""

from __future__ import annotations

import pytest

import theory as th
from numerics.linters import resolution
from numerics.methods import all_methods
from numerics.mutation import damaged_copies, mutants
from numerics.region import Region
from numerics.verdict import Grade, Verdict
from numerics.verification import verify
from theory.claims import Bound, ForAll, Refutation

NAMES = th.statement_names()


@pytest.mark.parametrize("name", NAMES)
def test_verdict(name):
    """One verification, and everything that must be true of it."""
    found = verify(name, "quick")
    assert found.verdict is Verdict.HOLDS, str(found)
    holding = [e for e in found.evidence if e.verdict is Verdict.HOLDS]
    _has_two_witnesses_or_a_written_reason(name, holding)
    _rigorous_witnesses_refute_every_damaged_copy(holding)
    _near_misses_come_out_false(th.lookup(name), holding)


def _has_two_witnesses_or_a_written_reason(name, holding):
    assert len({e.method for e in holding}) >= 2 or (holding and th.lookup(name).missing_witness)


def _rigorous_witnesses_refute_every_damaged_copy(holding):
    for e in holding:
        if e.grade >= Grade.CERTIFIED:
            assert e.survivors == ()
            assert e.killed == e.mutants


def _near_misses_come_out_false(statement, holding):
    """Each near-miss as a claim of its own, judged by the witnesses."""
    copies = [m for m in damaged_copies(statement, Region.of(statement, 12, 0)) if m.name.startswith("near-miss")]
    assert len(copies) == len(statement.near_misses)
    for copy in copies:
        assert any(copy.name not in e.survivors for e in holding), copy.name


@pytest.mark.parametrize("name", NAMES)
def test_has_damaged_copies(name):
    """A refutation names a false claim already; everything else must be able to fail."""
    statement = th.lookup(name)
    assert isinstance(statement.claim, Refutation) or mutants(statement)


@pytest.mark.parametrize("name", NAMES)
def test_bounds_have_near_misses(name):
    statement = th.lookup(name)
    claim = statement.claim.first if isinstance(statement.claim, ForAll) else statement.claim
    assert not isinstance(claim, Bound) or statement.near_misses


@pytest.mark.parametrize("name", NAMES)
def test_resolution_is_a_third_of_the_nearest_near_miss(name):
    assert list(resolution(th.lookup(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_words_and_sources(name):
    statement = th.lookup(name)
    assert len(statement.prose) > 20
    assert statement.identifier == name
    assert statement.sources or statement.status.value in ("derived", "refuted", "conjecture", "heuristic")
    assert not statement.sources or th.citation(statement)
    assert rf"\label{{thm:{name}}}" in statement.latex()


def test_the_catalogue_uses_every_required_kind():
    kinds = {type(th.lookup(name).claim).__name__ for name in NAMES}
    assert kinds >= {"GaussianIdentity", "ForAll", "Sequence", "Refutation", "WidthLimit"}


FAMILIES = [name for name in NAMES if isinstance(th.lookup(name).claim, ForAll)]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_printed_for_a_general_member(name):
    """The simplest member often is the identity map, for which the claim reads as a tautology."""
    statement = th.lookup(name)
    texts = [claim.latex() for claim in (statement.claim, *statement.damaged_claims())]
    assert len(set(texts)) == len(texts)
    assert not any(claim.first.latex() in claim.latex() for claim in (statement.claim, *statement.damaged_claims()))
    assert getattr(statement.claim.domain, "letter", r"\varphi") in statement.claim.prose_latex


def test_a_transformed_family_does_not_keep_the_words_of_the_old_one():
    claim = th.lookup("kernel_potential_contraction").claim
    assert claim.map(lambda member: member).prose_latex == ""


def test_methods_are_distinct():
    names = [m.name for m in all_methods()]
    assert len(set(names)) == len(names)
    assert all(m.independent_of for m in all_methods())
