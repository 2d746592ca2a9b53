r"""Proofs that a Gaussian mean has one sign at every variance, from the sign of the even part of the integrand.

$E_K f = E_K[(f(z) + f(-z))/2]$: where $f(t) + f(-t)$ keeps one sign for t > 0, and the weights at the kinks have the
same sign, so has the mean for all K > 0.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

from sympy import (
    Add,
    Dummy,
    Expr,
    Float,
    Mul,
    Poly,
    Pow,
    Rational,
    S,
    asinh,
    atan,
    cosh,
    erf,
    exp,
    factor,
    oo,
    sinh,
    tanh,
    together,
)
from sympy.polys.polyerrors import CoercionFailed, PolynomialError

from theory.errors import TheoryError
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import Pieces
from theory.propagation.variance_mean import VarianceMean

__all__ = ["exponential_polynomial", "factored", "mean_sign"]

_FINEST = 12  # denominators in exponents beyond this make polynomials of huge degree
_LONGEST = 150  # operations; beyond, factoring takes longer than a numeric search


def mean_sign(mean: VarianceMean) -> int | None:
    """1 or -1 if the mean is proved positive or negative for all K > 0; 0 if it vanishes for all; None if open."""
    ordering = mean.phi.ordering
    signs = {ordering.sign_or_none(weight) for weight, _ in mean.kinks}
    if len(mean.terms) > 1:
        return None
    for term in mean.terms:
        if term.power:
            return None
        try:
            signs |= {s and s * int(term.weight) for s in _half_line_signs(mean, term.pieces)}
        except TheoryError:
            return None
    return _common(signs)


def _common(signs: set[int | None]) -> int | None:
    if None in signs or {1, -1} <= signs:
        return None
    return next((s for s in signs if s), 0)


def _half_line_signs(mean: VarianceMean, pieces: Pieces) -> set[int | None]:
    """Signs of the even part between the kinks and their mirror images."""
    x, ordering = mean.phi.variable, mean.phi.ordering
    t = Dummy("t", positive=True)
    distances: list[Expr] = []
    for b in pieces.breaks:
        s = ordering.sign(b)
        if s and not any(ordering.compare(s * b, d) == 0 for d in distances):
            distances.append(s * b)
    ends = [S.Zero]
    for d in distances:
        place = next((i for i, e in enumerate(ends) if ordering.compare(d, e) < 0), len(ends))
        ends.insert(place, d)
    ends.append(oo)
    signs: set[int | None] = set()
    for left, right in pairwise(ends):
        inside = left + 1 if right is oo else (left + right) / 2
        sides = [_piece(pieces, ordering, s * inside).subs(x, s * t) for s in (1, -1)]
        sign = _sign_on(Add(*sides), t, left, right)
        if sign is None:
            sign = _common({_sign_on(side, t, left, right) for side in sides})
        signs.add(sign)
    return signs


def _piece(pieces: Pieces, ordering: Ordering, place: Expr) -> Expr:
    return pieces.parts[sum(1 for b in pieces.breaks if ordering.compare(b, place) < 0)]


def _sign_on(e: Expr, t: Dummy, left: Expr, right: Expr) -> int | None:
    """Weak sign on an open interval: 1 for e >= 0 and not identically zero."""
    if e.count_ops() > _LONGEST:
        return None
    e = factored(e.expand(), t)
    sign = 1
    for part in Mul.make_args(e):
        found = _factor_sign(part, t, left, right)
        if found is None:
            return None
        sign *= found
    return sign


def _factor_sign(e: Expr, t: Dummy, left: Expr, right: Expr) -> int | None:
    if e.is_zero:
        return 0
    if isinstance(e, Pow) and e.exp.is_Integer:
        inside = 1 if e.exp.is_even and e.base.is_extended_real else _factor_sign(e.base, t, left, right)
        return inside if inside is None or e.exp.is_odd else inside**2
    if isinstance(e, asinh | atan | erf | sinh | tanh):
        return _sign_on(e.args[0], t, left, right)
    if isinstance(e, Pow) and e.exp.is_Rational and e.base.is_extended_positive:
        return 1
    s = Dummy("s", positive=True)
    here = e.subs(t, left + s if right is oo else (left + right * s) / (1 + s))
    if here.is_extended_positive or here.is_extended_nonnegative:
        return 1
    if here.is_extended_negative or here.is_extended_nonpositive:
        return -1
    found = _polynomial_sign(e, t, left, right)
    if found is None:
        changed = exponential_polynomial(e, t)
        if changed is not None:
            poly, w, rate = changed
            found = _polynomial_sign(poly, w, exp(rate * left), oo if right is oo else exp(rate * right))
    if found is None and isinstance(e, Add):
        terms = {_sign_on(a, t, left, right) for a in e.args}
        found = _common(terms)
    return found


def _polynomial_sign(e: Expr, t: Dummy, left: Expr, right: Expr) -> int | None:
    """Sign of a rational function with rational coefficients that has no zero or pole on the interval."""
    if not e.is_rational_function(t) or e.free_symbols - {t} or e.has(Float):
        return None
    above, below = together(e).as_numer_denom()
    try:
        polys = [Poly(part, t, domain="QQ") for part in (above, below)]
    except (CoercionFailed, PolynomialError):
        return None
    sign = 1
    for poly in polys:
        _, factors = poly.factor_list()
        for part, power in factors:
            if power % 2 and any(_inside(root, left, right) for root in part.real_roots()):
                return None
    place = left + 1 if right is oo else (left + right) / 2
    sign = (above * below).subs(t, place)
    return 1 if sign.is_positive else -1 if sign.is_negative else None


def _inside(root: Expr, left: Expr, right: Expr) -> bool:
    return bool(root > left) and (right is oo or bool(root < right))


def exponential_polynomial(e: Expr, t: Expr) -> tuple[Expr, Dummy, Rational] | None:
    """Write an expression as a rational function of w = exp(r t), r > 0 rational."""
    found = _with_one_exponential(e.rewrite([tanh, sinh, cosh], exp), t)
    return None if found is None or found[0].has(t) else found


def factored(e: Expr, t: Expr) -> Expr:
    """The factored form, with the exponentials in t as powers of one symbol: their rates may have large fractions."""
    found = _with_one_exponential(e, t)
    if found is not None:
        changed, w, rate = found
        return factor(changed).xreplace({w: exp(rate * t)})
    rates = [term.as_coeff_Mul()[0] for power in e.atoms(exp) for term in Add.make_args(power.exp)]
    return e if any(c.is_Rational and c.q > _FINEST for c in rates) else factor(e)


def _with_one_exponential(e: Expr, t: Expr) -> tuple[Expr, Dummy, Rational] | None:
    """Every exp(c t) as a power of w = exp(r t); None where there are none, or others."""
    rates: dict[Expr, Rational] = {}
    for power in e.atoms(exp):
        if power.exp.has(t):
            rate = (power.exp / t).expand()
            if not rate.is_Rational:
                return None
            rates[power] = rate
    if not rates:
        return None
    unit = reduce(lambda a, b: a.gcd(b), map(abs, rates.values()))
    w = Dummy("w", positive=True)
    return e.xreplace({power: w ** (rate / unit) for power, rate in rates.items()}), w, unit
