"""Scalar source code: the Python text of a real expression, printed node by node from a fixed list.

Nothing of the user's text survives: symbols are renamed a0, a1, ..., and a node outside the list is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.logic.boolalg import And, Boolean, BooleanFalse, BooleanTrue, Not, Or

from numerics.float_forms import EXTRA, float_forms
from theory.errors import DomainError, UnsupportedError

__all__ = ["ScalarCode", "check_arguments", "scalar_code"]

# Functions with the same name for scalars inside numba and for arrays in numpy.
COMMON = {
    sp.log: "np.log",
    sp.sin: "np.sin",
    sp.cos: "np.cos",
    sp.tan: "np.tan",
    sp.atan: "np.arctan",
    sp.atan2: "np.arctan2",
    sp.sinh: "np.sinh",
    sp.cosh: "np.cosh",
    sp.asinh: "np.arcsinh",
    sp.acosh: "np.arccosh",
    sp.atanh: "np.arctanh",
    sp.Abs: "np.abs",
    sp.sign: "np.sign",
    EXTRA["log1p"]: "np.log1p",
}
# Names that begin with an underscore are helpers, defined below in the language of the target; those that begin
# with `fast` are defined in `numerics.loops.elementary`.
SCALAR = {
    sp.exp: "fast_exp",
    sp.asin: "fast_asin",
    sp.acos: "fast_acos",
    EXTRA["expm1"]: "fast_expm1",
    sp.tanh: "fast_tanh",
    sp.erf: "fast_erf",
    sp.erfc: "fast_erfc",
    EXTRA["upper_erf"]: "fast_erfc",
    sp.Heaviside: "_heaviside",
    EXTRA["softplus"]: "_softplus",
    EXTRA["sigmoid"]: "fast_sigmoid",
    EXTRA["log_cosh"]: "_log_cosh",
}
ARRAY = {
    **SCALAR,
    sp.exp: "np.exp",
    sp.asin: "np.arcsin",
    sp.acos: "np.arccos",
    EXTRA["expm1"]: "np.expm1",
    EXTRA["sigmoid"]: "_sigmoid",
    sp.tanh: "np.tanh",
    sp.erf: "special.erf",
    sp.erfc: "special.erfc",
    EXTRA["upper_erf"]: "special.erfc",
    sp.erfi: "special.erfi",
    sp.Heaviside: "np.heaviside",
}
HELPERS = {
    "numba": {
        "_heaviside": "(x, h):\n    return 1.0 if x > 0.0 else (0.0 if x < 0.0 else (h if x == 0.0 else x))",
        "_maximum": "(x, y):\n    return x if x > y or x != x else y",
        "_minimum": "(x, y):\n    return x if x < y or x != x else y",
        "_softplus": "(x):\n    return (x if x > 0.0 else 0.0) + math.log1p(fast_exp(-abs(x)))",
        # log(1 + 2 sinh^2(x/2)) near 0, where |x| - log 2 would cancel.
        "_log_cosh": "(x):\n    a = abs(x)\n    s = math.sinh(0.5 * a)\n"
        "    return math.log1p(2.0 * s * s) if a < 1.0 else a + math.log1p(math.exp(-2.0 * a)) - "
        "0.6931471805599453",
    },
    "numpy": {
        "_softplus": "(x):\n    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))",
        "_sigmoid": "(x):\n    e = np.exp(-np.abs(x))\n    return np.where(x > 0.0, 1.0, e) / (1.0 + e)",
        "_log_cosh": "(x):\n    a = np.abs(x)\n    s = np.sinh(0.5 * np.minimum(a, 1.0))\n"
        "    far = a + np.log1p(np.exp(-2.0 * a)) - 0.6931471805599453\n"
        "    return np.where(a < 1.0, np.log1p(2.0 * s * s), far)",
    },
}
RELATIONS = {Lt: "<", Le: "<=", Gt: ">", Ge: ">=", Eq: "==", Ne: "!="}


@dataclass(frozen=True)
class ScalarCode:
    """Source of a function: `parameters` a0, a1, ..., `body` (ending in `return`), `helpers` it calls."""

    parameters: tuple[str, ...]
    body: str
    helpers: tuple[str, ...]
    target: str

    def define(self, name: str, decorator: str = "") -> str:
        """Definition of the helpers and of the function under `name`, each below `decorator`."""
        head = f"{decorator}\n" if decorator else ""
        table = HELPERS[self.target]
        parts = [f"{head}def {helper}{table[helper]}\n" for helper in self.helpers]
        parts.append(f"{head}def {name}({', '.join(self.parameters)}):\n{self.body}\n")
        return "\n\n".join(parts)


def scalar_code(expr: sp.Expr, args: Sequence[sp.Symbol], target: str = "numba") -> ScalarCode:
    """Source of the real function args -> expr in double precision.

    Common subexpressions are computed once, constants are folded with correct rounding, and functions that
    saturate are written in forms that neither overflow nor cancel.  `target` is "numba" (scalars) or "numpy"
    (arrays).

    Raises
    ------
    UnsupportedError
        If a node has no form in the generated code; the message names it.
    DomainError
        If `expr` has a symbol that is not in `args`, or `args` are not distinct symbols.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> print(scalar_code(sp.Max(x, 0), [x]).body)
        return _maximum(a0, 0.0)
    """
    if not isinstance(target, str) or target not in HELPERS:
        raise UnsupportedError(f"the target is one of {sorted(HELPERS)}; received {target!r}")
    expr = check_arguments(expr, args)
    printer = _Printer(target)
    parameters = tuple(f"a{i}" for i in range(len(args)))
    renamed = expr.xreplace({a: sp.Symbol(p, real=True) for a, p in zip(args, parameters, strict=True)})
    folded = printer.fold(float_forms(renamed))
    temporaries, (result,) = sp.cse(folded, symbols=sp.numbered_symbols("t", real=True))
    lines = [f"    {symbol} = {printer.text(value)}" for symbol, value in temporaries]
    lines.append(f"    return {printer.text(result)}")
    return ScalarCode(parameters, "\n".join(lines), tuple(sorted(printer.helpers)), target)


def check_arguments(expr: sp.Expr, args: Sequence[sp.Symbol]) -> sp.Expr:
    """`expr`, a real expression of the distinct symbols `args`; errors as in `scalar_code`."""
    if not isinstance(expr, sp.Expr | float | int):
        raise UnsupportedError(
            f"generated code is made from a real expression; received {expr!r} ({type(expr).__name__})"
        )
    value = sp.sympify(expr, strict=True)
    if not all(isinstance(a, sp.Symbol) for a in args) or len(set(args)) != len(args):
        raise DomainError(f"arguments must be distinct symbols; received {list(args)}")
    unbound = sorted(map(str, value.free_symbols - set(args)))
    if unbound:
        raise DomainError(
            f"every symbol must be an argument; {', '.join(unbound)} not in {list(args)}: substitute numbers"
        )
    return value


class _Printer:
    """Text of expressions for one target; collects the helpers and the folded constants on the way."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.functions = COMMON | (SCALAR if target == "numba" else ARRAY)
        self.helpers: set[str] = set()
        self.constants: dict[sp.Symbol, str] = {}

    def fold(self, expr: sp.Basic) -> sp.Basic:
        """`expr` with its maximal constant parts replaced by symbols of known double value."""
        if isinstance(expr, sp.Expr) and not expr.free_symbols and not isinstance(expr, sp.Rational):
            return self.constant(expr)
        if not expr.args:
            return expr
        if isinstance(expr, sp.Add | sp.Mul):
            fixed = [a for a in expr.args if not a.free_symbols]
            if len(fixed) > 1:
                moving = [self.fold(a) for a in expr.args if a.free_symbols]
                return expr.func(self.constant(expr.func(*fixed)), *moving)
        return expr.func(*map(self.fold, expr.args))

    def constant(self, expr: sp.Expr) -> sp.Symbol:
        symbol = sp.Symbol(f"k{len(self.constants)}", real=True)
        self.constants[symbol] = self.number(expr)
        return symbol

    def number(self, expr: sp.Expr) -> str:
        if expr in (sp.oo, -sp.oo):
            return "np.inf" if expr is sp.oo else "(-np.inf)"
        value = expr.evalf(30)
        if not (value.is_Float or value.is_Rational):
            raise UnsupportedError(f"generated code needs real constants; {expr} is {value}")
        text = repr(float(value))
        return f"({text})" if text.startswith("-") else text

    def text(self, expr: sp.Basic) -> str:
        if isinstance(expr, sp.Symbol):
            return self.constants.get(expr, expr.name)
        if isinstance(expr, sp.Number):
            return self.number(expr)
        for kind, method in self.METHODS.items():
            if isinstance(expr, kind):
                return method(self, expr)
        name = self.functions.get(expr.func)
        if name is None or not isinstance(expr, sp.Expr):
            known = sorted(f.__name__ for f in self.functions if f not in EXTRA.values())
            raise UnsupportedError(
                f"{expr.func.__name__} has no form in {self.target} code; supported: {', '.join(known)}, "
                "Max, Min, Piecewise, powers"
            )
        return f"{self.named(name)}({', '.join(map(self.text, expr.args))})"

    def named(self, name: str) -> str:
        if name in HELPERS[self.target]:
            self.helpers.add(name)
        return name

    def add(self, expr: sp.Add) -> str:
        return f"({' + '.join(map(self.text, expr.args))})"

    def mul(self, expr: sp.Mul) -> str:
        above = [a for a in expr.args if not _is_reciprocal(a)]
        below = [sp.Pow(a.base, -a.exp) for a in expr.args if _is_reciprocal(a)]
        top = " * ".join(map(self.text, above)) or "1.0"
        return f"({top} / ({' * '.join(map(self.text, below))}))" if below else f"({top})"

    def power(self, expr: sp.Pow) -> str:
        base, exponent = expr.args
        if _is_reciprocal(expr):
            return f"(1.0 / {self.text(sp.Pow(base, -exponent))})"
        if exponent.is_Rational and exponent.q <= 2:
            root = f"np.sqrt({self.text(base)})" if exponent.q == 2 else self.text(base)
            return root if exponent.p == 1 else f"({root} ** {exponent.p})"
        return f"np.power({self.text(base)}, {self.text(exponent)})"

    def extremum(self, expr: sp.Max | sp.Min) -> str:
        word = "maximum" if isinstance(expr, sp.Max) else "minimum"
        name = f"np.{word}" if self.target == "numpy" else self.named(f"_{word}")
        numbers_last = sorted(expr.args, key=lambda a: isinstance(a, sp.Number) or a in self.constants)
        result = self.text(numbers_last[0])
        for argument in numbers_last[1:]:
            result = f"{name}({result}, {self.text(argument)})"
        return result

    def piecewise(self, expr: sp.Piecewise) -> str:
        result = "np.nan"
        for value, condition in reversed(expr.args):
            if condition == True:  # noqa: E712 - a sympy truth value
                result = self.text(value)
            elif self.target == "numpy":
                result = f"np.where({self.text(condition)}, {self.text(value)}, {result})"
            else:
                result = f"({self.text(value)} if {self.text(condition)} else {result})"
        return result

    def relation(self, expr: Relational) -> str:
        return f"({self.text(expr.lhs)} {RELATIONS[type(expr)]} {self.text(expr.rhs)})"

    def connective(self, expr: Boolean) -> str:
        return f"({(' & ' if isinstance(expr, And) else ' | ').join(map(self.text, expr.args))})"

    def negation(self, expr: Not) -> str:
        return f"np.logical_not({self.text(expr.args[0])})"

    def truth(self, expr: Boolean) -> str:
        return "True" if expr == True else "False"  # noqa: E712 - a sympy truth value

    METHODS: dict[type, Callable[..., str]] = {
        sp.Add: add,
        sp.Mul: mul,
        sp.Pow: power,
        sp.Max: extremum,
        sp.Min: extremum,
        sp.Piecewise: piecewise,
        Relational: relation,
        And: connective,
        Or: connective,
        Not: negation,
        BooleanTrue: truth,
        BooleanFalse: truth,
    }


def _is_reciprocal(expr: sp.Basic) -> bool:
    return isinstance(expr, sp.Pow) and bool(expr.exp.is_Rational) and bool(expr.exp.is_negative)
