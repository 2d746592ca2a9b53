"""Signs and order of symbolic numbers, settled by declared assumptions.

The question "is d > 0 whenever p_1 > 0, ..., p_m > 0" is answered by a certificate in exact arithmetic.  Nothing is
ever decided by a numerical guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sympy import Expr, Mul, S, Symbol, expand
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from theory.arguments import items
from theory.errors import OrderingError
from theory.gaussian.positivity import proves_positive

__all__ = ["OpenQuestion", "Ordering"]


class OpenQuestion(OrderingError):
    """The sign of `expression` is not settled; `why` holds a place `{}` for each of `terms`."""

    def __init__(self, expression: Expr, why: str = "", terms: Sequence[Expr] = ()) -> None:
        self.expression, self.why, self.terms = expression, why, tuple(terms)
        reason = f" ({why.format(*terms)})" if why else ""
        super().__init__(
            f"the sign of {expression} is not settled by the assumptions{reason}; pass "
            f"assume=[{expression} > 0] or assume=[{expression} < 0], or declare the symbols positive or negative"
        )

    def renamed(self, names: Mapping[Symbol, Symbol]) -> OpenQuestion:
        """The same question in other symbols."""
        return OpenQuestion(self.expression.xreplace(names), self.why, [t.xreplace(names) for t in self.terms])


class Ordering:
    """Decides signs under assumptions such as `[a < b, tau > 0]`.

    A symbol with an entry in `values` stands for that number.

    >>> from sympy.abc import a, b
    >>> Ordering([a < b]).sign(b - a)
    1
    """

    def __init__(self, assumptions: Iterable[Relational] = (), values: Mapping[Symbol, Expr] | None = None) -> None:
        self.values = dict(values or {})
        facts: list[tuple[Expr, bool]] = []
        for relation in items("the assumptions", assumptions):
            if relation in (True, S.true):
                continue
            if isinstance(relation, StrictLessThan | LessThan):
                facts.append((relation.rhs - relation.lhs, isinstance(relation, StrictLessThan)))
            elif isinstance(relation, StrictGreaterThan | GreaterThan):
                facts.append((relation.lhs - relation.rhs, isinstance(relation, StrictGreaterThan)))
            else:
                raise OrderingError(f"an assumption is an inequality such as a < b; received {relation!r}")
        self.facts = tuple(facts)

    def with_nonnegative(self, expressions: Iterable[Expr]) -> Ordering:
        """The same assumptions and `e >= 0` for each expression."""
        extended = Ordering(values=self.values)
        extended.facts = (*self.facts, *((expand(e), False) for e in expressions))
        return extended

    def with_values(self, values: Mapping[Symbol, Expr]) -> Ordering:
        """The same assumptions with more symbols that stand for numbers."""
        extended = Ordering(values={**self.values, **values})
        extended.facts = self.facts
        return extended

    def sign(self, e: Expr, why: str = "", *terms: Expr) -> int:
        """-1, 0 or 1; raises OpenQuestion with the assumption that would settle it."""
        known = self.sign_or_none(e)
        if known is None:
            raise OpenQuestion(self._open_part(e), why, terms)
        return known

    def _open_part(self, e: Expr) -> Expr:
        """The one factor whose sign is open, up to a positive number."""
        factors = [f.as_base_exp()[0] for f in Mul.make_args(expand(e).factor())]
        unsettled = [f for f in factors if self.sign_or_none(f) is None]
        return unsettled[0].primitive()[1] if len(unsettled) == 1 else e

    def sign_or_none(self, e: Expr) -> int | None:
        """-1, 0, 1, or None where the assumptions leave it open."""
        s = _sign(expand(e), self.facts)
        if s is None and e.has_free(*self.values):
            return _sign(expand(e.xreplace(self.values)), self.facts)
        return s

    def is_positive(self, e: Expr) -> bool:
        """True if positivity is proved."""
        return self.sign_or_none(e) == 1

    def compare(self, a: Expr, b: Expr) -> int:
        """Order of two breakpoints: -1 if a < b."""
        return self.sign(a - b, "needed to order the breakpoints {} and {}", a, b)


@lru_cache(maxsize=4096)
def _sign(e: Expr, facts: tuple[tuple[Expr, bool], ...]) -> int | None:
    if e.is_zero:
        return 0
    if e.is_positive:
        return 1
    if e.is_negative:
        return -1
    if e.is_number:
        return _number_sign(e)
    if proves_positive(e, facts):
        return 1
    if proves_positive(-e, facts):
        return -1
    # A product has the sign of its factors, which a linear program in monomials cannot see.
    factored = e.factor()
    if isinstance(factored, Mul):
        signs = [_sign(f, facts) for f in factored.args]
        if all(s is not None for s in signs):
            product = 1
            for s in signs:
                product *= s or 0
            return product
    return None


def _number_sign(e: Expr) -> int | None:
    from theory.enclosure import sign_of_number

    return sign_of_number(e)
