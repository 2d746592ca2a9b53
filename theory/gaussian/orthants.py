r"""Orthant probabilities of three and more standard Gaussian variables, as a named function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from math import isqrt
from typing import Any

from flint import acb, ctx
from sympy import Expr, Min, Mul, S, exp, pi, sqrt

from theory.enclosed import Enclosed
from theory.errors import DomainError, PrecisionError
from theory.gaussian.functions import Phi, Phi2, conditional_score, phi2
from theory.gaussian.orthant_balls import orthant_ball

__all__ = ["GaussianOrthant", "orthant"]

_ENOUGH_BITS = 256
Correlations = Mapping[tuple[int, int], Expr]


def orthant(thresholds: Sequence[Expr], correlations: Correlations) -> Expr:
    """Probability that standard variables stay below their thresholds; correlations keyed by pairs i < j."""
    size = len(thresholds)
    if size == 0:
        return S.One
    if size == 1:
        return Phi(thresholds[0])
    if size == 2:
        return Phi2(*thresholds, correlations[0, 1])
    return GaussianOrthant(*thresholds, *(correlations[p] for p in combinations(range(size), 2)))


class GaussianOrthant(Enclosed):
    r"""Orthant probability of n >= 3 standard Gaussian variables.

    $$ \Pr\{X_1 \le h_1, \dots, X_n \le h_n\}, \qquad \mathrm{Corr}(X_i, X_j) = r_{ij} $$

    Arguments: the n thresholds, then the n(n-1)/2 correlations $r_{12}, r_{13}, \dots, r_{n-1,n}$, which form a
    positive semidefinite matrix.  Thresholds may be complex, the function is entire in them.

    Raises
    ------
    DomainError
        for a number of arguments that is not n(n+1)/2, or a correlation outside [-1, 1].

    Examples
    --------
    >>> from sympy import Rational
    >>> half = Rational(1, 2)
    >>> GaussianOrthant(0, 0, 0, half, half, half)
    1/4
    >>> GaussianOrthant(0, 0, 0, 0, half, 0, 0, 0, 0, half)
    1/9

    References
    ----------
    plackett1954reduction
    """

    @classmethod
    def eval(cls, *args: Expr) -> Expr | None:
        """Smaller orthants: infinite thresholds, full correlation, independent blocks, odd centred orthants."""
        h, r = _unpacked(args)
        size = len(h)
        for c in r.values():
            if c.is_number and c.is_extended_real and (abs(c) - 1).is_positive:
                raise DomainError(f"a correlation lies in [-1, 1]; received {c}")
        if S.NegativeInfinity in h:
            return S.Zero
        if size <= 2 or S.Infinity in h:
            return _kept(h, r, [i for i in range(size) if h[i] is not S.Infinity])
        for (i, j), c in r.items():
            if c in (S.One, S.NegativeOne):
                return _merged(h, r, i, j)
        blocks = _blocks(size, [p for p, c in r.items() if not c.is_zero])
        if len(blocks) > 1:
            return Mul(*(_kept(h, r, block) for block in blocks))
        if size % 2 and all(t.is_zero for t in h):
            parts = (_kept(h, r, kept) * (-1) ** k for k in range(size) for kept in combinations(range(size), k))
            return sum(parts, S.Zero) / 2
        order = _canonical(h, r)
        return None if order == tuple(range(size)) else _kept(h, r, order)

    @staticmethod
    def _ball(*args: acb) -> acb:
        h, r = _unpacked(args)
        value = orthant_ball(h, r)
        if not value.is_finite() and ctx.prec > _ENOUGH_BITS and all(bool(a.rad() < 1e-30) for a in args):
            raise PrecisionError("no enclosure of an orthant whose correlations are this close to a singular matrix")
        return value

    def fdiff(self, argindex: int = 1) -> Expr:
        """Plackett's rule: the density of what is differentiated times the orthant of the others given it."""
        h, r = _unpacked(self.args)
        if argindex <= len(h):
            i = argindex - 1
            rest = [k for k in range(len(h)) if k != i]
            scores = [conditional_score(h[k], h[i], _at(r, k, i)) for k in rest]
            return exp(-(h[i] ** 2) / 2) / sqrt(2 * pi) * orthant(scores, _partial(r, rest, i))
        i, j = [*r][argindex - 1 - len(h)]
        rest = [k for k in range(len(h)) if k not in (i, j)]
        given = [
            conditional_score(
                conditional_score(h[k], h[i], _at(r, k, i)),
                conditional_score(h[j], h[i], r[i, j]),
                _given(r, k, j, i),
            )
            for k in rest
        ]
        first = _partial(r, [j, *rest], i)
        return phi2(h[i], h[j], r[i, j]) * orthant(given, _partial(first, range(1, len(rest) + 1), 0))

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        h, r = _unpacked(self.args)
        power = rf"^{{{exp}}}" if exp else ""
        left, right = (", ".join(printer._print(a) for a in group) for group in (h, r.values()))
        return rf"\Phi_{{{len(h)}}}{power}\left({left}; {right}\right)"


def _unpacked(args: Sequence[Any]) -> tuple[list[Any], dict[tuple[int, int], Any]]:
    size = (isqrt(8 * len(args) + 1) - 1) // 2
    if size < 1 or size * (size + 1) // 2 != len(args):
        raise DomainError(f"an orthant of n variables takes n(n+1)/2 arguments; received {len(args)}")
    return list(args[:size]), dict(zip(combinations(range(size), 2), args[size:], strict=True))


def _at(r: Correlations, i: int, j: int) -> Expr:
    return r[min(i, j), max(i, j)]


def _kept(h: Sequence[Expr], r: Correlations, kept: Sequence[int]) -> Expr:
    """The orthant of some of the variables, in the order given."""
    pairs = combinations(range(len(kept)), 2)
    return orthant([h[i] for i in kept], {(a, b): _at(r, kept[a], kept[b]) for a, b in pairs})


def _merged(h: list[Expr], r: Correlations, i: int, j: int) -> Expr | None:
    """Full correlation of variables i and j: one of them is left."""
    rest = [k for k in range(len(h)) if k != j]
    if r[i, j] is S.One:
        lower = _smaller(h[i], h[j])
        return None if lower is None else _kept([*h[:i], lower, *h[i + 1 :]], r, rest)
    upper = _smaller(-h[i], h[j])
    if upper is None:
        return None
    return _kept([*h[:i], -upper, *h[i + 1 :]], r, rest) - _kept([*h[:i], -h[j], *h[i + 1 :]], r, rest)


def _smaller(a: Expr, b: Expr) -> Expr | None:
    gap = (a - b).expand()
    if gap.is_zero or gap.is_extended_negative:
        return a
    if gap.is_extended_positive:
        return b
    return Min(a, b) if a.is_extended_real and b.is_extended_real else None


def _blocks(size: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Connected components of the variables, joined where they are correlated."""
    label = list(range(size))
    for i, j in edges:
        old, new = max(label[i], label[j]), min(label[i], label[j])
        label = [new if c == old else c for c in label]
    return [[i for i in range(size) if label[i] == c] for c in sorted(set(label))]


def _canonical(h: Sequence[Expr], r: Correlations) -> tuple[int, ...]:
    """An order of the variables that does not depend on how they were numbered."""
    size = len(h)
    orders = permutations(range(size))
    return min(
        orders,
        key=lambda o: (
            [h[i].sort_key() for i in o],
            [_at(r, o[a], o[b]).sort_key() for a, b in combinations(range(size), 2)],
        ),
    )


def _given(r: Correlations, k: int, m: int, i: int) -> Expr:
    """Partial correlation of k and m given i."""
    a, b = _at(r, k, i), _at(r, m, i)
    return (_at(r, k, m) - a * b) / (sqrt(1 - a**2) * sqrt(1 - b**2))


def _partial(r: Correlations, rest: Sequence[int], i: int) -> dict[tuple[int, int], Expr]:
    return {(a, b): _given(r, rest[a], rest[b], i) for a, b in combinations(range(len(rest)), 2)}
