r"""One-point functions $\langle F\rangle_K = E F(z)$, $z \sim N(0, K)$, of an activation, its derivatives and z."""

from __future__ import annotations

import re
from typing import Any

from sympy import Add, Dummy, Expr, Integer, Mul, Poly, Symbol

from theory.errors import DomainError, ParseError
from theory.gaussian.expectation import expect
from theory.gaussian.generalised import Generalised, density, generalised_derivative
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.pieces import Pieces, as_piecewise
from theory.parsing import parse_expression

__all__ = ["bracket"]

_NAME = re.compile(r"(?:phi|sigma)('*)")
_MAX_ORDER = 12


def bracket(phi: Any, text: str, K: Any) -> Expr:
    r"""Expectation of a polynomial in $\varphi, \varphi', \varphi'', \dots$ and z under $z \sim N(0, K)$.

    Parameters
    ----------
    phi : Activation
    text : such as `"phi*phi''"`, `"(phi')^2"`, `"z^2*phi^2 - phi'"`; a prime is a derivative in the sense of
        distributions, so that phi'' of a rectifier is a point mass.
    K : variance, positive.

    Raises
    ------
    ParseError
        if the text is not a polynomial in these names.
    DomainError
        if a point mass meets a function that jumps there, which has no meaning.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import q
    >>> bracket(activation("relu"), "(phi')^2", q), bracket(activation("relu"), "z*phi*phi'", q)
    (1/2, q/2)

    References
    ----------
    roberts2022principles
    """
    K = exact(K)
    if K.is_nonpositive:
        raise DomainError(f"the variance of a bracket is positive; received {K}")
    x = phi.variable
    names: dict[int, Symbol] = {}
    polynomial = _read(text, names)
    orders = {symbol: order for order, symbol in names.items()}
    derivatives = {order: generalised_derivative(phi, order) for order in names}
    total = []
    for monomial, coefficient in polynomial.terms():
        powers = dict(zip(polynomial.gens, monomial, strict=True))
        z_power = powers.pop(_Z, 0)
        factors = [derivatives[orders[symbol]] for symbol, power in powers.items() for _ in range(power)]
        total.append(coefficient * _term(phi, x**z_power, factors, K))
    return Add(*total)


_Z = Symbol("z", real=True)


def _read(text: str, names: dict[int, Symbol]) -> Poly:
    if not isinstance(text, str):
        raise DomainError(f"a bracket is written as text, such as \"phi*phi''\"; received {text!r}")

    def replaced(match: re.Match[str]) -> str:
        order = len(match[1])
        if order > _MAX_ORDER:
            raise DomainError(f"a bracket has derivatives up to order {_MAX_ORDER}; received {order}")
        names.setdefault(order, Symbol(f"derivative_{order}", real=True))
        return names[order].name

    plain = _NAME.sub(replaced, text)
    if not names:
        raise ParseError(f"a bracket names phi; received {text!r}", text, 0)
    value = parse_expression(plain, [_Z, *names.values()])
    gens = [_Z, *names.values()]
    if not value.is_polynomial(*gens):
        raise ParseError(f"a bracket is a polynomial in phi, its derivatives and z; received {text!r}", text, 0)
    return Poly(value, *gens)


def _term(phi: Any, weight: Expr, factors: list[Generalised], K: Expr) -> Expr:
    """Expectation of a product of generalised functions, of which at most one is singular at any place."""
    x = phi.variable
    regular = _product(weight, [f.regular for f in factors], phi)
    value = expect(as_piecewise(regular, x), Gaussian(x, cov=[[K]]), phi.assumptions)
    for i, factor in enumerate(factors):
        others = factors[:i] + factors[i + 1 :]
        for place, order, height in factor.masses:
            if any(phi.ordering.sign_or_none(m.place - place) == 0 for f in others for m in f.masses):
                raise DomainError(f"two point masses meet at {x} = {place}; their product has no meaning")
            rest = _product(weight, [f.regular for f in others], phi)
            value += height * _against(rest, place, order, phi, K)
    return value


def _product(weight: Expr, parts: list[Pieces], phi: Any) -> Pieces:
    """Product of functions with the same breakpoints."""
    if not parts:
        return Pieces((), (weight,))
    breaks = phi.pieces.breaks
    return Pieces(breaks, tuple(Mul(weight, *(p.parts[i] for p in parts)) for i in range(len(breaks) + 1)))


def _against(rest: Pieces, place: Expr, order: int, phi: Any, K: Expr) -> Expr:
    r"""$(-1)^d (F p)^{(d)}$ at the place of a point mass, if F is smooth enough there."""
    x, z = phi.variable, Dummy("z", real=True)
    sides = (
        [rest.parts[0]]
        if not rest.breaks
        else [
            part
            for b, pair in zip(rest.breaks, zip(rest.parts, rest.parts[1:], strict=False), strict=True)
            if b == place
            for part in pair
        ]
    )
    values = [(part.subs(x, z) * density(z, K)).diff(z, order).subs(z, place) for part in sides]
    for lower in range(order + 1):
        jumps = {(part.diff(x, lower) - sides[0].diff(x, lower)).subs(x, place) for part in sides}
        if any(phi.ordering.sign_or_none(jump) != 0 for jump in jumps):
            raise DomainError(
                f"a point mass meets a function that jumps at {x} = {place}; the product has no meaning. "
                "Integrate by parts, so that no factor jumps where another has its mass"
            )
    return Integer(-1) ** order * values[0]
