"""Slope of the dual activation at zero correlation: the square of the first Hermite coefficient."""

from sympy import Tuple

import theory as th
from theory.symbols import rho, u

_NAMES = ["step", "sign", "relu", "abs", "hard_tanh", "elu", "gelu", "erf", "sin", "exp", "snake", "hat"]

_DISPLAY = r"\frac{d}{d\rho}\,\mathbb{E}[\varphi(U)\varphi(V)]\Big|_{\rho = 0} = \mathbb{E}[Z\varphi(Z)]^2"


def _identity(phi):
    mean = th.GaussianExpectation(u * phi(u), Tuple(u), [[1]], Tuple(0))
    return th.Identity(phi.dual(rho).diff(rho).subs(rho, 0), mean**2)


@th.theorem(topics=["kernel", "hermite"], sources=["daniely2016toward"], status="theorem", needs=["mehler_formula"])
def dual_slope_at_zero():
    """The derivative of E[phi(U) phi(V)] in rho is (E Z phi(Z))^2 at rho = 0, jumps allowed."""
    return th.Statement(
        claim=th.ForAll(th.Activations(names=_NAMES), _identity, _DISPLAY),
        domains={},
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )
