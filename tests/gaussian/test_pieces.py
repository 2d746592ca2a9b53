"""The splitter: pieces equal the function at random points, and every kink is found."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    And,
    Eq,
    Heaviside,
    Max,
    Min,
    Ne,
    Not,
    Or,
    Piecewise,
    Rational,
    S,
    Symbol,
    erf,
    exp,
    pi,
    sign,
    sin,
    sqrt,
)

from theory.errors import DomainError, OrderingError, UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import as_piecewise, split

x = Symbol("x", real=True)
a, b = Symbol("a", real=True), Symbol("b", real=True)


def same(pieces, e, points):
    whole = as_piecewise(pieces, x)
    return all(abs(complex((whole - e).subs(x, t).evalf(25))) < 1e-15 for t in points)


EXPRESSIONS = [
    Max(Min(x, 1), Min(-x, Rational(1, 2)), -Abs(x - 3)),
    Piecewise((x, And(x > -1, x < 1)), (2, Or(x > 3, x < -3)), (Abs(x), True)),
    Piecewise((x, Not(And(x > 0, x < 2))), (1, True)),
    Piecewise((5, Eq(x, 0)), (x, True)),
    Piecewise((x**2, Ne(x, 1)), (7, True)),
    Abs(x**2 - pi),
    Abs(x**3 - sqrt(2) * x) + sign(x - 1),
    Max(x**5 - x - 1, 0),
    Heaviside(x**2 - 3 * x + 1),
    Abs(exp(x) - 2) + Max(erf(x), 0),
    sin(Max(x, 0)) * Min(x + 2, 3) ** 2,
    Abs(1 / (x - 5)),
    Max(x, 2 * x, 3 * x - 1, -x / 5),
    Abs(Abs(Abs(x) - 1) - Rational(1, 2)),
    Piecewise((Piecewise((x, x > 1), (2 * x, True)), Piecewise((Max(x, 0), x > 2), (x, True)) > -1), (1, True)),
]


@pytest.mark.parametrize("e", EXPRESSIONS)
def test_pieces_equal_the_function(e):
    rng = random.Random(1)
    points = [Rational(rng.randint(-500, 500), 97) for _ in range(40)]
    pieces = split(e, x)
    assert same(pieces, e, points)
    assert not same(split(e + Heaviside(x - 1) / 100, x), e, points)
    assert all(not p.has(Max, Min, Abs, sign, Heaviside, Piecewise) for p in pieces.parts)


@settings(deadline=None, max_examples=12, derandomize=True)
@given(st.integers(0, 10**6))
def test_random_nested_switches(seed):
    rng = random.Random(seed)

    def build(depth):
        if depth == 0:
            return Rational(rng.randint(-4, 4), 2) * x + Rational(rng.randint(-4, 4), 3)
        f, g = build(depth - 1), build(depth - 1)
        return rng.choice([Max(f, g), Min(f, g), Abs(f) + g, f + Heaviside(g), Piecewise((f, g > 0), (g, True))])

    e = build(rng.randint(1, 2))
    assert same(split(e, x), e, [Rational(rng.randint(-900, 900), 101) for _ in range(25)])


def test_symbolic_breakpoints_need_an_order():
    with pytest.raises(OrderingError, match=r"assume=\[.*a.*b.* > 0\]"):
        split(Max(x - a, 0) + Max(x - b, 0), x)
    assert split(Max(x - a, 0) + Max(x - b, 0), x, Ordering([a < b])).breaks == (a, b)
    assert split(Max(x - a, 0) + Max(x - b, 0), x, Ordering([b < a])).breaks == (b, a)


def test_breaks_at_which_nothing_changes_disappear():
    assert split(Max(x, 0) - Max(-x, 0), x).breaks == ()


def test_a_piecewise_without_last_branch_is_refused():
    with pytest.raises(DomainError, match="final branch"):
        split(Piecewise((x, x < 0)), x)


@pytest.mark.parametrize("e", [Abs(sin(x)), Max(exp(x), 2 * x + 1)])
def test_zeros_out_of_reach_are_an_error_and_never_missed(e):
    with pytest.raises(UnsupportedError, match="closed form"):
        split(e, x)


def test_constants_and_infinite_ends():
    pieces = split(S(3), x)
    assert pieces.breaks == ()
    assert pieces.interval(0) == (-S.Infinity, S.Infinity)
