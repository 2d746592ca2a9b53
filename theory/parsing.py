"""Restricted parser: typed text to a sympy expression, without `eval` and within fixed limits."""

from __future__ import annotations

import ast
import inspect
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import sympy as sp
from sympy import Add, And, Basic, Dummy, Expr, Max, Min, Mul, Or, Piecewise, Pow, S, Symbol
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from theory.errors import ParseError, TheoryError
from theory.grammar import (
    LAST_BRANCH,
    Budget,
    Token,
    Tree,
    check_text,
    fail,
    match_brackets,
    nearest,
    rational,
    syntax_tree,
    tokenize,
)
from theory.symbols import rho, x

__all__ = [
    "Parameter",
    "ParsedClaim",
    "parse_assumption",
    "parse_bindings",
    "parse_claim",
    "parse_expression",
    "parse_parameters",
]

Symbols = Mapping[str, Symbol] | Iterable[Symbol] | None
_Comparison = tuple[Expr, type[Relational], Expr]

CONSTANTS: dict[str, Expr] = {"pi": sp.pi, "e": sp.E, "E": sp.E}
_ALIASES = {
    "max": "Max",
    "min": "Min",
    "abs": "Abs",
    "heaviside": "Heaviside",  # 1/2 at the origin
    "step": "Heaviside",
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
}
_OWN = "Max Min Abs sign Heaviside exp log sin cos tan sinh cosh tanh sech asin acos atan asinh acosh erf erfc"
PRIMITIVES: dict[str, Callable[..., Expr]] = {name: getattr(sp, name) for name in _OWN.split()}
PRIMITIVES |= {alias: PRIMITIVES[name] for alias, name in _ALIASES.items()}

# The constants of selu are the closed forms that make the standard normal law a fixed point of its mean and
# its variance; rounded decimals would make the two moments miss 0 and 1.
_SELU_ALPHA = "sqrt(2/pi)/(1 - erfc(1/sqrt(2))*sqrt(e))"
_SELU_SCALE = (
    "(1 - erfc(1/sqrt(2))*sqrt(e))*sqrt(2*pi)/sqrt(2*erfc(sqrt(2))*e^2"
    " + pi*erfc(1/sqrt(2))^2*e - 2*(2 + pi)*erfc(1/sqrt(2))*sqrt(e) + pi + 2)"
)
DEFINITIONS: dict[str, tuple[str, str]] = {
    "sqrt": ("x", "x^(1/2)"),
    "Phi": ("x", "(1 + erf(x/sqrt(2)))/2"),
    "normal_pdf": ("x", "exp(-x^2/2)/sqrt(2*pi)"),
    "relu": ("x", "max(x, 0)"),
    "leaky_relu": ("x a", "max(x, 0) + a*min(x, 0)"),
    "elu": ("x", "Piecewise((x, x > 0), (exp(x) - 1, otherwise))"),
    "selu": ("x", f"{_SELU_SCALE}*Piecewise((x, x > 0), ({_SELU_ALPHA}*(exp(x) - 1), otherwise))"),
    "sigmoid": ("x", "1/(1 + exp(-x))"),
    "softplus": ("x", "log(1 + exp(x))"),
    "silu": ("x", "x*sigmoid(x)"),
    "swish": ("x", "x*sigmoid(x)"),
    "gelu": ("x", "x*Phi(x)"),
    "gelu_tanh": ("x", "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2"),
    "mish": ("x", "x*tanh(softplus(x))"),
    "softsign": ("x", "x/(1 + abs(x))"),
    "hard_tanh": ("x", "max(-1, min(1, x))"),
    "hardtanh": ("x", "max(-1, min(1, x))"),
    "relu6": ("x", "min(max(x, 0), 6)"),
    "hard_sigmoid": ("x", "max(0, min(1, x/6 + 1/2))"),
    "hard_swish": ("x", "x*hard_sigmoid(x)"),
}
FUNCTIONS = frozenset({*PRIMITIVES, *DEFINITIONS, "Piecewise"})

_NOT_REAL = "a formula is real; complex numbers are not available"
_NOT_FINITE = "a formula is finite; infinity and nan are not available"
_ABSENT = {"I": _NOT_REAL, "j": _NOT_REAL} | dict.fromkeys(("oo", "inf", "nan"), _NOT_FINITE)
_ABSENT |= {
    "phi": "unknown name 'phi'; the normal density is normal_pdf(x), the normal distribution Phi(x)",
    "True": "True is the last condition of a Piecewise, not a number",
    "otherwise": "otherwise is the last condition of a Piecewise, not a number",
    "False": "truth values are not numbers",
}
_RELATIONS: dict[type[ast.cmpop], type[Relational]] = {
    ast.Lt: StrictLessThan,
    ast.LtE: LessThan,
    ast.Gt: StrictGreaterThan,
    ast.GtE: GreaterThan,
}


class _Reader:
    """The value of a syntax tree, one admitted step after the other."""

    def __init__(
        self,
        tree: Tree,
        names: Mapping[str, Expr],
        budget: Budget,
        extra: Mapping[str, Callable[..., Expr]],
        absent: Mapping[str, str],
        anchor: Token | None = None,
    ) -> None:
        self.tree, self.names, self.budget = tree, names, budget
        self.extra, self.absent, self.anchor = extra, absent, anchor

    def token(self, node: ast.AST) -> Token:
        """The token to blame: inside a definition, the call that asked for it."""
        return self.anchor or self.tree.token(node)

    def fail(self, reason: str, node: ast.AST) -> NoReturn:
        fail(reason, self.budget.text, self.token(node).start)

    @contextmanager
    def sympy(self, node: ast.AST) -> Iterator[Token]:
        """Turn whatever sympy raises, for arguments it is not made for, into the error of the text."""
        try:
            yield self.token(node)
        except ParseError:
            raise
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            self.fail(f"sympy does not evaluate this: {lines[0][:120]}", node)

    def build(self, node: ast.AST, rule: Callable[..., Any], *args: Any) -> Any:
        """Apply a rule of sympy and admit its value."""
        with self.sympy(node) as where:
            value = rule(*args)
            self.budget.shape(value, where)
        return value

    def expression(self, node: ast.expr) -> Expr:
        """The value of a node that stands for a number."""
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                values = [(self.expression(n), isinstance(op, ast.Sub)) for n, op in _chain(node)]
                terms = [self.build(node, Mul, -1, value) if minus else value for value, minus in values]
                return self.build(node, Add, *terms)
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                factors = [self.factor(n, op) for n, op in _chain(node)]
                with self.sympy(node) as where:
                    powers = [power for factor in factors for power in numeric_powers(factor, S.One)]
                    self.budget.before_product(powers, where)
                return self.build(node, Mul, *factors)
            case ast.BinOp(op=ast.Pow()):
                base, exponent = self.expression(node.left), self.expression(node.right)
                with self.sympy(node.right) as where:
                    self.budget.before_power(base, exponent, where)
                return self.build(node.right, Pow, base, exponent)
            case ast.UnaryOp(op=ast.USub()):
                return self.build(node, Mul, -1, self.expression(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(node.operand)
            case ast.Call(func=ast.Name() as function):
                return self.call(node, self.tree.token(function).text)
            case ast.Name():
                return self.atom(node)
            case ast.Compare() | ast.BoolOp():
                self.fail("a comparison stands only in a condition of Piecewise", node)
            case ast.Tuple():
                self.fail("a pair (expression, condition) stands only in Piecewise", node)
        self.fail("this is not part of a formula", node)

    def factor(self, node: ast.expr, op: ast.operator) -> Expr:
        """A factor of a product, inverted where it divides."""
        value = self.expression(node)
        if not isinstance(op, ast.Div):
            return value
        if value.is_zero:
            self.fail("division by zero", node)
        return self.build(node, Pow, value, S.NegativeOne)

    def atom(self, node: ast.Name) -> Expr:
        """A number, or the value of a name."""
        token = self.tree.token(node)
        if token.kind == "number":
            return self.build(node, rational, token.text)
        if token.text in self.names:
            return self.names[token.text]
        if token.text in self.absent:
            self.fail(self.absent[token.text], node)
        if token.text in FUNCTIONS or token.text in self.extra:
            self.fail(f"{token.text} is a function; write {token.text}(...)", node)
        self.fail(nearest("name", token.text, self.names), node)

    def call(self, node: ast.Call, name: str) -> Expr:
        """The value of a function."""
        if name in self.names:
            self.fail(f"{name} is not a function; write {name}*(...) for a product", node)
        if name == "Piecewise":
            return self.piecewise(node)
        if name not in self.extra and name not in FUNCTIONS:
            reason = self.absent.get(name, nearest("function", name, FUNCTIONS | self.extra.keys()))
            self.fail(reason, node)
        args = [self.expression(arg) for arg in node.args]
        rule = self.extra.get(name) or PRIMITIVES.get(name)
        if name in self.extra:
            self.arity(node, name, *_arity(rule), len(args))
        elif rule is None:
            parameters, tree = _definition(name)
            self.arity(node, name, len(parameters), len(parameters), len(args))
            names = CONSTANTS | dict(zip(parameters, args, strict=True))
            inner = _Reader(tree, names, self.budget, {}, {}, self.token(node))
            return inner.expression(tree.body)
        else:
            self.arity(node, name, 1, None if rule in (Max, Min) else 1, len(args))
        with self.sympy(node) as where:
            parts = [p for arg in args for p in (arg.args if rule in (Max, Min) and arg.func is rule else (arg,))]
            pairs = 8 * (len(parts) - 1) if rule in (Max, Min) else 1
            self.budget.charge(pairs * sum(self.budget.shape(p, where).work for p in parts), where)
            if rule is sp.exp:
                self.budget.before_exponential(args[0], where)
        return self.build(node, rule, *args)

    def arity(self, node: ast.AST, name: str, least: int, most: int | None, received: int) -> None:
        """Refuse a number of arguments the function does not take."""
        if received < least or (most is not None and received > most):
            wanted = f"{least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
            plural = "" if wanted.endswith("1") else "s"
            self.fail(f"{name} takes {wanted} argument{plural}; received {received}", node)

    def piecewise(self, node: ast.Call) -> Expr:
        """The value of Piecewise((expression, condition), ..., (expression, otherwise))."""
        branches: list[tuple[Expr, Basic]] = []
        clauses = 1
        for number, pair in enumerate(node.args, 1):
            if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
                self.fail("Piecewise takes pairs (expression, condition)", pair)
            value, last = self.expression(pair.elts[0]), number == len(node.args)
            word = self.tree.token(pair.elts[1])
            if last != (isinstance(pair.elts[1], ast.Name) and word.text in LAST_BRANCH):
                self.fail("the last branch of Piecewise, and no other, is (expression, otherwise)", pair.elts[1])
            condition = S.true if last else self.condition(pair.elts[1])
            # Neighbours with the same value are merged, and their conditions multiplied out.
            merges = bool(branches) and (branches[-1][0] == value or isinstance(value, Piecewise))
            clauses = clauses * _clauses(condition) if merges else _clauses(condition)
            with self.sympy(pair) as where:
                self.budget.charge(2 * clauses**2, where)
            branches.append((value, condition))
        if not branches:
            self.fail("Piecewise takes at least one pair (expression, otherwise)", node)
        return self.build(node, Piecewise, *branches)

    def condition(self, node: ast.expr) -> Basic:
        """The truth value of a comparison, or of several joined by and, or."""
        if isinstance(node, ast.BoolOp):
            rule = And if isinstance(node.op, ast.And) else Or
            return self.build(node, rule, *(self.condition(part) for part in node.values))
        relations = [self.build(node, rule, a, b) for a, rule, b in self.comparisons(node)]
        return self.build(node, And, *relations)

    def comparisons(self, node: ast.expr) -> list[_Comparison]:
        """The single comparisons of a chain a < b < c, not yet evaluated."""
        if not isinstance(node, ast.Compare):
            self.fail("a condition is due here, such as x < 0", node)
        sides = [self.expression(side) for side in (node.left, *node.comparators)]
        with self.sympy(node) as where:
            self.budget.charge(8 * sum(self.budget.shape(side, where).work for side in sides), where)
        rules = [_RELATIONS[type(op)] for op in node.ops]
        return list(zip(sides, rules, sides[1:], strict=False))


def _chain(node: ast.expr) -> list[tuple[ast.expr, ast.operator]]:
    """The terms of a sum or the factors of a product with the signs before them, from left to right."""
    assert isinstance(node, ast.BinOp)
    kinds = (ast.Add, ast.Sub) if isinstance(node.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    parts: list[tuple[ast.expr, ast.operator]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, kinds):
        parts.append((left.right, left.op))
        left = left.left
    return [(left, kinds[0]()), *reversed(parts)]


def _clauses(condition: Basic) -> int:
    """The number of clauses once `and` is distributed over `or`."""
    counts = [_clauses(part) for part in condition.args if isinstance(condition, And | Or)]
    return (prod(counts) if isinstance(condition, Or) else sum(counts)) if counts else 1


def _arity(rule: Any) -> tuple[int, int | None]:
    """The least and the greatest number of arguments of a function given by the caller."""
    parameters = inspect.signature(rule).parameters.values()
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in places)
    return least, None if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(places)


@lru_cache(maxsize=None)
def _definition(name: str) -> tuple[tuple[str, ...], Tree]:
    parameters, text = DEFINITIONS[name]
    names = tuple(parameters.split())
    return names, syntax_tree(tokenize(text, names), text, len(text), names, FUNCTIONS)


def _read(
    tokens: list[Token],
    budget: Budget,
    names: Mapping[str, Expr],
    end: int | None = None,
    extra: Mapping[str, Callable[..., Expr]] | None = None,
    absent: Mapping[str, str] | None = None,
) -> _Reader:
    """The reader of the tokens that stand before `end`."""
    stop = len(budget.text) if end is None else end
    extra = extra or {}
    tree = syntax_tree(tokens, budget.text, stop, names.keys(), FUNCTIONS | extra.keys())
    return _Reader(tree, CONSTANTS | dict(names), budget, extra, _ABSENT | dict(absent or {}))


def _declared(symbols: Symbols) -> dict[str, Symbol]:
    """The declared symbols by name."""
    if symbols is None:
        return {"x": x}
    if not isinstance(symbols, Iterable):
        raise TheoryError(f"symbols are a mapping or a sequence; received {type(symbols).__name__}")
    named = symbols if isinstance(symbols, Mapping) else {getattr(s, "name", s): s for s in symbols}
    for name, symbol in named.items():
        if not isinstance(name, str) or not isinstance(symbol, Symbol):
            raise TheoryError(f"a declared name stands for a sympy Symbol; received {name!r}: {symbol!r}")
    return dict(named)


def parse_expression(
    text: str, symbols: Symbols = None, *, functions: Mapping[str, Callable[..., Expr]] | None = None
) -> Expr:
    """Expression of a typed formula.

    Numbers are exact rationals: `0.1` is one tenth.  Operators are ``+ - * / ^ **``, where ``^`` is the power;
    constants are ``pi`` and ``e``; comparisons stand in the conditions of `Piecewise` only, whose last
    condition is ``otherwise``.  Products need their sign.  A formula has at most 10 000 characters, 2 000
    nodes and 100 nested brackets; numeric exponents are at most 64.

    Parameters
    ----------
    text
        The formula.
    symbols
        The declared names: a mapping, or the symbols themselves; `x` alone if omitted.
    functions
        Further functions by name, called with the values of their arguments.

    Returns
    -------
    Expr
        A real expression in the declared symbols, in the form sympy gives it.

    Raises
    ------
    ParseError
        If the text is not such a formula; `position` is the place in `text`.
    TheoryError
        If `text` is not a string, or `symbols` holds something else than symbols.

    Examples
    --------
    >>> parse_expression("max(x, 0) - 0.1*x^2")
    -x**2/10 + Max(0, x)
    >>> parse_expression("Piecewise((x, -1 < x < 1), (sign(x), otherwise))")
    Piecewise((x, (x > -1) & (x < 1)), (sign(x), True))
    """
    budget = Budget(check_text(text))
    names = _declared(symbols)
    tokens = tokenize(text, names)
    match_brackets(tokens, text)
    reader = _read(tokens, budget, names, extra=functions)
    return reader.expression(reader.tree.body)
