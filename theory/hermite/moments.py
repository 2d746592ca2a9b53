r"""Hermite coefficients from weighted nodes.

With weights $w_j$ (Gaussian density included) at nodes $x_j$, the sums $\sum_j w_j\, He_k(x_j)$ have the generating
function $\sum_k \frac{t^k}{k!} \sum_j w_j He_k(x_j) = e^{-t^2/2} \sum_j w_j e^{t x_j}$: power moments, then one product
of series.  The terms of $He_k(x)$ add up to $|He_k(ix)| \le 1.08\, \sqrt{k!}\, 2^{k/2} e^{x^2/2}$ in modulus (Mehler's
kernel at r = 1/2), so k/2 bits are lost at most.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_poly, fmpq

__all__ = ["hermite_sums", "symmetric_moments"]


def hermite_sums(moments: Sequence[arb]) -> list[arb]:
    r"""$\sum_j w_j He_k(x_j)/\sqrt{k!}$ from the moments $\sum_j w_j x_j^k$, k = 0, ..., K."""
    length = len(moments)
    inverse = arb(1)
    exponential, gaussian = [], []
    roots = [arb(1)]
    coefficient = fmpq(1)
    for k, moment in enumerate(moments):
        if k:
            inverse /= k
            roots.append(roots[-1] * arb(k).sqrt())
        exponential.append(moment * inverse)
        if k % 2 == 0:
            gaussian.append(arb(coefficient))
            coefficient = coefficient * fmpq(-1, k + 2)
        else:
            gaussian.append(arb(0))
    product = arb_poly(exponential) * arb_poly(gaussian)
    return [product[k] * roots[k] for k in range(length)]


def symmetric_moments(right: Sequence[arb], left: Sequence[arb], step: arb, top: int) -> list[arb]:
    r"""Moments for the nodes $\pm(2j + 1)\eta$, $\eta$ = `step`: even and odd parts share the powers."""
    squares = [arb((2 * j + 1) ** 2) for j in range(len(right))]
    even = [a + b for a, b in zip(right, left, strict=True)]
    odd = [(a - b) * (2 * j + 1) for j, (a, b) in enumerate(zip(right, left, strict=True))]
    moments: list[arb] = []
    scale = arb(1)
    while len(moments) <= top:
        moments += [sum(even, arb(0)) * scale, sum(odd, arb(0)) * scale * step]
        scale *= step * step
        even = [a * s for a, s in zip(even, squares, strict=True)]
        odd = [a * s for a, s in zip(odd, squares, strict=True)]
    return moments[: top + 1]
