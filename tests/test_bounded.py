"""Compiled functions of a correlation: certified errors, honest bounds, the ends, refusals."""

import math

import numpy as np
import pytest
import sympy as sp
from flint import acb, arb

import theory as th
from benchmarks.orthant_balls import Phi2_ball, plackett
from benchmarks.yardstick import EXACT, OUTSIDE, expression
from numerics import codegen
from numerics.stable_forms import elementary, stable_form
from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.functions import Phi2, conditional_score
from theory.symbols import q1, q2, rho, x

CORRELATIONS = sorted({s * r for r in (0.0, 0.9, 1 - 1e-8, 1 - 1e-12, 1.0) for s in (1.0, -1.0)})
VARIANCES = [(1.0, 1.0), (0.5, 2.0), (1e-4, 30.0), (100.0, 0.01)]
NAMES = ["relu", "hard_tanh", "shifted_relu", "gelu", "erf", "elu", "gabor", "snake", "he4"]
SMOOTH = ["relu", "gelu", "erf", "elu", "hard_tanh", "relu6"]


@pytest.fixture(scope="module", autouse=True)
def quick_orthants(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIDETHEORY_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(Phi2, "_ball", staticmethod(Phi2_ball))
        yield


def activation(name):
    return th.Activation(expression((EXACT | OUTSIDE)[name]), x)


def certified(expr, symbols, point, scale=0):
    """Ball around the value at a point of doubles, of radius far below 1e-14 scale."""
    if abs(point[0]) == 1:
        exact = {s: sp.Rational(a) for s, a in zip(symbols[1:], point[1:], strict=True)}
        return enclose(expr.subs(exact).subs(symbols[0], int(point[0])), 30)
    for bits in (100, 200, 400, 800, 1600, 3200):
        with workprec(bits):
            value = ball_function(expr, symbols)([acb(arb(float(a))) for a in point], False).real
            if value.rad() < arb("1e-18") * (abs(value.mid()) + scale) or abs(value) < arb("1e-400"):
                return value
    raise AssertionError(f"no reference for {expr} at {point}")


def worst_error(function, expr, symbols, points):
    """Largest error in units of the Cauchy-Schwarz scale, from certified values."""
    values = function(*np.array(points).T)
    assert np.isfinite(values).all()
    worst, scales = 0.0, {}
    for point, value in zip(points, values, strict=True):
        variances = point[1:]
        if variances not in scales:
            pairs = [(1.0, q, q) for q in variances] or [(1.0,), (1.0,)]
            with workprec(200):
                scales[variances] = (
                    abs(certified(expr, symbols, pairs[0])) * abs(certified(expr, symbols, pairs[1]))
                ).sqrt()
        with workprec(200):
            reference = certified(expr, symbols, point, scales[variances])
            error = abs(arb(float(value)) - reference) / scales[variances]
        worst = max(worst, float(error.mid()))
    return worst


class TestAccuracy:
    @pytest.mark.parametrize("name", NAMES)
    def test_dual_with_variances(self, name):
        dual = activation(name).dual(rho, q1, q2)
        points = [(r, *q) for r in CORRELATIONS for q in VARIANCES]
        assert worst_error(codegen.compile(dual, [rho, q1, q2]), dual, [rho, q1, q2], points) < 1e-14

    @pytest.mark.parametrize("name", SMOOTH)
    def test_dual_and_derivative_at_unit_variances(self, name):
        phi = activation(name)
        points = [(r,) for r in CORRELATIONS]
        for kernel in (phi.dual(rho), phi.dual_derivative(rho)):
            assert worst_error(codegen.compile(kernel, rho), kernel, [rho], points) < 1e-14

    def test_damaged_dual_is_seen(self):
        dual = activation("relu").dual(rho)
        damaged = dual + sp.Rational(1, 10**13) * rho
        assert worst_error(codegen.compile(damaged, rho), dual, [rho], [(0.5,), (-1.0,), (1.0,)]) > 1e-14

    @pytest.mark.parametrize("name", ["clipped_relu", "celu"])
    def test_bounds_hold(self, name):
        dual = activation(name).dual(rho, q1, q2)
        function = codegen.compile(dual, [rho, q1, q2])
        generator = np.random.default_rng(3)
        columns = np.array([generator.uniform(-1, 1, 12), *np.exp(generator.uniform(-3, 3, (2, 12)))])
        bounds = function.error_bound(*columns)
        for point, value, bound in zip(columns.T, function(*columns), bounds, strict=True):
            with workprec(200):
                assert abs(arb(float(value)) - certified(dual, [rho, q1, q2], point)) <= arb(float(bound))
        assert np.isfinite(bounds).all()

    def test_far_tail_vanishes(self):
        """Thresholds of 50 standard deviations: the terms of the closed form are of size one, the value is not."""
        dual = activation("shifted_relu").dual(rho, q1, q2)
        function = codegen.compile(dual, [rho, q1, q2])
        assert function(0.9, 1e-4, 1e-4) == 0
        assert 0 < function(0.9, 1e-3, 1e-3) < 1e-56

    def test_other_names_of_the_correlation(self):
        r = sp.Symbol("r")
        dual = activation("hard_tanh").dual(r)
        assert worst_error(codegen.compile(dual, r), dual, [r], [(0.5,), (1 - 1e-12,), (1.0,)]) < 1e-14

    def test_equal_variances_at_the_ends(self):
        """Thresholds that coincide only in value: rounding must not pull them apart."""
        phi = activation("hard_tanh")
        function = codegen.compile(phi.dual(rho, q1, q2), [rho, q1, q2])
        q = np.array([0.3, 0.7, 1.9])
        square = phi.moment(2, q1)
        expected = [float(enclose(square.subs(q1, sp.Rational(float(a))), 20)) for a in q]
        assert function(1.0, q, q) == pytest.approx(expected, rel=1e-14)
        assert function(-1.0, q, q) == pytest.approx([-e for e in expected], rel=1e-14)


class TestSeries:
    @pytest.mark.parametrize(("name", "variances"), [("tanh", (1, 1)), ("silu", (sp.Rational(1, 2), 2))])
    def test_agrees_with_the_enclosure(self, name, variances):
        dual = activation(name).dual(rho, *variances)
        function = codegen.compile(dual, rho)
        for r in (-0.75, 0.3, 0.96875):
            value = enclose(dual.subs(rho, sp.Rational(r)), 20)
            assert abs(arb(float(function(r))) - value) < arb(float(function.error_bound(r)))
            assert function.error_bound(r) < 1e-14

    def test_affine_in_the_expectation(self):
        phi = activation("tanh")
        centred = 2 * phi.dual(rho) - rho / 3
        assert codegen.compile(centred, rho)(0.5) == pytest.approx(float(sp.N(centred.subs(rho, 0.5))), rel=1e-14)

    def test_damaged_series_is_seen(self):
        dual = activation("tanh").dual(rho)
        function = codegen.compile(dual * (1 + sp.Rational(1, 10**13)), rho)
        value = enclose(dual.subs(rho, sp.Rational(3, 4)), 20)
        assert abs(arb(float(function(0.75))) - value) > arb(float(function.error_bound(0.75)))

    def test_refusals(self):
        dual = activation("tanh").dual(rho)
        with pytest.raises(UnsupportedError, match="product"):
            codegen.compile(dual**2, rho)
        with pytest.raises(UnsupportedError, match="correlation alone"):
            codegen.compile(activation("tanh").dual(rho, q1, q2), [rho, q1, q2])


class TestArguments:
    def test_outside_the_domain(self):
        for name in ("identity", "relu", "hard_tanh"):
            function = codegen.compile(activation(name).dual(rho), rho)
            assert np.isnan(function([1.5, -1 - 1e-15, math.nan, math.inf])).all()
            assert np.isinf(function.error_bound([1.5, math.nan])).all()
        function = codegen.compile(activation("exp").dual(rho, q1, q2), [rho, q1, q2])
        assert np.isnan(function(0.5, -1.0, 1.0))

    def test_complex_values_are_no_numbers(self):
        values = codegen.compile(rho ** sp.Rational(1, 3), rho)([0.125, -1.0, -0.5])
        assert values[0] == pytest.approx(0.5, rel=1e-15)
        assert np.isnan(values[1:]).all()

    def test_kernel_map(self):
        """A constant denominator must not be multiplied into the exponentials."""
        function = codegen.compile(activation("hard_tanh").kernel_map(rho), rho)
        assert function([1.0, -1.0]) == pytest.approx([1, -1], rel=1e-14)

    def test_shapes_and_types(self):
        function = codegen.compile(activation("hard_tanh").dual(rho, q1, q2), [rho, q1, q2])
        table = function(np.array([[0.1], [0.2]]), np.array([1, 2, 3]), 1)
        assert table.shape == (2, 3)
        assert function(1, 1, 1).shape == ()
        assert function(0.1, 1, 1) == table[0, 0]
        assert function(np.empty((0, 2)), 1, 1).shape == (0, 2)
        single = codegen.compile(activation("hard_tanh").dual(rho), rho)
        assert single(np.zeros((3, 2))[:, ::2]).shape == (3, 1)
        assert single(1) == pytest.approx(0.516058550961713, rel=1e-14)

    def test_refused_arguments(self):
        function = codegen.compile(activation("relu").dual(rho), rho)
        with pytest.raises(DomainError, match="takes 1 arguments"):
            function(0.1, 1.0)
        for wrong in ("0.1", None, 1j, [[1.0], [1.0, 2.0]], {}):
            with pytest.raises(DomainError, match="real numbers"):
                function(wrong)
        with pytest.raises(DomainError, match="q1, q2 not in"):
            codegen.compile(activation("relu").dual(rho, q1, q2), rho)
        with pytest.raises(UnsupportedError, match="rho"):
            codegen.compile(sp.sin(x), x).error_bound(0.5)

    def test_a_function_without_a_row(self):
        with pytest.raises(UnsupportedError, match="gamma"):
            codegen.compile(sp.gamma(rho + 2), rho)
        assert codegen.compile(sp.tanh(rho), rho)(0.5) == pytest.approx(math.tanh(0.5), rel=1e-15)


class TestStableForm:
    @pytest.mark.parametrize("name", ["elu", "hat", "relu6"])
    def test_is_equal(self, name):
        dual = activation(name).dual(rho, q1, q2)
        point = {rho: sp.Rational(3, 10), q1: sp.Rational(7, 5), q2: sp.Rational(1, 2)}
        difference = elementary(stable_form(dual)).subs(point) - dual.subs(point)
        with workprec(200):
            assert abs(ball_function(difference)((), False).real) < arb("1e-40")

    def test_tails_are_left_alone(self):
        h = sp.Symbol("h", positive=True)
        expr = 1 - sp.erf(h) + Phi2(h, h, rho) - 1
        assert not elementary(stable_form(expr)).has(sp.erf)

    def test_ball_of_the_wedge(self):
        """The quick reference of these tests against the integral over the correlation."""
        generator = np.random.default_rng(5)
        with workprec(160):
            for h, k, r in generator.uniform(-1, 1, (40, 3)) * [3, 3, 0.95]:
                point = [acb(arb(a)) for a in (h, k, r)]
                quick, slow = Phi2_ball(*point).real, plackett(*point).real
                assert quick.overlaps(slow)
                assert not (quick + arb("1e-20")).overlaps(slow)

    def test_score_at_the_ends(self):
        expr = sp.exp(-(conditional_score(1, q1, rho) ** 2)) + sp.erf(conditional_score(1, q1, rho))
        function = codegen.compile(expr, [rho, q1])
        assert function(1.0, [2.0, 0.5, 1.0]).tolist() == [-1, 1, 1]
