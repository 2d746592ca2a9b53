"""`simulate`: labelled results, independent of scheduling, with accidents and bad input reported."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import sympy as sp

import theory as th
from numerics.executors import Threads
from numerics.observables import OBSERVABLES, observable_names
from numerics.simulation import NonFiniteError, simulate
from numerics.simulation_result import Simulation
from numerics.simulation_task import SimulationTask
from theory.errors import DomainError, UnknownNameError, UnsupportedError

X = np.random.default_rng(0).standard_normal((3, 5))
NET = th.NetworkSpec(th.activation("tanh"), C_W=1.5, C_b=0.1)
ALL = [name for name in observable_names() if OBSERVABLES[name].needs not in ("singular_values", "loss gradients")]


class TestScheduling:
    def test_threads_and_order_change_no_bit(self):
        one, two = (simulate(NET, [300, 4], 40, X, replicas=60, observables=ALL, keep=True, executor=n) for n in (1, 2))
        assert all(np.array_equal(one.raw(k), two.raw(k), equal_nan=True) for k in ALL)
        other = simulate(NET, [300, 4], 40, X, replicas=60, keep=True, seed=1)
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
        assert np.array_equal(copy.run(0)["gram"], task.run(0)["gram"])

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


BAD = [
    ({"widths": 0}, DomainError, "width"),
    ({"widths": []}, DomainError, "width"),
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
