r"""Hermite coefficients of a polynomial times a half-space, with or without an exponential factor.

The derivative rule $C_k[f] = C_{k-1}[f']$ turns a half-space $H$ into a point mass or a Gaussian factor.  For
$f = e^{\beta x} H$ it reads $C_k = \beta C_{k-1} + T_{k-1}$, whose solution is a finite sum over the index.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Dummy, Expr, I, Mul, S, Sum, binomial, cancel, exp, expand, pi, sign, sqrt

from theory.gaussian.atoms import Atoms, HalfSpace, Key, NotInClass
from theory.gaussian.atoms import Polynomial as Coefficients
from theory.gaussian.closed_form import closed_form
from theory.gaussian.functions import Phi
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.hermite.polynomials import hermite_he
from theory.hermite.solution import Collector, J, K, Solution
from theory.hermite.tilt import Polynomial, Tilt, derivative, polar, real_and_imaginary, turned

__all__ = ["add_exponential_half_space", "add_half_space", "add_tilted_half_space", "product_solution"]

_X = Dummy("x", real=True)


def add_half_space(collector: Collector, p: Polynomial, half: HalfSpace, ordering: Ordering) -> None:
    """The sequence of P(x) H(x): one term for each derivative of P."""
    (c,), d, noise = half
    if ordering.sign_or_none(c) != 1:
        # Below the degree the Hermite functions of negative index are those of a rising half-space.
        collector.declare_failing(max(p))
    order = 0
    while p:
        shift = -1 - order
        if noise == 0:
            b = expand(-d / c)
            mass = exp(-(b**2) / 2) / sqrt(2 * pi) * ordering.sign(c)
            value = sum((a * b**m for m, a in p.items()), S.Zero)
            collector.add_hermite(mass * value, shift, b, S.One)
        else:
            total = expand(noise**2 + c**2)
            mass = c * exp(-(d**2) / (2 * total)) / sqrt(2 * pi * total)
            law = Tilt(S.One, cancel(-c * d / total), cancel(noise**2 / total))
            for j, a in enumerate(law.coefficients(p, K + shift)):
                collector.add_hermite(mass * a, shift - j, law.mean, law.rest)
        p, order = derivative(p), order + 1


def add_exponential_half_space(
    collector: Collector, p: Polynomial, beta: Expr, half: HalfSpace, ordering: Ordering
) -> None:
    r"""The sequence of $\mathrm{Re}\,P(x) e^{\beta x} H(x)$: a term of the exponential and a finite sum."""
    (c,), d, noise = half
    total = expand(noise**2 + c**2)
    size = c / sqrt(total)
    power = expand(beta**2 / 2 - (c * beta + d) ** 2 / (2 * total))
    point, variance = cancel((noise**2 * beta - c * d) / total), cancel(c**2 / total)
    step = _Step(size, power, point, variance)
    whole, parts = _linear_form(p, beta)
    radius, angle = polar(beta)
    lead = _mean(beta, half, ordering)
    collector.add(radius**K * turned(whole * lead, angle * K))
    inner = radius ** (K - 1 - J) * step.term(whole, J, angle * (K - 1 - J))
    collector.add(Sum(inner, (J, 0, K - 1)))
    for shift, coeff in parts.items():
        collector.add_hermite(step.coefficient(coeff, K + shift, S.Zero), shift, step.at, step.spread)


class _Step:
    r"""The sequence $T_n = s\,e^{w}\, He_n^{[v]}(y)/\sqrt{2\pi}$ with a complex exponent, y real or imaginary."""

    def __init__(self, size: Expr, power: Expr, point: Expr, variance: Expr) -> None:
        across, along = real_and_imaginary(point)
        if across != 0 and along != 0:
            raise NotInClass("a distribution function with an offset together with an oscillating factor")
        self.turn = pi / 2 if along != 0 else S.Zero
        self.at, self.spread = (along, -variance) if along != 0 else (across, variance)
        real, self.phase = real_and_imaginary(power)
        self.size = size * exp(real) / sqrt(2 * pi)

    def coefficient(self, factor: Expr, n: Expr, angle: Expr) -> Expr:
        """Re(factor e^(i angle) T_n) without the Hermite polynomial."""
        return self.size * turned(factor, angle + self.phase + self.turn * n)

    def term(self, factor: Expr, n: Expr, angle: Expr) -> Expr:
        """Re(factor e^(i angle) T_n)."""
        return self.coefficient(factor, n, angle) * hermite_he(n, self.at, self.spread)


def _linear_form(p: Polynomial, beta: Expr) -> tuple[Expr, dict[int, Expr]]:
    """The sequence of P f as a C_k[f] + sum of b_s T_{k+s}, from x : C_k -> C_{k+1} + k C_{k-1}."""
    a, b = real_and_imaginary(beta)
    inverse = (a - I * b) / (a**2 + b**2)
    whole: Expr = S.One
    parts: dict[int, Expr] = {}
    total: Expr = S.Zero
    sums: dict[int, Expr] = {}
    for m in range(max(p) + 1):
        if m in p:
            total += p[m] * whole
            for s, e in parts.items():
                sums[s] = sums.get(s, S.Zero) + p[m] * e
        up, down = whole.xreplace({K: K + 1}), K * whole.xreplace({K: K - 1})
        moved: dict[int, Expr] = {0: up, -1: -down * inverse}
        for s, e in parts.items():
            moved[s + 1] = moved.get(s + 1, S.Zero) + e.xreplace({K: K + 1})
            moved[s - 1] = moved.get(s - 1, S.Zero) + K * e.xreplace({K: K - 1})
        whole = expand(up * beta + down * inverse)
        parts = {s: e for s, f in moved.items() if (e := expand(f)) != 0}
    return expand(total), {s: e for s, f in sums.items() if (e := expand(f)) != 0}


def _mean(beta: Expr, half: HalfSpace, ordering: Ordering) -> Expr:
    """E[exp(beta Z) H(Z)]."""
    turn = beta.conjugate()
    if expand(turn - beta) == 0:
        (c,), d, noise = half
        return exp(expand(beta**2 / 2)) * Phi((c * beta + d) / sqrt(expand(noise**2 + c**2)))
    halves: tuple[HalfSpace, ...] = (half,)

    def value(plus: Expr, minus: Expr) -> Expr:
        pair: dict[Key, Coefficients] = {(beta * _X, halves): {(0,): plus}, (turn * _X, halves): {(0,): minus}}
        return closed_form(Atoms((_X,), pair), Gaussian(_X), ordering).value

    return value(S.Half, S.Half) + I * value(-I / 2, I / 2)


def add_tilted_half_space(collector: Collector, p: Polynomial, tilt: Tilt, half: HalfSpace) -> None:
    r"""The sequence of $P(x) e^{\alpha x^2 + \beta x} H(x)$ as finite sums over the index.

    From the generating function $E[e^{tX - t^2/2} H(X)] = e^{\mu t - (1-v)t^2/2}\,\Phi(u + st)$.
    """
    ladder: dict[int, Expr] = {0: S.One}
    total: dict[int, Expr] = {}
    for m in range(max(p) + 1):
        for s, e in ladder.items():
            total[s] = total.get(s, S.Zero) + p.get(m, S.Zero) * e
        moved: dict[int, Expr] = {}
        for s, e in ladder.items():
            moved[s + 1] = moved.get(s + 1, S.Zero) + e.xreplace({K: K + 1})
            moved[s - 1] = moved.get(s - 1, S.Zero) + K * e.xreplace({K: K - 1})
        ladder = {s: expand(e) for s, e in moved.items()}
    for shift, coeff in total.items():
        coeff = expand(coeff)
        if coeff != 0:
            _add_plain(collector, coeff, shift, tilt, half)


def _add_plain(collector: Collector, coeff: Expr, shift: int, tilt: Tilt, half: HalfSpace) -> None:
    (c,), d, noise = half
    mean, v = tilt.mean, tilt.variance
    total = cancel(noise**2 + c**2 * v)
    score = (c * mean + d) / sqrt(total)
    size = c * v / sqrt(total)
    point, spread = cancel(-c * v * (c * mean + d) / total), cancel(c**2 * v**2 / total)
    n = K + shift
    collector.add_hermite(coeff * tilt.factor * Phi(score), shift, mean, tilt.rest)
    mass = size * tilt.factor * exp(-(score**2) / 2) / sqrt(2 * pi)
    inner = binomial(n, J + 1) * hermite_he(n - 1 - J, mean, tilt.rest) * hermite_he(J, point, spread)
    collector.add(Mul(coeff, mass, Sum(inner, (J, 0, n - 1))))


def product_solution(p: Polynomial, halves: tuple[HalfSpace, HalfSpace], first: Callable[[int], Expr]) -> Solution:
    """The sequence of P(x) H(x) G(x) by the derivative rule; `first` gives its values up to the degree of P."""
    values = {k: first(k) for k in range(max(p) + 1)}
    total, order = Solution(S.Zero), 1
    while p:
        for h, g in (halves, halves[::-1]):
            inner = Collector()
            _add_derivative(inner, p, h, g)
            total = total + inner.solution(first).shifted(order, S.One, lambda k: S.Zero)
        p, order = derivative(p), order + 1
    return Solution(total.generic, values)


def _add_derivative(collector: Collector, p: Polynomial, half: HalfSpace, other: HalfSpace) -> None:
    """The sequence of P(x) H'(x) G(x)."""
    (c,), d, noise = half
    if noise != 0:
        size = c * exp(expand(-(d**2) / (2 * noise**2))) / (noise * sqrt(2 * pi))
        tilt = Tilt.of(expand(-(c**2) / (2 * noise**2)), expand(-c * d / noise**2))
        add_tilted_half_space(collector, {m: size * a for m, a in p.items()}, tilt, other)
        return
    b = expand(-d / c)
    (slope,), offset, spread = other
    if spread == 0:
        raise NotInClass("a product of two indicators in one term")
    value = sum((a * b**m for m, a in p.items()), S.Zero) * Phi(expand(slope * b + offset) / spread)
    collector.add_hermite(value * exp(-(b**2) / 2) / sqrt(2 * pi) * sign(c), 0, b, S.One)
