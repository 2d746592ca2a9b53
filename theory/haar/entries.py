"""Entries of a Haar matrix as sympy symbols, and polynomials in them as sums of monomials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Abs, Add, Expr, Float, I, Integer, Mul, S, Symbol, conjugate, expand, im, latex, nan, oo, re, zoo
from sympy.core.function import expand_mul

from theory.errors import DomainError, UnsupportedError

__all__ = ["GroupKey", "MatrixEntry", "Monomial", "entry_terms"]

Index = int | tuple[int, int]


@dataclass(frozen=True)
class GroupKey:
    """What makes two entries belong to the same random matrix."""

    kind: str
    n: int | Expr
    name: str

    def __str__(self) -> str:
        return f"Haar({self.kind!r}, {self.n})" + (f" named {self.name}" if self.name != self.kind else "")


class MatrixEntry(Symbol):
    """The random variable `M[i, j]`, indices from 1; complex for U and Sp, real otherwise."""

    __slots__ = ("column", "key", "row")

    key: GroupKey
    row: Any
    column: Any

    def __new__(cls, key: GroupKey, row: Any, column: Any) -> MatrixEntry:
        reality = {"complex": True} if key.kind in ("U", "Sp") else {"real": True}
        entry = Symbol.__xnew__(cls, f"{key.name}[{row}, {column}]", **reality)
        entry.key, entry.row, entry.column = key, row, column
        return entry

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (self.key, self.row, self.column), {}

    def __reduce_ex__(self, protocol: Any) -> Any:
        return MatrixEntry, (self.key, self.row, self.column)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.key.kind, S(self.key.n))

    def _latex(self, printer: Any) -> str:
        return f"{self.key.name}_{{{latex(self.row)},{latex(self.column)}}}"


Cells = tuple[tuple[MatrixEntry, int], ...]


@dataclass(frozen=True)
class Monomial:
    """Powers of entries and of conjugated entries."""

    powers: Cells
    conjugates: Cells = ()

    @property
    def degree(self) -> int:
        """Number of factors."""
        return sum(a for _, a in self.powers) + sum(b for _, b in self.conjugates)

    def expr(self) -> Expr:
        """The monomial as an expression."""
        return Mul(*[e**a for e, a in self.powers], *[conjugate(e) ** b for e, b in self.conjugates])


def entry_terms(expr: Expr, key: GroupKey) -> dict[Monomial, Expr]:
    """Coefficients of the monomials in the entries of the matrix `key`.

    Raises
    ------
    DomainError
        For floats, and for entries of another Haar matrix.
    UnsupportedError
        If the expression is not a polynomial in the entries and their conjugates.
    """
    if not isinstance(expr, Add):
        single = _monomial(expr, key)
        if single is not None and not single[1].has(Float, nan, oo, zoo, -oo):
            return {single[0]: single[1]}
    if expr.has(Float):
        raise DomainError(f"expectations are exact; received the float in {expr}; write Rational(1, 2) for 0.5")
    if expr.has(nan, oo, zoo, -oo):
        raise DomainError(f"expectations are of finite polynomials; received {expr}; drop the infinite coefficient")
    if expr.has(re, im, Abs):
        expr = in_conjugates(expr)
    terms: dict[Monomial, Expr] = {}
    for term in Add.make_args(expand(expr)):
        found = _monomial(term, key) or _monomial(expand_mul(term), key)
        if found is None:
            raise UnsupportedError(
                f"expectations of polynomials in the entries are supported; received the term {term}; "
                "expand it, or approximate it by a polynomial"
            )
        monomial, coefficient = found
        terms[monomial] = terms.get(monomial, Integer(0)) + coefficient
    return {monomial: coefficient for monomial, coefficient in terms.items() if coefficient != 0}


def in_conjugates(expr: Expr) -> Expr:
    """Real and imaginary parts and even powers of absolute values, written with conjugates."""
    expr = expr.replace(re, lambda a: (a + conjugate(a)) / 2)
    expr = expr.replace(im, lambda a: (a - conjugate(a)) / (2 * I))
    return expr.replace(
        lambda e: e.is_Pow and isinstance(e.base, Abs) and e.exp.is_even,
        lambda e: (e.base.args[0] * conjugate(e.base.args[0])) ** (e.exp / 2),
    )


def _monomial(term: Expr, key: GroupKey) -> tuple[Monomial, Expr] | None:
    """Split a product into its entries and its coefficient; None if entries occur in another way."""
    powers: dict[MatrixEntry, int] = {}
    conjugates: dict[MatrixEntry, int] = {}
    rest: list[Expr] = []
    for factor in Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if isinstance(base, MatrixEntry):
            powers_of, entry = powers, base
        elif isinstance(base, conjugate) and isinstance(base.args[0], MatrixEntry):
            powers_of, entry = conjugates, base.args[0]
        else:
            if any(isinstance(symbol, MatrixEntry) for symbol in factor.free_symbols):
                return None
            rest.append(factor)
            continue
        if not (exponent.is_Integer and exponent > 0):
            return None
        if entry.key != key:
            raise DomainError(
                f"an expectation is over one matrix; {entry} belongs to {entry.key}, not to {key}; "
                "take the expectation over one matrix after the other, on traces of words"
            )
        powers_of[entry] = powers_of.get(entry, 0) + int(exponent)
    return Monomial(_sorted(powers), _sorted(conjugates)), Mul(*rest) if rest else S.One


def _sorted(powers: dict[MatrixEntry, int]) -> Cells:
    return tuple(sorted(powers.items(), key=lambda item: item[0].name))
