"""The trapezoidal rule keeps its error bound, and a coarser lattice or a wider strip than proved does not."""

import math
import random

import mpmath
import pytest
from flint import arb
from sympy import Integer, Rational, Symbol, atan, cos, erf, exp, log, sin, sqrt, tanh

from theory.balls import workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.integration import integrate_ball
from theory.gaussian.law import Gaussian
from theory.hermite.moments import hermite_sums, symmetric_moments
from theory.hermite.profile import Profile
from theory.hermite.strip import strip_of
from theory.hermite.trapezoid import CRAMER, Lattice, lattice_values, log_mehler, trapezoid_coefficients

x = Symbol("x", real=True)
FUNCTIONS = {
    "tanh": tanh(x),
    "steep tanh": tanh(10 * x),
    "pole near the axis": 1 / (1 + 25 * x**2),
    "two poles": tanh(x) / (1 + x**2 / 100),
    "softplus": log(1 + exp(x)),
    "mish": x * tanh(log(1 + exp(x))),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "gelu by tanh": x * (1 + tanh(sqrt(2 / Integer(3)) * (x + x**3 / 20))) / 2,
    "wave packet": exp(-(x**2) / 2) * cos(3 * x),
    "growth": exp(2 * x) + x**5,
    "periodic": 1 / (2 + sin(x)),
    "arctan": atan(x),
    "off centre": 1 / (1 + (x - 4) ** 2),
}


@pytest.fixture(autouse=True)
def fine_balls():
    """Arithmetic of the tests themselves must not round at double precision."""
    with workprec(400):
        yield


def profile(e, q=1) -> Profile:
    return Profile(e, x, Integer(0), sqrt(q * Integer(1)))


def hermite(k):
    values = [Integer(1), x]
    while len(values) <= k:
        values.append((x * values[-1] - (len(values) - 1) * values[-2]).expand())
    return values[k] / sqrt(Integer(math.factorial(k)))


def rule(p, step, count, top):
    lattice = Lattice(arb(step), count, 0.0)
    right, left = lattice_values(p, lattice)
    return hermite_sums(symmetric_moments(right, left, lattice.step / 2, top))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_enclosures_meet_panel_integration(name):
    e, q = FUNCTIONS[name], Rational(1 + len(name) % 3, 2)
    balls = trapezoid_coefficients(profile(e, q), 12, -25 * math.log(10))
    for k in (0, 1, 12):
        true = integrate_ball(e.subs(x, sqrt(q) * x) * hermite(k), Gaussian(x), 15)
        assert balls[k].rad() < arb("1e-24")
        assert balls[k].overlaps(true)
        assert not (balls[k] + arb("1e-12")).overlaps(true)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("log_tolerance", [-3.0, -9.0, -20.0])
def test_the_error_bound_holds_on_coarse_lattices(name, log_tolerance):
    p = profile(FUNCTIONS[name])
    fine = trapezoid_coefficients(p, 8, -90.0)
    lattice = Lattice.plan(strip_of(p), 8, log_tolerance)
    bound = arb(lattice.log_error).exp()
    assert lattice.log_error <= log_tolerance
    rough = rule(p, lattice.step, lattice.nodes, 8)
    assert all(abs(a - b) <= bound + b.rad() for a, b in zip(rough, fine, strict=True))


@pytest.mark.parametrize("name", ["tanh", "steep tanh", "pole near the axis", "softplus", "mish", "periodic", "arctan"])
def test_half_the_exponent_of_the_aliasing_is_too_coarse(name):
    """A lattice that believes exp(-4 pi d/h) in place of exp(-2 pi d/h)."""
    p = profile(FUNCTIONS[name])
    fine = trapezoid_coefficients(p, 8, -90.0)
    lattice = Lattice.plan(strip_of(p), 8, -40.0)
    bound = arb(lattice.log_error).exp()
    damaged = rule(p, lattice.step * 2, lattice.nodes // 2, 8)
    assert any(abs(a - b) > bound for a, b in zip(damaged, fine, strict=True))


@pytest.mark.parametrize("name", ["tanh", "softplus", "pole near the axis"])
def test_a_wider_strip_than_proved_is_noticed(name):
    p = profile(FUNCTIONS[name])
    fine = trapezoid_coefficients(p, 8, -90.0)
    strip = strip_of(p)
    kept = list(strip.rows)
    grown = [r._replace(top=2 * r.top, bottom=2 * r.bottom) for r in kept]
    try:
        strip.rows, strip.closed = grown, True
        damaged = trapezoid_coefficients(p, 8, -90.0)
    finally:
        strip.rows = kept
    assert not all(a.overlaps(b) for a, b in zip(damaged, fine, strict=True))


def log_hermite_density(k, z):
    value = mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi * mpmath.factorial(k))
    return mpmath.log(
        abs(value * mpmath.hermite(k, z / mpmath.sqrt(2)) / mpmath.mpf(2) ** (mpmath.mpf(k) / 2)) + 1e-280
    )


def test_the_bound_of_hermite_functions_off_the_axis():
    rng = random.Random(5)
    closest = math.inf
    for _ in range(300):
        k, a, d = rng.randrange(0, 80), rng.uniform(-14, 14), rng.choice([0.3, 1.0, 2.5])
        log_factor, _gap = log_mehler(k, d)
        gap = log_factor - a * a / 4 - float(log_hermite_density(k, mpmath.mpc(a, d)))
        assert gap >= 0
        closest = min(closest, gap)
    assert closest < 2.5  # a bound smaller by exp(2.5) is false


def test_cramers_constant():
    worst = max(
        float(log_hermite_density(k, mpmath.mpf(t) / 10)) + (t / 10) ** 2 / 4 + math.log(2 * math.pi) / 2
        for k in range(0, 60, 3)
        for t in range(0, 160, 2)
    )
    assert math.log(0.95) < worst <= math.log(CRAMER)


@pytest.mark.parametrize(
    "e", [exp(exp(x)), exp(x**2 / 3), exp(x**2), log(x**2), tanh(x) / x**2, 1 / x, sqrt(x)], ids=str
)
def test_what_is_not_proved_is_refused(e):
    with pytest.raises((PrecisionError, UnsupportedError)):
        trapezoid_coefficients(profile(e), 4, -40.0)


def test_moments_make_hermite_sums():
    nodes, weights = [arb(3) / 7, arb(-5) / 2, arb(2)], [arb(1), arb(2) / 3, arb(-1) / 5]
    moments = [sum((w * t**i for w, t in zip(weights, nodes, strict=True)), arb(0)) for i in range(9)]
    sums = hermite_sums(moments)
    for k in range(9):
        polynomial = hermite(k)
        value = arb(0)
        for w, t in zip(weights, nodes, strict=True):
            terms = (polynomial * sqrt(Integer(math.factorial(k)))).as_poly(x).all_coeffs()
            horner = arb(0)
            for c in terms:
                horner = horner * t + int(c)
            value += w * horner / arb(math.factorial(k)).sqrt()
        assert sums[k].overlaps(value)
        assert not (sums[k] + arb("1e-30")).overlaps(value)
