"""Expansions far out and the variances beyond which the gap has one sign: unseen activations, damaged constants."""

import mpmath
import pytest
from sympy import Integer, Max, Rational, Symbol, atan, cos, cosh, erf, exp, lambdify, log, sin, sqrt, tanh

from theory.activations import Activation, activation, activation_names
from theory.balls import workprec
from theory.enclosure import enclose
from theory.network import NetworkSpec
from theory.propagation.fixed_points import variance_fixed_points
from theory.propagation.leading_term import dominated_beyond
from theory.propagation.local_expansion import smooth_pieces
from theory.propagation.outer_bound import settled_beyond
from theory.propagation.outer_expansion import Outer, outer_expansion
from theory.propagation.variance_curve import VarianceCurve

x = Symbol("x", real=True)
t = Symbol("t", positive=True)
FAR = (1, 1.3, 2, 4, 9, 30)


def is_bounded(e, outer, side, start=1.0):
    """Is the function as near to its polynomial as the expansion says, up to rounding?"""
    f = lambdify(x, e, "mpmath")
    with mpmath.workdps(40):
        for place in FAR:
            s = mpmath.mpf(start * place)
            value = f(side * s) - sum(mpmath.mpf(str(c.evalf(35))) * s**k for k, c in enumerate(outer.coefficients))
            rest = outer.size * s**outer.power * (mpmath.exp(-outer.rate * s) if outer.size else 0)
            if abs(value) > rest + mpmath.mpf(10) ** -25 * (1 + s ** len(outer.coefficients)):
                return False
    return True


@pytest.mark.parametrize("name", activation_names())
def test_no_activation_is_further_from_its_expansion_than_proved(name):
    phi = activation(name)
    pieces = smooth_pieces(phi)
    start = max([1.0, *(abs(float(b)) for b in pieces.breaks)])
    for part, side in ((pieces.parts[0], -1), (pieces.parts[-1], 1)):
        part = part.xreplace({phi.variable: x})
        outer = outer_expansion(part, x, side)
        if outer is not None:
            assert is_bounded(part, outer, side, start)
            assert is_bounded(part**2, outer.times(outer), side, start)


@pytest.mark.parametrize(
    ("e", "coefficients"),
    [
        (x**2 * tanh(x) - log(1 + exp(2 * x - 1)), (1, -2, 1)),
        ((x**4 + 1) / (x**2 + 3) + cos(x), (-3, 0, 1)),
        (log(cosh(3 * x + 1)) * erf(x), (1 - log(2), 3)),
        (x * exp(-exp(-x)) + atan(tanh(x)), (atan(1), 1)),
        (sqrt(1 + x**2) + Rational(1, 3), (Rational(1, 3), 1)),
    ],
)
def test_unseen_expansions(e, coefficients):
    outer = outer_expansion(e, x, 1)
    assert outer.coefficients == coefficients
    assert is_bounded(e, outer, 1)
    level, *others = outer.coefficients
    assert not is_bounded(e, outer._replace(coefficients=(level + 40, *others)), 1)


@pytest.mark.parametrize("e", [exp(x), x * exp(sin(x)), tanh(x) ** x])
def test_no_expansion_where_there_is_none(e):
    outer = outer_expansion(e, x, 1)
    assert outer is None or is_bounded(e, outer, 1)


def test_products_draw_powers_into_the_exponential():
    line, gate = Outer((Integer(2), Integer(3))), Outer((Integer(1),), 2.0, 1.0)
    product = line.times(gate)
    assert (product.coefficients, product.power) == ((2, 3), 0)
    assert is_bounded((2 + 3 * x) * (1 + 2 * exp(-x)), product, 1)
    assert not is_bounded((2 + 3 * x) * (1 + 9 * exp(-x)), product, 1)


@pytest.mark.parametrize(
    ("e", "weight", "bias"),
    [
        ("gelu", 2, 0),
        ("tanh_exp", 2, 0),
        ("gelu", 2, Rational(1, 10)),
        (x * exp(-(x**2)) + x / 3, 2, Rational(1, 10)),
        (x - tanh(x), 1, 0),
        (Max(x - 1, 0) - Max(-x - 2, 0), 2, 0),
    ],
)
def test_the_gap_keeps_its_sign_beyond(e, weight, bias):
    phi = activation(e) if isinstance(e, str) else Activation(e, x)
    curve = VarianceCurve(NetworkSpec(phi, C_W=weight, C_b=bias))
    with workprec(80):
        place = settled_beyond(curve)
    signs = set()
    for factor in (1, Rational(5, 4), 2):
        gap = enclose(curve.gap_at(place * factor), 10)
        assert not gap.contains(0)
        signs.add(bool(gap > 0))
    assert len(signs) == 1


def test_marginal_slopes_are_decided_by_the_integral():
    # E phi^2 of a rectifier is q/2 for each side: the gap of its sum with a bump is that of the bump alone.
    for sign in (1, -1):
        phi = Activation(Max(x, 0) + sign * Max(1 - abs(x - 3), 0) / 5, x)
        curve = VarianceCurve(NetworkSpec(phi, C_W=2))
        with workprec(80):
            place = settled_beyond(curve)
        assert sign * enclose(curve.gap_at(2 * place), 8) > 0


def test_the_leading_term_wins():
    e = t / 2 - 3 * t**2 * exp(-t) - sin(t) - 4
    place = dominated_beyond(e, t)
    assert all(e.subs(t, place * k).evalf() > 0 for k in (1, 2, 5, 40))
    assert dominated_beyond(t * sin(t) + 1, t) is None
    assert dominated_beyond(log(t) + 1, t) is None
    assert dominated_beyond(exp(t / 3) - t**5, t) > 40  # where the power still wins


@pytest.mark.parametrize(
    ("name", "weight", "count"), [("x_sin_x", 2, 2), ("growing_cosine", 2, 2), ("elish", 2, 1), ("tanh_exp", 2, 1)]
)
def test_lists_that_reach_infinity_are_complete(name, weight, count):
    points = variance_fixed_points(NetworkSpec(activation(name), C_W=weight))
    assert (points.complete, len(points)) == (True, count)
