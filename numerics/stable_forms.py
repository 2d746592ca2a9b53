r"""Forms of a Gaussian closed form that keep their tails: distribution functions written through upper tails.

$\operatorname{erf}(a) = 1 - \operatorname{erfc}(a)$ and
$\Phi_2(h, k; r) = 1 - Q(h) - Q(k) + \Pr\{X > h, Y > k\}$, each used where terms cancel by it: exactly, before any
rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import sympy as sp

from numerics.float_forms import EXTRA
from theory.gaussian.functions import Phi2, conditional_score, phi2

__all__ = ["UpperOrthant", "elementary", "stable_form"]


class UpperOrthant(sp.Function):
    """P{X > h, Y > k} for a standard Gaussian pair of correlation r; carries no rules of its own."""

    nargs = 3
    is_real = True


_ERFC = EXTRA["upper_erf"]
_HEADS = (sp.erf, sp.erfc, _ERFC, UpperOrthant, Phi2)


def stable_form(expr: sp.Expr, scores: bool = False) -> sp.Expr:
    """Equal expression in which erf, erfc and Phi2 have been replaced by upper tails wherever it gets shorter.

    With `scores`, error functions of conditional scores become tails as well: two of them that are nearly one then
    differ without cancellation, at the price of a slower function.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> stable_form(2 - 2 * sp.erf(x))
    2*upper_erf(x)
    """
    expr = expr.replace(phi2, lambda *a: phi2(*a, evaluate=False).rewrite(sp.exp))
    fixed, expr = expr.as_independent(*expr.free_symbols, as_Add=False)
    expr = _collected(expr.replace(sp.erfc, lambda a: 1 - sp.erf(a)))
    for head in (Phi2, sp.erf):
        atoms = sorted(expr.atoms(head), key=sp.default_sort_key)
        known = {a: next(_forms(a)) for a in atoms if _is_positive(a, scores)}
        expr = _collected(expr.xreplace(known))
        for atom in atoms:
            if atom not in known:
                choices = [expr, *(_collected(expr.xreplace({atom: form})) for form in _forms(atom))]
                expr = min(choices, key=_length)
    return fixed * expr.replace(Phi2, lambda h, k, r: UpperOrthant(-h, -k, r))


def _is_positive(atom: sp.Expr, scores: bool) -> bool:
    """Whether the tails of the atom are upper ones."""
    if scores and isinstance(atom, sp.erf):
        factor, rest = atom.args[0].as_independent(conditional_score, as_Add=False)
        if isinstance(rest, conditional_score):
            return bool(factor.is_positive and rest.args[0].is_positive)
    return all(h.is_positive for h in atom.args[:2])


def elementary(expr: sp.Expr) -> sp.Expr:
    """`expr` with the heads of this module written as functions that have enclosures."""
    return expr.replace(_ERFC, sp.erfc).replace(UpperOrthant, lambda h, k, r: Phi2(-h, -k, r))


def _length(expr: sp.Expr) -> int:
    return sum(1 for _ in sp.preorder_traversal(expr))


def _forms(atom: sp.Expr) -> Iterator[sp.Expr]:
    if isinstance(atom, sp.erf):
        a = atom.args[0]
        yield 1 - _ERFC(a)
        yield _ERFC(-a) - 1
        return
    h, k, r = atom.args
    yield (_error(h) + _error(k)) / 2 + UpperOrthant(h, k, r)
    yield (1 + _error(h)) / 2 - UpperOrthant(-h, k, -r)
    yield (1 + _error(k)) / 2 - UpperOrthant(h, -k, -r)


def _error(h: sp.Expr) -> sp.Expr:
    return sp.erf(h / sp.sqrt(2))


def _collected(expr: sp.Expr) -> sp.Expr:
    """Sum over products of special functions, each with one expanded coefficient."""
    parts: defaultdict[sp.Expr, list[sp.Expr]] = defaultdict(list)
    for term in sp.Add.make_args(expr):
        for piece in _distributed(term):
            special, rest = sp.sift(sp.Mul.make_args(piece), lambda f: f.has(*_HEADS, sp.exp), binary=True)
            parts[sp.Mul(*special)].append(sp.Mul(*rest))
    return sp.Add(*(special * sp.expand_mul(sp.Add(*rest)) for special, rest in parts.items()))


def _distributed(term: sp.Expr) -> list[sp.Expr]:
    """Products that add up to the term; unlike `expand_mul` it leaves denominators alone."""
    sums, rest = sp.sift(sp.Mul.make_args(term), lambda f: isinstance(f, sp.Add) and f.has(*_HEADS), binary=True)
    if not sums:
        return [term]
    pieces = [sp.Mul(*rest)]
    for factor in sums:
        pieces = [piece * addend for piece in pieces for addend in factor.args]
    return [flat for piece in pieces for flat in _distributed(piece)]
