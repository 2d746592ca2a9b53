r"""The block of a layer, $\varphi(N(h))$ or $N(\varphi(h))$: Gram entry, derivative and mean, exact or on balls."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from flint import arb
from sympy import Add, Dummy, Expr, Integer, Piecewise, sqrt

from theory.activations import Activation
from theory.enclosure import enclose
from theory.errors import DivergenceError, DomainError, TheoryError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation
from theory.network import NetworkSpec
from theory.propagation.dual_balls import DualBalls

__all__ = ["BallBlock", "Block", "BlockValue", "SymbolicBlock"]


class BlockValue(NamedTuple):
    """Gram entry, dual of the derivative (None with a jump), and the mean of one input where a skip carries it."""

    gram: Any
    slope: Any
    mean: Any = None


class Block(Protocol):
    """The block as the recursion over the layers needs it."""

    def number(self, value: Expr) -> Any: ...

    def single(self, q: Any) -> BlockValue: ...

    def pair(self, q1: Any, q2: Any, q12: Any, rho: Expr | None) -> BlockValue: ...


class _Normalized:
    """The normalisation around the duals that a subclass provides."""

    def __init__(self, net: NetworkSpec) -> None:
        self.net = net
        rule = net.normalization
        if rule is not None and rule.kind == "batch":
            raise UnsupportedError("batch normalization couples all inputs of a batch; it has no map of two inputs")
        self.before = rule is not None and rule.place == "before"
        self.after = rule is not None and rule.place == "after"
        self.centered = rule is not None and rule.place == "after" and rule.centered
        self.wants_mean = net.skip is not None and net.skip.kind == "identity" and not self.centered
        try:
            net.phi.derivative()
            self.smooth = True
        except UnsupportedError:
            self.smooth = False

    def single(self, q: Any) -> BlockValue:
        """One input with pre-activation variance q."""
        self._refuse_zero(q)
        inner = self.number(Integer(1)) if self.before else q
        gram, slope = self.square(inner), self.slope_square(inner)
        mean = self.mean(inner) if self.wants_mean or self.centered else None
        if self.before:
            slope = None if slope is None else slope / q
        if self.after:
            scale = self._scale(gram, mean, q)
            slope = None if slope is None else slope / scale
            if self.wants_mean:
                mean = mean / self.root(scale)
            return BlockValue(self.number(Integer(1)), slope, self.number(Integer(0)) if self.centered else mean)
        return BlockValue(gram, slope, mean)

    def pair(self, q1: Any, q2: Any, q12: Any, rho: Expr | None) -> BlockValue:
        """Two inputs with these pre-activation variances and covariance; `rho` where it is known exactly."""
        for q in (q1, q2):
            self._refuse_zero(q)
        correlation = self.correlation(q1, q2, q12) if rho is None else self.number(rho)
        below = self.geometric(q1, q2)
        if self.before:
            one = self.number(Integer(1))
            gram, slope = self.dual(correlation, one, one), self.slope(correlation, one, one)
            return BlockValue(gram, None if slope is None else slope / below)
        gram, slope = self.dual(correlation, q1, q2), self.slope(correlation, q1, q2)
        if self.after:
            means = (self.mean(q1), self.mean(q2)) if self.centered else (0, 0)
            scales = [self._scale(self.square(q), m, q) for q, m in zip((q1, q2), means, strict=True)]
            below = self.geometric(*scales)
            gram = self.divided(gram - means[0] * means[1], below)
            slope = None if slope is None else slope / below
        return BlockValue(gram, slope)

    def _scale(self, square: Any, mean: Any, q: Any) -> Any:
        scale = square - mean**2 if self.centered else square
        if scale == 0:
            raise DomainError(f"a normalization needs a positive variance; the activation has none at variance {q}")
        return scale

    def _refuse_zero(self, q: Any) -> None:
        if self.before and q == 0:
            raise DomainError("a normalization needs a positive variance; received a pre-activation of variance 0")

    number: Any
    root: Any
    square: Any
    mean: Any
    slope_square: Any
    dual: Any
    slope: Any
    correlation: Any
    geometric: Any
    divided: Any


class SymbolicBlock(_Normalized):
    """The block in exact expressions: derived once in symbols, then taken at the values of each layer."""

    def __init__(self, net: NetworkSpec) -> None:
        super().__init__(net)
        self._known: dict[Any, Expr | None] = {}

    def number(self, value: Expr) -> Expr:
        return value

    def root(self, value: Expr) -> Expr:
        return sqrt(value)

    def square(self, q: Expr) -> Expr:
        return self._at("dual", (Integer(1), q, q))

    def slope_square(self, q: Expr) -> Expr | None:
        return self._at("dual_derivative", (Integer(1), q, q)) if self.smooth else None

    def mean(self, q: Expr) -> Expr:
        return self.net.phi.moment(1, q)

    def dual(self, rho: Expr, q1: Expr, q2: Expr) -> Expr:
        return self._at("dual", (rho, q1, q2))

    def slope(self, rho: Expr, q1: Expr, q2: Expr) -> Expr | None:
        return self._at("dual_derivative", (rho, q1, q2)) if self.smooth else None

    def correlation(self, q1: Expr, q2: Expr, q12: Expr) -> Expr:
        if q1.is_zero or q2.is_zero:
            return Integer(0)
        return self.divided(q12, self.geometric(q1, q2))

    def geometric(self, q1: Expr, q2: Expr) -> Expr:
        return q1 if q1 == q2 else sqrt(q1) * sqrt(q2)

    def divided(self, above: Expr, below: Expr) -> Expr:
        if below == 1 or isinstance(below, Add):
            return above / below
        return Add(*(term / below for term in Add.make_args(above)))

    def _at(self, name: str, values: tuple[Expr, Expr, Expr]) -> Expr:
        """A method of the activation, from its symbolic form where there is one of use."""
        rho, q1, q2 = values
        method = getattr(self.net.phi, name)
        if all(v.is_Atom or v.is_Rational for v in values) or q1.is_zero or q2.is_zero:
            return method(*values)
        end = rho if rho in (1, -1) else None
        key = name, end, q1 == q2
        first = Dummy("q1", positive=True)
        places = Dummy("rho", real=True), first, first if q1 == q2 else Dummy("q2", positive=True)
        if key not in self._known:
            try:
                form = method(end or places[0], *places[1:])
                self._known[key] = (form, places)
            except TheoryError:
                self._known[key] = None
        found = self._known[key]
        if found is None or found[0].has(Piecewise):
            return method(*values)
        form, at = found[0], dict(zip(found[1], values, strict=True))
        return form.subs(at, simultaneous=True) if form.has(GaussianExpectation) else form.xreplace(at)


class BallBlock(_Normalized):
    """The block on balls, at `digits` working digits."""

    def __init__(self, net: NetworkSpec, digits: int) -> None:
        super().__init__(net)
        self.digits = digits
        self._dual = DualBalls(net.phi, digits)
        derived = Activation(net.phi.derivative(), net.phi.variable, net.phi.assumptions) if self.smooth else None
        self._slope = None if derived is None else DualBalls(derived, digits)

    def number(self, value: Expr) -> arb:
        return enclose(value, self.digits)

    def root(self, value: arb) -> arb:
        return value.sqrt()

    def square(self, q: arb) -> arb:
        if q == 0:
            return _at_zero(self._dual, self.digits) ** 2
        value = self._dual.square(q)
        if not value.is_finite():
            raise DivergenceError("the mean square of the activation is not finite")
        return value

    def mean(self, q: arb) -> arb:
        return _mean(self._dual, q, self.digits)

    def slope_square(self, q: arb) -> arb | None:
        if self._slope is None:
            return None
        return _at_zero(self._slope, self.digits) ** 2 if q == 0 else self._slope.square(q)

    def dual(self, rho: arb, q1: arb, q2: arb) -> arb:
        return _pair(self._dual, rho, q1, q2, self.digits)

    def slope(self, rho: arb, q1: arb, q2: arb) -> arb | None:
        return None if self._slope is None else _pair(self._slope, rho, q1, q2, self.digits)

    def correlation(self, q1: arb, q2: arb, q12: arb) -> arb:
        return arb(0) if q1 == 0 or q2 == 0 else q12 / self.geometric(q1, q2)

    def geometric(self, q1: arb, q2: arb) -> arb:
        return (q1 * q2).sqrt()

    def divided(self, above: arb, below: arb) -> arb:
        return above / below


def _pair(f: DualBalls, rho: arb, q1: arb, q2: arb, digits: int) -> arb:
    if q1 == 0 or q2 == 0:
        return _mean(f, q1, digits) * _mean(f, q2, digits)
    return f.pair(rho, q1, q2)


def _mean(f: DualBalls, q: arb, digits: int) -> arb:
    return _at_zero(f, digits) if q == 0 else f.mean(q)


def _at_zero(f: DualBalls, digits: int) -> arb:
    return enclose(f.phi(Integer(0)), digits)
