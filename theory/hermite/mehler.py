r"""Dual activations from the Mehler series $E[f(U) g(V)] = \sum_k a_k b_k \rho^k$, with a proved remainder."""

from __future__ import annotations

import math
from typing import Any

import sympy as sp
from flint import arb

from theory.arguments import whole
from theory.balls import ball_function, workprec
from theory.errors import DomainError, PrecisionError
from theory.gaussian.kernels import check_correlation
from theory.gaussian.law import exact
from theory.hermite.accuracy import log_missing
from theory.hermite.profile import Profile, activation_profile, variance
from theory.hermite.sequence import coefficient_balls
from theory.hermite.tail import parseval_tail

__all__ = ["mehler_cross_dual", "mehler_dual", "mehler_sum"]

_LOG_TEN = math.log(10)
_FIRST = 32
_MAX_TERMS = 4096
_ATTEMPTS = 5

_Source = tuple[Any, Any] | None


def mehler_dual(phi: Any, rho: Any, q1: Any = 1, q2: Any = 1, digits: int = 30) -> arb:
    r"""Dual activation by its Mehler series.

    $$ E[\varphi(U)\varphi(V)] = \sum_{k \ge 0} c_k(q_1)\, c_k(q_2)\, \rho^k, \qquad
       \Big|\sum_{k > K}\Big| \le |\rho|^{K+1} \Big(\sum_{k > K} c_k(q_1)^2 \sum_{k > K} c_k(q_2)^2\Big)^{1/2} $$

    K is chosen by doubling.  At correlation 1 and -1 one variable is left.

    Parameters
    ----------
    phi : activation without symbolic parameters.
    rho : number in [-1, 1].
    q1, q2 : positive numbers.
    digits : significant digits; a value below 10^(-2 digits) is returned as a ball around zero.

    Raises
    ------
    DomainError
        for symbolic parameters or numbers out of range.
    PrecisionError, UnsupportedError
        where the digits are not reached or the bounds not proved.

    Examples
    --------
    >>> from sympy import Rational, Symbol, tanh
    >>> from theory.activations import Activation
    >>> x = Symbol("x", real=True)
    >>> mehler_dual(Activation(tanh(x), x), Rational(1, 2)).str(20, radius=False)
    '0.18632441320344808611'

    References
    ----------
    mehler1866
    """
    return mehler_cross_dual(phi, phi, rho, q1, q2, digits)


def mehler_cross_dual(phi: Any, psi: Any, rho: Any, q1: Any = 1, q2: Any = 1, digits: int = 30) -> arb:
    r"""Cross dual $E[\varphi(U)\psi(V)]$ of two activations, conventions as in `mehler_dual`."""
    whole("digits", digits, 1, 1000)
    q1, q2, rho = variance(q1, "q1"), variance(q2, "q2"), exact(rho)
    if rho.free_symbols:
        raise DomainError(f"a certified dual needs a number for the correlation; received {rho}")
    check_correlation(rho)
    f, g = activation_profile(phi, q1), activation_profile(psi, q2)
    if abs(rho) == 1:
        return _on_the_line(f, g, rho, digits)
    log_tolerance = -(digits + 2) * _LOG_TEN
    for _ in range(_ATTEMPTS):
        value = mehler_sum(f, g, rho, log_tolerance, ((phi, q1), (psi, q2)))
        missing = log_missing(value, digits)
        if missing <= 0:
            return value
        log_tolerance -= missing + 2
    raise PrecisionError(f"{digits} digits of the dual at correlation {rho} were not reached")


def _on_the_line(f: Profile, g: Profile, rho: sp.Expr, digits: int) -> arb:
    """E[f(Z) g(rho Z)], an expectation in one variable."""
    z = sp.Dummy("z", real=True)
    first, second = (p.expr.subs(p.x, p.mean + s * p.sd * z) for p, s in ((f, 1), (g, rho)))
    line = Profile(first * second, z, sp.Integer(0), sp.Integer(1))
    log_tolerance = -(digits + 2) * _LOG_TEN
    for _ in range(_ATTEMPTS):
        value = coefficient_balls(line, 0, log_tolerance)[0][0]
        missing = log_missing(value, digits)
        if missing <= 0:
            return value
        log_tolerance -= missing + 2
    raise PrecisionError(f"{digits} digits of the expectation at correlation {rho} were not reached")


def mehler_sum(
    f: Profile, g: Profile, rho: sp.Expr, log_tolerance: float, sources: tuple[_Source, _Source] = (None, None)
) -> arb:
    r"""Ball around $\sum_k a_k b_k \rho^k$, |rho| < 1, with an error of about exp(`log_tolerance`).

    Raises
    ------
    PrecisionError
        if the remainder is still larger after 4096 terms.
    """
    top = _FIRST
    bits = int(-1.45 * log_tolerance) + 200
    while top <= _MAX_TERMS:
        a, _ = coefficient_balls(f, top, log_tolerance - 2, sources[0])
        b, _ = (a, "") if f == g else coefficient_balls(g, top, log_tolerance - 2, sources[1])
        with workprec(bits):
            correlation = ball_function(rho)((), False).real
            left = parseval_tail(f, a, log_tolerance - 2).upper()
            right = left if f == g else parseval_tail(g, b, log_tolerance - 2).upper()
            remainder = abs(correlation).upper() ** (top + 1) * (left * right).sqrt()
            if remainder <= arb(log_tolerance).exp():
                total = arb(0)
                for p, q in zip(reversed(a), reversed(b), strict=True):
                    total = total * correlation + p * q
                return total + arb(0, remainder)
        top *= 2
    raise PrecisionError(f"the Mehler series needs more than {_MAX_TERMS} terms at correlation {rho}")
