r"""Rates at which a fixed point is approached: geometric, power law, super-exponential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, Integer, Rational, oo

from theory.enclosure import sign_of_number
from theory.errors import PrecisionError, UnsupportedError
from theory.propagation.vanishing import quick_sign, vanishes

__all__ = ["Geometric", "Logarithmic", "PowerLaw", "Rate", "SuperExponential", "certified_sign", "power_law"]


@dataclass(frozen=True)
class Geometric:
    r"""Distances multiplied by `multiplier` m in each layer: $e_{\ell+1} \sim m\,e_\ell$, $0 < |m| < 1$."""

    multiplier: Expr


@dataclass(frozen=True)
class PowerLaw:
    r"""Distances that decay like a power of the depth.

    $$ e_\ell \sim c\,\ell^{-p}, \qquad
       e_\ell^{-1/p} = c^{-1/p}\,\ell + b \ln \ell + O(1) $$

    with exponent p, constant c and `log_coefficient` b.  The coefficient is None where the correction to the leading
    term is larger than a logarithm (a power of the depth).

    References
    ----------
    roberts2022principles
    """

    exponent: Expr
    constant: Expr
    log_coefficient: Expr | None = None


@dataclass(frozen=True)
class SuperExponential:
    r"""Distances raised to the power `order` k in each layer: $e_{\ell+1} \sim c\,e_\ell^k$, k > 1.

    Order infinity: faster than every power; where the map is constant, in one layer.
    """

    order: Expr


@dataclass(frozen=True)
class Logarithmic:
    r"""Distances $e_\ell \sim c/\ln\ell$: the map leaves the identity by less than every power, like $e^{-c/e}$."""

    constant: Expr


Rate: TypeAlias = Geometric | Logarithmic | PowerLaw | SuperExponential


def certified_sign(value: Expr, what: str) -> int:
    """Sign of a number: zero only by the normal form, otherwise by a ball that excludes zero.

    Raises
    ------
    PrecisionError
        if neither settles it.
    """
    if value in (oo, -oo):
        return 1 if value == oo else -1
    if (quick := quick_sign(value)) is not None:
        return quick
    if vanishes(value):
        return 0
    sign = sign_of_number(value)
    if sign is None:
        raise PrecisionError(
            f"whether {what} is zero is not settled: no rule reduces {value} to zero, and its enclosure contains zero"
        )
    return sign


def power_law(terms: Sequence[tuple[Rational, Expr]]) -> PowerLaw | None:
    r"""Law of the recursion $e' = e + \sum_j \alpha_j e^{p_j}$, $1 < p_1 < p_2 < \dots$, for small e > 0.

    None where the first coefficient that is not zero is positive, so that e grows.  `terms` holds every power up to
    the last one; with $e' = e - A e^{n+1} + B e^{2n+1}$ and nothing between,
    $e^{-n} = nA\,\ell + \frac{(n+1)A^2/2 - B}{A} \ln \ell + O(1)$.

    Raises
    ------
    UnsupportedError
        if every coefficient vanishes.

    Examples
    --------
    >>> power_law([(Integer(2), Integer(-2)), (Integer(3), Rational(17, 3))])
    PowerLaw(exponent=1, constant=1/2, log_coefficient=-5/6)
    """
    for i, (power, coefficient) in enumerate(terms):
        sign = certified_sign(coefficient, f"the coefficient of order {power}")
        if sign > 0:
            return None
        if sign < 0:
            n, size = power - 1, -coefficient
            return PowerLaw(1 / n, (n * size) ** (-1 / n), _log_coefficient(n, size, terms[i + 1 :]))
    raise UnsupportedError(
        f"the map agrees with the identity to order {terms[-1][0]} at the fixed point; its rate needs higher orders"
    )


def _log_coefficient(n: Rational, size: Expr, rest: Sequence[tuple[Rational, Expr]]) -> Expr | None:
    goal = 2 * n + 1
    if not rest or rest[-1][0] < goal:
        return None
    if any(p < goal and certified_sign(c, f"the coefficient of order {p}") for p, c in rest):
        return None
    above: Expr = next((c for p, c in rest if p == goal), Integer(0))
    return (n + 1) * size / 2 - above / size
