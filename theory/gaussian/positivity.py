r"""Proofs that an expression is positive wherever given expressions are.

A proof is a certificate $\lambda_0 e = \sum_i \lambda_i f_i + t$ with $\lambda_i, t \ge 0$, $\lambda_0 > 0$, found by
the simplex method in exact fractions over the monomials that occur.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sympy import Add, Expr, Mul, S, expand

__all__ = ["nonnegative_solution", "proves_positive"]

Fact = tuple[Expr, bool]  # an expression that is positive (True) or not negative (False)
_MAX_FACTS = 60


def proves_positive(e: Expr, facts: Sequence[Fact]) -> bool:
    """Is e > 0 a combination of the facts, of the signs of its symbols and of products of both?

    Examples
    --------
    >>> from sympy.abc import a, b, c
    >>> proves_positive(c - a, [(b - a, True), (c - b, False)])
    True
    """
    known = _known(e, facts)
    rows: dict[Expr, list[Fraction]] = {}
    columns = [-e, *(f for f, _ in known), S.One]
    for j, column in enumerate(columns):
        for coeff, monomial in _terms(column):
            if not coeff.is_Rational:
                return False
            row = rows.setdefault(monomial, [Fraction(0)] * len(columns))
            row[j] += Fraction(int(coeff.p), int(coeff.q))
    normal = [Fraction(0), *(Fraction(int(strict)) for _, strict in known), Fraction(1)]
    solution = nonnegative_solution([*rows.values(), normal], [Fraction(0)] * len(rows) + [Fraction(1)])
    return solution is not None and solution[0] > 0


def _terms(e: Expr) -> list[tuple[Expr, Expr]]:
    return [t.as_coeff_Mul() for t in Add.make_args(e)]


def _known(e: Expr, facts: Sequence[Fact]) -> list[Fact]:
    known = [(expand(f), strict) for f, strict in facts]
    for s in sorted(e.free_symbols.union(*(f.free_symbols for f, _ in facts)), key=str):
        if s.is_nonnegative:
            known.append((s, bool(s.is_positive)))
        elif s.is_nonpositive:
            known.append((-s, bool(s.is_negative)))
    # A fact may be needed times a positive monomial.
    for fact, _ in known[: len(facts)]:
        ratios = {m / n for _, m in _terms(e) for _, n in _terms(fact)} - {S.One}
        known += [(expand(fact * r), False) for r in sorted(ratios, key=str) if r.is_nonnegative and r.is_polynomial()]
    monomials = {m for f in (e, *(f for f, _ in known)) for _, m in _terms(f)}
    products = [m for m in monomials if isinstance(m, Mul) or m.is_Pow]
    known += [(m, bool(m.is_positive)) for m in sorted(products, key=str) if m.is_nonnegative]
    return list(dict.fromkeys(known))[:_MAX_FACTS]


def nonnegative_solution(rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction] | None:
    """A solution x >= 0 of rows x = right, or None (first phase of the simplex method, Bland's rule).

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> nonnegative_solution([[F(1), F(-1)]], [F(2)])
    [Fraction(2, 1), Fraction(0, 1)]
    >>> nonnegative_solution([[F(1), F(1)]], [F(-1)]) is None
    True
    """
    size = len(rows[0])
    table = [[*(-c if b < 0 else c for c in row), abs(b)] for row, b in zip(rows, right, strict=True)]
    basis = [size + i for i in range(len(table))]  # artificial variables
    cost = [sum(column, Fraction(0)) for column in zip(*table, strict=True)]
    while True:
        enter = next((j for j in range(size) if cost[j] > 0 and j not in basis), None)
        if enter is None:
            break
        ratios = [(row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > 0]
        if not ratios:
            break
        _, _, leave = min(ratios)
        pivot = table[leave][enter]
        table[leave] = [c / pivot for c in table[leave]]
        for i, row in enumerate(table):
            if i != leave and row[enter]:
                table[i] = [c - row[enter] * p for c, p in zip(row, table[leave], strict=True)]
        cost = [c - cost[enter] * p for c, p in zip(cost, table[leave], strict=True)]
        basis[leave] = enter
    if cost[-1] != 0:
        return None
    solution = [Fraction(0)] * size
    for row, j in zip(table, basis, strict=True):
        if j < size:
            solution[j] = row[-1]
    return solution
