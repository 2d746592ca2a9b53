"""Enclosures of numbers: rigorous balls, and decimal digits that are all correct."""

from __future__ import annotations

import sympy as sp
from flint import acb, arb

from theory.arguments import whole
from theory.balls import ball_function, workprec
from theory.errors import PrecisionError, UnsupportedError

__all__ = ["enclose", "evaluate", "sign_of_number"]

_MOST_DIGITS = 10**7
_SPARE_BITS = 1 << 12  # for cancellation; an expression that needs more is taken to have no finite value


def enclose(expr: sp.Expr, digits: int = 50) -> arb:
    r"""Ball around the value of a real expression without free symbols.

    $$ \text{expr} \in [m - r, m + r], \qquad r \le 10^{-\text{digits}} |m| $$

    (for a value that is zero or tiny, $r \le 10^{-2\,\text{digits}}$).  The working precision is raised until the
    radius is reached.

    Parameters
    ----------
    expr : closed form or node built from the functions of the package; its real part is enclosed.
    digits : number of significant digits, at least 1.

    Raises
    ------
    PrecisionError
        if the radius cannot be reached.
    UnsupportedError
        if the expression has free symbols or a function without enclosure.
    DomainError
        if the number of digits is no positive integer.

    Examples
    --------
    >>> from sympy import erf, Rational
    >>> enclose(erf(Rational(1, 2)), digits=20).str(20, radius=False)
    '0.52049987781304653768'

    References
    ----------
    johansson2017arb
    """
    digits = whole("digits", digits, 1, _MOST_DIGITS)
    if isinstance(expr, str):
        raise UnsupportedError("an enclosure takes an expression; read text with theory.parsing.parse_expression")
    try:
        number = sp.sympify(expr, strict=True)
    except (sp.SympifyError, TypeError) as error:
        raise UnsupportedError(f"an enclosure takes an expression; received {expr!r}") from error
    if not isinstance(number, sp.Expr):
        raise UnsupportedError(f"an enclosure takes an expression; received {expr!r}")
    value = _enclose_complex(number, digits)
    return value.real


def _enclose_complex(expr: sp.Expr, digits: int) -> acb:
    if expr.free_symbols:
        names = ", ".join(sorted(map(str, expr.free_symbols)))
        raise UnsupportedError(f"an enclosure needs a number; {names} is free in {expr}")
    bits = int(digits * 3.33) + 40
    limit = 16 * bits + _SPARE_BITS
    while bits <= limit:
        with workprec(bits):
            value = ball_function(expr)((), False)
            if value.is_finite() and _reached(value.real, digits):
                return value
        bits *= 2
    raise PrecisionError(f"{digits} digits of {expr} were not reached with {limit} bits")


def _reached(value: arb, digits: int) -> bool:
    radius, size = value.rad(), abs(value.mid())
    return bool(radius <= size * arb(10) ** -digits) or bool(size + radius <= arb(10) ** (-2 * digits))


def evaluate(expr: sp.Expr, prec: int) -> sp.Expr:
    """The value as a sympy number with `prec` correct bits; complex where the imaginary part is not zero."""
    digits = int(prec / 3.3219) + 2
    value = _enclose_complex(expr, digits)
    real = _float(value.real, digits, prec)
    return real if value.imag.contains(0) else real + sp.I * _float(value.imag, digits, prec)


def _float(value: arb, digits: int, prec: int) -> sp.Float:
    with workprec(prec + 64):
        text = value.mid().str(digits + 12, radius=False)
    return sp.Float(text, precision=prec)


def sign_of_number(expr: sp.Expr) -> int | None:
    """Certified sign of a real number; 0 only where zero is proved, None where balls cannot tell."""
    if expr.is_zero:
        return 0
    try:
        value = enclose(expr, 30)
    except (PrecisionError, UnsupportedError):
        return None
    if value > 0:
        return 1
    if value < 0:
        return -1
    return 0 if expr.is_algebraic and expr.equals(0) else None
