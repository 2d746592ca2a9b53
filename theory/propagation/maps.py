r"""Maps of a layer at infinite width: variances, correlations, susceptibilities.

The state of two inputs is the covariance of their pre-activations, $S = C_W G + C_b$ with $G$ the Gram matrix of the
layer below.  Layer l + 1 depends on layer l alone; layer 1 is the first pre-activation.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, S, Symbol, sqrt

from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.network import NetworkSpec
from theory.propagation.universality import second_moment_slope_at_zero

__all__ = [
    "block_dual",
    "check_uncorrelated_weights",
    "correlation_map",
    "correlation_slope",
    "covariance_map",
    "normalization_scales",
    "parallel_susceptibility",
    "perpendicular_susceptibility",
    "variance_map",
]


def block_dual(net: NetworkSpec, rho: Any, q1: Any, q2: Any) -> Expr:
    r"""Gram entry of the block $N(\varphi(h))$ or $\varphi(N(h))$ without skip, for pre-activations $(q_1, q_2, \rho)$.

    - no normalisation: the dual activation;
    - before the activation (`rms`, `layer`): the dual activation at unit variances, because the mean over the
      neurons of a pre-activation vanishes in the limit;
    - after it: `rms` divides by the root mean squares, `layer` removes the means as well.

    Raises
    ------
    UnsupportedError
        for batch normalisation, which is no map of two inputs.
    DomainError
        if a normalisation after the activation would divide by zero.
    """
    phi, rule = net.phi, net.normalization
    if rule is None:
        return phi.dual(rho, q1, q2)
    if rule.kind == "batch":
        raise UnsupportedError("batch normalization couples all inputs of a batch; it has no map of two inputs")
    if rule.place == "before":
        return phi.dual(rho, 1, 1)
    means = phi.moment(1, q1) * phi.moment(1, q2) if rule.centered else Integer(0)
    scales = normalization_scales(net, q1, q2)
    if exact(rho) == 1 and exact(q1) == exact(q2):
        return Integer(1)
    return (phi.dual(rho, q1, q2) - means) / (scales[0] if q1 == q2 else sqrt(scales[0]) * sqrt(scales[1]))


def normalization_scales(net: NetworkSpec, *variances: Any) -> list[Expr]:
    r"""$E\varphi^2$, or the variance of $\varphi$ if the mean is removed: what a normalisation after it divides by.

    Raises
    ------
    DomainError
        where it vanishes.
    """
    phi, rule = net.phi, net.normalization
    centered = rule is not None and rule.centered
    scales: list[Expr] = [phi.moment(2, q) - (phi.moment(1, q) ** 2 if centered else 0) for q in variances]
    for q, scale in zip(variances, scales, strict=True):
        if scale.expand().is_zero:
            what = "a constant activation has no variance" if centered else "the activation vanishes"
            raise DomainError(f"a normalization divides by a positive scale; {what} at q = {q}: {phi.expr}")
    return scales


def variance_map(net: NetworkSpec, q: Any) -> Expr:
    r"""Pre-activation variance of the next layer, $F(q) = C_W\,E\varphi(\sqrt q Z)^2 + C_b$ for a plain network.

    With a projection skip $F(q) = \beta^2 C_W B(q) + r^2 (q - C_b) + C_b$, B the Gram entry of the block.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import q
    >>> variance_map(NetworkSpec(activation("relu"), C_W=2), q)
    q
    """
    q = exact(q)
    return _assembled(net, block_dual(net, S.One, q, q), q)


def covariance_map(net: NetworkSpec, q1: Any, q2: Any, q12: Any) -> tuple[Expr, Expr, Expr]:
    """Variances and covariance of the pre-activations of the next layer."""
    q1, q2, q12 = exact(q1), exact(q2), exact(q12)
    cross = _assembled(net, block_dual(net, q12 / sqrt(q1) / sqrt(q2), q1, q2), q12)
    return variance_map(net, q1), variance_map(net, q2), cross


def correlation_map(net: NetworkSpec, rho: Any, q: Any = None) -> Expr:
    r"""Correlation of the next layer for two inputs of equal variance q.

    Left out, q is the variance that does not matter (normalised networks; positively homogeneous activations without
    bias) or the one exact attracting fixed point of the variance map.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import rho
    >>> correlation_map(NetworkSpec(activation("erf"), C_W=1), rho, 1)
    asin(2*rho/3)/asin(2/3)

    Raises
    ------
    DomainError
        if q is left out and matters, is not positive, or gives the next layer the variance zero.
    """
    rho = exact(rho)
    q = settled_variance(net) if q is None else exact(q)
    if q.is_nonpositive:
        raise DomainError(f"inputs have a correlation at a positive variance; received q = {q}")
    below = _variance_above(net, q)
    return _quotient(_assembled(net, block_dual(net, rho, q, q), q * rho), below)


def correlation_slope(net: NetworkSpec, q: Any = None) -> Expr:
    r"""Slope of the correlation map at correlation one: $C_W E\varphi'(\sqrt q Z)^2\,q/F(q)$ for a plain network."""
    q = settled_variance(net) if q is None else exact(q)
    below = _variance_above(net, q)
    inner = _slope(net, q) * _skip(net)[0] ** 2 * net.C_W * q
    return _quotient(inner + _skip(net)[1] ** 2 * q, below)


def perpendicular_susceptibility(net: NetworkSpec, q: Any) -> Expr:
    r"""$\chi_\perp(q) = C_W\,E\varphi'(\sqrt q Z)^2$ (with a projection skip $\beta^2\chi_\perp + r^2$).

    The gradient second moment is multiplied by it in every layer.
    """
    branch, strength = _skip(net)
    return branch**2 * net.C_W * _slope(net, exact(q)) + strength**2


def parallel_susceptibility(net: NetworkSpec, q: Any) -> Expr:
    r"""Slope of the variance map; plain: $C_W E[\varphi(X)^2(X^2 - q)]/(2q^2)$, $X \sim N(0, q)$.

    At q = 0 from above: $C_W (\varphi'(0)^2 + \varphi(0)\varphi''(0))$ with averages over both sides of a kink,
    infinite where $\varphi(0) \ne 0$ and the slope jumps.

    Examples
    --------
    >>> from theory.activations import activation
    >>> parallel_susceptibility(NetworkSpec(activation("leaky_relu", slope=1 / Integer(3)), C_W=2), 0)
    10/9
    """
    q = exact(q)
    if q.is_zero and net.normalization is None:
        branch, strength = _skip(net)
        return branch**2 * net.C_W * second_moment_slope_at_zero(net.phi) + strength**2
    dummy = Symbol("q", positive=True)
    return variance_map(net, dummy).diff(dummy).subs(dummy, q)


def _variance_above(net: NetworkSpec, q: Expr) -> Expr:
    """Variance of the next layer, where it has a correlation."""
    value = variance_map(net, q)
    if value.is_zero:
        raise DomainError(f"the next layer has variance 0, so no correlation: C_W = {net.C_W}, phi = {net.phi.expr}")
    return value


def settled_variance(net: NetworkSpec) -> Expr:
    """The variance at which the correlation map is meant when none is given."""
    if net.normalization is not None:
        return Integer(1) if net.normalization.place == "before" else net.C_W + net.C_b
    if net.C_b == 0 and _is_homogeneous(net):
        return Integer(1)
    raise DomainError(
        f"the correlation map of {net} depends on the variance; give q=, for instance a fixed point of the variance map"
    )


def check_uncorrelated_weights(net: NetworkSpec) -> None:
    """Refuse weights that are correlated inside a layer: then means of the activation enter the variances."""
    if net.weights.law in ("row_correlated", "block_correlated"):
        raise UnsupportedError(
            f"the maps are those of weights without correlations inside a layer; received {net.weights}"
        )


def _is_homogeneous(net: NetworkSpec) -> bool:
    r"""Is $\varphi(tx) = t^p\varphi(x)$ for t > 0?  Linear pieces, or powers, with a single kink at 0."""
    t = Symbol("t", positive=True)
    x, pieces = net.phi.variable, net.phi.pieces
    if any(b != 0 for b in pieces.breaks):
        return False
    ratios = [(p.subs(x, t * x) / p).cancel() for p in pieces.parts if p != 0]
    return bool(ratios) and all(r == ratios[0] and not r.has(x) for r in ratios)


def _skip(net: NetworkSpec) -> tuple[Expr, Expr]:
    """Branch and strength; an identity skip of an uncentred activation carries a mean along and has no such map."""
    skip = net.skip
    if skip is None:
        return S.One, S.Zero
    if skip.kind == "identity" and not _is_centred(net):
        raise UnsupportedError(
            "an identity skip of an activation with E phi != 0 carries a mean from layer to layer; use iterate()"
        )
    return skip.branch, skip.strength


def _is_centred(net: NetworkSpec) -> bool:
    rule = net.normalization
    return net.phi.parity == "odd" or (rule is not None and rule.place == "after" and rule.centered)


def _assembled(net: NetworkSpec, block: Expr, current: Expr) -> Expr:
    """Covariance of the next layer from the Gram entry of the block and the covariance of this layer."""
    check_uncorrelated_weights(net)
    branch, strength = _skip(net)
    if strength == 0:
        return branch**2 * net.C_W * block + net.C_b
    return branch**2 * net.C_W * block + strength**2 * (current - net.C_b) + net.C_b


def _slope(net: NetworkSpec, q: Expr) -> Expr:
    """Dual of the derivative of the block at correlation one."""
    check_uncorrelated_weights(net)
    phi, rule = net.phi, net.normalization
    if rule is None:
        return phi.dual_derivative(1, q, q)
    if rule.kind == "batch":
        raise UnsupportedError("batch normalization couples all inputs of a batch; it has no map of two inputs")
    if rule.place == "before":
        if q.is_zero:
            raise DomainError("a normalization needs a positive variance; received a pre-activation of variance 0")
        return phi.dual_derivative(1) / q
    return phi.dual_derivative(1, q, q) / normalization_scales(net, q)[0]


def _quotient(above: Expr, below: Expr) -> Expr:
    from sympy import Add

    if below == 1 or isinstance(below, Add):
        return above / below
    return Add(*(term / below for term in Add.make_args(above)))
