r"""Equality of hypergeometric terms: products of powers, factorials and gamma functions of an integer index.

Two such terms are equal for every index from a start on if they agree at the start and have the same quotient
$t(k+1)/t(k)$.  The quotient is written as a product of linear factors in k with rational exponents, which is unique.
"""

from __future__ import annotations

from flint import arb
from sympy import Add, Dummy, Expr, Integer, Mul, Pow, Rational, Symbol, binomial, factorial, factorint, gamma

from theory.enclosure import enclose
from theory.errors import TheoryError

__all__ = ["equal_terms"]

_LARGEST_STEP = 8


class _NotHypergeometric(TheoryError):
    """A factor whose quotient is no product of linear factors."""


def equal_terms(first: Expr, second: Expr, k: Symbol, start: int) -> bool:
    """True if `first = second` is proved for every integer k >= start.

    Examples
    --------
    >>> from sympy.abc import k
    >>> equal_terms(factorial(k + 1), (k + 1) * gamma(k + 1), k, 0)
    True
    >>> equal_terms(factorial(k + 1), k * gamma(k + 1), k, 1)
    False
    """
    j = Dummy("j", integer=True, nonnegative=True)
    a, b = (e.subs(k, j + start) for e in (first, second))
    if a == b:
        return True
    try:
        quotient = _Quotient(j)
        quotient.multiply(a, Integer(1))
        quotient.multiply(b, Integer(-1))
        if not (quotient.is_one() and quotient.roots_are_of_positive_numbers()):
            return False
        # A factor that vanishes at some index would make the quotients meaningless.
        if any(factor.subs(j, root).is_zero for factor in quotient.seen for root in range(_last_root(factor, j) + 1)):
            return False
        return _is_one((a / b).subs(j, 0).doit())
    except TheoryError:
        return False


def _is_one(value: Expr) -> bool:
    if value == 1 or value.free_symbols:
        return bool(value == 1)
    return bool(value.is_algebraic and enclose(value, 30).overlaps(arb(1)) and (value - 1).equals(0))


def _last_root(factor: Expr, j: Symbol) -> int:
    """Largest index that could be a root of a monic linear factor."""
    return max(-1, int(-factor.subs(j, 0)))


class _Quotient:
    """t(j + 1)/t(j) of a product, as exponents of monic linear factors and of constants, and a sign."""

    def __init__(self, j: Symbol) -> None:
        self.j = j
        self.exponents: dict[Expr, Rational] = {}
        self.seen: set[Expr] = set()
        self.rooted: set[Expr] = set()
        self.negative = Integer(0)

    def is_one(self) -> bool:
        return not any(self.exponents.values()) and self.negative % 2 == 0

    def roots_are_of_positive_numbers(self) -> bool:
        """No factor under a root is negative or zero at an index j >= 0."""
        return all(factor.subs(self.j, 0) > 0 for factor in self.rooted)

    def multiply(self, e: Expr, power: Rational) -> None:
        """Take the quotient of e^power in."""
        j = self.j
        if j not in e.free_symbols:
            return
        if isinstance(e, Mul):
            for f in e.args:
                self.multiply(f, power)
        elif isinstance(e, Pow) and j not in e.exp.free_symbols and e.exp.is_Rational:
            self.multiply(e.base, power * e.exp)
        elif isinstance(e, Pow) and j not in e.base.free_symbols:
            self._constant(e.base, power * self._slope(e.exp))
        elif e.func.__name__ == "exp":
            self._constant(e.func(1), power * self._slope(e.args[0]))
        elif isinstance(e, binomial):
            n, m = e.args
            self.multiply(gamma(n + 1) / gamma(m + 1) / gamma(n - m + 1), power)
        elif isinstance(e, gamma | factorial):
            self._gamma(e.args[0] + (1 if isinstance(e, factorial) else 0), power)
        else:
            self._linear(e.subs(j, j + 1), power)
            self._linear(e, -power)

    def _slope(self, e: Expr) -> Expr:
        slope = e.diff(self.j)
        if self.j in slope.free_symbols:
            raise _NotHypergeometric(f"the exponent {e} is not linear in the index")
        return slope

    def _gamma(self, argument: Expr, power: Expr) -> None:
        slope = self._slope(argument)
        if not slope.is_Integer or abs(slope) > _LARGEST_STEP:
            raise _NotHypergeometric(f"gamma({argument}) has no rational quotient")
        if slope > 0:
            for i in range(int(slope)):
                self._linear(argument + i, power)
        else:
            for i in range(1, int(-slope) + 1):
                self._linear(argument - i, -power)

    def _linear(self, e: Expr, power: Expr) -> None:
        """A polynomial that splits into linear factors over the rationals."""
        coefficient, factors = e.factor().as_coeff_mul()
        self._constant(coefficient, power)
        for f in factors:
            base, exponent = f.as_base_exp()
            if self.j not in base.free_symbols:
                self._constant(base, power * exponent)
                continue
            slope = base.diff(self.j)
            if not slope.is_Rational or not exponent.is_Integer:
                raise _NotHypergeometric(f"{e} does not split into linear factors")
            monic = Add(*(term / slope for term in Add.make_args(base.expand())))
            self.seen.add(monic)
            if not (power * exponent).is_Integer:
                self.rooted.add(monic)
            self._constant(slope, power * exponent)
            self._add(monic, power * exponent)

    def _constant(self, base: Expr, power: Expr) -> None:
        if base.is_Rational:
            if base < 0:
                if not power.is_Integer:
                    raise _NotHypergeometric("a root of a negative number")
                self.negative += power
            for number, sign in ((abs(base.p), 1), (base.q, -1)):
                for prime, times in factorint(number).items():
                    self._add(Integer(prime), sign * times * power)
        elif isinstance(base, Mul):
            for f in base.args:
                self._constant(f, power)
        elif isinstance(base, Pow) and base.exp.is_Rational and base.base.is_positive:
            self._constant(base.base, power * base.exp)
        elif base.is_positive:
            factored = base.factor() if isinstance(base, Add) else base
            if factored == base:
                self._add(base, power)
            else:
                self._constant(factored, power)
        else:
            raise _NotHypergeometric(f"the sign of {base} is not known")

    def _add(self, base: Expr, power: Expr) -> None:
        if not power.is_Rational:
            raise _NotHypergeometric(f"the exponent {power} is not rational")
        self.exponents[base] = self.exponents.get(base, Rational(0)) + power
