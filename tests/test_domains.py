"""Domains: membership, emptiness, order of the points, vacuity."""

from __future__ import annotations

import itertools
import random
import sys
from types import ModuleType, SimpleNamespace

import pytest
from sympy import Float, ImmutableMatrix, Integer, Max, Rational, Symbol, erf, oo, pi, sqrt, symbols
from sympy.core.numbers import Number

from theory.activations import activation
from theory.domains import (
    Activations,
    Gram,
    HermiteWeights,
    Integers,
    Interval,
    Partition,
    Simplex,
    Spectrum,
)
from theory.errors import DomainError
from theory.points import admissible_points
from theory.random_activations import random_expression
from theory.symbols import k, q, q1, q2, q12, rho, x

CLOSED = [
    Interval(-1, 1),
    Interval(0, 1, left_open=True, right_open=True),
    Interval(0, oo),
    Interval(-oo, 3),
    Interval(-oo, oo),
    Interval(5, 6, right_open=True),
    Interval(0, pi),
    Interval(2, 2),
    Integers(0),
    Integers(-3, 500),
    Integers(2, 4),
    Simplex(1),
    Simplex(4),
    Spectrum(2, 2),
    Spectrum(5, sqrt(2)),
    Spectrum(3, 0),
    Gram(1),
    Gram(3),
    Gram(3, unit_diagonal=True),
    HermiteWeights(),
    HermiteWeights(centered=True),
    Partition(6),
]


def first(domain, count=40, seed=0):
    return list(itertools.islice(domain.samples(random.Random(seed)), count))


@pytest.mark.parametrize("domain", CLOSED, ids=str)
def test_samples_are_distinct_members(domain):
    points = first(domain)
    assert points
    assert len(set(points)) == len(points)
    assert not domain.is_empty()
    assert all(domain.contains(point) is True for point in points)


@pytest.mark.parametrize("domain", CLOSED, ids=str)
def test_samples_are_exact_and_repeatable(domain):
    assert first(domain) == first(domain)
    for point in first(domain):
        entries = point if isinstance(point, tuple | ImmutableMatrix) else [point]
        assert not any(isinstance(entry, float) or Integer(0).__add__(entry).has(Float) for entry in entries)


def test_random_points_depend_on_the_seed():
    assert first(Interval(-1, 1), 40, seed=1) != first(Interval(-1, 1), 40, seed=2)
    assert first(Interval(-1, 1), 8, seed=1) == first(Interval(-1, 1), 8, seed=2)


def test_interval_starts_with_the_simplest_values():
    expected = [
        0,
        1,
        -1,
        Rational(1, 2),
        Rational(-1, 2),
        Rational(3, 10),
        Rational(-9, 10),
        Rational(19, 20),
    ]
    assert first(Interval(-1, 1), 8) == expected
    assert first(Interval(-1, 1, left_open=True, right_open=True), 2) == [0, Rational(1, 2)]
    assert first(Interval(0, oo), 3) == [0, 1, 2]


@pytest.mark.parametrize(
    ("domain", "value", "inside"),
    [
        (Interval(-1, 1), 1, True),
        (Interval(-1, 1, right_open=True), 1, False),
        (Interval(-1, 1), Rational(3, 2), False),
        (Interval(0, pi), Rational(314, 100), True),
        (Interval(0, pi), Rational(315, 100), False),
        (Interval(0, oo), oo, False),
        (Interval(0, 1), "1/2", False),
        (Interval(0, 1), Symbol("s"), None),
        (Integers(1, 5), 5, True),
        (Integers(1, 5), 6, False),
        (Integers(1), Rational(1, 2), False),
        (Simplex(2), (Rational(1, 3), Rational(2, 3)), True),
        (Simplex(2), (Rational(1, 3), Rational(1, 3)), False),
        (Simplex(2), (Rational(4, 3), Rational(-1, 3)), False),
        (Simplex(2), (1,), False),
        (Spectrum(3, 3), (Rational(8, 5), Rational(7, 10), Rational(7, 10)), True),
        (Spectrum(3, 3), (1, 1, 2), False),
        (Gram(2), ImmutableMatrix([[1, 2], [2, 4]]), True),
        (Gram(2), ImmutableMatrix([[1, 2], [2, 3]]), False),
        (Gram(2), ImmutableMatrix([[1, 0], [1, 1]]), False),
        (Gram(2, unit_diagonal=True), ImmutableMatrix([[1, 0], [0, 2]]), False),
        (HermiteWeights(), (Rational(2, 5), 0, Rational(3, 5)), True),
        (HermiteWeights(), (Rational(2, 5), 0, Rational(2, 5)), False),
        (HermiteWeights(centered=True), (Rational(2, 5), 0, Rational(3, 5)), False),
        (Partition(4), (3, 1), True),
        (Partition(4), (1, 3), False),
        (Partition(4), (3, 2), False),
    ],
)
def test_membership(domain, value, inside):
    assert domain.contains(value) is inside


@pytest.mark.parametrize(
    "domain",
    [
        Interval(2, 1),
        Interval(1, 1, left_open=True),
        Interval(sqrt(2), Rational(14, 10)),
        Integers(3, 2),
        Spectrum(2, -1),
        Activations(names=()),
    ],
    ids=str,
)
def test_empty_domains_are_seen(domain):
    assert domain.is_empty()
    assert first(domain) == [] if not isinstance(domain, Activations) else True


@pytest.mark.parametrize("domain", [Interval(1, 1), Integers(3, 3), Spectrum(2, 0)], ids=str)
def test_one_point_domains_are_not_empty(domain):
    assert not domain.is_empty()
    assert len(first(domain)) == 1


@pytest.mark.parametrize(
    "build",
    [
        lambda: Interval(0.1, 1),
        lambda: Interval("0", 1),
        lambda: Interval(True, 1),
        lambda: Interval(0, sqrt(-1)),
        lambda: Integers(Rational(1, 2)),
        lambda: Simplex(0),
        lambda: Gram(-1),
        lambda: Spectrum(2.0, 1),
        lambda: HermiteWeights(degree=2),
    ],
)
def test_inexact_or_impossible_arguments_are_refused(build):
    with pytest.raises(DomainError):
        build()


def test_spectra_begin_with_the_corners_and_decrease():
    points = first(Spectrum(3, 3))
    assert (3, 0, 0) in points[:4]
    assert (1, 1, 1) in points[:4]
    assert all(list(p) == sorted(p, reverse=True) for p in points)


def test_gram_matrices_have_every_rank():
    assert {m.rank() for m in first(Gram(3), 20)} == {1, 2, 3}
    assert {m.rank() for m in first(Gram(3, unit_diagonal=True), 30)} >= {1, 2, 3}


def test_partitions_are_exhausted():
    assert len(first(Partition(6), 100)) == 11


def test_integers_are_exhausted_and_start_small():
    assert sorted(first(Integers(0, 300), 1000)) == list(range(301))
    assert first(Integers(2), 4) == [2, 3, 4, 5]


def test_symbolic_endpoints_need_a_point():
    domain = Interval(0, q)
    assert domain.free_symbols == {q}
    with pytest.raises(DomainError, match="instantiate"):
        domain.samples(random.Random(0))
    assert domain.instantiate({q: Integer(3)}) == Interval(0, 3)


def test_joint_points_respect_dependent_domains_and_assumptions():
    domains = {q12: Interval(-sqrt(q1 * q2), sqrt(q1 * q2)), q1: Interval(0, oo), q2: Interval(0, oo)}
    points = list(admissible_points(domains, [q1 < q2], count=12))
    assert len(points) == 12
    for point in points:
        assert point[q1] < point[q2]
        assert point[q1] > 0  # the symbol is positive although its interval is closed
        assert (point[q1] * point[q2] - point[q12] ** 2) >= 0
        assert all(isinstance(value, Number) or value.is_algebraic for value in point.values())
    assert len({tuple(sorted(point.items(), key=str)) for point in points}) == 12


def test_joint_points_repeat_and_begin_with_the_smallest():
    a, b = symbols("a b")
    domains = {a: Integers(1), b: Integers(1)}
    points = list(admissible_points(domains, count=10, seed=3))
    assert points[0] == {a: 1, b: 1}
    assert points == list(admissible_points(domains, count=10, seed=3))
    assert points != list(admissible_points(domains, count=10, seed=4))


def test_tuple_of_symbols_shares_one_domain():
    weights = symbols("p1:4")
    for point in admissible_points({weights: Simplex(3)}, count=6):
        assert sum(point[p] for p in weights) == 1


def test_no_variables_give_one_point():
    assert list(admissible_points({})) == [{}]


@pytest.mark.parametrize(
    ("domains", "assumptions"),
    [
        ({rho: Interval(-1, 1)}, [rho > 2]),
        ({rho: Interval(-1, 1)}, [rho > Symbol("undeclared")]),
        ({k: Interval(Rational(1, 4), Rational(3, 4))}, []),
        ({q: Interval(-1, 0)}, []),
    ],
)
def test_vacuity_shows_as_missing_points(domains, assumptions):
    assert list(admissible_points(domains, assumptions, count=8, limit=300)) == []


def test_circular_domains_are_refused():
    a, b = symbols("a b")
    with pytest.raises(DomainError, match="depend on each other"):
        list(admissible_points({a: Interval(0, b), b: Interval(0, a)}))


@pytest.fixture
def catalogue(monkeypatch):
    """A catalogue of two activations, so that the domain is tested apart from the real one."""
    module = ModuleType("theory.activations")
    known = {"erf": erf(x), "relu": Max(x, 0)}
    module.Activation = lambda expr, variable: SimpleNamespace(expr=expr, variable=variable)
    module.activation = lambda name: module.Activation(known[name], x)
    module.activation_names = lambda: tuple(known)
    monkeypatch.setitem(sys.modules, "theory.activations", module)


@pytest.mark.usefixtures("catalogue")
def test_activations_list_the_catalogue_then_random_members():
    def members(domain, count=12):
        return [a.expr for a in itertools.islice(domain._points(random.Random(0)), count)]

    everything = members(Activations())
    assert everything[:2] == [erf(x), Max(x, 0)]
    assert len(set(everything)) == 12
    assert members(Activations(names=["relu"])) == [Max(x, 0)]
    assert not any(e.has(Max) for e in members(Activations(smooth=True)))
    assert all(e.has(Max) for e in members(Activations(smooth=False)))
    assert members(Activations(where=lambda a: a.expr == Max(x, 0))) == [Max(x, 0)]


def test_the_real_catalogue_yields_activations_of_one_variable():
    members = list(itertools.islice(Activations().samples(random.Random(0)), 60))
    assert len(set(members)) == 60
    assert all(not activation.parameters for activation in members)
    smooth = list(itertools.islice(Activations(smooth=True).samples(random.Random(0)), 30))
    assert activation("relu") in members
    assert activation("relu") not in smooth
    assert activation("erf") in smooth


def test_activations_contain_activations_only():
    assert Activations().contains(x) is False
    assert Activations(smooth=True).contains(SimpleNamespace(expr=Max(x, 0))) is False
    assert Activations(smooth=True).contains(SimpleNamespace(expr=erf(x))) is True


def test_random_expressions_are_exact_and_not_constant():
    rng = random.Random(5)
    for _ in range(40):
        expr = random_expression(rng, x)
        assert not expr.has(Float)
    assert len({random_expression(rng, x) for _ in range(40)}) > 30


@pytest.mark.parametrize("domain", [d for d in CLOSED if d.shape is not None], ids=str)
def test_latex_names_the_variable(domain):
    text = domain.latex("y")
    assert "y" in text
    assert text.count("{") == text.count("}")
