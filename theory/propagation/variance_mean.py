r"""Means $M(K) = \sum_i w_i K^{p_i} E_K f_i + \sum_b w_b\, p_K(b) + \alpha K + \beta$ as functions of the variance K.

Two decide criticality: the curvature bracket $\langle\varphi\varphi''\rangle_K$, with its point masses at the kinks,
and the balance $K \langle\varphi'^2\rangle_K - \langle\varphi^2\rangle_K$ of forward and backward gain.  The third
is the gap $F(K) - K$ of the variance map, zero at its fixed points.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from flint import arb, fmpq
from sympy import Expr, Integer, Piecewise, Rational, Symbol, exp, factor_terms, limit, nan, oo, pi, sqrt, together, zoo

from theory.activations import Activation
from theory.balls import ball_function, workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian
from theory.gaussian.pieces import Pieces, as_piecewise
from theory.hermite.panels import panel_coefficients
from theory.hermite.profile import Profile
from theory.hermite.sequence import coefficient_balls
from theory.propagation.growth_bounds import linear_bound
from theory.propagation.square_bound import SquareBound
from theory.propagation.variance_series import VarianceSeries, density_series, upper

__all__ = ["MEANS", "K", "Kink", "Term", "VarianceMean", "balance_mean", "curvature_mean", "gap_mean", "gaussian_mean"]

K = Symbol("K", positive=True)
_FEW_DIGITS = -24.0  # natural logarithm of a tolerance


class Term(NamedTuple):
    """A weight times K**power times the mean of the product of two derivatives, or of other pieces where no orders."""

    weight: Expr
    power: int
    orders: tuple[int, int] | None
    pieces: Pieces


class Kink(NamedTuple):
    """A weight times the density of N(0, K) at a place."""

    weight: Expr
    place: Expr


class VarianceMean:
    """A combination of Gaussian means as a function of the variance."""

    def __init__(
        self,
        phi: Activation,
        terms: tuple[Term, ...],
        kinks: tuple[Kink, ...],
        line: tuple[Expr, Expr] = (Integer(0), Integer(0)),
    ) -> None:
        self.phi, self.terms, self.kinks, self.line = phi, terms, kinks, line
        self._bounds: dict[Pieces, SquareBound] = {}

    def at(self, variance: Expr) -> Expr:
        """The mean at a variance, closed where the rules of the engine reach it."""
        total: Expr = self.line[0] + self.line[1] * variance
        for term in self.terms:
            inner = as_piecewise(term.pieces, self.phi.variable)
            total += term.weight * variance**term.power * gaussian_mean(self.phi, inner, variance)
        for weight, place in self.kinks:
            total += weight * exp(-(place**2) / (2 * variance)) / sqrt(2 * pi * variance)
        return total

    @property
    def closed(self) -> Expr | None:
        """The mean as a closed expression in K, or None."""
        value = self.at(K)
        return None if value.has(GaussianExpectation, Piecewise) else value

    def series(self, center: Fraction, length: int, log_tolerance: float) -> VarianceSeries:
        """Series around a variance; coefficients within about exp(log_tolerance) of the size of each function.

        Raises
        ------
        PrecisionError, UnsupportedError
            where a mean at that variance has no proved value.
        """
        bits = int(-1.45 * log_tolerance) + 80
        total = self._line_series(center, length, bits)
        for term in self.terms:
            total = total.plus(self._term_series(term, center, length, log_tolerance, bits))
        for weight, place in self.kinks:
            with workprec(bits):
                factor, spot = _constant(weight), _constant(place)
                total = total.plus(density_series(spot, _ball(center), length, bits).scaled(factor))
        return total

    def _line_series(self, center: Fraction, length: int, bits: int) -> VarianceSeries:
        with workprec(bits):
            level, slope = (_constant(e) for e in self.line)
            step = slope * _ball(center)
            terms = (level + step, step, *(arb(0),) * length)[:length]
            return VarianceSeries(terms, upper(abs(level) + abs(step)))

    def _term_series(
        self, term: Term, center: Fraction, length: int, log_tolerance: float, bits: int
    ) -> VarianceSeries:
        x = self.phi.variable
        f = as_piecewise(term.pieces, x)
        sd = sqrt(Rational(center.numerator, center.denominator))
        square = self.square(term, center)
        log_size = min(0.0, float((square.sqrt() + arb(10) ** -200).log()) if square > 0 else 0.0)
        found = _coefficients(Profile(f, x, Integer(0), sd), 2 * length - 2, log_tolerance + log_size)
        with workprec(bits):
            scale, terms = arb(1), []
            for m in range(length):
                if m:
                    scale *= (arb(2 * m - 1) / (2 * m)).sqrt()
                terms.append(scale * found[2 * m])
            part = VarianceSeries(tuple(terms), upper(square.sqrt())).scaled(_constant(term.weight))
            for _ in range(term.power):
                part = part.times_variance(_ball(center))
            return part

    def square(self, term: Term, center: Fraction) -> arb:
        """Bound of the mean square of the function of a term at a variance."""
        if term.pieces not in self._bounds:
            far = (self._far(term, -1), self._far(term, 1))
            self._bounds[term.pieces] = SquareBound(term.pieces, self.phi.variable, far)
        return self._bounds[term.pieces].at(float(center))

    def _far(self, term: Term, side: int) -> tuple[tuple[float, float], ...] | None:
        """Linear bounds of the two derivatives far out, whose product the term takes."""
        if term.orders is None:
            return None
        x, part = self.phi.variable, self.phi.pieces.parts[0 if side < 0 else -1]
        found = [linear_bound(part.diff(x, m), x, side) for m in term.orders]
        return None if None in found else tuple(line for line in found if line)


def _coefficients(profile: Profile, top: int, log_tolerance: float) -> tuple[arb, ...]:
    """Hermite coefficients; few digits come faster from panels than from a proved strip."""
    if log_tolerance > _FEW_DIGITS:
        try:
            return tuple(panel_coefficients(profile, top, log_tolerance))
        except (PrecisionError, UnsupportedError):
            pass
    return coefficient_balls(profile, top, log_tolerance)[0]


def _constant(value: Expr) -> arb:
    return ball_function(value)((), False).real


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def gaussian_mean(phi: Activation, f: Expr, variance: Expr) -> Expr:
    """Mean of a function of the variable of the activation under N(0, variance)."""
    return expect(f, Gaussian(phi.variable, cov=[[variance]]), phi.assumptions)


def _squared(pieces: Pieces, x: Symbol) -> Pieces:
    return Pieces(pieces.breaks, tuple(_product(p, p, x) for p in pieces.parts))


def _product(p: Expr, q: Expr, x: Symbol) -> Expr:
    """A product that is evaluated many times: short, and one quotient where a singularity at zero is removable."""
    short = p * min(q, factor_terms(q), key=lambda e: e.count_ops())
    return together(short) if short.subs(x, 0).has(nan, zoo) else short


@lru_cache(maxsize=64)
def curvature_mean(phi: Activation) -> VarianceMean:
    r"""$\langle\varphi\varphi''\rangle_K$ ; a kink at b that turns the slope by J adds $\varphi(b) J p_K(b)$."""
    phi.derivative(1)  # refuses jumps
    x, pieces = phi.variable, phi.pieces
    inner = Pieces(pieces.breaks, tuple(_product(p, p.diff(x, 2), x) for p in pieces.parts)).merged()
    kinks = []
    for b, before, after in zip(pieces.breaks, pieces.parts, pieces.parts[1:], strict=False):
        turn = (after - before).diff(x).subs(x, b)
        if turn.has(nan, zoo, oo):
            turn = limit(after.diff(x), x, b, "+") - limit(before.diff(x), x, b, "-")
        if turn.has(nan, zoo, oo):
            raise UnsupportedError(f"the slope of {phi.expr} is infinite at {x} = {b}")
        weight = (after.subs(x, b) * turn).expand()
        if phi.ordering.sign_or_none(weight) != 0:
            kinks.append(Kink(weight, b))
    terms = () if inner.parts == (0,) else (Term(Integer(1), 0, (0, 2), inner),)
    return VarianceMean(phi, terms, tuple(kinks))


@lru_cache(maxsize=64)
def balance_mean(phi: Activation) -> VarianceMean:
    r"""$K\langle\varphi'^2\rangle_K - \langle\varphi^2\rangle_K$, zero where forward and backward gain agree."""
    phi.derivative(1)
    x, pieces = phi.variable, phi.pieces
    slopes = Pieces(pieces.breaks, tuple(p.diff(x) for p in pieces.parts)).merged()
    forward = Term(Integer(-1), 0, (0, 0), _squared(pieces, x))
    return VarianceMean(phi, (Term(Integer(1), 1, (1, 1), _squared(slopes, x)), forward), ())


@lru_cache(maxsize=64)
def gap_mean(phi: Activation, weight: Expr, slope: Expr, bias: Expr) -> VarianceMean:
    r"""$F(K) - K = w\langle\varphi^2\rangle_K + (s - 1)K + c$ of the variance map with weight w, slope s, bias c."""
    square = Term(weight, 0, (0, 0), _squared(phi.pieces, phi.variable))
    return VarianceMean(phi, (square,), (), (bias, slope - 1))


MEANS: dict[str, Callable[..., VarianceMean]] = {
    "curvature": curvature_mean,
    "balance": balance_mean,
    "gap": gap_mean,
}
