"""Asymptotes with a proved distance: every catalogue activation that has one, unseen ones, damaged distances."""

import mpmath
import pytest
from sympy import Rational, Symbol, erf, exp, lambdify, log, sin, sqrt, tanh

from theory.activations import activation, activation_names
from theory.propagation.asymptotes import asymptote
from theory.propagation.local_expansion import smooth_pieces

x = Symbol("x", real=True)
FAR = (1, 1.3, 2, 4, 9, 40)


def excess(e, line, side, start=1.0):
    f = lambdify(x, e - line.slope * x, "mpmath")
    return max(abs(f(mpmath.mpf(side * start * t))) for t in FAR) - line.distance


@pytest.mark.parametrize("name", activation_names())
def test_no_activation_is_further_from_its_asymptote_than_proved(name):
    phi = activation(name)
    pieces = smooth_pieces(phi)
    start = max([1.0, *(abs(float(b)) for b in pieces.breaks)])
    for part, side in ((pieces.parts[0], -1), (pieces.parts[-1], 1)):
        part = part.xreplace({phi.variable: x})
        line = asymptote(part, x, side)
        if line is not None:
            assert excess(part, line, side, start) <= 1e-12


@pytest.mark.parametrize(
    ("e", "slopes"),
    [
        (x * tanh(x + x**3) + sqrt(4 * x**2 + 1), (-3, 3)),
        (x * (1 + erf(x / 3)) / 5 - log(1 + exp(2 * x)), (0, Rational(-8, 5))),
        ((x**3 + 1) / (x**2 + 2) + sin(x), (1, 1)),
        (x * log(1 + 1 / (1 + exp(-x))), (0, log(2))),
    ],
)
def test_unseen_asymptotes(e, slopes):
    for side, slope in zip((-1, 1), slopes, strict=True):
        line = asymptote(e, x, side)
        assert line.slope == slope
        assert excess(e, line, side) <= 1e-12
        damaged = line._replace(slope=line.slope + Rational(1, 5))
        assert excess(e, damaged, side) > 0


@pytest.mark.parametrize("e", [x**2, exp(x), x * sin(x), log(1 + x**2)])
def test_none_where_there_is_none(e):
    assert asymptote(e, x, 1) is None
