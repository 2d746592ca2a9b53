r"""Rigorous enclosures of orthant probabilities, by Plackett's reduction along a path of correlations.

The correlations of one variable grow from 0 to their values, $r_{1j}(t) = t\,r_{1j}$; on the way

$$ \frac{d}{dt} P_n = \sum_j r_{1j}\, \varphi_2(h_1, h_j; t r_{1j})\, P_{n-2}(\cdot \mid X_1 = h_1, X_j = h_j). $$

A centred orthant of four variables is one integral of elementary functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from flint import acb, arb, ctx

__all__ = ["orthant_ball"]

Balls = Mapping[tuple[int, int], acb]
_WIDE = 2.0**-12
_PANELS = 8


def orthant_ball(h: Sequence[acb], r: Balls, analytic: bool = False) -> acb:
    """Pr{X_i <= h_i}; not finite where the correlations are not certified to be positive definite."""
    size = len(h)
    if size == 0:
        return acb(1)
    if size == 1:
        return _normal(h[0])
    centred = all(t == 0 for t in h)
    if size == 2:
        return _centred_pair(r[0, 1], analytic) if centred else _pair(h[0], h[1], r[0, 1], analytic)
    if centred and size % 2:
        total = acb(0)
        for k in range(size):
            for kept in combinations(range(size), k):
                total += (-1) ** k * orthant_ball([h[i] for i in kept], _part(r, kept), analytic)
        return total / 2
    if analytic and not _is_narrow([*h, *r.values()]):
        return acb(arb.nan(), arb.nan())
    first = min(range(size), key=lambda i: _strength(r, i, size))
    rest = [i for i in range(size) if i != first]
    base = _normal(h[first]) * orthant_ball([h[i] for i in rest], _part(r, rest), analytic)
    pairs = [_Conditioned(h, r, first, j) for j in rest]

    def slope(t: acb, careful: bool) -> acb:
        return sum((pair.value(t, careful) for pair in pairs), acb(0))

    # A centred orthant of four has an elementary integrand; otherwise every value is an integral of its own.
    limit = 200 if size == 3 or centred else 50
    return base + acb.integral(slope, acb(0), acb(1), eval_limit=limit * ctx.prec)


def _strength(r: Balls, i: int, size: int) -> float:
    return sum(float(abs(_at(r, i, k)).mid()) ** 2 for k in range(size) if k != i)


class _Conditioned:
    """One term of the slope: the variables `i` and `j` at their thresholds, the others conditioned on them.

    With the correlations of `i` at t times their values, conditional covariances are linear in t squared up to the
    factor 1 - t^2 r_ij^2; written so, balls overestimate them least.
    """

    def __init__(self, h: Sequence[acb], r: Balls, i: int, j: int) -> None:
        self.c, self.hi, self.hj = r[min(i, j), max(i, j)], h[i], h[j]
        self.others = [k for k in range(len(h)) if k not in (i, j)]
        self.centred = all(v == 0 for v in h)
        self.h = [h[k] for k in self.others]
        self.to_i, self.to_j = ([_at(r, k, m) for k in self.others] for m in (i, j))
        self.covariance = {}
        for a in range(len(self.others)):
            for b in range(a, len(self.others)):
                full = acb(1) if a == b else _at(r, self.others[a], self.others[b])
                ia, ib, ja, jb = self.to_i[a], self.to_i[b], self.to_j[a], self.to_j[b]
                fixed = full - ja * jb
                moving = full * self.c**2 + ia * ib - self.c * (ia * jb + ib * ja)
                self.covariance[a, b] = (fixed, moving)

    def value(self, t: acb, analytic: bool) -> acb:
        """r_ij times density times conditional orthant at the place t of the path."""
        w, size = t * t, len(self.others)
        rest = 1 - w * self.c**2
        root = [self._entry(a, a, w).sqrt(analytic) for a in range(size)]
        scale = rest.sqrt(analytic)
        scores = (
            [acb(0)] * size if self.centred else [self._score(a, t, w, rest) / root[a] / scale for a in range(size)]
        )
        partial = {(a, b): self._entry(a, b, w) / (root[a] * root[b]) for a, b in combinations(range(size), 2)}
        square = self.hi**2 - 2 * t * self.c * self.hi * self.hj + self.hj**2
        density = (-square / (2 * rest)).exp() / (2 * acb.pi() * scale)
        return self.c * density * orthant_ball(scores, partial, analytic)

    def _entry(self, a: int, b: int, w: acb) -> acb:
        fixed, moving = self.covariance[a, b]
        return fixed - w * moving

    def _score(self, a: int, t: acb, w: acb, rest: acb) -> acb:
        from_i = t * (self.to_i[a] - self.c * self.to_j[a])
        from_j = self.to_j[a] - w * self.c * self.to_i[a]
        return self.h[a] * rest - from_i * self.hi - from_j * self.hj


def _at(r: Balls, i: int, j: int) -> acb:
    return r[min(i, j), max(i, j)]


def _part(r: Balls, kept: Sequence[int]) -> dict[tuple[int, int], acb]:
    return {(a, b): _at(r, kept[a], kept[b]) for a, b in combinations(range(len(kept)), 2)}


def _normal(h: acb) -> acb:
    return (-h / acb(2).sqrt()).erfc() / 2


def _arcsine(r: acb, analytic: bool) -> acb:
    """By the mean value theorem on wide balls, where the library's arcsine loses much."""
    if analytic and not (bool(abs(r.real) < 1) or r.imag != 0):
        return acb(arb.nan(), arb.nan())
    if _is_narrow([r]):
        return r.asin()
    middle = acb(r.real.mid(), r.imag.mid())
    return middle.asin() + (r - middle) / (1 - r * r).sqrt(True)


def _centred_pair(r: acb, analytic: bool) -> acb:
    return acb(1) / 4 + _arcsine(r, analytic) / (2 * acb.pi())


def _pair(h: acb, k: acb, r: acb, analytic: bool) -> acb:
    """Plackett's integral in the arcsine of the correlation; wide balls get the hull of the integrand."""
    angle = _arcsine(r, analytic)
    if not angle.is_finite() or not (analytic or bool(abs(r.real) < 1) or r.imag != 0):
        return acb(arb.nan(), arb.nan())
    near, far = (h - k) ** 2 / 4, (h + k) ** 2 / 4

    def integrand(s: acb, _: bool) -> acb:
        # Written without cancellation: wide balls of the thresholds then enter once each.
        sine = (s * angle).sin()
        return (-near / (1 - sine) - far / (1 + sine)).exp()

    if _is_narrow([h, k, angle]):
        value = acb.integral(integrand, acb(0), acb(1), eval_limit=100 * ctx.prec)
    else:
        value = acb(0)
        for i in range(_PANELS):
            value += integrand(acb(arb(i).union(arb(i + 1)) / _PANELS), False) / _PANELS
    return _normal(h) * _normal(k) + angle * value / (2 * acb.pi())


def _is_narrow(values: Sequence[acb]) -> bool:
    return all(bool(v.rad() < _WIDE) for v in values)
