"""Measured tables of the literature, measured again on random networks of finite width.

Usage: `python -m benchmarks.published_tables [ID ...]`.  A row has the value that theory gives at infinite width, and
an envelope: how far a network of the width drawn may be off.  The interval is the mean of independent draws +- 5
standard errors.  The row *agrees* if the interval lies within two envelopes of the expected value, *differs* if it is
disjoint from one envelope, and is *undecided* otherwise.  Rows marked "false" state what must be refuted.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import lambdify
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import theory as th
from benchmarks import published_chains
from benchmarks.product_edges import Edge, autoregressive_edge, linear_edge, relu_edge
from benchmarks.published_chains import linear, near_identity
from benchmarks.published_row import Row, measure
from numerics.samplers.direct import DirectSampler
from numerics.samplers.jacobian import largest_singular_value
from numerics.simulation import simulate
from theory.propagation.maps import correlation_map
from theory.symbols import rho as RHO

Array = NDArray[np.float64]

# --- correlations of two inputs


def pair(correlation: float, variance: float = 1.0) -> list[list[float]]:
    return [[variance, variance * correlation], [variance * correlation, variance]]


def normalized(name: str, kind: str = "rms", place: str = "after", skip: th.Skip | None = None) -> th.NetworkSpec:
    return th.NetworkSpec(th.activation(name), C_W=1, normalization=th.Normalization(kind, place), skip=skip)


def quadrature_map(function: Callable[[Array], Array]) -> Callable[[float], float]:
    """Correlation map of a smooth activation behind an rms normalisation, by Gauss quadrature on 100^2 points."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    weights = weights / weights.sum()

    def step(r: float) -> float:
        other = r * nodes[:, None] + math.sqrt(max(1 - r * r, 0.0)) * nodes[None, :]
        cross = weights @ (function(nodes)[:, None] * function(other)) @ weights
        return float(cross / (weights @ function(nodes) ** 2))

    return step


def exact_map(net: th.NetworkSpec) -> Callable[[float], float]:
    compiled = lambdify(RHO, correlation_map(net, RHO), "math")
    return lambda r: float(compiled(r))


def iterate(step: Callable[[float], float], start: float, times: int) -> float:
    for _ in range(times):
        start = step(start)
    return start


def last_correlation(net: th.NetworkSpec, width: int, depth: int, gram: ArrayLike, replicas: int) -> Array:
    sim = simulate(
        net, width, depth, gram=gram, replicas=replicas, observables="correlation", keep=True, progress=False
    )
    return np.asarray(sim.raw("correlation")[:, -1, 0, 1])


def correlation_row(
    identifier: str, quantity: str, net: th.NetworkSpec, start: float, expected: float, width: int, depth: int,
    replicas: int = 2000, holds: bool = True, variance: float = 1.0,
) -> Row:  # fmt: skip
    return Row(
        identifier, "joudaki2024kernel", f"{quantity}, correlation {start} after {depth} layers, width {width}",
        expected, depth / width, "depth/width",
        lambda: last_correlation(net, width, depth, pair(start, variance), replicas), holds,
    )  # fmt: skip


def kernel_map(replicas: int = 2000, widths: Sequence[int] = (250, 1000), depth: int = 8) -> Iterator[Row]:
    for name, start in (("gelu", 0.8), ("gelu", -0.6), ("relu", 0.8), ("tanh", 0.8)):
        net = normalized(name)
        step = quadrature_map(np.tanh) if name == "tanh" else exact_map(net)
        for width in widths:
            expected = iterate(step, start, depth)
            yield correlation_row("kernel-map", f"{name}, rms after", net, start, expected, width, depth, replicas)


def projection_skip(replicas: int = 2000, widths: Sequence[int] = (250, 1000)) -> Iterator[Row]:
    plain, net = normalized("relu"), normalized("relu", skip=th.Skip("projection", 0.6))
    first = exact_map(plain)(-0.6)
    for depth in (2, 7):
        expected = iterate(exact_map(net), first, depth - 1)
        for width in widths:
            yield correlation_row("projection-skip", "relu, skip 0.6", net, -0.6, expected, width, depth, replicas)


def identity_recursion(start: float, strength: float, times: int) -> tuple[float, float]:
    """Mean square q and covariance of the outputs of a relu network with identity skips.

    The mean m of the outputs does not vanish and joins the block to the skip: with s^2 = 1 - r^2 and c = E phi(Z),
    q' = q + 2 s r c sqrt(q) m, m' = s c sqrt(q) + r m, and the covariance gains the same cross term.
    """
    step = exact_map(normalized("relu"))
    c, s = 1 / math.sqrt(math.pi), math.sqrt(1 - strength**2)
    q, m, covariance = 1.0, c, step(start)
    for _ in range(times):
        cross = 2 * s * strength * c * math.sqrt(q) * m
        covariance = s * s * q * step(covariance / q) + strength**2 * covariance + cross
        q, m = q + cross, s * c * math.sqrt(q) + strength * m
    return q, covariance


def identity_skip(replicas: int = 1500, widths: Sequence[int] = (250, 1000), depth: int = 7) -> Iterator[Row]:
    start, strength = -0.6, 0.6
    net = th.NetworkSpec(th.activation("relu"), C_W=2, skip=th.Skip("identity", strength))
    q, covariance = identity_recursion(start, strength, depth - 1)
    for width in widths:
        yield correlation_row(
            "identity-skip", "relu, skip 0.6", net, start, covariance / q, width, depth, replicas, variance=2.0
        )

        def norms(width: int = width) -> Array:
            sim = simulate(
                net, width, depth, gram=pair(start, 2.0), replicas=4 * replicas, observables="norm", keep=True,
                progress=False,
            )  # fmt: skip
            return np.asarray(sim.raw("norm")[:, -1, 0])

        quantity = f"relu, skip 0.6, mean square after {depth} layers, width {width}"
        reason = "depth/width of it"
        yield Row("identity-skip", "joudaki2024kernel", quantity, q, q * depth / width, reason, norms)
    wrong = iterate(exact_map(normalized("relu", skip=th.Skip("projection", strength))),
                    exact_map(normalized("relu"))(start), depth - 1)  # fmt: skip
    yield correlation_row(
        "identity-skip", "relu, skip 0.6, by the map of a projection", net, start, wrong, widths[-1], depth, replicas,
        False, 2.0,
    )  # fmt: skip


def normalization_place(replicas: int = 4000, width: int = 1000, depth: int = 4) -> Iterator[Row]:
    for kind in ("rms", "layer"):
        for place in ("before", "after"):
            net = normalized("relu", kind, place)
            expected = iterate(exact_map(net), 0.3, depth)
            yield correlation_row(
                "normalization-place", f"relu, {kind} {place}", net, 0.3, expected, width, depth, replicas
            )
    wrong = iterate(exact_map(normalized("relu", "layer", "after")), 0.3, depth)
    net = normalized("relu", "layer", "before")
    yield correlation_row(
        "normalization-place", "relu, layer before centres the outputs", net, 0.3, wrong, width, depth, replicas, False
    )


# --- isometry


def late_mean(net: th.NetworkSpec, name: str, width: int, size: int, depth: int, replicas: int, power: int) -> Array:
    """Mean over the second half of the layers of a power of an observable, one number per replica."""
    sim = simulate(net, width, depth, gram=np.eye(size), replicas=replicas, observables=name, keep=True, progress=False)
    return np.asarray((sim.raw(name)[:, depth // 2 :] ** power).mean(axis=1))


def gap_floor(replicas: int = 600, widths: Sequence[int] = (250, 500), depth: int = 40) -> Iterator[Row]:
    """Every correlation is an AR(1) chain with coefficient lambda and noise 1/width; gap = |E|_F^2/(2 size)."""
    net = normalized("relu", "layer")
    slope = 0.25 / (0.5 - 0.5 / math.pi)
    for size in (5, 10):
        for width in widths:
            expected = (size - 1) / (2 * width * (1 - slope**2))
            yield Row(
                "gap-floor", "joudaki2023impact", f"relu, layer after, isometry gap of {size} inputs, width {width}",
                expected, 5 * size / width * expected, "5 inputs/width of it",
                partial(late_mean, net, "isometry_gap", width, size, depth, replicas, 1),
            )  # fmt: skip


def gap_ratios(d: int, layers: int, replicas: int, weights: str = "orthogonal") -> Array:
    """Mean of the ratios of successive isometry gaps, one number per replica."""
    sim = simulate(
        linear(weights), d, layers, near_identity(d, 0.01), replicas=replicas, observables="isometry_gap", keep=True,
        progress=False,
    )  # fmt: skip
    gaps = sim.raw("isometry_gap")
    return np.asarray((gaps[:, 1:] / gaps[:, :-1]).mean(axis=1))


def gap_slope(replicas: int = 400, sizes: Sequence[int] = (10, 30), layers: int = 40) -> Iterator[Row]:
    cases = [(d, d / (d + 2), "", True) for d in sizes] + [(sizes[0], sizes[0] / (sizes[0] + 1), ", d/(d + 1)", False)]
    for d, expected, label, holds in cases:
        yield Row(
                "gap-slope", "meterez2023towards", f"Haar, batch, gap per gap of the layer below, width {d}{label}",
                expected, 0.1 / (d + 2), "0.1/(width + 2)",
                partial(gap_ratios, d, layers, replicas), holds,
            )  # fmt: skip


def batch_floor(replicas: int = 1000, depth: int = 100) -> Iterator[Row]:
    for size, width in ((2, 32), (2, 128), (4, 128), (4, 512), (8, 128), (8, 512)):
        expected = ((size + 2) / 2) ** 2 * (size - 1) / (size * (size + 1) * width)
        yield Row(
            "batch-floor", "daneshmand2021batch",
            f"batch, mean square of the orthogonality gap of {size} inputs, width {width}",
            expected, 2 * size / width * expected, "2 inputs/width of it",
            partial(late_mean, linear(), "orthogonality_gap", width, size, depth, replicas, 2),
        )  # fmt: skip


def batch_map(replicas: int = 20_000, width: int = 250) -> Iterator[Row]:
    """The eigenvalues 1 + r and 1 - r of two inputs become proportional to their square roots."""
    cases = [(r, (1 - math.sqrt(1 - r * r)) / r, "", True) for r in (0.2, 0.6, 0.95)]
    for start, expected, label, holds in [*cases, (0.6, 2 / math.pi * math.asin(0.6), ", as by signs", False)]:
        yield Row(
            "batch-map", "daneshmand2021batch", f"batch, correlation {start} after one layer, width {width}{label}",
            expected, 1 / width, "1/width",
            partial(last_correlation, linear(), width, 1, pair(start), replicas), holds,
        )  # fmt: skip


# --- gradients of networks with batch normalisation


def log_gradients(weights: str, width: int, depth: int, inputs: Array, replicas: int) -> Array:
    """Logarithms of the gradient norms, shape (replica, layer)."""
    sim = simulate(
        linear(weights), width, depth, inputs, replicas=replicas, observables="loss_gradient_norm", keep=True,
        progress=False,
    )  # fmt: skip
    return np.asarray(np.log(sim.raw("loss_gradient_norm")))


def growth(weights: str, width: int, inputs: Array, low: int, high: int, depth: int, replicas: int) -> Array:
    """Growth of the logarithm of the gradient per layer, downwards from layer `high` to layer `low`."""
    logs = log_gradients(weights, width, depth, inputs, replicas)
    return np.asarray((logs[:, low - 1] - logs[:, high - 1]) / (high - low))


def gradient_growth(replicas: int = 100) -> Iterator[Row]:
    """The last layers are left out: there the symmetric part of the gradient dies, at the rate of the gap."""
    d = 20
    # Haar layers keep the antisymmetric part of the gradient; what is left is of second order in 1/d.
    cases = [("orthogonal", d, d, 0.0, 1 / d**2, "1/width^2", 20, 120, 200)]
    cases += [("gaussian", 30, 30, 0.5 * math.log(29 / 28), 0.15 / 30, "0.15/width", 20, 120, 180)]
    cases += [("gaussian", n, 6, 0.5 * math.log(5 / 4), 2 / n, "2/width", 8, 28, 36) for n in (75, 150)]
    for weights, width, size, expected, envelope, reason, low, high, depth in cases:
        inputs = near_identity(width, 0.02)[:size]
        yield Row(
            "gradient-growth", "meterez2023towards",
            f"{weights}, batch, growth of the log gradient per layer, {size} inputs, width {width}",
            expected, envelope, reason,
            partial(growth, weights, width, inputs, low, high, depth, replicas),
        )  # fmt: skip
    yield Row(
        "gradient-growth", "meterez2023towards", "gaussian, batch, no growth, 6 inputs, width 75", 0.0, 1 / 75**2,
        "1/width^2", lambda: growth("gaussian", 75, near_identity(75, 0.02)[:6], 8, 28, 36, replicas), False,
    )  # fmt: skip


def first_gradients(weights: str, width: int, depth: int, inputs: Array, replicas: int) -> Array:
    """Logarithms of the gradient norm in W^1 of a random linear loss of all outputs.

    The part of the back-propagated signal that the inputs do not see outgrows the rest, so the gradient itself is
    formed: a Gram matrix would lose it to rounding.
    """
    sampler = DirectSampler(linear(weights), width, depth, inputs, 0, "published tables", gradients=True)
    logs = np.empty(replicas)
    with threadpool_limits(1):
        for r in range(replicas):
            layers = sampler.layers(r)
            upstream = np.random.default_rng(r).standard_normal((width, len(inputs)))
            for layer in reversed(layers):
                delta, upstream = layer.backward(upstream)
            logs[r] = math.log(np.linalg.norm(delta @ inputs))
    return logs


def degenerate(rank: int, d: int, replicas: int, shallow: int = 10, deep: int = 200) -> Array:
    """Growth per layer of the log gradient of W^1 with the depth of the network, for inputs of a lower rank."""
    generator = np.random.default_rng(rank)
    inputs = generator.standard_normal((d, rank)) @ generator.standard_normal((rank, d))
    ends = [first_gradients("orthogonal", d, depth, inputs, replicas) for depth in (shallow, deep)]
    return np.asarray((ends[1] - ends[0]) / (deep - shallow))


def degenerate_inputs(replicas: int = 60, d: int = 20) -> Iterator[Row]:
    """The source shows that the gradient grows.  The slopes are an earlier measurement with six networks each, not
    theory, hence the wide envelope.
    """
    for rank, slope in ((19, 0.0024), (15, 0.011), (10, 0.034), (5, 0.091)):
        yield Row(
            "degenerate-inputs", "meterez2023towards",
            f"Haar, batch, growth of the log gradient per layer, {d} inputs of rank {rank}, width {d}",
            slope, 0.3 * slope, "0.3 of it", partial(degenerate, rank, d, replicas),
        )  # fmt: skip


# --- norms of products


def norms(net: th.NetworkSpec, width: int, depth: int, replicas: int) -> Array:
    """Spectral norms of the Jacobian."""
    inputs = np.random.default_rng(width).standard_normal((1, width))
    sampler = DirectSampler(net, width, depth, inputs, 0, "published tables", singular_values=True)
    with threadpool_limits(1):
        return np.array([largest_singular_value(sampler.layers(r)) for r in range(replicas)])


def norm_row(
    identifier: str, quantity: str, net: th.NetworkSpec, width: int, depth: int, expected: Edge, replicas: int,
    more: float = 0.0, reason: str = "", holds: bool = True, source: str = "dadoun2025stability",
) -> Row:  # fmt: skip
    shift = 2 * expected.shift
    return Row(
        identifier, source, f"{quantity}, spectral norm of {depth} layers, width {width}",
        expected.norm, shift * width ** (-2 / 3) + more * expected.norm, f"{shift:.2g} width^(-2/3){reason}",
        lambda: norms(net, width, depth, replicas), holds,
    )  # fmt: skip


def product_norm(replicas: int = 40, width: int = 400) -> Iterator[Row]:
    relu, plain = th.NetworkSpec(th.activation("relu"), C_W=2), linear(batch=False)
    cases = [("linear", plain, depth, linear_edge(depth), True) for depth in (1, 2, 4, 8)]
    cases += [("relu", relu, depth, relu_edge(depth), True) for depth in (2, 4, 8)]
    cases += [("relu, as if linear", relu, 4, linear_edge(4), False)]
    for name, net, depth, expected, holds in cases:
        yield norm_row(
            "product-norm", name, net, width, depth, expected, replicas, holds=holds,
            source="pennington2017resurrecting",
        )  # fmt: skip


def sparse_weights(replicas: int = 60, width: int = 300, depth: int = 3) -> Iterator[Row]:
    """The fourth cumulant of the entries, 3 over the entries per row, moves the edge by a multiple of it."""
    for kept in (width, width // 5, width // 10):
        net = linear(f"sparse({kept}/{width})", batch=False)
        yield norm_row(
            "sparse-weights", f"{kept} entries per row", net, width, depth, linear_edge(depth), replicas, 2 / kept,
            " + 2/entries of it",
        )  # fmt: skip
    net = linear(f"sparse(3/{width})", batch=False)
    yield norm_row(
        "sparse-weights", "3 entries per row, as if dense", net, width, depth, linear_edge(depth), replicas, holds=False
    )


def correlated_weights(replicas: int = 60, width: int = 300, depth: int = 3) -> Iterator[Row]:
    for r in ("3/10", "3/5"):
        net = linear(f"row_correlated({r})", batch=False)
        expected = autoregressive_edge(depth, float(Fraction(r)))
        name = f"correlation ({r})^distance in a row"
        yield norm_row("correlated-weights", name, net, width, depth, expected, replicas)
    net = linear("row_correlated(3/5)", batch=False)
    name = "correlation (3/5)^distance in a row, as if independent"
    yield norm_row("correlated-weights", name, net, width, depth, linear_edge(depth), replicas, holds=False)
    for share, holds in (("1/20", True), ("50", False)):
        net = linear(f"block_correlated({width}, {share}/{width})", batch=False)
        name = f"equal correlations {share}/width"
        yield norm_row("correlated-weights", name, net, width, depth, linear_edge(depth), replicas, holds=holds)


TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "kernel-map": kernel_map,
    "projection-skip": projection_skip,
    "identity-skip": identity_skip,
    "normalization-place": normalization_place,
    "gap-floor": gap_floor,
    "gap-slope": gap_slope,
    "gradient-growth": gradient_growth,
    "degenerate-inputs": degenerate_inputs,
    "batch-floor": batch_floor,
    "batch-map": batch_map,
    "product-norm": product_norm,
    "sparse-weights": sparse_weights,
    "correlated-weights": correlated_weights,
    **published_chains.TABLES,
}


def main() -> None:
    """Print the table in Markdown, row by row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="ID", help=f"tables to measure: {', '.join(TABLES)}")
    chosen = parser.parse_args().tables or list(TABLES)
    for name in chosen:
        if name not in TABLES:
            parser.error(f"no table {name!r}; the tables are {', '.join(TABLES)}")
    print("| table | quantity | measured | expected | envelope | verdict | seconds | source |")
    print("|---|---|---|---|---|---|---|---|")
    surprises = []
    for name in chosen:
        for row in TABLES[name]():
            result = measure(row)
            print(result.line, flush=True)
            if result.verdict != ("agrees" if row.holds else "differs"):
                surprises.append(f"{result.row.quantity}: {result.verdict}")
    print(f"\n{len(surprises)} rows are not as stated", *surprises, sep="\n- ")


if __name__ == "__main__":
    main()
