"""The shorter of equal arrangements of a sum: common factors in front, terms with a common factor together.

Nothing is transformed but the order of multiplication: no identity between functions, no cancellation.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from math import gcd, lcm

from sympy import Add, Expr, Function, Integer, Mul, Pow, Rational, count_ops, expand

__all__ = ["compact"]

_MAX_TERMS = 60


def compact(expr: Expr) -> Expr:
    """An expression equal to `expr` with at most as many operations, and the arguments of functions likewise.

    Examples
    --------
    >>> from sympy.abc import x, y, z
    >>> from sympy import sqrt, pi
    >>> compact(sqrt(x)*y/(2*pi) + sqrt(x)*z/4)
    sqrt(x)*(2*y + pi*z)/(4*pi)
    """
    inside = {f: f.func(*map(_shorter_argument, f.args)) for f in expr.atoms(Function)}
    value = expr.xreplace({f: new for f, new in inside.items() if new != f})
    if isinstance(value, Add) and len(value.args) <= _MAX_TERMS:
        joined = _together(value)
        value = min((value, joined, _in_front(value), _in_front(joined)), key=count_ops)
    elif isinstance(value, Mul):
        sums = [f for f in value.args if isinstance(f, Add)]
        if len(sums) == 1 and len(sums[0].args) <= _MAX_TERMS:
            joined = value.xreplace({sums[0]: _in_front(_together(sums[0]))})
            value = min((value, joined), key=count_ops)
    return value


def _shorter_argument(e: Expr) -> Expr:
    if not isinstance(e, Mul) or sum(isinstance(f, Add) for f in e.args) < 2:
        return e
    return min((e, expand(e)), key=count_ops)


def _powers(term: Expr) -> dict[Expr, Rational]:
    """Factors of a term other than its rational coefficient, with their rational exponents."""
    found: dict[Expr, Rational] = {}
    for factor in Mul.make_args(term.as_coeff_Mul()[1]):
        base, exponent = factor.as_base_exp()
        if not exponent.is_Rational:
            base, exponent = factor, Integer(1)
        found[base] = found.get(base, Integer(0)) + exponent
    return found


def _in_front(total: Expr) -> Expr:
    """The largest common factor of all terms in front of their sum."""
    if not isinstance(total, Add):
        return total
    tables = [_powers(term) for term in total.args]
    bases = set().union(*tables)
    # A base that is missing in a term has exponent zero there: denominators are common factors as well.
    common = {b: min(table.get(b, Integer(0)) for table in tables) for b in bases}
    coefficients = [term.as_coeff_Mul()[0] for term in total.args]
    if not all(c.is_Rational for c in coefficients):
        return total
    content = Rational(reduce(gcd, (abs(c.p) for c in coefficients)), reduce(lcm, (c.q for c in coefficients)))
    factor = Mul(content, *(Pow(b, e) for b, e in common.items()))
    return Mul(factor, Add(*(term / factor for term in total.args)))


def _together(total: Add) -> Expr:
    """Terms that share a factor, joined; the factor that saves most operations first."""
    terms = list(total.args)
    while True:
        tables = [_powers(term) for term in terms]
        shared = Counter(base for table in tables for base in table)
        best, saved, inside = None, 0, []
        for base in sorted((b for b, n in shared.items() if n > 1 and not b.is_Number), key=str):
            chosen = [i for i, table in enumerate(tables) if base in table]
            before = Add(*(terms[i] for i in chosen))
            joined = _in_front(before)
            gain = count_ops(before) - count_ops(joined)
            if gain > saved and not isinstance(joined, Add):
                best, saved, inside = joined, gain, chosen
        if best is None:
            return Add(*terms)
        terms = [term for i, term in enumerate(terms) if i not in inside] + [best]
