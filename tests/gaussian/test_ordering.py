"""Signs under assumptions: what is proved is true, what is open is said to be open."""

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, exp, log, pi, sqrt, symbols

from theory.errors import OrderingError
from theory.gaussian.feasibility import admissible_point
from theory.gaussian.ordering import OpenQuestion, Ordering
from theory.gaussian.positivity import nonnegative_solution

a, b, c = symbols("a b c")
p, q = symbols("p q", positive=True)
r = symbols("r", real=True)


@pytest.mark.parametrize(
    ("facts", "expr", "sign"),
    [
        ([], a, None),
        ([], a + 1, None),
        ([a > -1], a + 1, 1),
        ([a > -1], a, None),
        ([a < b, b < c], c - a, 1),
        ([a < b, b < c], a - c, -1),
        ([a <= b, b <= c], c - a, None),
        ([a <= b, b < c], c - a, 1),
        ([a > 0, b > 0], a * b + a, 1),
        ([a > 1], a**2 - 1, 1),
        ([], p + q, 1),
        ([], p - q, None),
        ([p < q], 1 / (2 * p) - 1 / (2 * q), 1),
        ([3 * p < q], p - q, -1),
        ([p * q - r**2 >= 0], 1 + p + q + p * q - r**2, 1),
        ([], sqrt(2) - Rational(7, 5), 1),
        ([], exp(1) - pi, -1),
        ([], log(2) - Rational(7, 10), -1),
        ([], sqrt(2) * sqrt(3) - sqrt(6), 0),
    ],
)
def test_signs(facts, expr, sign):
    assert Ordering(facts).sign_or_none(expr) == sign


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(*[st.integers(-3, 3)] * 4), min_size=1, max_size=4), st.tuples(*[st.integers(-3, 3)] * 4))
def test_a_proved_sign_holds_at_every_admissible_point(rows, target):
    def linear(k):
        return k[0] * a + k[1] * b + k[2] * c + k[3]

    facts = [linear(k) > 0 for k in rows]
    if any(f in (True, False) for f in facts):
        return
    known = Ordering(facts).sign_or_none(linear(target))
    rng = random.Random(str((rows, target)))
    for _ in range(60):
        point = {s: Rational(rng.randint(-20, 20), 3) for s in (a, b, c)}
        if known is not None and all(f.subs(point) for f in facts):
            value = linear(target).subs(point) if known else abs(linear(target).subs(point))
            assert value * known > 0 or known == value == 0


def test_an_open_question_suggests_the_assumption_in_the_symbols_of_the_caller():
    with pytest.raises(OrderingError, match=r"pass assume=\[a - b > 0\] or assume=\[a - b < 0\]"):
        Ordering().compare(a, b)
    with pytest.raises(OpenQuestion) as error:
        Ordering().compare(1 / (2 * p), 3 / (2 * q))
    assert error.value.expression in (3 * p - q, q - 3 * p)


@pytest.mark.parametrize("bad", [a, "a < b"])
def test_an_assumption_is_an_inequality(bad):
    with pytest.raises(OrderingError, match="an assumption is an inequality"):
        Ordering([bad])


def test_a_symbol_may_stand_for_a_number():
    assert Ordering(values={p: sqrt(2)}).sign_or_none(1 - p**2 / 4) == 1
    assert Ordering(values={p: sqrt(5)}).sign_or_none(1 - p**2 / 4) == -1


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
def test_the_simplex_finds_a_solution_that_exists(rows, solution):
    right = [sum(k * s for k, s in zip(row, solution, strict=True)) for row in rows]
    found = nonnegative_solution([[Fraction(k) for k in row] for row in rows], [Fraction(t) for t in right])
    assert found is not None
    assert min(found) >= 0
    assert [sum(k * s for k, s in zip(row, found, strict=True)) for row in rows] == right


@pytest.mark.parametrize(
    "facts", [[a - 20, b - a, a + 1 - b], [a - 1, Rational(1001, 1000) - a], [p * q - r**2, r - 7]]
)
def test_a_narrow_domain_is_reached(facts):
    point = admissible_point(sorted({s for f in facts for s in f.free_symbols}, key=str), facts)
    assert point is not None
    assert all(f.subs(point) > 0 for f in facts)


def test_an_empty_domain_has_no_point():
    assert admissible_point([a], [a - 1, 1 - a]) is None
