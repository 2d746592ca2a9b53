"""A vector uniform on the real unit sphere: moments, quadratic forms and their logarithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import acb, arb, ctx
from sympy import Expr, Integral, Mul, Pow, Rational, S, Symbol, digamma, exp, log, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.errors import DomainError
from theory.haar.dimensions import Dimension
from theory.haar.entries import MatrixEntry
from theory.haar.group import Haar

__all__ = ["Sphere", "enclose_log_form", "enclose_share", "log_form", "share"]

GUARD_BITS = 40


class Sphere:
    """A unit vector v in R^n, uniform on the sphere; `v[i]` counts from 1.

    Examples
    --------
    >>> v = Sphere(Symbol("n"))
    >>> v.mean(v[1]**2 * v[2]**2)
    1/(n*(n + 2))
    """

    def __init__(self, n: Dimension, name: str = "v") -> None:
        self.group = Haar("O", n, name)

    def __getitem__(self, index: Any) -> MatrixEntry:
        return self.group[1, index]

    def form(self, matrix: MatrixExpr) -> Expr:
        """The random variable `v' C v`, C symmetric."""
        return self.group.form(1, matrix)

    def mean(self, expr: Expr) -> Expr:
        """Expectation of a polynomial in coordinates or in quadratic forms."""
        return self.group.mean(expr)


def log_form(eigenvalues: Sequence[Expr]) -> Expr:
    r"""`E log(w' G w)`, w uniform on the sphere, G with the given eigenvalues: a one-dimensional integral.

    `int_0^oo (e^(-t) - prod (1 + 2 lambda_k t)^(-1/2)) dt/t - digamma(d/2) - log 2` with d the number of
    eigenvalues: Frullani's integral for the logarithm, the Gaussian moment generating function, and
    `E log chi^2_d`.

    Raises
    ------
    DomainError
        If an eigenvalue is negative, or none is positive.

    >>> log_form([1, 1]).doit(integrals=False).has(Integral)
    True
    """
    values = checked_spectrum(eigenvalues)
    t = Symbol("t", positive=True)
    kernel = (exp(-t) - generating_function(values, t)) / t
    return Integral(kernel, (t, 0, oo)) - digamma(Rational(len(values), 2)) - log(2)


def share(eigenvalues: Sequence[Expr], index: int) -> Expr:
    r"""`E[lambda_i w_i^2 / (w' G w)]`, i from 1, as a one-dimensional integral.

    `int_0^oo lambda_i/(1 + 2 lambda_i t) prod (1 + 2 lambda_k t)^(-1/2) dt`; for two eigenvalues it is
    `s_1/(s_1 + s_2)` in the singular values `s = sqrt(lambda)`.
    """
    values = checked_spectrum(eigenvalues)
    if not 1 <= index <= len(values):
        raise DomainError(f"eigenvalues are numbered from 1 to {len(values)}; received {index}")
    t = Symbol("t", positive=True)
    own = values[index - 1]
    return Integral(own / (1 + 2 * own * t) * generating_function(values, t), (t, 0, oo))


def generating_function(values: Sequence[Expr], t: Expr) -> Expr:
    """`E exp(-t g' G g)` for a standard normal vector g."""
    return Mul(*[Pow(1 + 2 * value * t, -Rational(1, 2)) for value in values])


def checked_spectrum(eigenvalues: Sequence[Expr]) -> list[Expr]:
    """Eigenvalues of a positive semidefinite matrix, not all zero."""
    values = [S(value) for value in eigenvalues]
    if not values or any(value.is_negative for value in values) or all(value.is_zero for value in values):
        raise DomainError(
            f"a Gram matrix has non-negative eigenvalues, not all zero; received {list(eigenvalues)}; "
            "declare symbols with positive=True"
        )
    return values


def exact_balls(eigenvalues: Sequence[Expr], bits: int) -> list[arb]:
    """Positive eigenvalues as balls; equal neighbours are one object."""
    balls: list[arb] = []
    previous = None
    for value in checked_spectrum(eigenvalues):
        if balls and value == previous:
            balls.append(balls[-1])
            continue
        previous = value
        if not value.is_number or value.has(Integral):
            raise DomainError(f"an enclosure needs numeric eigenvalues; received {value}; substitute numbers first")
        if value.is_zero:
            previous = None
            continue
        if value.is_Rational:
            balls.append(arb(int(value.p)) / int(value.q))
        else:
            digits = int(bits * 0.302) + 10
            balls.append(arb(str(value.evalf(digits)), abs(float(value)) * 10.0 ** (3 - digits)))
    return balls


def enclose_log_form(eigenvalues: Sequence[Expr], digits: int = 30) -> arb:
    """A ball that contains `log_form(eigenvalues)`, with radius about `10^-digits`.

    In `x = log t` the integrand is analytic; the two tails are bounded by `eps (1 + sum lambda)` and by
    `e^-T/T + (2/m) prod (2 lambda_k)^(-1/2) T^(-m/2)`, m the number of positive eigenvalues.
    """
    bits = int(digits * 3.33) + GUARD_BITS
    with ctx.workprec(bits):
        positive = exact_balls(eigenvalues, bits)
        half = arb(len(positive)) / 2
        scale = 1 + sum(positive, arb(0))
        low = -(arb(10) ** digits * scale).log() - 5
        spread = (-half_log_product(positive)).exp() / half
        high = (arb(10) ** digits * (1 + spread)).log() / half
        high = high if bool(high > arb(digits * 3 + 10).log()) else arb(digits * 3 + 10).log()

        def integrand(x: acb, analytic: bool) -> acb:
            t = x.exp()
            return (-t).exp() - laplace(positive, t, analytic)

        middle = acb.integral(integrand, acb(low), acb(high), abs_tol=arb(10) ** -digits).real
        top = high.exp()
        tails = low.exp() * scale + (-top).exp() / top + spread * (-half * high).exp()
        d = arb(len(eigenvalues)) / 2
        return middle + arb(0, 1) * tails - d.digamma() - arb(2).log()


def enclose_share(eigenvalues: Sequence[Expr], index: int, digits: int = 30) -> arb:
    """A ball that contains `share(eigenvalues, index)`.

    The tails of the integral in `x = log t` are bounded by `eps lambda_i` and by
    `prod (2 lambda_k)^(-1/2) T^(-m/2) / m`.
    """
    if S(eigenvalues[index - 1]).is_zero:
        return arb(0)
    bits = int(digits * 3.33) + GUARD_BITS
    with ctx.workprec(bits):
        positive = exact_balls(eigenvalues, bits)
        own = exact_balls([eigenvalues[index - 1]], bits)[0]
        half = arb(len(positive)) / 2
        low = -(arb(10) ** digits * (1 + own)).log() - 5
        spread = (-half_log_product(positive)).exp() / (2 * half)
        high = (arb(10) ** digits * (1 + spread)).log() / half + 1

        def integrand(x: acb, analytic: bool) -> acb:
            t = x.exp()
            return own * t / (1 + 2 * own * t) * laplace(positive, t, analytic)

        middle = acb.integral(integrand, acb(low), acb(high), abs_tol=arb(10) ** -digits).real
        return middle + arb(0, 1) * (low.exp() * own + spread * (-half * high).exp())


def half_log_product(values: Sequence[arb]) -> arb:
    """`log prod (2 lambda)^(1/2)`."""
    return sum(((2 * value).log() for value in values), arb(0)) / 2


def laplace(values: Sequence[arb], t: acb, analytic: bool) -> acb:
    """`prod (1 + 2 lambda t)^(-1/2)` on complex balls, neighbours in pairs.

    Roots are slow.  Equal factors need none, and two factors of positive real part share one: their arguments add up to
    less than pi, so the principal roots multiply.
    """
    product, factors = acb(1), [1 + 2 * value * t for value in values]
    for k in range(0, len(factors) - 1, 2):
        left, right = factors[k], factors[k + 1]
        if values[k] is values[k + 1]:
            product /= left
        elif bool(left.real > 0) and bool(right.real > 0):
            product *= (left * right).rsqrt(analytic=analytic)
        else:
            product *= left.rsqrt(analytic=analytic) * right.rsqrt(analytic=analytic)
    return product * factors[-1].rsqrt(analytic=analytic) if len(factors) % 2 else product
