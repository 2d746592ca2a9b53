"""A zero of a Gaussian mean in the variance, isolated by two rational bounds, as a number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq
from sympy import AtomicExpr, Dummy, Expr, Rational, Symbol
from sympy.core.symbol import Str

from theory.activations import Activation
from theory.balls import workprec
from theory.enclosure import evaluate
from theory.errors import PrecisionError
from theory.propagation.variance_mean import MEANS
from theory.propagation.variance_series import VarianceSeries

__all__ = ["VarianceRoot"]

_BOUND = Dummy("x", real=True)  # no symbol of the caller, so that the root is a constant to polynomials in any of them
_LENGTH = 12
_STEPS = 12
_known: dict[VarianceRoot, tuple[arb, int]] = {}


class VarianceRoot(AtomicExpr):
    r"""The zero in (lower, upper) of the mean `kind` of an activation, proved to be the only one there.

    `parameters` are the numbers that the mean takes besides the activation.

    A positive real number: `N(root, d)` and `th.enclose(root, d)` give d correct digits.
    """

    # An atom: rules that rewrite expressions, which would pull the cases of the activation out, leave it whole.
    __slots__ = ("kind", "lower", "mean_of", "parameters", "upper", "variable")

    is_number = True
    is_positive = True
    is_commutative = True

    def __new__(
        cls, kind: Str, expr: Expr, variable: Symbol, lower: Rational, upper: Rational, *parameters: Expr
    ) -> VarianceRoot:
        root = super().__new__(cls)
        root.kind, root.mean_of, root.variable = kind, expr.xreplace({variable: _BOUND}), _BOUND
        root.lower, root.upper, root.parameters = lower, upper, parameters
        return root

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.__getnewargs__()

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.kind, self.mean_of, self.variable, self.lower, self.upper, *self.parameters)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (VarianceRoot, self.__getnewargs__())

    @property
    def free_symbols(self) -> set[Any]:
        """None: the variable is bound."""
        return set()

    @property
    def bounds(self) -> tuple[Rational, Rational]:
        """The rational numbers between which it is the only zero."""
        return self.lower, self.upper

    def _eval_derivative(self, s: Symbol) -> Expr:
        return Rational(0)

    def _enclose(self) -> arb:
        bits = ctx.prec
        known = _known.get(self)
        if known is None or known[1] < bits:
            known = _known[self] = (_refined(self, bits), bits)
        return known[0]

    def _eval_evalf(self, prec: int) -> Expr:
        return evaluate(self, prec)

    def _sympystr(self, printer: Any) -> str:
        return f"VarianceRoot({self.evalf(20)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.evalf(12))
        return rf"{body}^{{{exp}}}" if exp else body


def _refined(root: VarianceRoot, bits: int) -> arb:
    """Ball of relative radius about 2**-bits, by series around better and better centres."""
    mean = MEANS[str(root.kind)](Activation(root.mean_of, root.variable), *root.parameters)
    lower, upper = (Fraction(int(end.p), int(end.q)) for end in root.bounds)
    goal = Fraction(1, 1 << (bits + 3))
    for _ in range(_STEPS):
        if (upper - lower) <= goal * lower:
            break
        center = (lower + upper) / 2
        half = (upper - lower) / (2 * center)
        # The remainder of the series is about half**_LENGTH; more precision than that is not used.
        gain = min(bits + 12, int(-_LENGTH * _log2(half)) + 12)
        with workprec(2 * gain + 120):
            series = mean.series(center, _LENGTH, -0.6931 * (gain + 24))
            low_delta, high_delta = _bracket(series, half, Fraction(1, 1 << gain))
        if high_delta - low_delta > half:
            raise _unrefined(root, bits)
        upper = _rounded(center * (1 + high_delta), gain + 40, 1)
        lower = _rounded(center * (1 + low_delta), gain + 40, 0)
    else:
        raise _unrefined(root, bits)
    with workprec(bits + 40):
        middle, radius = (lower + upper) / 2, (upper - lower) / 2
        return arb(_fmpq(middle), arb(_fmpq(radius)).abs_upper())


def _unrefined(root: VarianceRoot, bits: int) -> PrecisionError:
    # The root cannot be printed: its digits are what is missing.
    low, high = (float(end) for end in root.bounds)
    shown = root.mean_of.xreplace({root.variable: Symbol("x", real=True)})
    return PrecisionError(
        f"the zero of the {root.kind} mean of {shown} between {low:.6g} and {high:.6g} was not refined to {bits} bits"
    )


def _bracket(series: VarianceSeries, half: Fraction, least: Fraction) -> tuple[Fraction, Fraction]:
    """Displacements around the zero at which the series has proved, opposite signs: Newton, then an outward step."""
    ends = (-half, half)
    signs = [_sign(series.value(arb(_fmpq(e)))) for e in ends]
    if signs[0] * signs[1] != -1:
        return -half, half
    near = Fraction(0)
    bits = max(64, least.denominator.bit_length() + 30)
    for _ in range(8):
        here = arb(_fmpq(near))
        step = (series.value(here).mid() / series.slope(here).mid()).mid()
        near = max(-half, min(half, _dyadic(here.mid() - step, bits)))
    width = least
    while width < half:
        low, high = max(-half, near - width), min(half, near + width)
        if _sign(series.value(arb(_fmpq(low)))) == signs[0] and _sign(series.value(arb(_fmpq(high)))) == signs[1]:
            return low, high
        width *= 4
    return -half, half


def _sign(value: arb) -> int:
    return 1 if value > 0 else -1 if value < 0 else 0


def _dyadic(value: arb, bits: int) -> Fraction:
    scaled = (value.mid() * arb(2) ** bits).floor().mid().unique_fmpz()
    return Fraction(int(scaled) if scaled is not None else 0, 1 << bits)


def _rounded(value: Fraction, bits: int, up: int) -> Fraction:
    return Fraction(value.numerator * (1 << bits) // value.denominator + up, 1 << bits)


def _log2(value: Fraction) -> float:
    return value.numerator.bit_length() - value.denominator.bit_length()


def _fmpq(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)
