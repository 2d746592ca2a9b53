"""Numbers, rates and reasons of signal propagation, written for a terminal, for LaTeX and for JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sympy import Abs, Expr, S, log

from theory.closedness import is_closed_form
from theory.display import equation_lines
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.latex import latex
from theory.propagation.isolated_root import IsolatedRoot
from theory.propagation.rates import Geometric, Logarithmic, PowerLaw, Rate
from theory.propagation.variance_root import VarianceRoot

__all__ = [
    "Quantity",
    "aligned",
    "bound",
    "decimal",
    "equation",
    "is_exact",
    "quantity",
    "rate_data",
    "rate_latex",
    "rate_rows",
    "rate_text",
]

_SHORT, _LONGEST = 60, 200  # characters of a closed form before and after its decimals
_EXPONENT = re.compile(r"(?<=\d)e\+?(-?\d+)$")
_LONGEST_LATEX = 400  # characters of a number set in closed form


class Quantity(NamedTuple):
    """A quantity with its name, its LaTeX left side and its value, or the reason why it has none."""

    name: str
    symbol: str
    value: Expr | None
    reason: str = ""

    def text(self, digits: int) -> str:
        """The value in closed form and in certified decimals, as far as there are any."""
        if self.value is None:
            return f"not available: {self.reason}"
        if self.value.free_symbols or self.value.is_Integer or self.value.is_infinite:
            return str(self.value)
        number = decimal(self.value, digits)
        if not is_exact(self.value):
            return number
        exact = str(self.value)
        if len(exact) > _LONGEST:
            return f"{number}   [closed form of {len(exact)} characters: --json]"
        return f"{exact} = {number}" if len(exact) <= _SHORT else f"{number} = {exact}"

    def data(self, digits: int) -> dict[str, Any]:
        """`exact`, None without a closed form; `decimal`, None with free symbols; or `reason`."""
        if self.value is None:
            return {"exact": None, "decimal": None, "reason": self.reason}
        free = bool(self.value.free_symbols)
        exact = str(self.value) if free or is_exact(self.value) else None
        return {"exact": exact, "decimal": None if free else decimal(self.value, digits)}

    def latex(self, printer: Callable[[Expr], str], digits: int) -> str:
        """Rows of an `align*` environment; a comment where there is no value."""
        if self.value is None:
            return f"% {self.name}: {self.text(digits)}"
        if self.value.free_symbols or (is_exact(self.value) and len(str(self.value)) <= _LONGEST_LATEX):
            rows = equation_lines(self.symbol, self.value, printer)
            plain = self.value.free_symbols or self.value.is_Integer or self.value.is_infinite
            return rows if plain else rf"{rows} \approx {_decimal_latex(self.value, min(digits, 10))}"
        return rf"{self.symbol} &\approx {_decimal_latex(self.value, digits)}"


def quantity(name: str, symbol: str, compute: Callable[[], Expr]) -> Quantity:
    """The quantity, with an error of the computation as its reason."""
    try:
        return Quantity(name, symbol, compute())
    except TheoryError as error:
        return Quantity(name, symbol, None, str(error))


def aligned(rows: Iterable[Quantity], printer: Callable[[Expr], str], digits: int) -> str:
    """The quantities as an `align*` environment; those without a value are comments before it."""
    written = [row.latex(printer, digits) for row in rows]
    comments = [row for row in written if row.startswith("%")]
    body = " \\\\\n".join(row for row in written if not row.startswith("%"))
    return "\n".join([*comments, r"\begin{align*}", body, r"\end{align*}"] if body else comments)


def equation(symbol: str, value: Expr) -> str:
    r"""A named value in a line of LaTeX: in closed form where that is short, otherwise by ten certified digits.

    Examples
    --------
    >>> from sympy import exp, sqrt
    >>> print(equation("K^*", sqrt(2)))
    K^* = \sqrt{2}
    >>> print(equation("C_W", exp(-40 - sqrt(2) - sqrt(3) - sqrt(5) - sqrt(7) - sqrt(11) - sqrt(13) - sqrt(17))))
    C_W \approx 2.211889368 \cdot 10^{-26}
    """
    if value.free_symbols or value.is_infinite or (is_exact(value) and len(str(value)) <= _SHORT):
        return f"{symbol} = {latex(value)}"
    return rf"{symbol} \approx {_decimal_latex(value, 10)}"


def _decimal_latex(value: Expr, digits: int) -> str:
    return _EXPONENT.sub(r" \\cdot 10^{\1}", decimal(value, digits))


def bound(value: Expr) -> str:
    """End of an interval, for reading.

    Examples
    --------
    >>> from sympy import oo, sqrt
    >>> bound(oo), bound(sqrt(2))
    ('oo', '1.41421')
    """
    return str(value) if not value.is_number or value.is_Integer or value.is_infinite else f"{float(value):.6g}"


def is_exact(value: Expr) -> bool:
    """Is the value a closed form, without roots known by isolation alone?"""
    return not value.atoms(IsolatedRoot, VarianceRoot) and is_closed_form(value)


def decimal(value: Expr, digits: int) -> str:
    """Certified decimal digits, or why there are none.

    Examples
    --------
    >>> from sympy import pi
    >>> decimal(pi, 10)
    '3.141592654'
    """
    if value is S.Infinity or value is S.NegativeInfinity:
        return str(value)
    try:
        return str(enclose(value, digits + 1).str(digits, radius=False))
    except TheoryError as error:
        return f"not available: {error}"


def rate_text(rate: Rate | None, digits: int) -> str:
    """The rate in words.

    Examples
    --------
    >>> from sympy import Integer, Rational
    >>> rate_text(PowerLaw(Integer(2), Rational(9, 2)), 5)
    'power law: distance ~ c/l^2, c = 9/2 = 4.5000'
    """
    if rate is None:
        return ""
    if isinstance(rate, Geometric):
        scale = decimal(-1 / log(Abs(rate.multiplier)), min(digits, 6))
        return (
            f"geometric: distance multiplied by {decimal(rate.multiplier, digits)} in each layer, depth scale {scale}"
        )
    if isinstance(rate, PowerLaw):
        law = f"power law: distance ~ c/l{_exponent(rate.exponent)}, c = {Quantity('', '', rate.constant).text(digits)}"
        if not rate.log_coefficient:
            return law
        return f"{law}, coefficient of ln l {Quantity('', '', rate.log_coefficient).text(digits)}"
    if isinstance(rate, Logarithmic):
        return f"logarithmic: distance ~ c/ln l, c = {Quantity('', '', rate.constant).text(digits)}"
    if rate.order is S.Infinity:
        return "super-exponential: faster than every power, in one layer where the map is constant"
    return f"super-exponential: distance raised to the power {rate.order} in each layer"


def _exponent(value: Expr) -> str:
    return "" if value == 1 else f"^{value}" if value.is_Integer else f"^({value})"


def rate_rows(rate: Rate | None) -> tuple[str, list[Quantity]]:
    r"""The rate in words of LaTeX, and its numbers; e is the distance to the fixed point."""
    if rate is None:
        return "", []
    if isinstance(rate, Geometric):
        return r", $e_{\ell+1} \sim m\,e_\ell$", [Quantity("multiplier", "m", rate.multiplier)]
    if isinstance(rate, PowerLaw):
        words = r", $e_\ell \sim c\,\ell^{-p}$, $e_\ell^{-1/p} = c^{-1/p} \ell + b \ln \ell + O(1)$"
        numbers = [Quantity("exponent", "p", rate.exponent), Quantity("constant", "c", rate.constant)]
        if rate.log_coefficient is None:
            return r", $e_\ell \sim c\,\ell^{-p}$", numbers
        return words, [*numbers, Quantity("coefficient of ln l", "b", rate.log_coefficient)]
    if isinstance(rate, Logarithmic):
        return r", $e_\ell \sim c/\ln \ell$", [Quantity("constant", "c", rate.constant)]
    return ", super-exponentially", []


def rate_latex(rate: Rate) -> str:
    r"""The rate as a formula for the distance e to the fixed point.

    Examples
    --------
    >>> from sympy import Integer, Rational
    >>> print(rate_latex(PowerLaw(Integer(2), Rational(9, 2), Rational(1, 3))))
    e_\ell \sim c\,\ell^{-2},\; c = \frac{9}{2}
    """
    if isinstance(rate, Geometric):
        return r"e_{\ell+1} \sim m\,e_\ell"
    if isinstance(rate, PowerLaw):
        return rf"e_\ell \sim c\,\ell^{{{latex(-rate.exponent)}}},\; {equation('c', rate.constant)}"
    if isinstance(rate, Logarithmic):
        return rf"e_\ell \sim c/\ln \ell,\; {equation('c', rate.constant)}"
    return rf"e_{{\ell+1}} \sim c\,e_\ell^{{{latex(rate.order)}}}"


def rate_data(rate: Rate | None, digits: int) -> dict[str, Any] | None:
    """The rate by its kind and its numbers."""
    if rate is None:
        return None
    numbers = {name: getattr(rate, name) for name in rate.__dataclass_fields__}
    written = {n: None if v is None else Quantity(n, "", v).data(digits) for n, v in numbers.items()}
    return {"kind": type(rate).__name__, **written}
