"""What a network does to a signal over depth: maps, fixed points, rates; as text, LaTeX and JSON."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from sympy import Expr

from theory.errors import TheoryError
from theory.gaussian.expectation import GaussianExpectation
from theory.latex import latex
from theory.network import NetworkSpec
from theory.propagation.criticality import check_normalisable, critical_points, depth_scales
from theory.propagation.fixed_point import FixedPoint, FixedPoints
from theory.propagation.fixed_points import correlation_fixed_points, variance_fixed_points
from theory.propagation.iteration import iterate
from theory.propagation.maps import correlation_map, perpendicular_susceptibility, settled_variance, variance_map
from theory.propagation.rates import certified_sign
from theory.propagation.written import Quantity, aligned, bound, decimal, quantity, rate_data, rate_rows, rate_text
from theory.symbols import q, rho

__all__ = ["NetworkReport"]

_COLUMNS = ("q", "rho", "ntk")
_PHASES = {-1: "ordered", 0: "edge of chaos", 1: "chaotic"}


class _Fixed(NamedTuple):
    """A fixed point of the variance map with what happens at its variance."""

    point: FixedPoint
    chi: Quantity
    scales: tuple[Quantity, Quantity]
    phase: str
    correlations: FixedPoints | None
    reason: str


class NetworkReport:
    r"""Signal propagation of a network.

    Parameters
    ----------
    net : fixed points need a network without symbolic parameters; without numbers the report gives the maps.
    digits : certified digits of the numbers.
    depth : number of layers of the table of two inputs; None for no table.
    inputs : their common variance and their correlation in layer 1.

    Raises
    ------
    DivergenceError
        if $E\varphi^2$ is infinite.

    Examples
    --------
    >>> from theory.activations import activation
    >>> report = NetworkReport(NetworkSpec(activation("relu"), C_W=1, C_b=1), digits=8)
    >>> print(report.text().splitlines()[8].strip())
    q* = 2: attracting, slope 1/2 = 0.50000000
    """

    def __init__(
        self, net: NetworkSpec, digits: int = 15, depth: int | None = None, inputs: tuple[Any, Any] = (1, 0)
    ) -> None:
        check_normalisable(net.phi)
        self.net, self.digits = net, digits
        self.layers = () if depth is None else tuple(iterate(net, depth, inputs[0], rho=inputs[1], digits=digits + 1))

    @cached_property
    def maps(self) -> tuple[Quantity, ...]:
        """Variance map, correlation map and perpendicular susceptibility at a symbolic variance."""
        net = self.net
        # Without a skip there is a variance map, or nothing to report.
        step = (
            Quantity("", "", variance_map(net, q))
            if net.skip is None
            else quantity("", "", lambda: variance_map(net, q))
        )
        return (
            step._replace(name="variance map", symbol="F(q)"),
            quantity("correlation map", r"R(\rho)", lambda: correlation_map(net, rho, _variance(net))),
            quantity("perpendicular susceptibility", r"\chi_\perp(q)", lambda: perpendicular_susceptibility(net, q)),
        )

    @cached_property
    def variances(self) -> FixedPoints | str:
        """Fixed points of the variance map, or why they are not known."""
        try:
            return variance_fixed_points(self.net)
        except TheoryError as error:
            return str(error)

    @cached_property
    def _fixed(self) -> tuple[_Fixed, ...]:
        return () if isinstance(self.variances, str) else tuple(map(self._at, self.variances))

    def _at(self, point: FixedPoint) -> _Fixed:
        net, value = self.net, point.value
        chi = quantity("chi_perp", r"\chi_\perp(q^*)", lambda: perpendicular_susceptibility(net, value))
        parallel = quantity("xi_q", r"\xi_q", lambda: depth_scales(net, value)[0])
        scales = (parallel, quantity("xi_c", r"\xi_c", lambda: depth_scales(net, value)[1]))
        found, reason = None, ""
        try:
            continuum = point.stability == "continuum"
            if value == 0:
                reason = "inputs of variance zero have no correlation"
            else:
                found = correlation_fixed_points(net, None if continuum else value)
        except TheoryError as error:
            reason = str(error)
        return _Fixed(point, chi, scales, _phase(net, chi.value), found, reason)

    def text(self) -> str:
        """The report for a terminal."""
        net, digits = self.net, self.digits
        rows = [f"phi({net.phi.variable}) = {net.phi.expr},  C_W = {net.C_W}, C_b = {net.C_b}"]
        rows += [
            f"  {name}: {value}" for name, value in (("normalization", net.normalization), ("skip", net.skip)) if value
        ]
        rows += [f"  weights: {net.weights}"] * (net.weights.law != "gaussian")
        rows += ["", "maps"]
        left = {"F(q)": "F(q)", r"R(\rho)": "R(rho)", r"\chi_\perp(q)": "chi_perp(q)"}
        rows += [f"  {item.name}: {left[item.symbol]} = {item.text(self.digits)}" for item in self.maps]
        if any(item.value is not None and item.value.has(GaussianExpectation) for item in self.maps):
            rows.append("  z is standard normal; u, v have variance q and correlation rho; x has variance q")
        rows += ["", f"fixed points of the variance map ({_status(self.variances)})"]
        for item in self._fixed:
            rows += self._rows(item)
        if self.layers:
            rows += ["", "layers of two inputs of equal variance q and correlation rho"]
            rows += [f"  {'l':>3}  {'q':<{digits + 7}}{'rho':<{digits + 7}}tangent kernel of both"]
            for row in self._table:
                rows.append(
                    f"  {row['layer']:>3}  " + "".join(f"{row[n] or '-':<{digits + 7}}" for n in _COLUMNS).rstrip()
                )
        if self.critical:
            rows += [
                "",
                "critical initialisations of plain networks with this activation",
                *(f"  {c}" for c in self.critical),
            ]
        return "\n".join(rows)

    @cached_property
    def _table(self) -> list[dict[str, Any]]:
        """Layer, variance, correlation and tangent kernel as texts."""

        def text(ball: Any) -> str | None:
            if ball is None:
                return None
            # What is not told from zero is below the digits that were asked for.
            undecided = ball.contains(0) and ball.rad() > 0
            return "0." + "0" * self.digits if undecided else str(ball.str(self.digits, radius=False))

        return [{"layer": s.layer, "q": text(s.q1), "rho": text(s.rho), "ntk": text(s.ntk12)} for s in self.layers]

    @cached_property
    def critical(self) -> tuple[str, ...]:
        """Critical variances with their universality classes, in words.

        Empty for normalised networks and skips, and where the variance map itself is out of reach.
        """
        if self.net.normalization is not None or self.net.skip is not None or isinstance(self.variances, str):
            return ()
        try:
            found = critical_points(self.net.phi)
        except TheoryError as error:
            return (f"not available: {error}",)
        lines = []
        for point in found:
            numbers = zip(("K*", "C_W", "C_b"), (point.K, point.C_W, point.C_b), strict=True)
            values = ", ".join(f"{n} = {_short(v, self.digits)}" for n, v in numbers)
            lines.append(f"{point.universality_class} ({point.stability.replace('_', ' ')}): {values}")
        return tuple(lines) or (f"none: {found.reason}", *found.excluded)

    def _rows(self, item: _Fixed) -> list[str]:
        rows = self._point("q*", item.point, "  ")
        phase = f"  ({item.phase})" if item.phase else ""
        rows.append(f"      chi_perp = {item.chi.text(self.digits)}{phase}")
        rows += [f"      {scale.name} = {scale.text(self.digits)}" for scale in item.scales]
        if item.correlations is None:
            return [*rows, f"      correlation map: {item.reason}"]
        rows.append(f"      fixed points of the correlation map ({_status(item.correlations)})")
        for point in item.correlations:
            rows += self._point("rho*", point, "        ")
        return rows

    def _point(self, name: str, point: FixedPoint, indent: str) -> list[str]:
        value = "every q > 0" if point.stability == "continuum" else Quantity("", "", point.value).text(self.digits)
        slope = Quantity("", "", point.multiplier).text(self.digits)
        rows = [f"{indent}{name} = {value}: {point.stability.replace('_', ' ')}, slope {slope}"]
        return rows + [f"{indent}    {rate_text(point.rate, self.digits)}"] * (point.rate is not None)

    def data(self) -> dict[str, Any]:
        """The report as JSON takes it: exact values and decimals are texts."""
        net, digits = self.net, self.digits
        return {
            "activation": str(net.phi.expr),
            "network": net.key(),
            "C_W": str(net.C_W),
            "C_b": str(net.C_b),
            "maps": {item.name: item.data(digits) for item in self.maps},
            "variance_fixed_points": [
                self._point_data(item.point)
                | {quantity.name: quantity.data(digits) for quantity in (item.chi, *item.scales)}
                | {"phase": item.phase or None}
                | {"correlation_fixed_points": self._list_data(item.correlations, item.reason)}
                for item in self._fixed
            ],
            "status": _status(self.variances),
            "layers": self._table,
            "critical_initialisations": list(self.critical),
        }

    def _plain(self, item: Quantity) -> Quantity:
        """The correlation map without the quotient, where that would repeat the variance map in symbols."""
        step = self.maps[0].value
        if item.symbol != r"R(\rho)" or item.value is None or step is None or not item.value.has(q) or step.is_Mul:
            return item
        return item._replace(symbol=r"F(q)\,R(\rho)", value=item.value * step)

    def _list_data(self, points: FixedPoints | None, reason: str) -> dict[str, Any]:
        if points is None:
            return {"points": [], "status": reason}
        return {"points": [self._point_data(p) for p in points], "status": _status(points)}

    def _point_data(self, point: FixedPoint) -> dict[str, Any]:
        return {
            "value": Quantity("", "", point.value).data(self.digits),
            "slope": Quantity("", "", point.multiplier).data(self.digits),
            "stability": point.stability,
            "rate": rate_data(point.rate, self.digits),
        }

    def latex(self, notation: str = "mean-field") -> str:
        r"""A fragment of LaTeX for `\input`; needs amsmath, amssymb and graphicx."""

        def printer(expr: Expr) -> str:
            return latex(expr, notation)

        shown = [
            Quantity("", rf"\varphi({printer(self.net.phi.variable)})", self.net.phi.expr),
            *map(self._plain, self.maps),
        ]
        blocks = [aligned(shown, printer, self.digits)]
        for item in self._fixed:
            lines = [
                Quantity("q*", "q^*", item.point.value),
                Quantity("slope", r"\chi_\parallel(q^*)", item.point.multiplier),
                item.chi,
                *item.scales,
                *rate_rows(item.point.rate)[1],
            ]
            blocks += [_sentence("Variance", item.point), aligned(lines, printer, self.digits)]
            for point in item.correlations or ():
                pair = [Quantity("rho*", r"\rho^*", point.value), Quantity("slope", r"R'(\rho^*)", point.multiplier)]
                blocks += [
                    _sentence("Correlation", point),
                    aligned([*pair, *rate_rows(point.rate)[1]], printer, self.digits),
                ]
        if self.layers:
            cells = [" & ".join([str(row["layer"]), *(row[name] or "--" for name in _COLUMNS)]) for row in self._table]
            head = r"$\ell$ & $q^\ell$ & $\rho^\ell$ & $\Theta^\ell_{12}$"
            body = " \\\\\n".join([head, *cells])
            blocks.append("\\begin{tabular}{rlll}\n" + body + "\n\\end{tabular}")
        return "\n".join(blocks) + "\n"


def _variance(net: NetworkSpec) -> Expr:
    try:
        return settled_variance(net)
    except TheoryError:
        return q


def _short(value: Expr, digits: int) -> str:
    return str(value) if value.free_symbols or value.is_Rational else decimal(value, digits)


def _phase(net: NetworkSpec, chi: Expr | None) -> str:
    if chi is None or chi.free_symbols or net.normalization is not None or net.skip is not None:
        return ""
    try:
        return _PHASES[certified_sign(chi - 1, "chi_perp - 1")]
    except TheoryError:
        return "phase undecided"


def _status(points: FixedPoints | str) -> str:
    if isinstance(points, str):
        return f"not available: {points}"
    known = "complete" if points.complete else "not proved complete"
    return f"{known} on ({bound(points.range[0])}, {bound(points.range[1])})" + (
        f": {points.reason}" if points.reason else ""
    )


def _sentence(name: str, point: FixedPoint) -> str:
    return f"{name}, {point.stability.replace('_', ' ')}{rate_rows(point.rate)[0]}:"
