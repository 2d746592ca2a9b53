r"""Critical initialisations: fixed variances at which both susceptibilities are one.

$$ K^* = C_b + C_W \langle\varphi^2\rangle_{K^*}, \qquad \chi_\parallel(K^*) = \chi_\perp(K^*) = 1 $$

Equivalently $\langle\varphi\varphi''\rangle_{K^*} = 0$ with $C_W = 1/\langle\varphi'^2\rangle_{K^*}$ and
$C_b = K^* - C_W\langle\varphi^2\rangle_{K^*} \ge 0$; a kink counts in $\varphi''$ as a point mass.
(roberts2022principles)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from sympy import Abs, Add, Expr, Integer, Piecewise, Rational, S, exp, log, oo, pi, sqrt, zoo

from theory import normal_form
from theory.activations import Activation
from theory.enclosure import enclose, sign_of_number
from theory.errors import DivergenceError, DomainError, PrecisionError, UnsupportedError
from theory.gaussian.growth import growth
from theory.network import NetworkSpec, checked_network
from theory.propagation.edge_of_chaos import Curve, curvature_of_second_moment, slope_moment
from theory.propagation.maps import parallel_susceptibility, perpendicular_susceptibility
from theory.propagation.universality import HALF_STABLE, KSTAR_ZERO, SCALE_INVARIANT, Origin, origin
from theory.propagation.variance_mean import K, VarianceMean, curvature_mean, gaussian_mean
from theory.propagation.variance_zeros import Zeros, variance_zeros
from theory.propagation.written import equation

__all__ = ["CriticalPoint", "CriticalPoints", "check_normalisable", "critical_points", "depth_scales"]

_UNSEARCHED = Zeros((), (), oo, oo)


@dataclass(frozen=True)
class CriticalPoint:
    r"""A critical initialisation.

    K : the critical variance; the symbol K where every positive variance is one.
    coefficient, power : the variance map is $K' = K + a (K - K^*)^p + \dots$ next to it.
    perpendicular_slope : derivative of $\chi_\perp$ at K*, or its first coefficient at K* = 0.
    stability : attracting_from_above, attracting_from_below or continuum.
    reason : why it belongs to its universality class.
    """

    phi: Activation
    K: Expr
    C_W: Expr
    C_b: Expr
    universality_class: str
    stability: str
    coefficient: Expr
    power: Expr
    perpendicular_slope: Expr
    reason: str

    def spec(self, **settings: Any) -> NetworkSpec:
        """A network with these variances; `depth=` and the like are passed on."""
        return NetworkSpec(self.phi, C_W=self.C_W, C_b=self.C_b, **settings)

    def __repr__(self) -> str:
        return f"CriticalPoint(K={self.K}, C_W={self.C_W}, C_b={self.C_b}, {self.universality_class}, {self.stability})"

    def _equations(self) -> list[str]:
        return [equation("K^*", self.K), equation("C_W", self.C_W), equation("C_b", self.C_b)]

    def _repr_latex_(self) -> str:
        return "$" + r",\; ".join(self._equations()) + "$"


@dataclass(frozen=True)
class CriticalPoints(Sequence[CriticalPoint]):
    """The critical initialisations of an activation, in order of K, and why there are no others.

    `lower` and `upper` bound the positive variances that were searched with proof; `complete` says whether they are
    all.  `excluded` holds one line for every solution that is no initialisation.
    """

    points: tuple[CriticalPoint, ...]
    reason: str
    lower: Expr = S.Zero
    upper: Expr = oo
    excluded: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """Was every positive variance searched?"""
        return self.lower == 0 and self.upper == oo

    @property
    def continuum(self) -> bool:
        """Is every positive variance critical?"""
        return any(p.K == K for p in self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[CriticalPoint]:
        return iter(self.points)

    @overload
    def __getitem__(self, index: int) -> CriticalPoint: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CriticalPoint, ...]: ...
    def __getitem__(self, index: int | slice) -> CriticalPoint | tuple[CriticalPoint, ...]:
        return self.points[index]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.points))
        return f"CriticalPoints([{shown}]; {self.reason})"

    def _repr_latex_(self) -> str:
        rows = [" & ".join(p._equations()) + r" \\" for p in self.points]
        return "\n".join([r"$\begin{array}{lll}", *rows, r"\end{array}$"])


def check_normalisable(phi: Activation) -> None:
    """Refuse an activation whose second moment at a small variance is infinite or not proved finite."""
    if not phi.parameters:
        try:
            enclose(phi.moment(2, Rational(1, 100)), 5)
        except (DivergenceError, PrecisionError) as error:
            raise DomainError(f"E phi^2 has to be finite, with a proof; {phi.expr}: {error}") from None


def critical_points(phi: Activation) -> CriticalPoints:
    r"""Critical initialisations of plain networks with an activation.

    Positive critical variances are exact where $\langle\varphi\varphi''\rangle_K$ factors, otherwise isolated with a
    proof and known to any number of digits.  The list says why it is empty, and which variances were searched.

    Parameters
    ----------
    phi : any activation; symbolic parameters where the condition can be solved with them.

    Raises
    ------
    UnsupportedError
        if symbolic parameters are in the way.

    Examples
    --------
    >>> from theory.activations import activation
    >>> critical_points(activation("gelu"))[0].K
    3/2 + sqrt(17)/2
    >>> critical_points(activation("relu"))[0].C_W
    2
    >>> critical_points(activation("tanh"))[0].universality_class
    'K*=0'

    References
    ----------
    roberts2022principles
    """
    if not isinstance(phi, Activation):
        raise DomainError(f"criticality takes an Activation, such as th.activation('gelu'); received {phi!r}")
    check_normalisable(phi)
    try:
        if phi.derivative(1) == 0:
            return CriticalPoints((), "the activation is constant: no weight variance gives chi_perp = 1")
    except UnsupportedError as error:
        return CriticalPoints((), f"chi_perp is infinite at every positive variance: {error}")
    try:
        mean = curvature_mean(phi)
    except UnsupportedError as error:
        zeros, search = _UNSEARCHED, f"no positive variance could be searched: {error}"
    else:
        zeros, search = _searched(phi, mean)
    if zeros.vanishes:
        return _continuum(phi)
    excluded: list[str] = []
    points = [p for p in (_at_zero(phi, excluded), *(_at(phi, k, excluded) for k in zeros.values)) if p is not None]
    return CriticalPoints(tuple(points), search, zeros.lower, zeros.upper, tuple(excluded))


def _searched(phi: Activation, mean: VarianceMean) -> tuple[Zeros, str]:
    """The zeros of the curvature mean, and what was searched, in words."""
    try:
        zeros = variance_zeros("curvature", mean)
    except PrecisionError as error:
        return _UNSEARCHED, f"no positive variance could be searched: {error}"
    return zeros, _describe(zeros, _where_finite(phi, mean))


def depth_scales(net: NetworkSpec, q: Any) -> tuple[Expr, Expr]:
    r"""Depth scales $\xi_q = -1/\log|\chi_\parallel|$ and $\xi_c = -1/\log\chi_\perp$ at a variance q.

    Meant at a fixed point of the variance map; $\xi_c$ is the scale of the fixed point at correlation one, negative
    where that repels.  Infinite at susceptibility one, zero at susceptibility zero.

    References
    ----------
    schoenholz2017deep
    """
    net = checked_network(net)
    return _scale(parallel_susceptibility(net, q)), _scale(perpendicular_susceptibility(net, q))


def _scale(chi: Expr) -> Expr:
    if chi.is_zero:
        return Integer(0)
    rate = log(Abs(chi))
    if rate.is_zero or (not rate.free_symbols and _is_one(chi)):
        return oo
    value = -1 / rate
    return oo if value is zoo else value


def _is_one(chi: Expr) -> bool:
    return normal_form.is_zero((chi - 1).expand(), {})


def _where_finite(phi: Activation, mean: VarianceMean) -> str:
    """The condition on K of a mean that is infinite at large variances; empty where it is always finite."""
    x, parts = phi.variable, phi.pieces.parts
    try:
        if phi.parameters or max(growth(parts[0], x, -1).c, growth(parts[-1], x, 1).c) <= 0:
            return ""
    except PrecisionError:
        return ""
    found = {c for cases in mean.at(K).atoms(Piecewise) for _, c in cases.args if c.free_symbols == {K}}
    shown = " and ".join(sorted(str(c) for c in found))
    return f" at which it is finite ({shown})" if shown else " at which it is finite"


def _describe(zeros: Zeros, finite: str) -> str:
    span = "for every K > 0" if zeros.complete else f"for {_short(zeros.lower)} < K < {_short(zeros.upper)}"
    span += finite
    if zeros.signs is None:
        return f"<phi phi''>_K = 0 was solved in K {span}"
    if not zeros.values:
        word = "positive" if zeros.signs[0] > 0 else "negative"
        side = "above" if zeros.signs[0] > 0 else "below"
        return f"<phi phi''>_K is {word} {span}, so chi_parallel stays {side} chi_perp"
    return f"<phi phi''>_K has {len(zeros.values)} zero(s) {span}"


def _short(value: Expr) -> str:
    return str(value) if value.is_Integer or value is oo else f"{float(value):.4g}"


def _at_zero(phi: Activation, excluded: list[str]) -> CriticalPoint | None:
    found = origin(phi)
    if isinstance(found, str):
        excluded.append(f"K* = 0: {found}")
        return None
    if not found.slope.is_finite and not found.slope.free_symbols:
        excluded.append("K* = 0: the slope of the activation is infinite at zero")
        return None
    weight = 1 / found.slope.factor()
    if found.side is None:
        excluded.append(f"K* = 0 (C_W = {weight}, C_b = 0): on which side it attracts is not decided")
        return None
    if found.side >= 0:
        excluded.append(f"K* = 0 (C_W = {weight}, C_b = 0): repelling, the variance map is K + a K^p with a > 0")
        return None
    return CriticalPoint(
        phi, Integer(0), weight, Integer(0), KSTAR_ZERO, "attracting_from_above", found.coefficient, found.power,
        found.perpendicular, _zero_reason(found),
    )  # fmt: skip


def _zero_reason(found: Origin) -> str:
    if found.coefficient == 0:
        return "phi(0) = 0, phi'(0) != 0, and E phi^2 falls short of its slope by an exponentially small term"
    return f"phi(0) = 0, phi'(0) != 0, and C_W E phi^2 = K + a K^{found.power} + ... with a = {found.coefficient} < 0"


def _at(phi: Activation, value: Expr, excluded: list[str]) -> CriticalPoint | None:
    curve = Curve(phi)
    weight, bias = curve.C_W(K).subs(K, value), curve.C_b(K).subs(K, value)
    sign = phi.ordering.sign_or_none(bias) if bias.free_symbols else sign_of_number(bias)
    if sign is None:
        if bias.free_symbols:
            sign = _sign_by_factors(phi, bias)
        if sign is None:
            excluded.append(f"K* = {_named(value)}: the sign of C_b = {bias} is not decided")
            return None
    if sign < 0:
        excluded.append(f"K* = {_named(value)}: C_b = {_named(bias)} is negative")
        return None
    bend = (weight * curvature_of_second_moment(phi, K).subs(K, value)) / 2
    side = sign_of_number(bend) if not bend.free_symbols else _sign_by_factors(phi, bend)
    if not side:
        excluded.append(f"K* = {_named(value)}: the side on which it attracts is not decided")
        return None
    drift = weight * slope_drift(phi).subs(K, value)
    stability = "attracting_from_below" if side > 0 else "attracting_from_above"
    reason = f"K* > 0 with slope one and curvature of sign {side:+d}: it attracts from {stability[16:]} alone"
    if side < 0 < sign:
        # F(0) = C_b > 0, and F(K) < K just below K*.
        reason += "; the variance map crosses the diagonal below it as well, at another fixed point"
    return CriticalPoint(phi, value, weight, bias, HALF_STABLE, stability, bend, Integer(2), drift, reason)


def slope_drift(phi: Activation) -> Expr:
    r"""$\partial_K E\varphi'^2 = E[\varphi'(X)^2 (X^2 - K)]/(2K^2)$."""
    x, slope = phi.variable, phi.derivative(1) ** 2
    return (gaussian_mean(phi, slope * x**2, K) - K * gaussian_mean(phi, slope, K)) / (2 * K**2)


def _named(value: Expr) -> str:
    return str(value) if value.free_symbols else str(value.evalf(10))


def _sign_by_factors(phi: Activation, value: Expr) -> int | None:
    reduced = value.factor()
    return 1 if reduced.is_positive else -1 if reduced.is_negative else phi.ordering.sign_or_none(reduced)


def _continuum(phi: Activation) -> CriticalPoints:
    curve = Curve(phi)
    weight, bias = curve.C_W(K), curve.C_b(K)
    slope = slope_moment(phi, K)
    if not slope.has(K) and bias == 0:
        reason = "phi is positively homogeneous of degree one: every variance is fixed, with both susceptibilities one"
        point = CriticalPoint(
            phi, K, weight, Integer(0), SCALE_INVARIANT, "continuum", Integer(0), Integer(2), Integer(0), reason
        )
        return CriticalPoints((point,), reason)
    if any(slope.has(phi.variable) for _, *sides in _slope_jumps(phi) for slope in sides):
        return CriticalPoints((), "<phi phi''>_K vanishes for every K, but phi is not piecewise linear: not classified")
    # phi' is constant between the kinks; P(X > b) grows at the rate b p(b)/(2K).
    jumps = [(b, after**2 - before**2) for b, before, after in _slope_jumps(phi)]
    signs = {phi.ordering.sign_or_none((b * jump).expand()) for b, jump in jumps} - {0}
    if not signs <= {1} and not signs <= {-1}:
        return CriticalPoints((), "<phi phi''>_K vanishes for every K, but the sign of the curvature is open")
    if signs != {1}:
        # C_b / C_W = K <phi'^2> - <phi^2> starts at -phi(0)^2 and does not grow.
        return CriticalPoints((), "<phi phi''>_K vanishes for every K, but C_b = K - C_W <phi^2>_K < 0 throughout")
    start = phi(0)
    if phi.ordering.sign_or_none(start) != 0:
        return CriticalPoints((), f"<phi phi''>_K vanishes for every K; phi(0) = {start} leaves the sign of C_b open")
    densities = (b * jump * exp(-(b**2) / (2 * K)) / sqrt(2 * pi * K) for b, jump in jumps)
    drift = weight * Add(*densities) / (2 * K)
    reason = "<phi phi''>_K vanishes for every K: each point of the edge of chaos is critical, with curvature a > 0"
    point = CriticalPoint(
        phi, K, weight, bias, HALF_STABLE, "attracting_from_below", drift / 2, Integer(2), drift, reason
    )
    return CriticalPoints((point,), reason)


def _slope_jumps(phi: Activation) -> list[tuple[Expr, Expr, Expr]]:
    x, pieces = phi.variable, phi.pieces
    slopes = [p.diff(x) for p in pieces.parts]
    return list(zip(pieces.breaks, slopes, slopes[1:], strict=False))
