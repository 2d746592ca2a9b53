"""Double-exponential quadrature on the pieces of an activation, in plain multiprecision: no bounds, no closed forms.

It shares nothing with the package but the evaluation of the expression itself, and serves as the independent side of
the deep comparisons.
"""

from __future__ import annotations

import itertools
import math
from functools import cache

from flint import acb, arb
from sympy import Expr, Symbol

from theory.balls import ball_function, workprec

__all__ = ["hermite_coefficients"]

REACH = 21  # of the normal variable: exp(-REACH^2/2) < 1e-95


@cache
def _unit_nodes(bits: int, level: int) -> tuple[tuple[arb, arb], ...]:
    """Nodes in (-1, 1) and weights of the tanh-sinh rule with step 2^-level."""
    with workprec(bits):
        step = arb(1) / (1 << level)
        half_pi = arb.pi() / 2
        nodes = []
        count = int(math.log(2 * bits) * (1 << level)) + 1
        for k in range(-count, count + 1):
            t = k * step
            inner = half_pi * t.sinh()
            weight = step * half_pi * t.cosh() / inner.cosh() ** 2
            nodes.append((inner.tanh().mid(), weight.mid()))
        return tuple(nodes)


def hermite_coefficients(phi: Expr, x: Symbol, breaks: list[arb], scale: arb, K: int, digits: int) -> list[arb]:
    """c_0..c_K of phi(scale * z) by tanh-sinh between the breaks (in units of z), to about `digits`."""
    bits = int(3.4 * digits) + 120
    previous: list[arb] | None = None
    for level in range(4, 9):
        with workprec(bits):
            value = _rule(phi, x, breaks, scale, K, bits, level)
            if previous is not None:
                error = max(float(abs(a - b).upper()) for a, b in zip(value, previous, strict=True))
                if error < 10.0 ** (-0.6 * digits):  # the next level squares the error
                    return value
        previous = value
    return value


def _rule(phi: Expr, x: Symbol, breaks: list[arb], scale: arb, K: int, bits: int, level: int) -> list[arb]:
    function = ball_function(phi, [x])
    inside = [*breaks, *(arb(n) for n in range(-18, 19, 3))]
    ends = [arb(-REACH), *sorted((b for b in inside if abs(b) < REACH), key=lambda b: float(b.mid())), arb(REACH)]
    totals = [arb(0)] * (K + 1)
    root = (2 * arb.pi()).sqrt()
    for left, right in itertools.pairwise(ends):
        middle, half = (left + right) / 2, (right - left) / 2
        for node, weight in _unit_nodes(bits, level):
            z = (middle + half * node).mid()
            if not left < z < right:
                continue
            value = function([acb((scale * z).mid())], False).real.mid()
            term = value * weight * half * (-z * z / 2).exp() / root
            before, current = arb(0), arb(1)
            for k in range(K + 1):
                totals[k] = (totals[k] + term * current).mid()
                before, current = current, (z * current - arb(k).sqrt() * before) / arb(k + 1).sqrt()
                current = current.mid()
    return totals
