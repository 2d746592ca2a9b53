"""Arrangements: never longer than before, equal in value, and never longer than what sympy's simplify makes."""

from __future__ import annotations

import pytest
from sympy import Function, Mul, Rational, asin, cosh, count_ops, exp, pi, simplify, sqrt, symbols

import theory as th
from theory.gaussian.compact import compact
from theory.symbols import q1, q2, rho

a, b, x, y, z = symbols("a b x y z", positive=True)
BEST_KNOWN = ["relu", "leaky_relu", "prelu", "abs", "step", "sign", "relu_squared", "relu6", "hard_tanh", "erf"]
BEST_KNOWN += ["hard_sigmoid", "hard_swish", "normal_cdf", "gelu", "elu", "selu", "celu", "exp", "sin", "gaussian"]


@pytest.mark.parametrize("name", BEST_KNOWN)
@pytest.mark.parametrize("variances", [(), (q1, q2)], ids=["unit", "any"])
def test_duals_are_never_longer_than_simplify_makes_them(name, variances):
    dual = th.activation(name).dual(rho, *variances)
    assert count_ops(dual) <= count_ops(simplify(dual))


@pytest.mark.parametrize(
    "e",
    [
        sqrt(x) * y / (2 * pi) + sqrt(x) * z / 4,
        a * exp(x) + a * exp(y) + b * exp(x) - b * exp(y),
        2 * x / 3 + 4 * y / 9,
        -x * y - x * z,
        x + 1,
        x,
        cosh((sqrt(x) - sqrt(y)) * (sqrt(x) + sqrt(y))) + 1,
        (asin(x) * y + asin(x) * z) * sqrt(a),
        sqrt(2) * x + sqrt(2) * y + sqrt(6),
        x**2 * y + x * y**2 + Rational(1, 3),
    ],
    ids=str,
)
def test_equal_and_not_longer(e):
    value = compact(e)
    at = {s: Rational(i + 2, 7) for i, s in enumerate((a, b, x, y, z))}
    assert th.enclose((value - e).subs(at), 30).contains(0)
    assert not th.enclose((value - e * (1 + Rational(1, 10**15))).subs(at), 30).contains(0)
    assert count_ops(value) <= count_ops(e)


def test_unknown_functions_are_left_alone():
    f = Function("f")
    assert compact(f(x) * y + f(x) * z) == Mul(f(x), y + z)
