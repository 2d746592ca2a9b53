"""Parseval's remainder: a truncated Hermite expansion of a dual activation, with its error."""

from sympy import Abs, Add

import theory as th
from theory.symbols import rho

_NAMES = ["relu", "gelu", "step", "erf", "gaussian", "hat"]
_TERMS = 5

_LEFT = r"\left|\mathbb{E}[\varphi(U)\varphi(V)] - \sum_{k=0}^{5} c_k^2 \rho^k\right|"
_RIGHT = r"\left(\mathbb{E}[\varphi(Z)^2] - \sum_{k=0}^{5} c_k^2\right)"


def _remainder(phi, extra=0):
    weights = [phi.hermite(k) ** 2 for k in range(_TERMS + 1)]
    partial = Add(*(w * rho**k for k, w in enumerate(weights)))
    rest = phi.moment(2) - Add(*weights)
    return th.Bound(Abs(phi.dual(rho) - partial), Abs(rho) ** (_TERMS + 1 + extra) * rest)


def _too_small(phi):
    return _remainder(phi, extra=1)


@th.theorem(topics=["hermite", "kernel"], sources=["odonnell2014analysis"], status="theorem", needs=["mehler_formula"])
def parseval_remainder():
    """|E[phi(U)phi(V)] - sum_{k<=K} c_k^2 rho^k| <= |rho|^(K+1) (E phi^2 - sum_{k<=K} c_k^2), here for K = 5."""
    family = th.Activations(names=_NAMES)
    return th.Statement(
        claim=th.ForAll(family, _remainder, rf"{_LEFT} \le |\rho|^6 {_RIGHT}"),
        domains={rho: th.Interval(-1, 1, left_open=True, right_open=True)},
        assumptions=[Abs(rho) > 0],
        near_misses=[th.ForAll(family, _too_small, rf"{_LEFT} \le |\rho|^7 {_RIGHT}")],
        missing_witness="a deterministic bound; it is compared at points by enclosures, and has no second route yet",
    )
