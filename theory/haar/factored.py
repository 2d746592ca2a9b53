"""Products of powers of integer polynomials in one symbol, as sympy expressions put together in canonical order.

The general constructors of sympy spend most of their time on questions whose answers are known here: the bases are
irreducible and different, so nothing cancels.  Every node carries the key by which sympy orders it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational
from sympy.core.basic import Basic, ordering_of_classes

__all__ = ["factored_expr", "integer_ratio"]

Keyed = tuple[tuple[Any, ...], Expr]
Coefficients = Sequence[int]

SPECIAL = {0: ordering_of_classes.index("Zero"), 1: ordering_of_classes.index("One")}
SPECIAL[-1] = ordering_of_classes.index("NegativeOne")
INTEGER, SYMBOL, POW, MUL, ADD = (
    ordering_of_classes.index(name) for name in ("Integer", "Symbol", "Pow", "Mul", "Add")
)


def integer_ratio(p: int, q: int) -> Expr:
    """The fraction `p/q`, given in lowest terms with q positive."""
    return Rational.from_coprime_ints(p, q)


def factored_expr(p: int, q: int, powers: Sequence[tuple[Coefficients, int]], x: Expr) -> Expr:
    """`p/q * prod base(x)^power` for irreducible, pairwise different bases, as sympy would build it.

    Parameters
    ----------
    p, q : a fraction in lowest terms
    powers : integer coefficients of each base, from the constant one on, and its power, not 0
    x : a symbol, or an expression

    >>> from sympy import Symbol
    >>> factored_expr(3, 1, [((2, 1), -1), ((0, 1), -1)], Symbol("n"))
    3/(n*(n + 2))
    """
    if not x.is_Symbol:
        bases = [Add(*[Integer(c) * x**i for i, c in enumerate(base) if c]) for base, _ in powers]
        return Mul(integer_ratio(p, q), *[Pow(base, power) for base, (_, power) in zip(bases, powers, strict=True)])
    factors = sorted([power_node(polynomial_node(base, x), power) for base, power in powers], key=first)
    nodes = [node for _, node in factors]
    if p != 1 or q != 1:
        number = integer_ratio(p, q)
        if len(nodes) == 1 and nodes[0].is_Add:
            return Mul(number, nodes[0])  # a number is distributed over a single sum
        nodes.insert(0, number)
    return nodes[0] if len(nodes) == 1 else Mul._from_args(nodes, True)


def first(item: Keyed) -> tuple[Any, ...]:
    """The key."""
    return item[0]


def integer_key(value: int) -> tuple[int, int]:
    """Order of an integer: zero and the units have classes of their own."""
    return SPECIAL.get(value, INTEGER), value


def power_node(base: Keyed, power: int) -> Keyed:
    """`base^power`."""
    if power == 1:
        return base
    key, expr = base
    node = Basic.__new__(Pow, expr, Integer(power))
    node.is_commutative = True
    return (POW, 2, key, integer_key(power)), node


def polynomial_node(coefficients: Coefficients, x: Expr) -> Keyed:
    """An integer polynomial that is not constant."""
    if len(coefficients) == 2 and coefficients[1] == 1:
        low = coefficients[0]
        if not low:
            return (SYMBOL,), x
        return (ADD, 2, integer_key(low), (SYMBOL,)), Add._from_args((Integer(low), x), True)
    terms: list[Keyed] = []
    for i, c in enumerate(coefficients):
        if not c or not i:
            continue
        term = power_node(((SYMBOL,), x), i)
        if c != 1:
            term = (MUL, 2, integer_key(c), term[0]), Mul._from_args((Integer(c), term[1]), True)
        terms.append(term)
    if len(terms) > 1:
        terms.sort(key=first)
    if coefficients[0]:
        terms.insert(0, (integer_key(coefficients[0]), Integer(coefficients[0])))
    if len(terms) == 1:
        return terms[0]
    return (ADD, len(terms), *[key for key, _ in terms]), Add._from_args([node for _, node in terms], True)
