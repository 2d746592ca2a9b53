"""Kernels: equal to their slow twins on the same stream, and in law to networks whose weights are drawn."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from numerics import reference
from numerics.codegen import kernel_module
from numerics.loops import gram_layer as template
from numerics.streams import stream

x = sp.Symbol("x", real=True)
RELU, TANH = sp.Max(x, 0), sp.tanh(x)
TWINS = {RELU: lambda h: h if h > 0 else 0.0, TANH: math.tanh}


@pytest.fixture(scope="module", autouse=True)
def kernel_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIDETHEORY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def factor():
    return kernel_module("gram_chain", RELU, x).factor


def covariance(rank, size, seed=0):
    g = np.random.default_rng(seed)
    rows = g.standard_normal((size, rank)) * 10.0 ** g.integers(-3, 4, (size, 1))
    return rows @ rows.T


def factored(factor, matrix):
    columns = np.empty_like(matrix)
    rank = factor(matrix, columns)
    return columns[:, :rank]


class TestFactor:
    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize(("rank", "size"), [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 5), (5, 5)])
    def test_equals_its_twin_and_reproduces_the_matrix(self, factor, rank, size, seed):
        matrix = covariance(rank, size, seed)
        columns = factored(factor, matrix)
        assert np.array_equal(columns, reference.pivoted_factor(matrix))
        assert columns.shape == (size, rank)
        scale = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
        assert (np.abs(columns @ columns.T - matrix) <= 1e-14 * size * scale).all()

    @staticmethod
    def keeps_equal_inputs_equal(factor):
        sign = np.array([1, 1, -1, 1])
        matrix = covariance(3, 3)[[0, 1, 0, 2]][:, [0, 1, 0, 2]] * np.outer(sign, sign)
        columns = factored(factor, matrix)
        return np.array_equal(columns[0], -columns[2])

    def test_equal_and_opposite_inputs_stay_so_exactly(self, factor):
        assert self.keeps_equal_inputs_equal(factor)

    def test_a_jitter_on_the_diagonal_is_caught(self, factor):
        def jittered(matrix, columns):
            return factor(matrix + 1e-10 * np.diag(np.diag(matrix)), columns)

        assert not self.keeps_equal_inputs_equal(jittered)

    def test_corners(self, factor):
        assert factored(factor, np.zeros((3, 3))).shape == (3, 0)
        assert factored(factor, np.diag([0.0, 4.0])).tolist() == [[0], [2]]
        near = np.array([[1.0, 1 - 1e-12], [1 - 1e-12, 1.0]])
        assert factored(factor, near).shape == (2, 2)
        scales = np.array([[1e200, 5e-1], [5e-1, 1e-200]])
        assert factored(factor, scales).shape == (2, 2)


def chains(phi, matrix, widths, replicas=1, C_W=1.7, C_b=0.2, name="twin"):
    shape = (replicas, len(widths), *matrix.shape)
    before, after = np.empty(shape), np.empty(shape)
    kernel = kernel_module("gram_chain", phi, x).gram_chain
    assert kernel(stream(name, widths[0], 0), matrix, np.array(widths), C_W, C_b, before, after) == -1
    return before, after


class TestTwin:
    @pytest.mark.parametrize("phi", [RELU, TANH])
    @pytest.mark.parametrize(("rank", "size"), [(2, 2), (1, 2), (2, 3), (3, 3)])
    def test_same_stream_same_numbers(self, phi, rank, size):
        matrix, widths = covariance(rank, size, 3) / np.max(covariance(rank, size, 3)), [40, 9, 25]
        before, after = chains(phi, matrix, widths)
        slow = reference.gram_chain(TWINS[phi], stream("twin", 40, 0), matrix, widths, 1.7, 0.2)
        bits = {"rtol": 0, "atol": 0} if phi == RELU else {"rtol": 1e-12, "atol": 1e-15}
        for layer in range(3):
            np.testing.assert_allclose(before[0, layer], slow[layer][0], **bits)
            np.testing.assert_allclose(after[0, layer], slow[layer][1], **bits)

    def test_a_wrong_bias_is_caught(self):
        matrix = covariance(2, 2, 3) / np.max(covariance(2, 2, 3))
        _, after = chains(RELU, matrix, [40, 9])
        slow = reference.gram_chain(TWINS[RELU], stream("twin", 40, 0), matrix, [40, 9], 1.7, 0.2000001)
        assert np.array_equal(after[0, 0], slow[0][1])
        assert not np.allclose(after[0, 1], slow[1][1], rtol=1e-12)

    def test_path_of_two_inputs_equals_the_general_path(self):
        matrix = np.array([[1.0, 0.3], [0.3, 2.0]])
        padded = np.zeros((3, 3))
        padded[:2, :2] = matrix
        two, three = chains(RELU, matrix, [50]), chains(RELU, padded, [50])
        for few, many in zip(two, three, strict=True):
            assert np.array_equal(few[0, 0], many[0, 0, :2, :2])

    def test_template_runs_as_it_stands(self):
        """The placeholder activation is the rectifier, and `py_func` is the kernel without compilation."""
        matrix = np.array([[1.0, 0.3], [0.3, 2.0]])
        columns = reference.pivoted_factor(matrix)
        before, after = np.empty((2, 2)), np.empty((2, 2))
        plain = getattr(template.gram_layer, "py_func", template.gram_layer)
        plain(stream("template", 30, 0), columns, 2, 30, before, after)
        slow = reference.gram_layer(TWINS[RELU], stream("template", 30, 0), matrix, 30)
        assert np.array_equal(before, slow[0])
        assert np.array_equal(after, slow[1])

    def test_one_layer_has_the_arc_cosine_kernel_as_mean(self):
        rho = 0.4
        _, after = chains(RELU, np.array([[1.0, rho], [rho, 1.0]]), [1_000_000])
        exact = (math.sqrt(1 - rho**2) + rho * (math.pi - math.acos(rho))) / (2 * math.pi)
        assert after[0, 0, 0, 1] == pytest.approx(exact, abs=5e-3)
        assert after[0, 0, 0, 0] == pytest.approx(0.5, abs=5e-3)


class TestLaw:
    """Law-exact chain against networks that draw their weights, at small width."""

    inputs = np.array([[1.0, 0.5, -0.3], [0.2, -1.0, 0.8]])
    widths, replicas = [12, 12, 12], 6000
    C_W, C_b = 2.0, 0.3

    @staticmethod
    def features(before, after):
        last, first = after[:, -1], before[:, 0]
        return [m[:, i, j] for m in (first, last) for i, j in ((0, 0), (0, 1), (1, 1))] + [
            np.minimum(last[:, 0, 0], last[:, 1, 1]),
            first[:, 0, 0] * last[:, 1, 1],
        ]

    @pytest.fixture(scope="class")
    @classmethod
    def exact_in_law(cls):
        first = cls.C_W * cls.inputs @ cls.inputs.T / 3 + cls.C_b
        return cls.features(*chains(RELU, first, cls.widths, cls.replicas, cls.C_W, cls.C_b, "law"))

    def discrepancy(self, exact_in_law, weight_factor=1.0, C_b=0.3, widths=(12, 12, 12)):
        """Smallest p-value of the two-sample tests over all features."""
        g = stream("direct", 12, 0)
        relu = lambda h: np.maximum(h, 0)  # noqa: E731
        nets = [
            reference.direct_network(relu, g, self.inputs, widths, self.C_W * weight_factor, C_b)
            for _ in range(self.replicas)
        ]
        before, after = (np.array([[layer[i] for layer in net] for net in nets]) for i in (0, 1))
        pairs = zip(exact_in_law, self.features(before, after), strict=True)
        return min(stats.ks_2samp(a, b, method="asymp").pvalue for a, b in pairs)

    def test_same_law(self, exact_in_law):
        assert self.discrepancy(exact_in_law) > 1e-3

    @pytest.mark.parametrize("bug", [{"weight_factor": 1.05}, {"C_b": 0.0}, {"widths": (12, 24, 12)}])
    def test_planted_bugs_are_caught(self, exact_in_law, bug):
        assert self.discrepancy(exact_in_law, **bug) < 1e-6
