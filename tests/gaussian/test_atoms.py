"""Atom normal form: the sum of atoms is the expression it came from."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Heaviside, Max, Piecewise, Rational, Symbol, cos, cosh, erf, erfc, exp, pi, sin, sinh, sqrt, tanh

from theory.gaussian.atoms import Atoms, HalfSpace, NotInClass, smooth_atoms
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import split
from theory.gaussian.separation import jump_atoms, separable_terms, to_atoms
from theory.random_activations import random_expression

x, y = Symbol("x", real=True), Symbol("y", real=True)


def gap(e, f, points):
    return max(abs(complex((e - f).subs(p).evalf(25))) for p in points)


def points(seed, *variables):
    rng = random.Random(seed)
    return [{v: Rational(rng.randint(-300, 300), 101) for v in variables} for _ in range(12)]


@pytest.mark.parametrize(
    "e",
    [
        x**3 - 2 * x + 1,
        x * exp(-(x**2) / 2 + x) * (1 + exp(2 * x)) ** 2,
        sin(2 * x) ** 3 * cos(x) + sinh(x) * cosh(x / 2),
        erf(x / 3 + 1) * erfc(2 * x) * x,
        2**x + pi ** (-x),
        sqrt(2) * exp(x) ** 3 / exp(x**2),
    ],
)
def test_smooth_atoms(e):
    assert gap(smooth_atoms(e, (x,)).expr(), e, points(1, x)) < 1e-18
    assert gap(smooth_atoms(e, (x,)).expr() * (1 + Rational(1, 10**9)), e, points(1, x)) > 1e-18


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.integers(0, 10**6))
def test_jump_decomposition(seed):
    e = random_expression(random.Random(seed), x, smooth=False)
    atoms = jump_atoms(split(e, x), x)
    assert gap(atoms.expr(), e, points(seed, x)) < 1e-15


@pytest.mark.parametrize(
    "e",
    [
        Max(x, y) * x + Abs(x - 2 * y),
        Heaviside(x) * Heaviside(y - 1) * exp(x * y - x**2 - y**2),
        (x + Max(y, 0)) ** 3,
        exp(x + y) * erf(x + y),
    ],
)
def test_joint_atoms(e):
    assert gap(to_atoms(e, (x, y), Ordering()).expr(), e, points(2, x, y)) < 1e-15


@pytest.mark.parametrize("e", [tanh(x), exp(x**3), 1 / (1 + x**2), exp(exp(x)), erf(x**2), x**65, Rational(-2) ** x])
def test_what_no_rule_covers_is_signalled(e):
    with pytest.raises(NotInClass):
        smooth_atoms(e, (x,))


def test_half_spaces_combine_like_events():
    half = HalfSpace((Rational(1),), Rational(0), Rational(0))
    indicator = Atoms.half_space(half, (x,))
    assert (indicator * indicator).groups == indicator.groups
    assert not (indicator * Atoms(((x,)), {(Rational(0), (half.flipped(),)): {(0,): Rational(1)}})).groups
    assert not (indicator - indicator).groups
    both = indicator + Atoms.half_space(half.flipped(), (x,))
    assert both.groups == Atoms.constant(Rational(1), (x,)).groups


def test_separable_terms():
    e = (x + Max(x, 0)) * (sin(y) + 2) + exp(x + y) + x * Piecewise((y, y < 0), (0, True))
    terms = separable_terms(e, (x, y))
    assert all(not f.has(y) and not g.has(x) for f, g in terms)
    assert gap(sum(f * g for f, g in terms), e, points(3, x, y)) < 1e-18
