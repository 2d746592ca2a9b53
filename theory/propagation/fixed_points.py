r"""Fixed points of the variance map and of the correlation map of a network, all of them, with their rates."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.network import NetworkSpec
from theory.propagation.correlation_fixed_points import all_correlation_points
from theory.propagation.fixed_point import FixedPoints
from theory.propagation.maps import settled_variance
from theory.propagation.variance_curve import VarianceCurve
from theory.propagation.variance_fixed_points import all_variance_points

__all__ = ["correlation_fixed_points", "variance_fixed_points"]


def variance_fixed_points(net: NetworkSpec) -> FixedPoints:
    r"""Solutions $q \ge 0$ of $q = F(q)$, in increasing order; $q = 0$ where F(0) = 0.

    In closed form where the equation is algebraic or solved by Lambert's W; otherwise isolated by subdivision with
    Taylor bounds and known to any number of digits.  `complete` and `range` of the list say what was proved.

    Parameters
    ----------
    net : a network without symbolic parameters.

    Raises
    ------
    DivergenceError
        if $E\varphi^2$ is infinite at every variance.
    UnsupportedError
        for symbolic parameters, batch normalisation, or an order of contact beyond the rules.

    Examples
    --------
    >>> from theory.activations import activation
    >>> variance_fixed_points(NetworkSpec(activation("relu"), C_W=1, C_b=1))[0].value
    2
    >>> variance_fixed_points(NetworkSpec(activation("sin"), C_W=2))[1].value
    LambertW(-2*exp(-2))/2 + 1

    References
    ----------
    poole2016exponential
    """
    _check_numbers(net)
    return all_variance_points(VarianceCurve(net))


def correlation_fixed_points(net: NetworkSpec, q: Any = None) -> FixedPoints:
    r"""Solutions $\rho \in [-1, 1]$ of $\rho = R(\rho)$ for two inputs of variance q, in increasing order.

    Left out, q is the variance that does not matter (normalised networks, homogeneous activations without bias) or
    the one attracting fixed point of the variance map.

    Raises
    ------
    DomainError
        if q is left out and not determined, or the activation cannot be normalised.
    DivergenceError
        if $E\varphi^2$ is infinite.
    PrecisionError
        if the slope at one is not told apart from one.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.propagation.fixed_points import correlation_fixed_points
    >>> points = correlation_fixed_points(NetworkSpec(activation("relu"), C_W=2))
    >>> [(p.value, p.stability) for p in points], points[0].rate.constant
    ([(1, 'attracting')], 9*pi**2/2)

    References
    ----------
    poole2016exponential, joudaki2024kernel
    """
    _check_numbers(net)
    value = _variance(net) if q is None else exact(q)
    if value.free_symbols:
        raise UnsupportedError(f"the variance of correlation fixed points is a number; received {value}")
    if not value.is_positive:
        raise DomainError(f"the variance of correlation fixed points is positive; received {value}")
    return all_correlation_points(net, value)


def _check_numbers(net: NetworkSpec) -> None:
    if net.parameters:
        names = ", ".join(map(str, net.parameters))
        raise UnsupportedError(f"fixed points need numbers for {names}; give them with net.subs({{...}})")


def _variance(net: NetworkSpec) -> Expr:
    try:
        return settled_variance(net)
    except DomainError:
        points = variance_fixed_points(net)
    if any(p.stability == "continuum" for p in points):
        raise DomainError(f"every variance is a fixed point of {net}; give q=")
    stable = [p.value for p in points if p.attracts and p.value != 0]
    if len(stable) != 1 or not points.complete:
        status = "complete" if points.complete else f"not proved complete ({points.reason})"
        raise DomainError(
            f"the correlation map depends on the variance, and the variance map has {len(stable)} positive attracting "
            f"fixed points ({stable}; list {status}); give q="
        )
    return stable[0]
