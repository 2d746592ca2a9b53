r"""Two inputs carried through the layers of an infinitely wide network: covariances, tangent kernels, gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from flint import arb
from sympy import Add, Expr, Integer, exp, sqrt

from theory.arguments import whole
from theory.balls import workprec
from theory.enclosure import enclose
from theory.errors import DivergenceError, DomainError, PrecisionError
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.kernels import check_correlation
from theory.gaussian.law import exact
from theory.network import NetworkSpec, checked_depth, checked_network
from theory.propagation.block import BallBlock, Block, SymbolicBlock
from theory.propagation.maps import check_uncorrelated_weights

__all__ = ["LayerState", "gradient_moments", "iterate"]

_PAIRS = ((0, 0), (1, 1), (0, 1))
_ATTEMPTS = 4
_HIGHEST_LOG = 10**6
_Triple = tuple[Any, Any, Any]


@dataclass(frozen=True)
class LayerState:
    r"""Two inputs at layer `layer`: expressions, or balls where digits were asked for.

    - `q1`, `q2`, `q12`: variances and covariance of the pre-activations;
    - `ntk1`, `ntk2`, `ntk12`: tangent kernels of the layer, None where there are none (see `iterate`);
    - `mean1`, `mean2`: means of the coordinates of $x^\ell$, for networks with an identity skip, which carries them
      along, else None;
    - `gain1`, `gain2`, `gain12`: factors of the gradient moments, $\chi_\perp$ for one input; None with a jump.
    """

    layer: int
    q1: Any
    q2: Any
    q12: Any
    ntk1: Any
    ntk2: Any
    ntk12: Any
    mean1: Any
    mean2: Any
    gain1: Any
    gain2: Any
    gain12: Any

    @property
    def rho(self) -> Any:
        """Correlation of the pre-activations."""
        if isinstance(self.q12, arb):
            return self.q12 / (self.q1 * self.q2).sqrt()
        return _correlation(self.q1, self.q2, self.q12)


class _Carried(NamedTuple):
    """What a layer hands to the next: Gram entries and tangent kernels of x, means of its coordinates."""

    gram: _Triple
    tangent: _Triple | None
    means: tuple[Any, Any]


def iterate(
    net: NetworkSpec, depth: int, q1: Any = 1, q2: Any = None, rho: Any = 0, digits: int | None = None
) -> list[LayerState]:
    r"""The states of layers 1, ..., depth of two inputs.

    $$ S^{\ell+1}_{ab} = C_W G^\ell_{ab} + C_b, \quad
       G^\ell_{ab} = \beta^2 B_{ab}(S^\ell) + r^2 G^{\ell-1}_{ab} + \beta r (c_a m^{\ell-1}_b + c_b m^{\ell-1}_a) $$

    with B the Gram entry of the block and $\beta = 1$, $r = 0$ without a skip and in layer 1.  The last term belongs to
    an identity skip: $c = E\,N(\varphi)$ and $m^\ell = \beta c + r m^{\ell-1}$ is the mean of the coordinates.
    The tangent kernel obeys $\Theta^1 = S^1$ and

    $$ \Theta^{\ell+1} = S^{\ell+1} + C_W T^\ell, \quad
       T^\ell = \beta^2 \dot B(S^\ell)\,\Theta^\ell + r^2 T^{\ell-1}. $$

    It is None (from layer 2 on) for an activation that jumps, and for parameterisations other than `"ntk"`.

    Parameters
    ----------
    depth : number of weight matrices; layer 1 is the first pre-activation.
    q1, q2, rho : variances and correlation of the pre-activations of layer 1; q2 = q1 if left out.
    digits : None for exact expressions, which grow; otherwise every number is a ball whose radius is at most
        $10^{-\text{digits}}$ times the value (or $10^{-2\,\text{digits}}$).

    Raises
    ------
    DomainError
        for a negative variance, a correlation outside [-1, 1], a depth that is not a positive integer, or symbolic
        parameters together with digits.
    DivergenceError
        if a variance is infinite; the message names the layer.
    PrecisionError
        if the digits are not reached.
    UnsupportedError
        for batch normalisation, and for weights that are correlated inside a layer.

    Examples
    --------
    >>> from theory.activations import activation
    >>> net = NetworkSpec(activation("relu"), C_W=2)
    >>> iterate(net, 2, rho=0)[1].q12
    1/pi
    >>> iterate(net, 10, rho=0, digits=20)[-1].q12.str(20, radius=False)
    '0.85480923754890577555'

    References
    ----------
    poole2016exponential, jacot2018neural
    """
    net, depth = checked_network(net), checked_depth(depth)
    check_uncorrelated_weights(net)
    start = exact(q1), exact(q1 if q2 is None else q2), exact(rho)
    check_correlation(start[2])
    for q in start[:2]:
        if q.is_negative or q.is_extended_real is False or (not q.is_finite and q.is_number):
            raise DomainError(f"a variance is a number that is not negative; received {q}")
    if digits is None:
        covariance = (
            start[0],
            start[0] if start[0] == start[1] else start[1],
            start[2] * (start[0] if start[0] == start[1] else sqrt(start[0] * start[1])),
        )
        return _states(net, depth, covariance, SymbolicBlock(net), start[2])
    return _certified(net, depth, start, digits)


def gradient_moments(net: NetworkSpec, depth: int, q1: Any = 1, digits: int | None = None) -> list[Any]:
    r"""Second moments of the back-propagated signal of one output, summed over the neurons of each layer.

    $$ E\|\partial h^L_1/\partial h^\ell\|^2 = \beta^2 C_W \dot B(S^\ell) \prod_{k=\ell+1}^{L-1}
       \left(\beta^2 C_W \dot B(S^k) + r^2\right), \qquad \ell = 1, \dots, L = \text{depth} $$

    in the limit of wide layers; the last entry is 1.  Arguments and errors as in `iterate`.

    Examples
    --------
    >>> from theory.activations import activation
    >>> gradient_moments(NetworkSpec(activation("relu"), C_W=3), 3)
    [9/4, 3/2, 1]

    References
    ----------
    schoenholz2017deep
    """
    states = iterate(net, depth, q1, rho=1, digits=digits)
    if any(state.gain1 is None for state in states[:-1]):
        net.phi.derivative()
    squares = [Integer(0) if net.skip is None or i == 0 else net.skip.strength**2 for i in range(depth)]
    one = Integer(1) if digits is None else arb(1)
    moments, product = [one], one
    for state, square in reversed(list(zip(states[:-1], squares[:-1], strict=True))):
        inner = state.gain1 - (square if digits is None else enclose(square, digits + 10))
        moments.append(inner * product)
        product = state.gain1 * product
    return moments[::-1]


def _states(net: NetworkSpec, depth: int, covariance: _Triple, block: Block, rho: Expr) -> list[LayerState]:
    equal = covariance[0] is covariance[1]
    same = equal and bool(rho == 1)
    C_W, C_b = block.number(net.C_W), block.number(net.C_b)
    theta: _Triple | None = covariance if net.parameterization == "ntk" else None
    carried: _Carried | None = None
    states: list[LayerState] = []
    for layer in range(1, depth + 1):
        try:
            carried, gains = _step(net, covariance, theta, carried, block, (equal, same), rho if layer == 1 else None)
        except DivergenceError as error:
            raise DivergenceError(f"at layer {layer}, pre-activation variance {covariance[0]}: {error}") from None
        means = carried.means
        kernels: _Triple = theta or (None, None, None)
        factors: _Triple = gains or (None, None, None)
        states.append(LayerState(layer, *covariance, *kernels, *means, *factors))
        if layer == depth:
            break
        covariance = _each(lambda g: C_W * g + C_b, carried.gram)
        covariance = (covariance[0], covariance[0], covariance[2]) if equal else covariance
        _refuse_explosion(covariance, layer + 1)
        tangent = carried.tangent
        theta = None if tangent is None else _each(lambda s, t: s + C_W * t, covariance, tangent)
    return states


def _step(
    net: NetworkSpec,
    covariance: _Triple,
    theta: _Triple | None,
    below: _Carried | None,
    block: Block,
    alike: tuple[bool, bool],
    rho: Expr | None,
) -> tuple[_Carried, _Triple | None]:
    """What the layer hands on, and the gradient factors; `alike`: are the variances equal, are the inputs?"""
    equal, same = alike
    first, skip = below is None, net.skip
    branch = block.number(Integer(1) if first or skip is None else skip.branch)
    strength = block.number(Integer(0) if first or skip is None else skip.strength)
    singles = [block.single(covariance[0])]
    singles.append(singles[0] if equal else block.single(covariance[1]))
    cross = singles[0] if same else block.pair(*covariance, rho)
    identity = skip is not None and skip.kind == "identity"
    means = (branch * singles[0].mean, branch * singles[1].mean) if identity else (None, None)
    gram = _each(lambda b: branch**2 * b, (singles[0].gram, singles[1].gram, cross.gram))
    slopes = None if cross.slope is None else (singles[0].slope, singles[1].slope, cross.slope)
    square = branch**2 * block.number(net.C_W)
    gains = None if slopes is None else _each(lambda d: square * d + strength**2, slopes)
    tangent = None if theta is None or slopes is None else _each(lambda d, t: branch**2 * d * t, slopes, theta)
    if below is not None and skip is not None:
        gram = _each(lambda g, old: g + strength**2 * old, gram, below.gram)
        if tangent is not None and below.tangent is not None:
            tangent = _each(lambda t, old: t + strength**2 * old, tangent, below.tangent)
        if identity:
            mixed = tuple(strength * (means[a] * below.means[b] + means[b] * below.means[a]) for a, b in _PAIRS)
            gram = _each(lambda g, extra: g + extra, gram, mixed)
            means = means[0] + strength * below.means[0], means[1] + strength * below.means[1]
    return _Carried(gram, tangent, means), gains


def _refuse_explosion(covariance: _Triple, layer: int) -> None:
    """Stop where the next exponential of a variance would no longer fit into memory."""
    for q in covariance[:2]:
        if isinstance(q, Expr) and q.is_number and q.has(exp) and not q.has(GaussianExpectation):
            q = enclose(q, 5)
        if isinstance(q, arb) and q > 1 and not q.log() < _HIGHEST_LOG:
            raise DivergenceError(
                f"the variance exceeds exp({_HIGHEST_LOG}) at layer {layer}; take fewer layers or lower variances"
            )


def _each(function: Any, *triples: Any) -> _Triple:
    first, second, cross = (function(*values) for values in zip(*triples, strict=True))
    return first, second, cross


def _certified(net: NetworkSpec, depth: int, start: tuple[Expr, Expr, Expr], digits: int) -> list[LayerState]:
    digits = whole("digits", digits, 1, 10**7)
    free = set(net.parameters).union(*(value.free_symbols for value in start))
    if free:
        raise DomainError(f"certified numbers need values for {', '.join(sorted(map(str, free)))}; use subs")
    working = digits + 5
    reason = ""
    for _ in range(_ATTEMPTS):
        with workprec(int(3.3220 * working) + 40):
            try:
                q1, q2, rho = (enclose(value, working) for value in start)
                covariance = (
                    q1,
                    q1 if start[0] == start[1] else q2,
                    rho * (q1 if start[0] == start[1] else (q1 * q2).sqrt()),
                )
                states = _states(net, depth, covariance, BallBlock(net, working), start[2])
                missing = _missing(states, digits)
            except PrecisionError as error:
                missing, reason = working, str(error)
            if missing <= 0:
                return states
        working = max(working + missing + 3, 3 * working // 2)
    raise PrecisionError(f"{digits} digits of {depth} layers of {net} were not reached; {reason or 'radii grow'}")


def _missing(states: list[LayerState], digits: int) -> int:
    """Digits lacking to the worst ball."""
    worst = -1.0
    for state in states:
        for value in vars(state).values():
            if not isinstance(value, arb) or value.rad() == 0:
                continue
            if not value.is_finite():
                raise PrecisionError(f"a ball of layer {state.layer} is unbounded")
            radius = _log10(value.rad())
            size = _log10(abs(value.mid()))
            worst = max(worst, min(radius - size + digits, radius + 2 * digits))
    return int(worst) + 1 if worst > 0 else 0


def _log10(value: arb) -> float:
    return float(value.log()) / 2.302585092994046 if value > 0 else -1e9


def _correlation(q1: Expr, q2: Expr, q12: Expr) -> Expr:
    below = q1 if q1 == q2 else sqrt(q1) * sqrt(q2)
    return Add(*(term / below for term in Add.make_args(q12)))
