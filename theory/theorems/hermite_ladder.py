"""The ladder of Hermite coefficients: multiplication by the variable shifts the index both ways."""

from sympy import Tuple, hermite_prob

import theory as th
from theory.symbols import u

_NAMES = ["step", "relu", "hard_tanh", "elu", "gelu", "exp", "tanh", "softplus", "silu", "sin"]

_LEFT = r"\mathbb{E}[Z\varphi(Z)\mathrm{He}_4(Z)] = \mathbb{E}[\varphi(Z)\mathrm{He}_5(Z)]"
_RIGHT = r"\mathbb{E}[\varphi(Z)\mathrm{He}_3(Z)]"


def _raw(phi, k, weight=1):
    return th.GaussianExpectation(weight * phi(u) * hermite_prob(k, u), Tuple(u), [[1]], Tuple(0))


def _identity(phi, k=4):
    return th.Identity(_raw(phi, k, u), _raw(phi, k + 1) + k * _raw(phi, k - 1))


def _without_factor(phi):
    return th.Identity(_raw(phi, 4, u), _raw(phi, 5) + _raw(phi, 3))


@th.theorem(topics=["hermite", "lemma"], sources=["odonnell2014analysis"], status="theorem", needs=[])
def hermite_ladder():
    """E[Z phi(Z) He_k(Z)] = E[phi He_(k+1)] + k E[phi He_(k-1)] for every activation phi, here for k = 4."""
    family = th.Activations(names=_NAMES)
    return th.Statement(
        claim=th.ForAll(family, _identity, rf"{_LEFT} + 4\,{_RIGHT}"),
        domains={},
        near_misses=[th.ForAll(family, _without_factor, rf"{_LEFT} + {_RIGHT}")],
        missing_witness="a family over activations; both sides are integrated from their definitions",
    )
