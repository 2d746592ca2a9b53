"""`simulate`: labelled results, independent of scheduling, with accidents and bad input reported."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
import sympy as sp

import theory as th
from numerics.executors import Processes, Threads
from numerics.ledger import Ledger
from numerics.observables import OBSERVABLES, Setting, observable_names
from numerics.samplers.direct import DirectSampler
from numerics.samplers.law_exact import LawSampler
from numerics.samplers.record import Record
from numerics.simulation import NonFiniteError, simulate
from numerics.simulation_result import Simulation
from numerics.simulation_task import SimulationTask
from theory.errors import DomainError, UnknownNameError, UnsupportedError

X = np.random.default_rng(0).standard_normal((3, 5))
NET = th.NetworkSpec(th.activation("tanh"), C_W=1.5, C_b=0.1)
ALL = [name for name in observable_names() if OBSERVABLES[name].needs not in ("singular_values", "loss gradients")]


class TestScheduling:
    def test_threads_and_order_change_no_bit(self):
        one, two = (simulate(NET, [300, 4], 40, X, replicas=30, observables=ALL, keep=True, executor=n) for n in (1, 2))
        assert all(np.array_equal(one.raw(k), two.raw(k), equal_nan=True) for k in ALL)
        other = simulate(NET, [300, 4], 40, X, replicas=30, keep=True, seed=1)
        assert not np.array_equal(other.raw("gram"), one.raw("gram"))

    def test_more_replicas_and_layers_continue_the_same_networks(self):
        few = simulate(NET, 30, 5, X, replicas=7, keep=True).raw("gram")
        many = simulate(NET, 30, 9, X, replicas=2000, keep=True).raw("gram")
        assert np.array_equal(few, many[:7, :5])

    def test_the_task_travels(self):
        task = SimulationTask(NET, (8,), 3, X @ X.T, X, 4, 0, ("gram",), "law")
        task.prepare()
        copy = pickle.loads(pickle.dumps(task))
        copy.prepare()
        (chunk,) = task.chunks
        assert np.array_equal(copy.run(chunk)["gram"], task.run(chunk)["gram"])

    def test_worker_processes_give_the_same_bits(self, tmp_path):
        options = {"replicas": 30, "observables": ALL, "keep": True, "ledger": tmp_path / "ledger"}
        here = simulate(NET, [300, 4], 40, X, **(options | {"ledger": False}))
        there = simulate(NET, [300, 4], 40, X, **options, executor=Processes(1))
        again = simulate(NET, [300, 4], 40, X, **options)
        for other in (there, again):
            assert all(np.array_equal(here.raw(k), other.raw(k), equal_nan=True) for k in ALL)

    def test_a_longer_run_takes_whole_chunks_from_the_ledger(self, tmp_path, monkeypatch):
        ran = []
        run = SimulationTask.run
        monkeypatch.setattr(SimulationTask, "run", lambda self, chunk: ran.append(chunk) or run(self, chunk))
        few, many = (
            simulate(NET, [3000, 4], 40, X, replicas=n, keep=True, ledger=tmp_path / "ledger").raw("gram")
            for n in (7, 12)
        )
        # Two replicas of width 3000 are a chunk: three chunks and a rest, then six of which three are known.
        assert len(ran) == (4 + 1) + (3 + 1)
        assert np.array_equal(few, many[:7])
        with Ledger(tmp_path / "ledger", readonly=True) as ledger:
            (entry,) = ledger.summary()
        assert entry.key.startswith("simulate tanh(x), width 3000, 4, depth 40 [")

    def test_threads_place(self):
        assert simulate(NET, 8, 2, X, replicas=3, executor=Threads(2)).replicas == 3


class TestResult:
    def test_labels(self):
        sim = simulate(NET, [6, 9], 4, X, replicas=50, observables=ALL, keep=True)
        assert sim.names == tuple(ALL)
        assert sim.dims("gram") == ("width", "layer", "input", "other")
        assert sim["gram"].mean.shape == (2, 4, 3, 3)
        assert sim["ntk"].dims == ("width", "input", "other")
        assert sim.raw("isometry_gap").shape == (50, 2, 4)
        gram = sim.raw("gram")
        np.testing.assert_allclose(sim.mean("norm"), np.diagonal(gram, axis1=3, axis2=4).mean(axis=0))
        np.testing.assert_allclose(sim.standard_error("gram"), gram.std(axis=0, ddof=1) / np.sqrt(50))
        np.testing.assert_allclose(sim.quantile("gram", 0.3), np.quantile(gram, 0.3, axis=0))
        np.testing.assert_allclose(sim.log_mean("norm"), sim.mean("log_norm"))
        assert "Simulation(" in repr(sim)
        assert "layer 4" in sim.table("norm")
        assert sim._repr_html_().startswith("<details>")

    def test_observables_by_hand(self):
        sim = simulate(NET, 6, 3, X, replicas=1, observables=ALL, keep=True)
        gram = sim.raw("gram")[0, 2]
        values = np.linalg.eigvalsh(gram)
        shares = values / values.sum()
        by_hand = {
            "isometry_gap": np.log(values.mean()) - np.log(values).mean(),
            "effective_rank": np.exp(-(shares * np.log(shares)).sum()),
            "orthogonality_gap": np.linalg.norm(gram / np.trace(gram) - np.eye(3) / 3),
        }
        for name, value in by_hand.items():
            assert sim.raw(name)[0, 2] == pytest.approx(value, rel=1e-9)
        root = np.sqrt(np.diag(gram))
        np.testing.assert_allclose(sim.raw("correlation")[0, 2], gram / np.outer(root, root), rtol=1e-12)

    def test_tangent_kernel_and_gradients_of_a_linear_network(self):
        """E Theta_ab = depth * C_W X X'/d where the network is linear and C_W = 1."""
        net = th.NetworkSpec(th.activation("identity"), C_W=1)
        sim = simulate(net, 50, 4, X, replicas=1500, observables=["ntk", "gradient_norm"])
        exact = 4 * X @ X.T / 5
        assert (np.abs(sim.mean("ntk") - exact) < 5 * sim.standard_error("ntk")).all()
        assert not (np.abs(sim.mean("ntk") - exact * 1.1) < 5 * sim.standard_error("ntk")).all()
        last = simulate(net, 50, 1, X, replicas=2, observables="gradient_norm").mean("gradient_norm")
        np.testing.assert_allclose(last[0], np.linalg.norm(X, axis=1))

    def test_singular_gram_has_infinite_gap(self):
        sim = simulate(NET, 20, 2, gram=np.ones((2, 2)), replicas=3, observables=["isometry_gap", "effective_rank"])
        assert np.isinf(sim.mean("isometry_gap")).all()
        np.testing.assert_allclose(sim.mean("effective_rank"), 1, atol=1e-12)

    def test_heavy_tails_are_flagged(self):
        tails = simulate(th.NetworkSpec(th.activation("relu"), C_W=2), 2, 60, X, replicas=400, observables="norm")
        assert any("one replica makes the mean" in line for line in tails.warnings)
        assert tails.largest_share("norm").max() > 0.1
        assert simulate(NET, 50, 3, X, replicas=400, observables="norm").warnings == []

    def test_undefined_replicas_are_counted(self):
        dead = simulate(th.NetworkSpec(th.activation("relu"), C_W=2), 2, 6, X, replicas=50, observables="correlation")
        assert np.isnan(dead.mean("correlation")[-1]).any()
        assert any("undefined" in line for line in dead.warnings)

    def test_what_is_not_kept(self):
        sim = simulate(NET, 4, 2, X, replicas=3)
        assert sim.median("gram").shape == (2, 3, 3)
        with pytest.raises(DomainError, match="keep=True"):
            sim.raw("gram")
        with pytest.raises(DomainError, match="keep=True"):
            sim.quantile("gram", 0.31)
        with pytest.raises(UnknownNameError):
            sim.mean("norm")
        assert isinstance(sim, Simulation)

    def test_direct_sampler_and_jacobian(self):
        sim = simulate(NET, [3, 8], 2, X, replicas=5, observables=["jacobian_singular_values", "jacobian_moments"])
        assert sim.sampler == "direct"
        assert sim["jacobian_singular_values"].mean.shape == (2, 5)
        assert np.isnan(sim.mean("jacobian_singular_values")[0, 3:]).all()
        assert sim.mean("jacobian_moments").shape == (2, 4)
        assert simulate(NET.with_(weights="rademacher"), 4, 2, X, replicas=2).sampler == "direct"

    def test_norm_of_the_jacobian_is_its_largest_singular_value(self):
        options = {"spec": NET, "widths": [1, 2, 9], "depth": 3, "inputs": X, "replicas": 4, "keep": True}
        norm = simulate(**options, observables="jacobian_norm")
        values = simulate(**options, observables="jacobian_singular_values").raw("jacobian_singular_values")
        np.testing.assert_allclose(norm.raw("jacobian_norm"), values[..., 0], rtol=1e-9)
        assert not np.allclose(norm.raw("jacobian_norm")[:, 2], values[:, 2, 1], rtol=1e-3)
        assert "width 9:" in norm.table()
        assert "value:" in simulate(NET, 3, 2, X, replicas=2, observables="jacobian_norm").table()

    def test_labelled_dataset(self):
        pytest.importorskip("xarray")
        sim = simulate(NET, [6, 9], 4, X, replicas=5, observables=["gram", "ntk", "isometry_gap"])
        data = sim.to_xarray()
        assert data["gram"].dims == ("width", "layer", "input", "other")
        assert set(data) == {f"{name}{end}" for name in sim.names for end in ("", "_standard_error")}
        np.testing.assert_array_equal(
            data["gram"].sel(width=9, layer=4, input=0, other=2), sim.mean("gram")[1, 3, 0, 2]
        )
        np.testing.assert_array_equal(data["ntk_standard_error"].sel(width=6), sim.standard_error("ntk")[0])
        assert data.attrs == {"network": NET.key(), "replicas": 5}
        assert simulate(NET, 6, 4, X, replicas=5).to_xarray()["gram"].dims == ("layer", "input", "other")

    def test_dataset_without_the_library(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "xarray", None)
        with pytest.raises(UnsupportedError, match="pip install xarray"):
            simulate(NET, 4, 2, X, replicas=2).to_xarray()


BAD = [
    ({"widths": 0}, DomainError, "width"),
    ({"widths": []}, DomainError, "width"),
    ({"widths": 4.0}, DomainError, "width must be an integer"),
    ({"widths": True}, DomainError, "width must be an integer"),
    ({"widths": "4"}, DomainError, "width must be an integer"),
    ({"widths": None}, DomainError, "width must be an integer"),
    ({"widths": [4, 2.5]}, DomainError, "received 2.5"),
    ({"widths": 2**64}, DomainError, "at most"),
    ({"depth": 2.0}, DomainError, "depth must be an integer"),
    ({"replicas": -3}, DomainError, "received -3"),
    ({"seed": 1.5}, DomainError, "seed must be an integer"),
    ({"seed": -1}, DomainError, "seed must be an integer, at least 0"),
    ({"inputs": [["a"]]}, DomainError, "real numbers"),
    ({"inputs": X + 1j}, DomainError, "real numbers"),
    ({"inputs": [[1, 2], [3]]}, DomainError, "real numbers"),
    ({"inputs": 1e200 * X}, DomainError, "other units"),
    ({"inputs": 1e-200 * X}, DomainError, "other units"),
    ({"spec": NET.with_(C_W=sp.Rational(1, 10**300)), "inputs": 1e-10 * X}, DomainError, "other units"),
    ({"inputs": None, "gram": 1e-300 * np.eye(2)}, DomainError, "other units"),
    ({"observables": 3}, DomainError, "names"),
    ({"sampler": None}, UnknownNameError, "sampler"),
    ({"depth": None}, DomainError, "depth"),
    ({"depth": 0}, DomainError, "depth"),
    ({"replicas": 0}, DomainError, "replicas"),
    ({"inputs": [1.0, 2.0]}, DomainError, "shape"),
    ({"inputs": [[1.0, np.nan]]}, DomainError, "finite"),
    ({"inputs": None}, DomainError, "one of them"),
    ({"gram": np.eye(2)}, DomainError, "one of them"),
    ({"inputs": None, "gram": [[1, 2], [2, 1]]}, DomainError, "positive semi-definite"),
    ({"observables": ["isometri_gap"]}, UnknownNameError, "isometry_gap"),
    ({"observables": []}, DomainError, "observable"),
    ({"sampler": "fast"}, UnknownNameError, "sampler"),
    ({"spec": NET.subs({}).with_(C_W=sp.Symbol("s"))}, DomainError, "s"),
    ({"spec": 3}, DomainError, "NetworkSpec"),
    ({"spec": NET.with_(normalization="batch"), "inputs": X[:1]}, DomainError, "two inputs"),
    ({"spec": NET.with_(normalization="layer"), "widths": 1}, DomainError, "width = 1"),
    ({"spec": NET.with_(normalization="batch"), "observables": "ntk"}, UnsupportedError, "batch"),
    ({"spec": NET.with_(weights="uniform"), "sampler": "law"}, UnsupportedError, "direct"),
    ({"spec": NET.with_(weights="uniform"), "inputs": None, "gram": np.eye(2)}, DomainError, "inputs="),
    ({"inputs": None, "gram": np.eye(2), "observables": "gradient_norm"}, DomainError, "inputs="),
    ({"sampler": "law", "observables": "jacobian_moments"}, UnsupportedError, "direct"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD, ids=[str(change) for change, _, _ in BAD])
def test_bad_input(change, error, message):
    options = {"spec": NET, "widths": 4, "depth": 2, "inputs": X, "replicas": 2} | change
    with pytest.raises(error, match=message):
        simulate(**options)


def test_non_finite_is_reported_from_a_thread():
    net = th.NetworkSpec(th.activation("exp"), C_W=30)
    with pytest.raises(NonFiniteError, match="of replica"):
        simulate(net, 10, 8, X, replicas=10)


def pair_of_samplers(net, observables, **more):
    """Means under both samplers."""
    options = {"widths": 60, "depth": 5, "inputs": X, "replicas": 60, "observables": observables} | more
    return [simulate(net, sampler=sampler, **options) for sampler in ("law", "direct")]


class TestRange:
    """Signals far out of the range of squares, and signals that are lost, in both samplers alike."""

    @pytest.mark.parametrize("C_W", ["1e-90", "1e90"])
    def test_logarithms_stay_in_range(self, C_W):
        net = th.NetworkSpec(th.activation("relu"), C_W=sp.Rational(C_W))
        names = ["log_norm", "correlation", "isometry_gap", "kurtosis"]
        law, direct = pair_of_samplers(net, names)
        plain = simulate(net.with_(C_W=2), 60, 5, X, replicas=60, observables=names)
        shift = np.log(float(net.C_W) / 2) * np.arange(1, 6)[:, None]
        for sim in (law, direct):
            assert all(np.isfinite(sim.mean(name)).all() for name in names)
            error = np.hypot(sim.standard_error("log_norm"), plain.standard_error("log_norm"))
            assert (np.abs(sim.mean("log_norm") - shift - plain.mean("log_norm")) < 5 * error + 1e-9).all()

    @pytest.mark.parametrize("sampler", [LawSampler, DirectSampler])
    def test_tangent_kernel_of_large_signals_and_small_gradients(self, sampler):
        """A rectifier is homogeneous: Theta(c C_W) = c^L Theta(C_W), bit for bit where c is a power of four."""

        def kernel(C_W):
            net = th.NetworkSpec(th.activation("relu"), C_W=C_W)
            record = Record.of(sampler(net, 9, 5, X, identifier="kernel", gradients=True).run(0, 3))
            setting = Setting(float(C_W), 0.0, 9, float(C_W) * (X @ X.T) / 5, X @ X.T)
            return OBSERVABLES["ntk"].compute(record, setting)

        np.testing.assert_allclose(np.ldexp(kernel(2 * sp.Integer(2) ** 200), -1000), kernel(sp.Integer(2)), rtol=1e-12)

    @pytest.mark.parametrize("sampler", ["law", "direct"])
    @pytest.mark.parametrize(
        ("changes", "word"),
        [
            ({"C_W": sp.Rational("1e-150"), "phi": th.activation("relu")}, "underflowed"),
            ({"phi": th.activation("exp"), "C_W": 30}, "overflowed"),
            ({"normalization": "batch"}, "no spread"),
            ({"normalization": th.Normalization("batch", "after")}, "no spread"),
        ],
        ids=str,
    )
    def test_lost_signals_have_a_place(self, sampler, changes, word):
        net = th.NetworkSpec(th.activation("tanh"), C_W=1, C_b=0).with_(**changes)
        with pytest.raises(NonFiniteError, match=rf"layer \d of replica \d {word}|layer \d of replica \d has {word}"):
            simulate(net, 20, 8, np.full((3, 5), 0.1), replicas=2, sampler=sampler)

    @pytest.mark.parametrize("name", ["jacobian_norm", "jacobian_singular_values", "ntk", "loss_gradient_norm"])
    def test_derivatives_that_overflow_are_not_averaged_in(self, name):
        steep = sp.Symbol("x", real=True)
        net = th.NetworkSpec(th.Activation(sp.sin(10**140 * steep), steep))
        simulate(net, 8, 5, X, replicas=2, observables="gram", sampler="direct")
        with pytest.raises(NonFiniteError, match="overflowed"):
            simulate(net, 8, 5, X, replicas=2, observables=name, sampler="direct")


class TestUnseenActivations:
    x = sp.Symbol("x", real=True)
    BENT = sp.Piecewise((sp.sin(x), x < 0), (x**2, x < 1), (sp.sqrt(x), True))

    @pytest.mark.parametrize(
        "expr", [BENT, sp.Abs(x) ** sp.Rational(1, 3), sp.atan(x) / x, sp.Max(x, sp.sin(x))], ids=str
    )
    def test_both_samplers_have_the_same_mean(self, expr):
        net = th.NetworkSpec(th.Activation(expr, self.x), C_W=1.5, C_b=0.1)
        law, direct = pair_of_samplers(net, "norm", depth=3, replicas=200)
        error = np.hypot(law.standard_error("norm"), direct.standard_error("norm"))
        assert (np.abs(law.mean("norm") - direct.mean("norm")) < 5 * error).all()
        assert (np.abs(1.2 * law.mean("norm") - direct.mean("norm")) > 5 * error).any()

    def test_a_pole_is_a_heavy_tail(self):
        net = th.NetworkSpec(th.Activation(1 / self.x, self.x), C_W=1, C_b=1)
        assert any("heavy tail" in line for line in simulate(net, 50, 2, X, replicas=200, observables="norm").warnings)


class TestLossGradients:
    def test_batch_normalised_orthogonal_networks_keep_their_gradients(self):
        """With Gaussian weights the gradient of the first layer explodes with depth, with Haar weights it does not."""
        X = np.random.default_rng(0).standard_normal((6, 6))
        growth = {}
        for law, width in (("orthogonal", 6), ("gaussian", 100)):
            net = th.NetworkSpec(
                th.activation("identity"), weights=law, normalization=th.Normalization("batch", centered=False)
            )
            logs = [
                simulate(net, width, depth, X, replicas=30, observables="loss_gradient_norm", keep=True).raw(
                    "loss_gradient_norm"
                )[:, 0]
                for depth in (10, 60)
            ]
            growth[law] = float(np.log(logs[1]).mean() - np.log(logs[0]).mean())
        assert abs(growth["orthogonal"]) < 1
        assert growth["gaussian"] > 3

    def test_it_is_the_norm_of_the_gradient(self):
        X = np.random.default_rng(1).standard_normal((2, 3))
        net = th.NetworkSpec(th.activation("identity"), C_W=2)
        sim = simulate(net, 40, 1, X, replicas=4000, observables="loss_gradient_norm", keep=True)
        # F = c'X w for one unit: the gradient is X'c, and E|X'c|^2 = |X|^2.
        squares = sim.raw("loss_gradient_norm")[:, 0] ** 2
        error = squares.std() / np.sqrt(len(squares))
        assert abs(squares.mean() - (X**2).sum()) < 5 * error
        assert abs(squares.mean() - 1.2 * (X**2).sum()) > 5 * error

    def test_not_with_the_gradients_of_f(self):
        net = th.NetworkSpec(th.activation("tanh"))
        with pytest.raises(UnsupportedError, match="separate"):
            simulate(net, 5, 2, np.eye(2), observables=["ntk", "loss_gradient_norm"])
