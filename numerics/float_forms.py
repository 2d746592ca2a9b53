"""Forms that survive double precision: rewriting rules by structure, for functions that saturate."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

__all__ = ["EXTRA", "difference_of_squares", "float_forms"]

# Inert heads: they carry no rules of their own, so nothing turns them back into the form that overflows.
EXTRA: dict[str, type[sp.Function]] = {
    name: type(name, (sp.Function,), {"is_real": True})
    for name in ("softplus", "sigmoid", "log_cosh", "expm1", "log1p", "upper_erf")
}


def float_forms(expr: sp.Basic) -> sp.Basic:
    """`expr` with log(1+exp), 1/(1+exp), log cosh, exp-1, 1+erf, 1+tanh, log(1+.) in accurate form.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> float_forms(x / (1 + sp.exp(-x))), float_forms(2 * sp.exp(x) - 2)
    (x*sigmoid(x), 2*expm1(x))
    """
    if not expr.args or not expr.free_symbols:
        return expr
    expr = expr.func(*map(float_forms, expr.args))
    rule = RULES.get(expr.func)
    return rule(expr) if rule else expr


def _one_plus_exp(expr: sp.Basic) -> sp.Expr | None:
    """The a of 1 + exp(a), or None."""
    if isinstance(expr, sp.Add) and len(expr.args) == 2:
        one, term = expr.args
        if one == 1 and isinstance(term, sp.exp):
            return term.args[0]
    return None


def _logarithm(expr: sp.log) -> sp.Expr:
    argument = expr.args[0]
    exponent = _one_plus_exp(argument)
    if exponent is not None:
        return EXTRA["softplus"](exponent)
    if isinstance(argument, sp.cosh):
        return EXTRA["log_cosh"](argument.args[0])
    if isinstance(argument, sp.Add) and 1 in argument.args:
        return EXTRA["log1p"](argument - 1)
    return expr


def _power(expr: sp.Pow) -> sp.Expr:
    exponent = _one_plus_exp(expr.base)
    if exponent is not None and expr.exp.is_Integer and expr.exp.is_negative:
        return EXTRA["sigmoid"](-exponent) ** -expr.exp
    return expr


def _product(expr: sp.Mul) -> sp.Expr:
    return _without_overflow(_logistic_product(expr))


def _without_overflow(expr: sp.Expr) -> sp.Expr:
    """exp(a) sinh(b) and exp(a) cosh(b), whose factors overflow together, through exp(a + |b|)."""
    factors = list(sp.Mul.make_args(expr))
    grown = [f for f in factors if isinstance(f, sp.exp)]
    waves = [f for f in factors if isinstance(f, sp.sinh | sp.cosh)]
    if len(grown) != 1 or len(waves) != 1:
        return expr
    (wave,) = waves
    size = sp.Abs(wave.args[0])
    rest = [f for f in factors if f not in (grown[0], wave)]
    if isinstance(wave, sp.cosh):
        inner = (1 + sp.exp(-2 * size)) / 2
    else:
        inner = -sp.sign(wave.args[0]) * EXTRA["expm1"](-2 * size) / 2
    return sp.Mul(*rest, sp.exp(grown[0].args[0] + size), inner)


def _logistic_product(expr: sp.Mul) -> sp.Expr:
    """s(b)^p exp(-k b) = s(b)^(p-k) s(-b)^k for k = 1, ..., p, where s is the logistic function."""
    factors = list(expr.args)
    for i, factor in enumerate(factors):
        base, p = factor.as_base_exp()
        if not (isinstance(base, EXTRA["sigmoid"]) and p.is_Integer and p > 0):
            continue
        b = base.args[0]
        for j, other in enumerate(factors):
            ratio = -other.args[0] / b if isinstance(other, sp.exp) else None
            if ratio is not None and ratio.is_Integer and 0 < ratio <= p:
                rest = [f for m, f in enumerate(factors) if m not in (i, j)]
                return sp.Mul(*rest, base ** (p - ratio), EXTRA["sigmoid"](-b) ** ratio)
    return expr


def _sum(expr: sp.Add) -> sp.Expr:
    """a^2 - b^2 as a product; c f(a) + c and c f(a) - c, for the functions in COMPLEMENTS."""
    squares = difference_of_squares(expr)
    if squares is not None:
        return (squares[0] - squares[1]) * (squares[0] + squares[1])
    terms = list(expr.args)
    for term in expr.args:
        heads = [f for f in sp.Mul.make_args(term) if f.func in COMPLEMENTS]
        if len(heads) != 1 or term not in terms:
            continue
        coefficient = term / heads[0]
        for constant, form in COMPLEMENTS[heads[0].func].items():
            partner = constant * coefficient
            if partner in terms and partner != term:
                terms.remove(term)
                terms.remove(partner)
                terms.append(coefficient * form(heads[0].args[0]))
                break
    return sp.Add(*terms)


def difference_of_squares(expr: sp.Add) -> tuple[sp.Expr, sp.Expr] | None:
    """(a, b) for a^2 - b^2, where both are free of roots."""
    if len(expr.args) != 2:
        return None
    down, up = sp.sift(expr.args, lambda t: t.could_extract_minus_sign(), binary=True)
    if len(up) != 1 or len(down) != 1:
        return None
    roots = [_rational_root(up[0]), _rational_root(-down[0])]
    return None if None in roots else (roots[0], roots[1])


def _rational_root(term: sp.Expr) -> sp.Expr | None:
    root = sp.S.One
    for factor in sp.Mul.make_args(term):
        if factor.is_Rational:
            number = sp.sqrt(factor)
            if not number.is_Rational:
                return None
            root *= number
        else:
            base, exponent = factor.as_base_exp()
            if not (exponent.is_Integer and exponent % 2 == 0):
                return None
            root *= base ** (exponent // 2)
    return root


# f: {constant: form of f(a) + constant without cancellation}
COMPLEMENTS: dict[type[sp.Function], dict[int, Callable[[sp.Expr], sp.Expr]]] = {
    sp.exp: {-1: EXTRA["expm1"]},
    # sympy turns erfc(-a) into 2 - erfc(a) at once, hence the inert head.
    sp.erf: {1: lambda a: EXTRA["upper_erf"](-a), -1: lambda a: -EXTRA["upper_erf"](a)},
    sp.erfc: {-2: lambda a: -EXTRA["upper_erf"](-a)},
    sp.tanh: {1: lambda a: 2 * EXTRA["sigmoid"](2 * a), -1: lambda a: -2 * EXTRA["sigmoid"](-2 * a)},
}
RULES = {sp.log: _logarithm, sp.Pow: _power, sp.Mul: _product, sp.Add: _sum}
