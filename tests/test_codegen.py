"""Generated code: agrees with sympy to rounding, survives extremes, refuses the unknown, is cached."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp
from sympy import (
    Abs,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    cosh,
    erf,
    erfc,
    exp,
    log,
    pi,
    sign,
    sqrt,
    tanh,
)

from numerics import codegen
from numerics.scalar_code import scalar_code
from theory.errors import DomainError, TheoryError, UnsupportedError

x, y = sp.symbols("x y", real=True)
BOTH = ["numba", "numpy"]

ONE_VARIABLE = {
    "identity": x,
    "constant": sp.Integer(3),
    "step": Piecewise((0, x < 0), (1, True)),
    "sign": sign(x),
    "relu6": Min(6, Max(0, x)),
    "max_of_three": Max(x, -x / 2, sqrt(2)),
    "hard_swish": x * Min(6, Max(0, x + 3)) / 6,
    "clipped_soft_threshold": sign(x) * Min(1, Max(0, Abs(x) - Rational(1, 2))),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "gelu_tanh": x * (tanh(sqrt(2) * (Rational(8943, 200000) * x**3 + x) / sqrt(pi)) + 1) / 2,
    "erfc": erfc(x) * exp(-x / 3),
    "erfc_reflected": 3 * erfc(-x / 2),
    "elu": Piecewise((exp(x) - 1, x < 0), (x, True)),
    "selu": Piecewise((Rational(17, 10) * (exp(x) - 1), x < 0), (x, True)),
    "gabor": exp(-(x**2) / 2) * sp.cos(3 * x),
    "trigonometric": sp.sin(2 * x) + sp.tan(x / 3) + sp.asin(sp.sin(x)) + sp.acos(x / 50) + sp.atan(x),
    "hyperbolic": sp.sinh(x / 3) / cosh(x / 2) + sp.asinh(x) + sp.acosh(2 + x**2) + sp.atanh(x / 50),
    "sigmoid": 1 / (1 + exp(-x)),
    "sigmoid_other_way": exp(x) / (1 + exp(x)),
    "sigmoid_second_derivative": 1 + sp.diff(1 / (1 + exp(-2 * x)), x, 2),
    "tanh_complement": 3 - 3 * tanh(x / 2),
    "silu": x / (1 + exp(-x)),
    "silu_derivative": sp.diff(x / (1 + exp(-x)), x),
    "softplus": log(1 + exp(x)),
    "softplus_sharp": log(1 + exp(3 * x)) / 3,
    "mish": x * tanh(log(1 + exp(x))),
    "log_cosh": log(cosh(x)),
    "log1p": log(1 + x**2),
    "squareplus": x / 2 + sqrt(x**2 + 4) / 2,
    "powers": (x**2 + 1) ** Rational(-3, 2) + x**7 / 5040 + (x**2 + 2) ** Rational(1, 3) + (1 + x**2) ** pi / x**4,
    "heaviside": Heaviside(x) * x + Heaviside(x - 1, 1),
    "conditions": Piecewise(
        (1, (x > -1) & (x < 1)), (2, (x >= 3) | sp.Eq(x, -2)), (3, ~((x > 2) & (x < 9))), (4, True)
    ),
    "shared_condition": Piecewise((x, x > 0), (1, True)) * Piecewise((x**2, x > 0), (2, True)),
    "nested": Piecewise((Piecewise((x, x < 2), (Max(x, 5), True)), x > 0), (-x, True)),
}
POINTS = np.array([-7.3, -2.0, -1.0, -0.4, -1e-9, 1e-9, 0.3, 1.0, 2.5, 11.0])


def exact(expr, point):
    return float(expr.subs(x, sp.Rational(float(point))).evalf(40))


def worst_error(function, expr, points=POINTS):
    reference = np.array([exact(expr, p) for p in points])
    return np.max(np.abs(function(points) - reference) / np.maximum(np.abs(reference), 1e-300))


@pytest.fixture(scope="module", autouse=True)
def kernel_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("cache")
        patch.setenv("WIDETHEORY_CACHE", str(path))
        yield path / "kernels"


class TestValues:
    @pytest.mark.parametrize("target", BOTH)
    @pytest.mark.parametrize("name", ONE_VARIABLE)
    def test_agrees_with_sympy(self, name, target):
        function = codegen.compile(ONE_VARIABLE[name], x, target)
        assert worst_error(function, ONE_VARIABLE[name]) < 2e-14

    def test_cancelling_form_is_caught(self):
        assert worst_error(lambda p: np.exp(p) - 1, exp(x) - 1) > 1e-9
        assert worst_error(codegen.compile(exp(x) - 1, x, "numpy"), exp(x) - 1) < 1e-15

    @pytest.mark.parametrize("target", BOTH)
    def test_nothing_overflows(self, target):
        far = np.array([-1e4, -800.0, 800.0, 1e4])
        limits = {
            log(1 + exp(x)): np.maximum(far, 0),
            1 / (1 + exp(-x)): (far > 0).astype(float),
            exp(x) / (1 + exp(x)): (far > 0).astype(float),
            exp(2 * x) / (1 + exp(x)) ** 3: np.zeros(4),
            tanh(x): np.sign(far),
            log(cosh(x)): np.abs(far) - math.log(2),
            sp.diff(x / (1 + exp(-x)), x): (far > 0).astype(float),
        }
        for expr, limit in limits.items():
            assert codegen.compile(expr, x, target)(far) == pytest.approx(limit, abs=1e-15)
        with np.errstate(all="ignore"):
            assert not np.isfinite(np.log(1 + np.exp(far))).all()

    @pytest.mark.parametrize("target", BOTH)
    def test_special_points(self, target):
        assert codegen.compile(Heaviside(x), x, target)([-1.0, 0.0, 2.0]).tolist() == [0, 0.5, 1]
        assert codegen.compile(Heaviside(x, Rational(1, 4)), x, target)(0.0) == 0.25
        assert codegen.compile(sign(x), x, target)(0.0) == 0
        assert codegen.compile(Piecewise((x, x < 0), (1, sp.Eq(x, 0)), (x, True)), x, target)(0.0) == 1
        assert math.isnan(codegen.compile(Piecewise((1, x > 0)), x, target)(-1.0))
        assert np.isnan(codegen.compile(log(x) + sqrt(x), x, target)(-1.0))
        assert codegen.compile(1 / x, x, target)(0.0) == math.inf

    @pytest.mark.parametrize("target", BOTH)
    @pytest.mark.parametrize(
        "expr", [Max(x, 0), Min(x, 1), Max(x, -x, 2), tanh(x), Heaviside(x), sign(x), log(1 + exp(x))]
    )
    def test_not_a_number_is_kept(self, expr, target):
        assert math.isnan(codegen.compile(expr, x, target)(math.nan))

    @pytest.mark.parametrize("target", BOTH)
    def test_broadcasts(self, target):
        function = codegen.compile(x - 2 * y, [x, y], target)
        assert function(np.ones((3, 1)), np.arange(4)).tolist() == [[1, -1, -3, -5]] * 3
        assert function(np.float32(1), 2) == -3
        assert codegen.compile(sp.Integer(2), [x], target)(np.zeros((2, 2))).tolist() == [[2, 2], [2, 2]]
        with pytest.raises(DomainError, match="takes 2"):
            function(1.0)

    @pytest.mark.parametrize("target", BOTH)
    def test_result_is_an_array_of_its_own(self, target):
        argument = np.ones(3)
        codegen.compile(x, x, target)(argument)[0] = 7
        assert argument.tolist() == [1, 1, 1]

    def test_order_of_arguments(self):
        assert codegen.compile(x - y, [y, x], "numpy")(1, 3) == 2

    def test_constants_are_correctly_rounded(self):
        third = codegen.compile(x * sqrt(2) * pi / 3, x, "numpy").source
        assert repr(float((sqrt(2) * pi / 3).evalf(30))) in third


class TestRefusals:
    @pytest.mark.parametrize(
        ("expr", "name"),
        [
            (sp.gamma(x), "gamma"),
            (sp.besselj(0, x) + 1, "besselj"),
            (sp.Function("f")(x), "f"),
            (sp.DiracDelta(x), "DiracDelta"),
            (sp.Integral(exp(-(x**2)), (x, 0, y)), "Integral"),
            (sp.Sum(x**y, (y, 0, 3)), "Sum"),
            (sqrt(-2) * x, "I"),
        ],
    )
    def test_unknown_node_is_named(self, expr, name):
        with pytest.raises(UnsupportedError, match=rf"\b{name}\b"):
            scalar_code(expr, [x, y])

    @pytest.mark.parametrize("other", ["x + 1", None, x > 0, sp.S.true, sp.Tuple(x)])
    def test_what_is_no_expression(self, other):
        with pytest.raises(UnsupportedError, match="real expression"):
            scalar_code(other, [x])

    def test_function_of_one_target_only(self):
        assert codegen.compile(sp.erfi(x), x, "numpy")(1.0) == pytest.approx(1.6504257587975429)
        with pytest.raises(UnsupportedError, match="erfi"):
            scalar_code(sp.erfi(x), [x])

    def test_symbols(self):
        with pytest.raises(DomainError, match="y not in"):
            scalar_code(x + y, [x])
        with pytest.raises(DomainError, match="distinct"):
            scalar_code(x, [x, x])
        with pytest.raises(DomainError, match="at least one"):
            codegen.compile(sp.Integer(1), [])
        with pytest.raises(UnsupportedError, match="target"):
            scalar_code(x, [x], "fortran")

    def test_no_text_of_the_user_is_printed(self):
        evil = sp.Symbol("__import__('os').abort()")
        function = codegen.compile(evil + 1, evil, "numpy")
        assert "abort" not in function.source
        assert function(1.0) == 2

    def test_names_do_not_clash(self):
        a0, a1, t0, k0 = sp.symbols("a0 a1 t0 k0", real=True)
        expr = pi * a1 - exp(t0 + a0) * k0 * exp(exp(t0 + a0))
        value = codegen.compile(expr, [a1, a0, k0, t0], "numpy")(1.0, 0.1, 0.2, 0.3)
        assert value == pytest.approx(math.pi - math.exp(0.4) * 0.2 * math.exp(math.exp(0.4)), rel=1e-15)

    def test_directory_that_cannot_be_written(self, monkeypatch, tmp_path):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("WIDETHEORY_CACHE", str(tmp_path / "file"))
        with pytest.raises(TheoryError, match="WIDETHEORY_CACHE"):
            codegen.compile(x + 12345, x, "numpy")


SCRIPT = """
import sympy as sp, numpy as np
from numerics import codegen
x, b, a = sp.symbols("x b a", real=True)
expr = sp.Max(x, 0, -x/3)*sp.exp(-x**2) + sp.Piecewise((1, (x > -1) & (x < 1)), (2, True))
print(codegen.kernel_source("gram_layer", expr, x))
print(codegen.compile(expr + a*b*sp.log(1 + sp.exp(a + b)), [x, a, b], "numpy").source)
m = codegen.kernel_module("activation", sp.sin(x), x)
m.activation(1.0)
print("hits", sum(m.activation.stats.cache_hits.values()))
"""


@pytest.fixture(scope="module")
def outputs(kernel_cache):
    """What two processes with different hash seeds print: source text and cache hits."""

    def run(hash_seed):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.rpartition("hits ")

    return [run("1"), run("2")]


class TestCache:
    def test_text_does_not_depend_on_the_process(self, outputs):
        assert outputs[0][0] == outputs[1][0]

    def test_second_process_does_not_compile(self, outputs):
        assert [tail.strip() for _, _, tail in outputs] == ["0", "1"]

    def test_a_damaged_file_is_replaced(self, kernel_cache):
        function = codegen.compile(x + 777, x, "numpy")
        (path,) = [p for p in kernel_cache.glob("function_*.py") if p.read_text() == function.source]
        path.write_text("raise SystemExit")
        codegen._load.cache_clear()
        assert codegen.compile(x + 777, x, "numpy")(1.0) == 778
        assert path.read_text() == function.source

    def test_kernel_is_one_file(self):
        source = codegen.kernel_source("gram_chain", Max(x, 0), x)
        assert "numerics" not in source
        assert source.count("def activation") == 1
        assert [
            source.index(f"def {name}(") for name in ("kernel", "activation", "factor", "gram_layer", "gram_chain")
        ] == sorted(
            source.index(f"def {name}(") for name in ("kernel", "activation", "factor", "gram_layer", "gram_chain")
        )
