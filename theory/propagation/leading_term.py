r"""The leading term of $\sum_i c_i t^{a_i} e^{b_i t}$ at large t, and from where on it outweighs all others."""

from __future__ import annotations

from typing import NamedTuple

from flint import arb
from sympy import Add, Dummy, Expr, Mul, Rational, S, Symbol, cos, cosh, exp, expand, sin, sinh

from theory.balls import ball_function
from theory.enclosure import enclose, sign_of_number

__all__ = ["dominated_beyond"]

_DIGITS = 15
_DOUBLINGS = 80


class _Term(NamedTuple):
    """c t^a exp(b t), times a function between -1 and 1 where it oscillates."""

    factor: Expr
    power: Expr
    rate: Expr
    oscillates: bool

    @property
    def size(self) -> arb:
        """|c|."""
        return abs(enclose(self.factor, _DIGITS))


def dominated_beyond(e: Expr, t: Symbol) -> Rational | None:
    """A number beyond which the sum keeps the sign of its leading term; None where it is no such sum.

    Examples
    --------
    >>> t = Symbol("t", positive=True)
    >>> dominated_beyond(t / 2 - t**2 * exp(-t) - 3, t)
    8
    """
    terms = _terms(e, t)
    if not terms:
        return None
    lead = terms[0]
    for term in terms[1:]:
        sign = sign_of_number(term.rate - lead.rate) or sign_of_number(term.power - lead.power)
        lead = term if sign == 1 else lead
    if lead.oscillates or not lead.size > 0:
        return None
    place = Rational(1)
    others = [(o.size / lead.size, o.power - lead.power, o.rate - lead.rate) for o in terms if o is not lead]
    for _, power, rate in others:
        signs = sign_of_number(rate), sign_of_number(power)
        if signs[0] not in (-1, 0) or (signs[0] == 0 and signs[1] != -1):
            return None
        if signs[0] == -1 and power.is_positive:
            place = max(place, Rational(int(enclose(-power / rate, _DIGITS).upper().ceil().unique_fmpz())))
    for _ in range(_DOUBLINGS):
        # Every quotient falls from here on.
        here = enclose(place, _DIGITS)
        shares = (size * here ** _ball(power) * (_ball(rate) * here).exp() for size, power, rate in others)
        if sum(shares, arb(0)) < 1:
            return place
        place *= 2
    return None


def _terms(e: Expr, t: Symbol) -> list[_Term] | None:
    numbers: dict[Expr, Dummy] = {}
    masked = expand(_masked(e.rewrite([sinh, cosh], exp), t, numbers))  # the numbers stay as short as they are
    back = {dummy: number for number, dummy in numbers.items()}
    sums: dict[tuple[Expr, Expr, bool], Expr] = {}
    found: list[_Term] = []
    for part in Add.make_args(masked):
        term = _split(part, t)
        if term is None:
            return None
        known = term._replace(factor=term.factor.xreplace(back), rate=term.rate.xreplace(back))
        if term.oscillates:
            found.append(known)
        else:
            key = known.power, known.rate, False
            sums[key] = sums.get(key, S.Zero) + known.factor
    return found + [_Term(factor, *key) for key, factor in sums.items() if factor != 0]


def _masked(e: Expr, t: Symbol, numbers: dict[Expr, Dummy]) -> Expr:
    """The expression with a symbol for each part without t that is not rational."""
    if e.is_Rational or e == t:
        return e
    if not e.has(t):
        return numbers.setdefault(e, Dummy("c", real=True))
    if isinstance(e, Add | Mul):
        fixed, moving = e.as_independent(t, as_Add=isinstance(e, Add))
        parts = [_masked(a, t, numbers) for a in e.func.make_args(moving)]
        return e.func(_masked(fixed, t, numbers), *parts)
    return e.func(*(_masked(a, t, numbers) for a in e.args))


def _split(e: Expr, t: Symbol) -> _Term | None:
    factor, moving = e.as_independent(t, as_Add=False)
    power, rate, oscillates = S.Zero, S.Zero, False
    for part in Mul.make_args(moving):
        base, exponent = part.as_base_exp()
        if base == t and exponent.is_Rational:
            power += exponent
        elif isinstance(part, exp) and part.exp.is_polynomial(t) and not part.exp.diff(t).has(t):
            rate += part.exp.diff(t)
            factor *= exp(part.exp.subs(t, 0))
        elif isinstance(base, sin | cos) and exponent.is_Integer and exponent > 0 and base.args[0].is_polynomial(t):
            oscillates = True
        elif part != 1:
            return None
    return _Term(factor, power, rate, oscillates)


def _ball(value: Expr) -> arb:
    return ball_function(value)((), False).real
