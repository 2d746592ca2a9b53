"""Stein's lemma for a Gaussian pair."""

import theory as th
from theory.symbols import rho, u, v

_NAMES = ["abs", "relu", "elu", "gelu", "erf", "hard_tanh", "sin", "exp", "tanh", "silu", "softplus", "mish"]

_DISPLAY = r"\mathbb{E}[U\varphi(V)] = \rho\,\mathbb{E}[\varphi'(V)]"


def _identity(phi):
    slope = th.expect(phi.derivative().subs(phi.variable, v), th.Gaussian(v))
    return th.GaussianIdentity(u * phi(v), th.Gaussian([u, v], corr=rho), rho * slope)


@th.theorem(topics=["lemma"], sources=["stein1981estimation"], status="theorem", needs=[])
def stein_lemma():
    """E[U phi(V)] = rho E[phi'(V)] for every continuous, piecewise smooth activation phi."""
    return th.Statement(
        claim=th.ForAll(th.Activations(names=_NAMES), _identity, _DISPLAY),
        domains={rho: th.Interval(-1, 1)},
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )
