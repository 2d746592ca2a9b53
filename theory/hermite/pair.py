r"""Two-dimensional trapezoidal rule for E[f(U) g(V)], f and g analytic near the real axis.

With $|\rho| < 1$, $s = 1 - \rho^2$ and the same lattice of step h in both variables, write
$u^2 - 2\rho uv + v^2 = \rho(u - v)^2 + (1 - \rho)(u^2 + v^2)$ for $\rho \ge 0$: the double sum is one product of
polynomials.  Off the axis $|p_2(u + iy, v)| = p_2(u, v)\, e^{y^2/(2s)}$, so with $J_f = \int |f(u + id)|^2 p(u)\, du$,
$S_f = h \sum_i f(u_i)^2 p(u_i)$ and $c = 1 + h/\sqrt{2\pi s} \ge h \sum_i p(u_i | v)$ the Cauchy-Schwarz inequality
bounds the rule in v at every node u, then the rule in u, then what lies beyond the last nodes:
$$ \frac{2 e^{d^2/(2s)}}{e^{2\pi d/h} - 1} \big(\sqrt{c\, S_f J_g} + \sqrt{J_f J_g}\big)
   + c \sqrt{T_f S_g} + c \sqrt{S_f T_g}. $$
The aliasing term is that of the contour at height d itself (trefethen2014exponentially).
"""

from __future__ import annotations

import math
from collections import OrderedDict

from flint import acb, arb, arb_poly, ctx

from theory.balls import workprec
from theory.errors import PrecisionError
from theory.hermite.profile import Profile
from theory.hermite.strip import Strip, log_sum, strip_of
from theory.hermite.trapezoid import reach_of, real_value, widen

__all__ = ["pair_lattice"]

_LOG_ROOT = math.log(2 * math.pi) / 2
_MAX_NODES = 30_000
_KEPT = 16
_ATTEMPTS = 4
_STEP_BITS = 3  # few different steps, so that values at the nodes are found again

_values: OrderedDict[tuple[Profile, float, int], tuple[list[arb], list[arb]]] = OrderedDict()


class _Side:
    """What one function contributes to the bounds, for given s = 1 - rho^2; logarithms throughout."""

    def __init__(self, profile: Profile, rest: float, log_tolerance: float) -> None:
        self.profile, self.rest = profile, rest
        self.strip: Strip = strip_of(profile)

        def bound(rows: int) -> float:
            return self._lift(rows) + self.strip.log_half(rows) / 2

        self.rows = widen(self.strip, bound, log_tolerance)
        self.height = self.strip.rows[self.rows - 1].top
        self.log_j = self.strip.log_half(self.rows) - _LOG_ROOT

    def _lift(self, rows: int) -> float:
        return self.strip.rows[rows - 1].top ** 2 / (2 * self.rest)

    def step(self, log_sizes: float, log_tolerance: float) -> float:
        """A step at which the aliasing is within the tolerance."""
        return 2 * math.pi * self.height / max(4.0, self._lift(self.rows) + log_sizes - log_tolerance)

    def log_aliasing(self, step: float) -> float:
        """Log of 2 e^{d^2/(2s)}/(e^{2 pi d/h} - 1)."""
        return math.log(2) + self._lift(self.rows) - 2 * math.pi * self.height / step + 0.1

    def log_square(self, step: float, beyond: float) -> float:
        """Log of h sum f(u_i)^2 p(u_i) over |u_i| > beyond."""
        return self.strip.log_lattice_tail(2, 0.5, beyond, step) - _LOG_ROOT


def pair_lattice(f: Profile, g: Profile, rho: arb, log_tolerance: float) -> arb:
    r"""Ball around $E[f(U) g(V)]$ for a standard pair of correlation `rho` in (-1, 1).

    The error of the rule is at most exp(`log_tolerance`), up to a small factor.

    Raises
    ------
    UnsupportedError, PrecisionError
        where no strip of analyticity or no growth is proved, or the correlation is too near to 1 for the lattice.
    """
    rest = float((1 - rho * rho).lower())
    if not rest > 1e-9:
        raise PrecisionError(f"the lattice needs a correlation further from 1 and -1; received {rho.str(10)}")
    sides = [_Side(p, rest, log_tolerance) for p in (f, g)]
    share = log_tolerance - math.log(8)
    sizes = sum(s.log_j for s in sides) / 2 + 3
    step = _few_bits(min(s.step(sizes, share) for s in sides))
    spread = 1 + step / math.sqrt(2 * math.pi * rest) * (1 + 1e-9)
    full = [s.log_square(step, 0.0) for s in sides]

    def log_beyond(length: float) -> float:
        tails = [s.log_square(step, length) for s in sides]
        return math.log(spread) + log_sum([(tails[0] + full[1]) / 2, (tails[1] + full[0]) / 2])

    reach = reach_of(log_beyond, share, step)
    count = int(reach / step + 0.5)
    if count > _MAX_NODES:
        raise PrecisionError(f"{2 * count} nodes are needed on the lattice")
    product = (sides[0].log_j + sides[1].log_j) / 2
    mixed = (math.log(spread) + full[0] + sides[1].log_j) / 2
    log_error = log_sum([
        sides[1].log_aliasing(step) + mixed,
        sides[0].log_aliasing(step) + product,
        log_beyond((count - 0.5) * step),
    ])  # fmt: skip
    bits = -log_tolerance / math.log(2) + max(0.0, product) / math.log(2) + 40
    for _ in range(_ATTEMPTS):
        with workprec(64 * math.ceil(bits / 64)):
            value = _double_sum(f, g, rho, step, count)
            radius = value.rad()
            if not value.is_finite():
                raise PrecisionError(f"the values of {f.expr} and {g.expr} are not finite on the lattice")
            lost = (float(radius.log()) - log_error) / math.log(2) if radius > 0 else -1.0
            if lost <= 0:
                return value + arb(0, arb(log_error).exp())
        bits += lost + 10
    raise PrecisionError(f"rounding was not reduced below exp({log_error:.6g}) with {bits:.0f} bits")


def _few_bits(value: float) -> float:
    mantissa, exponent = math.frexp(value)
    return math.ldexp(math.floor(mantissa * 2**_STEP_BITS), exponent - _STEP_BITS)


def _at_nodes(profile: Profile, step: float, count: int, bits: int) -> tuple[list[arb], list[arb]]:
    """f at the nodes (j + 1/2) step to the right and to the left of zero."""
    key = (profile, step, bits)
    right, left = _values.setdefault(key, ([], []))
    _values.move_to_end(key)
    if len(right) < count:
        f = profile.evaluator()
        for j in range(len(right), count):
            x = arb(step) * (2 * j + 1) / 2
            right.append(real_value(f(acb(x)), profile))
            left.append(real_value(f(acb(-x)), profile))
    while len(_values) > _KEPT:
        _values.popitem(last=False)
    return right[:count], left[:count]


def _double_sum(f: Profile, g: Profile, rho: arb, step: float, count: int) -> arb:
    size = abs(rho)
    h = arb(step)
    weights = []
    for j in range(count):
        x = h * (2 * j + 1) / 2
        weights.append((-x * x / (2 * (1 + size))).exp())
    rows, columns = (_weighted(p, weights, step, ctx.prec) for p in (f, g))
    if rho < 0:
        columns.reverse()
    columns.reverse()  # the coefficient 2 count - 1 + m of the product then collects i - j = m
    product = arb_poly(rows) * arb_poly(columns)
    rate = -size * h * h / (2 * (1 - size * size))
    total = product[2 * count - 1]
    for m in range(1, 2 * count):
        factor = (rate * (m * m)).exp()
        total += (product[2 * count - 1 + m] + product[2 * count - 1 - m]) * factor
    return total * h * h / (2 * arb.pi() * (1 - size * size).sqrt())


def _weighted(profile: Profile, weights: list[arb], step: float, bits: int) -> list[arb]:
    right, left = _at_nodes(profile, step, len(weights), bits)
    low = [a * w for a, w in zip(left, weights, strict=True)]
    return [*reversed(low), *(a * w for a, w in zip(right, weights, strict=True))]
