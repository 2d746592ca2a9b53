"""The order of a singular kernel, for every kernel map."""

from sympy import Rational, log

import theory as th
from theory.symbols import rho

a = Rational(1, 3)  # slope of the kernel map at zero


def _builder(order):
    def build(weights):
        # (1 - kappa)/(1 - rho), weights from the second power on: rho^k gives 1 + rho + ... + rho^(k - 1)
        ratio = a + (1 - a) * sum(w * sum(rho**j for j in range(k + 1)) for k, w in enumerate(weights) if w)
        growth = a + (1 - a) * sum(w * (k + 1) for k, w in enumerate(weights))  # kappa'(1)
        bend = (1 - a) * sum(w * k * (k + 1) for k, w in enumerate(weights))  # kappa''(1)
        alpha = order(-log(a), log(growth))
        return th.Bound(abs(log(a) + alpha * log(ratio)), alpha * bend * (1 - rho) / 2)

    return build


@th.theorem(
    topics=["depth", "classification"],
    sources=["radhakrishnan2023wide"],
    status="derived",
    needs=["singular_kernel_schroeder"],
)
def singular_kernel_exponent():
    """|log(A'^2) + alpha log((1 - kappa)/(1 - rho))| <= alpha kappa''(1)(1 - rho)/2, alpha = -log(A'^2)/log(B').

    Here A'^2 = kappa'(0) = 1/3 and B' = kappa'(1), kappa(0) = 0.  So (1 - rho)^-alpha obeys Schroeder's equation
    R(kappa) = A'^2 R up to a factor 1 + O(1 - rho); backwards 1 - rho shrinks geometrically, the factors have a finite
    product, and the limit R of kappa iterated L times over A'^(2 L) is singular at one with the order alpha.  The
    source has the exponent; the inequality is our own.
    """
    family = th.HermiteWeights(4, centered=True)

    def claim(order, factor):
        left = r"\left|\log\kappa_a'(0) + \alpha\log\frac{1 - \kappa_a(\rho)}{1 - \rho}\right|"
        bound = rf"{left} \le \frac{{\alpha}}{{2}}\kappa_a''(1)(1 - \rho)"
        alpha = rf"\alpha = -{factor}\frac{{\log\kappa_a'(0)}}{{\log\kappa_a'(1)}}"
        map_ = r"\kappa_a(\rho) = \tfrac{1}{3}\rho + \tfrac{2}{3}\,\rho\,\kappa(\rho)"
        return th.ForAll(family, _builder(order), rf"{bound},\quad {alpha},\quad {map_}")

    return th.Statement(
        claim=claim(lambda slope, growth: slope / growth, ""),
        domains={rho: th.Interval(0, 1, right_open=True)},
        near_misses=[
            claim(lambda slope, growth: slope / (2 * growth), r"\frac{1}{2}"),
            claim(lambda slope, growth: 2 * slope / growth, "2"),
        ],
        missing_witness="a deterministic inequality; nothing is random",
    )
