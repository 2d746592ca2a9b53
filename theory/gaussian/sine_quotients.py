r"""Expectations of $\sin(ax)/x$: the quotient is $\int_0^a \cos(tx)\,dt$, and the mean of the cosine a Gaussian in t.

One variable leaves error functions, a pair the probability of a box under a bivariate normal law.
"""

from __future__ import annotations

from sympy import Expr, Mul, Symbol, erf, exp, factor, pi, sin, sqrt

from theory.gaussian.functions import Phi2
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering

__all__ = ["sine_quotients"]


def sine_quotients(expr: Expr, law: Gaussian, ordering: Ordering) -> Expr | None:
    r"""$E\prod_i \sin(a_i X_i)/X_i$ times a constant under a centred law, or None for another integrand.

    Covered are $\sin(ax)/x$, $\sin(ax)\sin(bx)/x^2$ and $\sin(au)\sin(bv)/(uv)$.
    """
    if any(law.mean):
        return None
    constant, found = _frequencies(expr, law.variables, ordering)
    if found is None:
        return None
    counts = [len(found[v]) for v in law.variables]
    if counts == [1]:
        (a,) = found[law.variables[0]]
        return constant * _first(a, law.cov[0, 0])
    if counts == [2]:
        a, b = found[law.variables[0]]
        q = law.cov[0, 0]
        return constant * (_second(a + b, q) - _second(a - b, q)) / 2
    if counts == [1, 1]:
        (a,), (b,) = (found[v] for v in law.variables)
        return constant * _pair(a, b, law)
    return None


def _frequencies(
    expr: Expr, variables: tuple[Symbol, ...], ordering: Ordering
) -> tuple[Expr, dict[Symbol, list[Expr]] | None]:
    """Constant and the positive a of every factor sin(a x), if each comes with one factor 1/x."""
    found: dict[Symbol, list[Expr]] = {v: [] for v in variables}
    divisions = dict.fromkeys(variables, 0)
    constant = []
    for f in Mul.make_args(expr):
        base, power = f.as_base_exp()
        inside = [v for v in variables if f.has_free(v)]
        if not inside:
            constant.append(f)
        elif base in divisions and power.is_Integer and power < 0:
            divisions[base] -= int(power)
        elif isinstance(base, sin) and power.is_Integer and power > 0 and len(inside) == 1:
            a = base.args[0] / inside[0]
            sign = None if a.has_free(*variables) else ordering.sign_or_none(a)
            if not sign:
                return expr, None
            constant.append(sign**power)
            found[inside[0]] += [sign * a] * int(power)
        else:
            return expr, None
    if any(divisions[v] != len(found[v]) for v in variables):
        return expr, None
    return Mul(*constant), found


def _first(a: Expr, q: Expr) -> Expr:
    r"""$\int_0^a e^{-qt^2/2}\,dt$."""
    return sqrt(pi) / sqrt(2 * q) * erf(a * sqrt(q) / sqrt(2))


def _second(a: Expr, q: Expr) -> Expr:
    r"""$\int_0^a\int_0^s e^{-qt^2/2}\,dt\,ds$, an even function of a."""
    return a * _first(a, q) + (exp(-q * a**2 / 2) - 1) / q


def _pair(a: Expr, b: Expr, law: Gaussian) -> Expr:
    r"""$\int_0^a\int_0^b e^{-(q_1s^2 + q_2t^2)/2}\cosh(cst)\,dt\,ds$: boxes, precision $(q_1, q_2, \mp c)$."""
    (q1, c), (_, q2) = law.cov.tolist()
    free = factor(1 - c**2 / (q1 * q2))
    r = factor(c / sqrt(q1) / sqrt(q2))
    h, k = a * sqrt(q1) * sqrt(free), b * sqrt(q2) * sqrt(free)
    boxes = (Phi2(h, k, s) - Phi2(h, 0, s) - Phi2(0, k, s) + Phi2(0, 0, s) for s in (r, -r))
    return pi / (sqrt(q1) * sqrt(q2) * sqrt(free)) * sum(boxes)
