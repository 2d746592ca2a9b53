"""Expectations of products of quadratic forms of rows, in power sums of the fixed matrices."""

from __future__ import annotations

from math import factorial
from typing import Any

from flint import fmpq, fmpq_poly
from sympy import Add, Expr, Integer, MatrixSymbol, Mul, S, Symbol, expand, latex
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.errors import DomainError, UnsupportedError
from theory.haar.average import Average, Part
from theory.haar.combination import Combination, rational_in
from theory.haar.contraction import Contraction, Occurrence
from theory.haar.dirichlet import rising_poles
from theory.haar.entries import GroupKey
from theory.haar.partitions import centralizer_order, partitions
from theory.haar.rational import RationalFunction
from theory.haar.traces import loop_part, square_context, trace_of
from theory.haar.words import Letter

__all__ = ["RowForm", "form_average"]


class RowForm(Symbol):
    """The random variable `w_i' C w_j` of two rows, C symmetric; for U the second is conjugated."""

    __slots__ = ("column", "key", "matrix", "row")

    key: GroupKey
    row: int
    column: int
    matrix: MatrixExpr

    def __new__(cls, key: GroupKey, row: int, matrix: MatrixExpr, column: int) -> RowForm:
        if not isinstance(matrix, MatrixExpr) or matrix.shape != (S(key.n), S(key.n)):
            raise DomainError(
                f"a quadratic form takes a matrix of shape ({key.n}, {key.n}); received {matrix!r}; "
                "use MatrixSymbol('C', n, n)"
            )
        if key.kind == "O":
            row, column = min(row, column), max(row, column)
        reality = {"real": True} if key.kind == "O" or row == column else {"complex": True}
        form = Symbol.__xnew__(cls, f"w({key.name}, {row}, {matrix}, {column})", **reality)
        form.key, form.row, form.matrix, form.column = key, row, matrix, column
        return form

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (self.key, self.row, self.matrix, self.column), {}

    def __reduce_ex__(self, protocol: Any) -> Any:
        return RowForm, (self.key, self.row, self.matrix, self.column)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.key.kind, S(self.key.n))

    def _latex(self, printer: Any) -> str:
        second = f"w_{{{self.column}}}" if self.key.kind == "O" else rf"\overline{{w_{{{self.column}}}}}"
        return rf"w_{{{self.row}}}^{{\top}} {latex(self.matrix)} {second}"


def form_average(key: GroupKey, expr: Expr) -> Average:
    """Expectation of a polynomial in forms of rows, valid once the rows exist.

    With R named rows only shapes with at most R rows contribute, so n may be below the degree.
    """
    context = square_context(key.kind, key.n, MatrixSymbol(key.name, S(key.n), S(key.n)))
    items, parts, bound = [], [], 1
    for term in Add.make_args(expand(expr)):
        forms, coefficient = split_forms(term, key)
        if forms and all(form == forms[0] for form in forms) and forms[0].row == forms[0].column:
            part = power_part(coefficient, forms[0], len(forms))
        else:
            contraction = Contraction([form_cycle(form) for form in forms], key.kind, named_rows=True)
            counts = contraction.counts()
            part = loop_part(coefficient, Mul(*forms), counts, contraction.degree, context, Integer(1))
        parts.append(part)
        bound = max([bound, *(max(form.row, form.column) for form in forms)])
        free, factor = rational_in(coefficient, S(key.n))
        items += [(Mul(free, trace), function * factor) for trace, function in part.value.terms.items()]
    return Average(expr, Combination.collect(items, S(key.n)), key.n, (bound,), parts)


def power_part(coefficient: Expr, form: RowForm, power: int) -> Part:
    """`E (w' C w)^k` of one row, from the Gaussian cumulants `2^(m-1) (m-1)! tr C^m`."""
    real = form.key.kind == "O"
    total = RationalFunction(fmpq_poly([factorial(power)]), rising_poles(0, power, 2 if real else 1))
    if isinstance(form.key.n, int):
        total = RationalFunction.constant(total(form.key.n))
    items = []
    for mu in partitions(power):
        weight = fmpq(2 ** (power - len(mu)) if real else 1, centralizer_order(mu))
        traces = [trace_of((Letter(form.matrix, symmetric=True),) * part, S(form.key.n)) for part in mu]
        items.append((Mul(*traces), total.scaled(weight)))
    value = Combination.collect(items, S(form.key.n))
    return Part(coefficient, lambda: form**power, value, "one row: uniform on the sphere")


def form_cycle(form: RowForm) -> list[Occurrence]:
    """The form as a cyclic word with named rows: the row, C, the other row."""
    letter = Letter(form.matrix, symmetric=True)
    unitary = form.key.kind == "U"
    return [Occurrence(False, False, (letter,), form.row), Occurrence(True, unitary, (), form.column)]


def split_forms(term: Expr, key: GroupKey) -> tuple[list[RowForm], Expr]:
    """The forms of a product, with repetitions, and its coefficient."""
    forms: list[RowForm] = []
    rest = []
    for factor in Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if isinstance(base, RowForm) and exponent.is_Integer and exponent > 0:
            if base.key != key:
                raise DomainError(f"an expectation is over one matrix; {base} belongs to {base.key}, not to {key}")
            forms += [base] * int(exponent)
        elif any(isinstance(symbol, Symbol) and hasattr(symbol, "key") for symbol in factor.free_symbols):
            raise UnsupportedError(
                f"expectations of polynomials in quadratic forms are supported; received the factor {factor}"
            )
        else:
            rest.append(factor)
    return forms, Mul(*rest)
