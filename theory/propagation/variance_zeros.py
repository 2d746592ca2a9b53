r"""All positive zeros of a Gaussian mean in the variance: exact where the mean factors, else isolated with proof."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from flint import arb, fmpq
from sympy import Expr, Mul, Poly, Rational, log, oo, roots, together
from sympy.core.symbol import Str
from sympy.polys.polyerrors import PolynomialError

from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.propagation.one_sign import exponential_polynomial, factored, mean_sign
from theory.propagation.small_variance import sign_near_zero
from theory.propagation.variance_mean import K, VarianceMean
from theory.propagation.variance_root import VarianceRoot
from theory.propagation.variance_series import VarianceSeries

__all__ = ["Zeros", "variance_zeros"]

_LOWEST, _HIGHEST = Fraction(1, 1 << 12), Fraction(1 << 8)
_HALF = Fraction(5, 8)  # panels reach from 3K/8 to 13K/8
_LEVELS = ((20, -16.0), (60, -34.0))
_DEEPEST = 12
_NARROW = Fraction(1, 8)  # of an interval that isolates a zero: the refinement starts from it
_CUT = Fraction(61, 128)  # off the middle, where zeros are less likely to sit exactly
_LONGEST = 300


class Zeros(NamedTuple):
    """Zeros of a mean on (lower, upper), all of them, and the sign of the mean on each stretch between them.

    `signs` is None where a parameter leaves it open; a mean that vanishes identically has the signs (0,).
    """

    values: tuple[Expr, ...]
    signs: tuple[int, ...] | None
    lower: Expr
    upper: Expr

    @property
    def complete(self) -> bool:
        """Is every positive variance covered?"""
        return self.lower == 0 and self.upper == oo

    @property
    def vanishes(self) -> bool:
        """Is the mean zero at every variance?"""
        return self.signs == (0,)


def variance_zeros(kind: str, mean: VarianceMean) -> Zeros:
    """All positive zeros of a mean of `MEANS`, as exact numbers or `VarianceRoot`.

    Raises
    ------
    UnsupportedError
        if the mean has symbolic parameters and does not factor.
    PrecisionError
        if no variance at all can be searched.
    """
    sign = mean_sign(mean)
    if sign is not None:
        return Zeros((), (sign,), Rational(0), oo)
    closed = mean.closed
    if closed is not None:
        if closed.expand().is_zero:
            return Zeros((), (0,), Rational(0), oo)
        found = _exact(closed, mean.phi.ordering)
        if found is not None:
            return Zeros(tuple(found), _signs(closed, found), Rational(0), oo)
    if mean.phi.parameters:
        names = ", ".join(map(str, mean.phi.parameters))
        raise UnsupportedError(
            f"the zeros in K of the mean of {mean.phi.expr} are not solved with {names} symbolic; substitute numbers"
        )
    return _isolated(kind, mean)


def _exact(closed: Expr, ordering: Ordering) -> list[Expr] | None:
    """Positive zeros of a closed form whose factors are of one sign, polynomial in K or in one exponential."""
    if closed.count_ops() > _LONGEST:
        return None
    above = factored(together(closed), K).as_numer_denom()[0]
    zeros: list[Expr] = []
    for part in Mul.make_args(above):
        base = part.as_base_exp()[0]
        if not base.has(K) or base.is_positive or base.is_negative:
            continue
        found = _polynomial_zeros(base, K, ordering)
        if found is None and (changed := exponential_polynomial(base, K)) is not None:
            poly, w, rate = changed
            over = _polynomial_zeros(together(poly).as_numer_denom()[0].subs(w, w + 1), w, ordering)
            found = None if over is None else [log(1 + root) / rate for root in over]
        if found is None:
            return None
        zeros += found
    try:
        distinct = list(dict.fromkeys(zeros))
        return sorted(distinct, key=lambda z: z.evalf(30)) if all(z.is_number for z in distinct) else distinct
    except TypeError:
        return None


def _polynomial_zeros(e: Expr, x: Expr, ordering: Ordering) -> list[Expr] | None:
    if not e.is_polynomial(x):
        return None
    poly = Poly(e, x)
    try:
        if poly.domain.is_QQ or poly.domain.is_ZZ:
            return [r for r in dict.fromkeys(poly.real_roots()) if r.is_positive]
        found = roots(poly.as_expr(), x)
    except (PolynomialError, NotImplementedError):
        return None
    if sum(found.values()) != poly.degree():
        return None
    kept = []
    for root in found:
        root = root.factor()
        if root.is_extended_real is False:
            continue
        sign = ordering.sign_or_none(root)
        if sign is None:
            return None
        if sign > 0:
            kept.append(root)
    return kept


def _signs(closed: Expr, zeros: list[Expr]) -> tuple[int, ...] | None:
    if closed.free_symbols - {K}:
        return None
    places = [Rational(str(z.evalf(15))) for z in zeros]
    inner = [(a + b) / 2 for a, b in pairwise(places)]
    probes = [places[0] / 2, *inner, places[-1] * 2] if places else [Rational(1)]
    signs = [Ordering().sign_or_none(closed.subs(K, p)) for p in probes]
    return None if None in signs else tuple(s for s in signs if s is not None)


class _Stretch(NamedTuple):
    lower: Fraction
    upper: Fraction
    sign: int  # 0 marks a stretch with exactly one zero, at which the sign changes


def _isolated(kind: str, mean: VarianceMean) -> Zeros:
    near_zero = sign_near_zero(mean)
    lowest = near_zero[1] if near_zero else _LOWEST
    stretches: list[_Stretch] = []
    upward = _climb(mean, lowest, max(_HIGHEST, 4 * lowest))
    for stretch in upward:
        if stretch is None:
            break
        stretches.append(stretch)
    if not stretches:
        raise PrecisionError(f"the sign of the mean of {mean.phi.expr} at K = {float(lowest):.2g} is not decided")
    phi = mean.phi
    zeros = [
        VarianceRoot(Str(kind), phi.expr, phi.variable, _rational(s.lower), _rational(s.upper))
        for s in stretches
        if s.sign == 0
    ]
    signs = [s.sign for s in stretches if s.sign]
    pattern = [a for a, b in zip(signs, [0, *signs], strict=False) if a != b]
    lower = Rational(0) if near_zero else _rational(stretches[0].lower)
    return Zeros(tuple(zeros), tuple(pattern), lower, _rational(stretches[-1].upper))


def _climb(mean: VarianceMean, lowest: Fraction, highest: Fraction) -> Iterator[_Stretch | None]:
    """Stretches from the lowest variance upward; None where the sign is not decided and the search ends."""
    place = lowest
    while place < highest:
        center = place / (1 - _HALF)
        found = _panel(mean, center)
        if found is None:
            yield None
            return
        yield from found
        place = center * (1 + _HALF)


def _panel(mean: VarianceMean, center: Fraction) -> list[_Stretch] | None:
    for length, log_tolerance in _LEVELS:
        try:
            series = mean.series(center, length, log_tolerance)
        except (PrecisionError, UnsupportedError, OverflowError):
            return None
        pieces = _pieces(series, -_HALF, _HALF, 0)
        if pieces is not None:
            return [_Stretch(center * (1 + s.lower), center * (1 + s.upper), s.sign) for s in _joined(pieces)]
    return None


def _pieces(series: VarianceSeries, low: Fraction, high: Fraction, depth: int) -> list[_Stretch] | None:
    """Parts of an interval of displacements with a proved sign, or with one simple zero."""
    center = (low + high) / 2
    box = arb(_fmpq(center), arb(_fmpq((high - low) / 2)).abs_upper())
    slope = series.slope(box)
    tilted = series.value(arb(_fmpq(center))) + slope * (box - arb(_fmpq(center)))
    if tilted > 0 or tilted < 0:
        return [_Stretch(low, high, 1 if tilted > 0 else -1)]
    if high - low <= _NARROW and (slope > 0 or slope < 0):
        ends = [series.value(arb(_fmpq(e))) for e in (low, high)]
        if (ends[0] > 0 and ends[1] < 0) or (ends[0] < 0 and ends[1] > 0):
            first = 1 if ends[0] > 0 else -1
            edge = (high - low) / 64
            left = series.value(arb(_fmpq(low + edge)))
            right = series.value(arb(_fmpq(high - edge)))
            if left * first > 0 and right * first < 0:
                return [
                    _Stretch(low, low + edge, first),
                    _Stretch(low + edge, high - edge, 0),
                    _Stretch(high - edge, high, -first),
                ]
    if depth == _DEEPEST:
        return None
    middle = low + _CUT * (high - low)
    left_part = _pieces(series, low, middle, depth + 1)
    right_part = _pieces(series, middle, high, depth + 1) if left_part is not None else None
    return None if right_part is None else [*(left_part or []), *right_part]


def _joined(pieces: list[_Stretch]) -> list[_Stretch]:
    joined: list[_Stretch] = []
    for piece in pieces:
        if joined and joined[-1].sign == piece.sign != 0:
            joined[-1] = _Stretch(joined[-1].lower, piece.upper, piece.sign)
        else:
            joined.append(piece)
    return joined


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def _fmpq(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)
