r"""Decay law from the complex singularities nearest to the real axis.

Near a singularity $x_0$ write $w = i(x - x_0)/\sqrt q$, positive on the way down to the real axis, and
$\zeta = x_0/\sqrt q$.  From $w^{-s} = \Gamma(s)^{-1} \int_0^\infty t^{s-1} e^{-tw}\,dt$ and
$E[e^{-itZ} He_k(Z)] = (-it)^k e^{-t^2/2}$ a saddle point gives

$$ c_k[w^{-s}] \sim \frac{(-i)^k \sqrt\pi}{\Gamma(s)(2\pi k)^{1/4}} k^{(s-1)/2}
   e^{-\zeta^2/4 + i\zeta\sqrt{k + s - 1/2}}. $$
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sympy as sp
from sympy import Expr, S, Symbol

from theory.enclosure import sign_of_number
from theory.errors import UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.hermite.differential import Monomial, normal_form
from theory.symbols import k as INDEX

__all__ = ["Law", "demand_slow", "elementary_derivative", "separated", "singular_law"]

_MAX_DERIVATIVES = 8
_MAX_ZERO = 8
_HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)
_ELEMENTARY = (sp.exp, sp.sin, sp.cos)


class Law(NamedTuple):
    """Kind, power of k, rate, reason, leading term and its amplitude."""

    kind: str
    exponent: Expr
    rate: Expr | None
    reason: str
    leading: Expr
    envelope: Expr


class _Singularity(NamedTuple):
    """Place in the upper half-plane, power s and coefficient of w**(-s)."""

    place: Expr
    power: Expr
    coefficient: Expr


def demand_slow(e: Expr, x: Symbol, q: Expr, ordering: Ordering) -> None:
    r"""Refuse functions that may grow like $e^{x^2/(4q)}$: infinity then outweighs the singularities."""
    exponents = [node.exp for node in e.atoms(sp.exp)]
    exponents += [sign * node.args[0] for node in e.atoms(sp.sinh, sp.cosh) for sign in (1, -1)]
    exponents += [node.args[0] ** 2 for node in e.atoms(sp.erfi)]
    powers = [node for node in e.atoms(sp.Pow) if node.exp.has_free(x) and node.base != sp.E]
    exponents += [node.exp * sp.log(node.base) for node in powers]
    for g in exponents:
        g = sp.expand(g)
        if not g.has_free(x):
            continue
        if not g.is_polynomial(x):
            raise UnsupportedError(f"the growth of exp({g}) is not settled")
        poly = sp.Poly(g, x)
        room = 1 - 4 * q * poly.LC() if poly.degree() == 2 else -poly.LC()
        if poly.degree() > 1 and (poly.degree() % 2 or ordering.sign_or_none(sp.expand(room)) != 1):
            raise UnsupportedError(f"exp({g}) may grow like exp(x^2/(4q)) at q = {q}; no rule gives the decay law")


def elementary_derivative(f: Expr, x: Symbol) -> tuple[Expr, int]:
    """The first derivative that is free of logarithms, inverse functions and error functions, and its order."""
    derived = f
    for order in range(_MAX_DERIVATIVES + 1):
        plain = derived.replace(lambda e: isinstance(e, _HYPERBOLIC), lambda e: e.rewrite(sp.exp))
        plain = plain.replace(sp.sinc, lambda z: sp.sin(z) / z)
        if all(isinstance(g, _ELEMENTARY) for g in plain.atoms(sp.Function) | plain.atoms(sp.exp) if g.has_free(x)):
            return plain, order
        derived = derived.diff(x)
    raise UnsupportedError(f"no derivative of {f} is free of logarithms and inverse functions")


def separated(value: Expr) -> tuple[Expr, Expr]:
    """Real and imaginary part."""
    real, imag = sp.expand(value, complex=True).as_real_imag()
    return real, imag


def singular_law(f: Expr, order: int, x: Symbol, q: Expr, ordering: Ordering) -> Law | None:
    """Law of a function whose derivative of the given order is `f`; None for an entire function."""
    _demand_polynomial_arguments(f, x)
    roots = [p for p in f.atoms(sp.Pow) if p.base.has_free(x) and p.base != sp.E and not p.exp.is_Integer]
    found = list(_branch_points(f, x, q, ordering) if roots else _poles(f, x, q, ordering))
    if not found:
        return None
    nearest: list[_Singularity] = []
    for s in found:
        gap = ordering.sign(sp.expand(_height(s.place) - _height(nearest[0].place))) if nearest else -1
        nearest = [s] if gap < 0 else [*nearest, s] if gap == 0 else nearest
    power = max((s.power for s in nearest), key=lambda p: sp.Rational(p))
    nearest = [s for s in nearest if s.power == power]
    return _combined(nearest, power, order, x, q)


def _demand_polynomial_arguments(f: Expr, x: Symbol) -> None:
    """Other arguments have singularities of their own, and sin(x^3) outgrows every Gaussian off the real line."""
    for node in f.atoms(sp.sin, sp.cos, sp.exp):
        argument = node.args[0] if isinstance(node, sp.Function) and not isinstance(node, sp.exp) else node.exp
        top = 2 if isinstance(node, sp.sin | sp.cos) else sp.oo
        if not argument.is_polynomial(x) or sp.degree(argument, x) > top:
            raise UnsupportedError(f"no rule gives the decay law in the presence of {node}")


def _height(place: Expr) -> Expr:
    return separated(place)[1]


def _combined(nearest: list[_Singularity], power: Expr, order: int, x: Symbol, q: Expr) -> Law:
    exponent = (power - 1 - order) / 2 - sp.Rational(1, 4)
    unit = 2 * sp.sqrt(sp.pi) / (2 * sp.pi) ** sp.Rational(1, 4) * sp.sqrt(q) ** order / sp.gamma(power)
    root = sp.sqrt(INDEX - order + power - S.Half)
    leading, envelope, rate = S.Zero, S.Zero, S.Zero
    for s in nearest:
        alpha, beta = (part / sp.sqrt(q) for part in separated(s.place))
        size = INDEX**exponent * sp.exp((beta**2 - alpha**2) / 4 - beta * root)
        angle = alpha * root - alpha * beta / 2 - (INDEX - order) * sp.pi / 2
        real, imag = separated(s.coefficient)
        leading += unit * size * (real * sp.cos(angle) - imag * sp.sin(angle))
        envelope += abs(unit) * size * sp.sqrt(real**2 + imag**2)
        rate = beta
    what = "pole" if power.is_Integer and power > 0 else f"branch point of exponent {-power}"
    whose = "the function" if order == 0 else f"derivative {order}"
    places = ", ".join(f"{x} = {s.place}" for s in nearest)
    reason = f"{what} of {whose} at {places} and its mirror image"
    return Law("stretched_exponential", exponent, rate, reason, leading, envelope)


def _is_zero(value: Expr) -> bool:
    """Certified: proved zero or proved different from zero."""
    for part in separated(value):
        if part == 0:
            continue
        if part.is_nonzero:
            return False
        if part.free_symbols:
            if sp.cancel(part) != 0:
                return False
            continue
        sign = sign_of_number(part)
        if sign is None:
            raise UnsupportedError(f"whether {value} vanishes is not settled")
        if sign:
            return False
    return True


def _branch_points(f: Expr, x: Symbol, q: Expr, ordering: Ordering) -> Iterator[_Singularity]:
    for monomial, coeff in normal_form(f, x).items():
        if len(monomial.roots) > 1 or monomial.primitives:
            raise UnsupportedError(f"no rule for the singularities of {monomial.as_expr()}")
        if not monomial.roots:
            yield from _poles(coeff * monomial.as_expr(), x, q, ordering)
            continue
        ((base, power),) = monomial.roots
        if not base.is_polynomial(x) or sp.degree(base, x) != 2:
            raise UnsupportedError(f"branch points are located for powers of quadratic polynomials; received {base}")
        a, b, c = sp.Poly(base, x).all_coeffs()
        below = sp.expand(4 * a * c - b**2)
        if ordering.sign(a) != 1 or ordering.sign(below) != 1:
            raise UnsupportedError(f"{base} must be positive on the real line")
        height = sp.sqrt(below) / (2 * a)
        place = -b / (2 * a) + sp.I * height
        top, bottom = sp.fraction(sp.together(coeff))
        depth = 0
        while sp.rem(bottom, base, x) == 0 and bottom.has_free(x):
            bottom, depth = sp.quo(bottom, base, x), depth + 1
        while top != 0 and sp.rem(top, base, x) == 0:
            top, depth = sp.quo(top, base, x), depth - 1
        if bottom.has_free(x):
            raise UnsupportedError(f"no rule for poles beside the branch points in {coeff * monomial.as_expr()}")
        exponent = power - depth
        rest = monomial._replace(roots=Monomial().roots).as_expr() * top / bottom
        # On the way down from the branch point the quadratic is 2 a height sqrt(q) w, a positive number.
        yield _Singularity(place, -exponent, rest.subs(x, place) * (2 * a * height * sp.sqrt(q)) ** exponent)


def _poles(f: Expr, x: Symbol, q: Expr, ordering: Ordering) -> Iterator[_Singularity]:
    top, bottom = sp.fraction(sp.together(f))
    units = [g for g in sp.Mul.make_args(bottom) if isinstance(g, sp.exp)]
    top, bottom = top / sp.Mul(*units), bottom / sp.Mul(*units)
    if not bottom.has_free(x):
        return
    u, speed = sp.Dummy("u"), _speed(bottom, x, ordering)
    places: list[Expr] = []
    below = bottom if speed is None else _in_exponential(bottom, x, u, speed)
    if any(g.has_free(x) for g in below.atoms(sp.Function, sp.exp)):
        raise UnsupportedError(f"the zeros of {bottom} are not located; its exponents must be affine and commensurable")
    for factor, _ in sp.factor_list(sp.fraction(sp.together(below))[0], x, u)[1]:
        if factor.has_free(x) and factor.has_free(u):
            raise UnsupportedError(f"the zeros of {bottom} mix powers and exponentials of {x}; they are not located")
        places += _zeros_in(factor, x) if factor.has_free(x) else _zeros_in_exponential(factor, u, speed, ordering)
    for place in places:
        s = _order(bottom, x, place) - _order(top, x, place)
        height = ordering.sign(sp.expand(_height(place)))
        if s > 0 and height == 0:
            raise UnsupportedError(f"a pole on the real line at {x} = {place}")
        if s > 0 and height > 0:
            zero = _order(top, x, place)
            number = sp.factorial(s + zero) * top.diff(x, zero).subs(x, place)
            number /= sp.factorial(zero) * bottom.diff(x, s + zero).subs(x, place)
            yield _Singularity(place, sp.Integer(s), number * (sp.I / sp.sqrt(q)) ** s)


def _order(e: Expr, x: Symbol, place: Expr) -> int:
    """Order of the zero at a place."""
    for n in range(_MAX_ZERO):
        if not _is_zero(e.diff(x, n).subs(x, place)):
            return n
    raise UnsupportedError(f"{e} vanishes to an order beyond {_MAX_ZERO} at {x} = {place}")


def _speed(e: Expr, x: Symbol, ordering: Ordering) -> Expr | None:
    """A positive c such that every exponential in `e` is a power of exp(c x) with a constant in front."""
    slopes = []
    for node in e.atoms(sp.exp):
        if not node.has_free(x):
            continue
        if not node.exp.is_polynomial(x) or sp.degree(node.exp, x) != 1:
            raise UnsupportedError(f"the zeros of {e} are located for affine exponents; received {node}")
        slopes.append(sp.expand(node.exp).coeff(x, 1))
    if not slopes:
        return None
    ratios = [sp.cancel(c / slopes[0]) for c in slopes]
    if not all(r.is_Rational for r in ratios):
        raise UnsupportedError(f"the exponents in {e} are not commensurable; its zeros are not located")
    c = slopes[0] * sp.gcd_list(ratios)
    return c * ordering.sign(c, "needed to locate the zeros of {}", e)


def _in_exponential(e: Expr, x: Symbol, u: Symbol, speed: Expr) -> Expr:
    def rule(node: Expr) -> Expr:
        constant, moving = sp.expand(node.exp).as_independent(x, as_Add=True)
        return sp.exp(constant) * u ** sp.cancel(moving / (speed * x)) if moving != 0 else node

    return e.replace(lambda node: isinstance(node, sp.exp), rule)


def _zeros_in(factor: Expr, x: Symbol) -> list[Expr]:
    found = sp.roots(sp.Poly(factor, x))
    if sum(found.values()) != sp.degree(factor, x):
        raise UnsupportedError(f"the complex zeros of {factor} are not found in closed form")
    return list(found)


def _zeros_in_exponential(factor: Expr, u: Symbol, speed: Expr | None, ordering: Ordering) -> list[Expr]:
    """The two lowest solutions of exp(speed x) = u in the closed upper half-plane, for each root u."""
    places = []
    for root in _zeros_in(factor, u):
        if root == 0 or speed is None:
            continue
        size, angle = sp.Abs(root), sp.arg(root)
        first = angle if ordering.sign(angle) >= 0 else angle + 2 * sp.pi
        places += [(sp.log(size) + sp.I * (first + 2 * sp.pi * n)) / speed for n in (0, 1)]
    return places
