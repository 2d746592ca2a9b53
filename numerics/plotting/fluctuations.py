r"""Picture of the fluctuations of the kernel over depth, for Gaussian and orthogonal weights.

To leading order in 1/n the kernel $\hat K^\ell = C_b + \frac{C_W}{n}\sum_i \varphi(h^{\ell-1}_i)^2$ of one input has
mean $K^\ell$ and variance $V^\ell/n$; layers of width n, $V^1 = 0$,

$$ V^{\ell+1} = C_W^2\,\mathrm{Var}\,\varphi(h)^2 + \chi_\parallel^2 \bigl(V^\ell - 2 c\,(K^\ell - C_b)^2\bigr), $$

with c = 0 for Gaussian weights and c = 1 for orthogonal ones, which keep the norm of a layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import real_number
from numerics.plotting.canvas import COLOURS, canvas, tidy
from numerics.plotting.sampling import sampled, variance_orbit
from numerics.plotting.title import set_title
from numerics.simulation import simulate
from theory.arguments import whole
from theory.errors import DomainError, UnsupportedError
from theory.network import NetworkSpec, checked_network
from theory.propagation.maps import parallel_susceptibility
from theory.symbols import q

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["fluctuation_figure", "kernel_fluctuations", "simulated_fluctuations"]

_LAWS = ("gaussian", "orthogonal")
_DECADES = 50.0


def fluctuation_figure(
    net: NetworkSpec,
    depth: int = 20,
    width: int = 100,
    *,
    variance: float = 1.0,
    replicas: int = 2000,
    seed: int = 0,
) -> Figure:
    r"""$V/(nK^2)$, the relative variance of the kernel, over depth: leading order and simulated networks.

    Parameters
    ----------
    net : plain network without symbolic parameters; its weight law is replaced by the Gaussian and the orthogonal one.
    depth, width : of the networks.
    variance : of the pre-activations of layer 1.
    replicas, seed : of the simulation; no replicas, theory alone.

    Raises
    ------
    DomainError
        for a variance that is not positive, or a depth below two.
    UnsupportedError
        without matplotlib, or for a normalisation or skip.
    """
    net, depth = checked_network(net), whole("depth", depth, 2, 10_000)
    width, replicas = whole("width", width), whole("replicas", replicas, 0)
    variance = real_number("the variance", variance)
    with canvas(height=3.8) as (figure, (axes,)):
        layers = np.arange(1, depth + 1)
        for colour, style, marker, name in zip(COLOURS, ("-", "--"), "os", ("Gaussian", "orthogonal"), strict=False):
            spec = net.with_(weights=name.lower())
            axes.plot(
                layers[1:], kernel_fluctuations(spec, variance, depth)[1:] / width, style, color=colour,
                label=f"{name} weights, leading order",
            )  # fmt: skip
            if replicas:
                found, error = simulated_fluctuations(spec, variance, depth, width, replicas, seed)
                axes.errorbar(
                    layers[1:], found, 2 * error, fmt=marker, color=colour, markersize=3, elinewidth=0.7,
                    label=f"{replicas} networks, $\\pm 2$ standard errors",
                )  # fmt: skip
        _scale(axes)
        axes.xaxis.get_major_locator().set_params(integer=True)
        tidy(axes, r"layer $\ell$", r"relative variance $V/(nK^2)$ of the kernel")
        figure.legend(loc="outside lower center", ncols=2 if replicas else 1, fontsize=7)
        numbers = rf"C_W = {float(net.C_W):.4g},\; C_b = {float(net.C_b):.4g},\; n = {width}"
        set_title(axes, net.phi, f"${numbers}$")
    return figure


def _scale(axes: Any) -> None:
    """Logarithms where the values span decades, otherwise from zero."""
    values = np.concatenate([line.get_ydata() for line in axes.get_lines()])
    positive = values[values > 0]
    if positive.size and positive.max() > _DECADES * positive.min():
        axes.set_yscale("log", nonpositive="mask")
    else:
        axes.set_ylim(bottom=0)


def simulated_fluctuations(
    net: NetworkSpec, variance: float, depth: int, width: int, replicas: int, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Relative variance of the kernel of layers 2, ..., depth over simulated networks, with its standard error.

    Raises
    ------
    DomainError
        for a variance that no input gives: not above C_b; or fewer than two replicas.
    """
    weight, bias = float(net.C_W), float(net.C_b)
    if not variance > bias or not weight > 0:
        raise DomainError(
            f"layer 1 has a variance above C_b = {bias}, and C_W > 0; received {variance}, C_W = {weight}"
        )
    if replicas < 2:
        raise DomainError(f"a variance needs two networks at least; received replicas = {replicas}")
    # As wide as a layer, so that orthogonal weights keep the norm of the input.
    data = np.full((1, width), np.sqrt((variance - bias) / weight))
    sim = simulate(
        net, width, depth - 1, data, replicas=replicas, seed=seed, observables="norm", keep=True, progress=False
    )
    kernels = bias + weight * sim.raw("norm")[:, :, 0]
    centre = kernels.mean(axis=0)
    spread = kernels.var(axis=0, ddof=1)
    error = np.sqrt(np.maximum(((kernels - centre) ** 4).mean(axis=0) - spread**2, 0) / replicas)
    return spread / centre**2, error / centre**2


def kernel_fluctuations(net: NetworkSpec, variance: float, depth: int) -> NDArray[np.float64]:
    r"""$V^\ell/(K^\ell)^2$ for $\ell$ = 1, ..., depth, see the module.

    Raises
    ------
    DomainError
        for a variance that is not positive, or a depth below two.
    UnsupportedError
        for a normalisation, a skip, or other weight laws.

    Examples
    --------
    >>> from theory.activations import activation
    >>> kernel_fluctuations(NetworkSpec(activation("relu"), C_W=2), 1.0, 4).round(9).tolist()
    [0.0, 5.0, 10.0, 15.0]

    References
    ----------
    roberts2022principles
    """
    if not 0 < variance < np.inf or depth < 2:
        raise DomainError(f"fluctuations take a variance > 0 and a depth >= 2; received {variance}, {depth}")
    if net.normalization is not None or net.skip is not None:
        raise UnsupportedError("kernel fluctuations are known for plain networks, without normalization and skip")
    law = str(net.weights)
    if law not in _LAWS:
        raise UnsupportedError(f"kernel fluctuations are known for {' and '.join(_LAWS)} weights; received {law}")
    kernels = variance_orbit(net, variance, depth)
    spread = sampled(net.phi.moment(4, q) - net.phi.moment(2, q) ** 2, q, kernels[:-1]) * float(net.C_W) ** 2
    slopes = sampled(parallel_susceptibility(net, q), q, kernels[:-1])
    values = np.zeros(depth)
    for i in range(depth - 1):
        kept = 2 * (kernels[i] - float(net.C_b)) ** 2 if law == "orthogonal" else 0.0
        values[i + 1] = spread[i] + slopes[i] ** 2 * (values[i] - kept)
    return values / kernels**2
