"""What the tests of typed formulas share: symbols, the place of a refusal, plain values of the functions."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import pytest
import sympy as sp
from hypothesis import HealthCheck, settings
from sympy import Symbol

from theory.errors import ParseError

a, b = sp.symbols("a b", real=True)
t = Symbol("t", positive=True)
U, V, Z = sp.symbols("U V Z", real=True)


def examples(number: int) -> settings:
    """The settings of a property: fixed seeds, no clock."""
    return settings(max_examples=number, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def refused(marked: str, parse: Callable[..., object], *args: object) -> str:
    """The reason for refusing a text, which must blame the place marked by a broken bar."""
    place = marked.index("¦")
    text = marked.replace("¦", "", 1)
    with pytest.raises(ParseError) as caught:
        parse(text, *args)
    assert caught.value.text == text
    assert caught.value.position == place, f"{caught.value}"
    return caught.value.reason


def _selfless(name: str) -> Callable[[mpmath.mpf], mpmath.mpf]:
    return getattr(mpmath, name)


def _sigmoid(z: mpmath.mpf) -> mpmath.mpf:
    return mpmath.exp(z) / (mpmath.exp(z) + 1)


def _clip(z: mpmath.mpf, low: float, high: float) -> mpmath.mpf:
    return low if z < low else high if z > high else z


REFERENCE: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    **{
        name: _selfless(name)
        for name in ["exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sech", "atan", "asinh", "erf", "erfc", "sign"]
    },
    "arctan": mpmath.atan,
    "arcsinh": mpmath.asinh,
    "abs": abs,
    "Abs": abs,
    "heaviside": lambda z: 1 if z > 0 else 0,
    "Heaviside": lambda z: 1 if z > 0 else 0,
    "step": lambda z: 1 if z > 0 else 0,
    "Phi": mpmath.ncdf,
    "normal_pdf": mpmath.npdf,
    "relu": lambda z: z if z > 0 else 0,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "sigmoid": _sigmoid,
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "silu": lambda z: z * _sigmoid(z),
    "swish": lambda z: z * _sigmoid(z),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "gelu_tanh": lambda z: z * _sigmoid(mpmath.sqrt(8 / mpmath.pi) * (z + mpmath.mpf(44715) / 10**6 * z**3)),
    "mish": lambda z: z * ((1 + mpmath.exp(z)) ** 2 - 1) / ((1 + mpmath.exp(z)) ** 2 + 1),
    "softsign": lambda z: z / (1 + abs(z)),
    "hard_tanh": lambda z: _clip(z, -1, 1),
    "hardtanh": lambda z: _clip(z, -1, 1),
    "relu6": lambda z: _clip(z, 0, 6),
    "hard_sigmoid": lambda z: _clip((z + 3) / 6, 0, 1),
    "hard_swish": lambda z: z * _clip((z + 3) / 6, 0, 1),
}
