"""From an expression in Gaussian variables to atoms, one variable at a time where possible."""

from __future__ import annotations

from functools import reduce

from sympy import Abs, Add, Expr, Heaviside, Max, Min, Mul, Pow, S, Symbol, exp, sign

from theory.errors import UnsupportedError
from theory.gaussian.atoms import Atoms, HalfSpace, NotInClass, affine, smooth_atoms
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import SWITCHES, Pieces, split

__all__ = ["by_variables", "jump_atoms", "separable_terms", "to_atoms"]


def by_variables(factors: tuple[Expr, ...], variables: tuple[Symbol, ...]) -> dict[tuple[Symbol, ...], list[Expr]]:
    """Factors grouped by the variables they contain."""
    groups: dict[tuple[Symbol, ...], list[Expr]] = {}
    for f in factors:
        groups.setdefault(tuple(v for v in variables if f.has_free(v)), []).append(f)
    return groups


def to_atoms(e: Expr, variables: tuple[Symbol, ...], ordering: Ordering) -> Atoms:
    """The atom normal form of an expression; NotInClass names what no rule covers."""
    inside = tuple(v for v in variables if e.has_free(v))
    if len(inside) == 1:
        return jump_atoms(split_or_refuse(e, inside[0], ordering), inside[0]).lifted(variables)
    if not inside:
        return smooth_atoms(e, variables)
    if not e.has(*SWITCHES):
        smooth = _try_smooth(e, variables)
        if smooth is not None:
            return smooth
    if isinstance(e, Add):
        return reduce(lambda a, b: a + b, (to_atoms(a, variables, ordering) for a in e.args))
    if isinstance(e, Mul):
        product = Atoms.constant(S.One, variables)
        for group, factors in by_variables(e.args, variables).items():
            whole = [Mul(*factors)] if len(group) <= 1 else factors
            for f in whole:
                product = product * to_atoms(f, variables, ordering)
        return product
    if isinstance(e, Pow) and e.exp.is_Integer and 0 < e.exp <= 16:
        return to_atoms(e.base, variables, ordering).power(int(e.exp))
    if isinstance(e, exp) and isinstance(e.exp, Add):
        groups = by_variables(e.exp.args, variables)
        if len(groups) > 1:
            parts = (to_atoms(exp(Add(*terms)), variables, ordering) for terms in groups.values())
            return reduce(lambda a, b: a * b, parts)
    if isinstance(e, Max | Min | Abs | sign | Heaviside):
        return _joint_switch(e, variables, ordering)
    raise NotInClass(f"no exact rule for {e.func.__name__}({', '.join(map(str, e.args))})")


def _try_smooth(e: Expr, variables: tuple[Symbol, ...]) -> Atoms | None:
    """Smooth joint rules first: exp(u*v) does not separate."""
    if isinstance(e, Add | Mul):
        return None
    return smooth_atoms(e, variables)


def split_or_refuse(e: Expr, x: Symbol, ordering: Ordering) -> Pieces:
    """Pieces of a function of one variable; a missing rule becomes a signal."""
    try:
        return split(e, x, ordering)
    except UnsupportedError as error:
        raise NotInClass(str(error)) from error


def jump_atoms(pieces: Pieces, x: Symbol) -> Atoms:
    """Jump decomposition: the left-most piece everywhere, and the change at each breakpoint from there on.

    Global factors such as erf cancel in the differences, which keeps one half-space per atom.
    """
    variables = (x,)
    parts = [smooth_atoms(p, variables) for p in pieces.parts]
    total = parts[0]
    for b, before, after in zip(pieces.breaks, parts, parts[1:], strict=False):
        step = Atoms.half_space(HalfSpace((S.One,), -b, S.Zero), variables)
        total = total + step * (after - before)
    return total


def _joint_switch(e: Expr, variables: tuple[Symbol, ...], ordering: Ordering) -> Atoms:
    """Max, Min, Abs, sign and Heaviside of affine functions of several variables."""
    if isinstance(e, Max | Min):
        total = Atoms(variables)
        for chosen in e.args:
            term = to_atoms(chosen, variables, ordering)
            for other in e.args:
                if other != chosen:
                    term = term * _indicator(chosen - other if isinstance(e, Max) else other - chosen, variables)
            total = total + term
        return total
    positive = _indicator(e.args[0], variables)
    if isinstance(e, Heaviside):
        return positive
    turned = positive.scaled(S(2)) - Atoms.constant(S.One, variables)
    return turned if isinstance(e, sign) else turned * to_atoms(e.args[0], variables, ordering)


def _indicator(argument: Expr, variables: tuple[Symbol, ...]) -> Atoms:
    weights, offset = affine(argument, variables)
    return Atoms.half_space(HalfSpace(weights, offset, S.Zero), variables)


def separable_terms(e: Expr, variables: tuple[Symbol, ...]) -> list[tuple[Expr, Expr]]:
    """The expression as a sum of products of one function per variable (two variables).

    Raises
    ------
    UnsupportedError
        names a factor in which the variables do not separate.
    """
    first, second = variables
    terms: dict[Expr, Expr] = {}
    for term in Add.make_args(_expanded(e, variables)):
        groups = by_variables(_factors(term), variables)
        joint = groups.get((first, second))
        if joint:
            raise UnsupportedError(f"the variables {first} and {second} do not separate in {joint[0]}")
        left = Mul(*groups.get((), []), *groups.get((first,), []))
        right = Mul(*groups.get((second,), []))
        terms[right] = terms.get(right, S.Zero) + left
    return [(left, right) for right, left in terms.items()]


def _expanded(e: Expr, variables: tuple[Symbol, ...]) -> Expr:
    """Multiply out only what keeps the variables together."""
    mixed = [f for f in Mul.make_args(e) if all(f.has_free(v) for v in variables)]
    if isinstance(e, Add):
        return Add(*(_expanded(a, variables) for a in e.args))
    if any(isinstance(f, Add) or (isinstance(f, Pow) and f.exp.is_Integer) for f in mixed):
        return e.expand(deep=False) if e.expand(deep=False) == e else _expanded(e.expand(deep=False), variables)
    return e


def _factors(term: Expr) -> tuple[Expr, ...]:
    """Factors of a product, exponentials of sums taken apart."""
    factors: list[Expr] = []
    for f in Mul.make_args(term):
        if isinstance(f, exp):
            factors.extend(exp(t) for t in Add.make_args(f.exp))
        else:
            factors.append(f)
    return tuple(factors)
