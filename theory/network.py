r"""Random networks as inert data, read by the closed forms and by the simulators alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sympy import Expr, Symbol, latex, sqrt

from theory.activations import Activation
from theory.arguments import known_name, whole
from theory.errors import DomainError
from theory.gaussian.law import exact
from theory.layers import Normalization, Skip, Weights

if TYPE_CHECKING:
    from theory.propagation.fixed_point import FixedPoints

__all__ = ["NetworkSpec", "checked_depth", "checked_network"]

_DEEPEST = 10**6

_PARAMETERIZATIONS = ("standard", "ntk", "mup")


@dataclass(frozen=True, init=False)
class NetworkSpec:
    r"""A random fully connected network at initialisation.

    $$ h^{\ell} = W^{\ell} x^{\ell-1} + b^{\ell}, \qquad x^{\ell} = \varphi(h^{\ell}), \qquad
       \mathrm{Var}\,W^{\ell}_{ij} = C_W/\text{fan-in}, \quad \mathrm{Var}\,b^{\ell}_i = C_b $$

    Depth counts weight matrices; layer 1 is the first pre-activation $h^1$, $x^0$ is the input.  A normalisation
    N acts before the activation, $x = \varphi(N(h))$, or after it, $x = N(\varphi(h))$; a skip connection joins
    $x^{\ell-1}$ to $x^{\ell}$ from layer 2 on.

    Parameters
    ----------
    phi : Activation
    C_W, C_b : weight and bias variance; or `sigma_w`, `sigma_b`, their square roots.  One pair, never a mixture.
    depth : number of weight matrices, if it belongs to the network.
    weights : law of the weights, see `Weights`; biases are Gaussian.
    normalization : `"layer"`, `"rms"`, `"batch"` (before the activation), `"layer after"` or a `Normalization`.
    skip : a `Skip`, or a text such as `"identity(1/2)"`.
    parameterization : `"standard"`, `"ntk"` or `"mup"`: how learning rates scale, which only gradients see.

    Raises
    ------
    DomainError, UnknownNameError
        for a network that cannot be built.

    Examples
    --------
    >>> from theory.activations import activation
    >>> net = NetworkSpec(activation("relu"), C_W=2, C_b=0)
    >>> net.sigma_w
    sqrt(2)
    """

    phi: Activation
    C_W: Expr
    C_b: Expr
    depth: int | None
    weights: Weights
    normalization: Normalization | None
    skip: Skip | None
    parameterization: str

    def __init__(
        self,
        phi: Activation,
        C_W: Any = None,
        C_b: Any = None,
        *,
        sigma_w: Any = None,
        sigma_b: Any = None,
        depth: int | None = None,
        weights: str | Weights = "gaussian",
        normalization: str | Normalization | None = None,
        skip: str | Skip | None = None,
        parameterization: str = "ntk",
    ) -> None:
        if not isinstance(phi, Activation):
            raise DomainError(f"a network takes an Activation, such as th.activation('relu'); received {phi!r}")
        if (C_W is not None or C_b is not None) and (sigma_w is not None or sigma_b is not None):
            pairs = {"C_W": C_W, "C_b": C_b, "sigma_w": sigma_w, "sigma_b": sigma_b}
            received = ", ".join(f"{name} = {value}" for name, value in pairs.items() if value is not None)
            raise DomainError(
                f"give C_W and C_b (variances) or sigma_w and sigma_b (their roots), not a mixture; received {received}"
            )
        if sigma_w is not None or sigma_b is not None:
            roots = (_scale("sigma_w", sigma_w, 1), _scale("sigma_b", sigma_b, 0))
            variances = (roots[0] ** 2, roots[1] ** 2)
        else:
            variances = (_scale("C_W", C_W, 1), _scale("C_b", C_b, 0))
        if depth is not None:
            depth = checked_depth(depth)
        known_name("parameterization", parameterization, _PARAMETERIZATIONS)
        values = (phi, *variances, depth, Weights.read(weights), Normalization.read(normalization), Skip.read(skip))
        for field, value in zip(fields(self), (*values, parameterization), strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def sigma_w(self) -> Expr:
        """Square root of the weight variance."""
        return sqrt(self.C_W)

    @property
    def sigma_b(self) -> Expr:
        """Square root of the bias variance."""
        return sqrt(self.C_b)

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """Free symbols of the network, by name."""
        found = set(self.phi.parameters) | self.C_W.free_symbols | self.C_b.free_symbols
        if self.skip is not None:
            found |= self.skip.strength.free_symbols | self.skip.branch.free_symbols
        return tuple(sorted(found, key=str))

    def with_(self, **changes: Any) -> NetworkSpec:
        """The same network with some fields changed, for instance `net.with_(depth=20)`."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in changes:
            known_name("field of a network", name, known)
        return NetworkSpec(**known | changes)

    def subs(self, values: Any) -> NetworkSpec:
        """The same network with numbers or expressions in place of its parameters."""
        if not isinstance(values, Mapping):
            raise DomainError(f"subs takes a mapping from parameters to values, such as {{a: 1}}; received {values!r}")
        phi = Activation(self.phi.expr.subs(values), self.phi.variable, self.phi.assumptions)
        skip = self.skip and replace(
            self.skip, strength=self.skip.strength.subs(values), branch=self.skip.branch.subs(values)
        )
        return self.with_(phi=phi, C_W=self.C_W.subs(values), C_b=self.C_b.subs(values), skip=skip)

    def variance_map(self, q: Any) -> Expr:
        """Variance of the pre-activations of the next layer, see `theory.propagation.maps.variance_map`."""
        from theory.propagation.maps import variance_map

        return variance_map(self, q)

    def correlation_map(self, rho: Any, q: Any = None) -> Expr:
        """Correlation of the next layer at variance q, see `theory.propagation.maps.correlation_map`."""
        from theory.propagation.maps import correlation_map

        return correlation_map(self, rho, q)

    def ntk_map(self, theta: Any, rho: Any, q1: Any = 1, q2: Any = None) -> Expr:
        """Tangent kernel of the next layer, see `theory.propagation.tangent_kernel.ntk_map`."""
        from theory.propagation.tangent_kernel import ntk_map

        return ntk_map(self, theta, rho, q1, q2)

    def iterate(self, depth: int, q1: Any = 1, q2: Any = None, rho: Any = 0, digits: int | None = None) -> Any:
        """Covariances and tangent kernels of layers 1 to `depth`, see `theory.propagation.iteration.iterate`."""
        from theory.propagation.iteration import iterate

        return iterate(self, depth, q1, q2, rho, digits)

    def variance_fixed_points(self) -> FixedPoints:
        """Fixed points of the variance map, with their stability and rates."""
        from theory.propagation.fixed_points import variance_fixed_points

        return variance_fixed_points(self)

    def correlation_fixed_points(self, q: Any = None) -> FixedPoints:
        """Fixed points of the correlation map at variance q, with their stability and rates."""
        from theory.propagation.fixed_points import correlation_fixed_points

        return correlation_fixed_points(self, q)

    def key(self) -> str:
        """Text that names the network: equal keys, equal laws."""
        return "; ".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))

    def __repr__(self) -> str:
        return f"NetworkSpec({self.key()})"

    def _repr_latex_(self) -> str:
        separator = r",\; "
        parts = [rf"\varphi({latex(self.phi.variable)}) = {latex(self.phi.expr)}"]
        parts += [f"C_W = {latex(self.C_W)}", f"C_b = {latex(self.C_b)}"]
        law = "" if self.weights.law == "gaussian" else f"{self.weights} weights".replace("_", "-")
        words = {"normalization: ": self.normalization, "skip: ": self.skip, "": law, "depth ": self.depth}
        parts += [rf"\text{{{name}{value}}}" for name, value in words.items() if value]
        return f"${separator.join(parts)}$"


def checked_depth(value: Any) -> int:
    """The depth as an integer, at least one.

    Beyond a million layers the limits say more than the iteration, and a slip of the keyboard would run for days.
    """
    return whole("the depth, the number of weight matrices,", value, 1, _DEEPEST)


def checked_network(value: Any) -> NetworkSpec:
    """The network, or an error that says how to make one."""
    if not isinstance(value, NetworkSpec):
        raise DomainError(f"a NetworkSpec is needed, such as th.NetworkSpec(phi, C_W=2); received {value!r}")
    return value


def _scale(name: str, value: Any, default: int) -> Expr:
    """A non-negative number or expression, real."""
    expr = exact(default if value is None else value)
    if expr.is_negative or expr.is_real is False:
        what = "variance" if name.startswith("C") else "standard deviation"
        raise DomainError(f"{name} is a {what}, a real number from 0 on; received {value}")
    return expr
