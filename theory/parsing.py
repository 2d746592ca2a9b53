"""Restricted parser: typed text to a sympy expression, without `eval` and within fixed limits."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import sympy as sp
from sympy import Add, And, Basic, Dummy, Expr, Ge, Gt, Le, Lt, Max, Min, Mul, Or, Piecewise, Pow, S, Symbol
from sympy.core.relational import Relational

from theory import grammar
from theory.errors import ParseError, TheoryError
from theory.grammar import CONSTANTS, FUNCTIONS, Budget, Token, check_text, fail, nearest, syntax_tree, tokenize
from theory.symbols import rho, x

__all__ = ["Parameter", "ParsedClaim", "parse_assumption", "parse_bindings", "parse_claim"]
__all__ += ["parse_expression", "parse_parameters"]

Functions = Mapping[str, Callable[..., Expr]]
_Comparison = tuple[Expr, type[Relational], Expr]

_RELATIONS: dict[type[ast.cmpop], type[Relational]] = {ast.Lt: Lt, ast.LtE: Le, ast.Gt: Gt, ast.GtE: Ge}
_SIGNS = ("positive", "negative")
_GAUSSIAN = {name: Symbol(name, real=True) for name in "UVZ"}
_ABSENT = {
    **dict.fromkeys(("I", "j"), "complex numbers are not available"),
    **dict.fromkeys(("oo", "inf", "nan"), "infinity and nan are not available"),
    **dict.fromkeys(grammar.LAST_BRANCH, "this word is the last condition of Piecewise, not a number"),
    **dict.fromkeys(_GAUSSIAN, "U, V and Z stand inside E[...] of a claim only"),
    "phi": "unknown name 'phi'; the normal density is normal_pdf(x), the normal distribution Phi(x)",
}
_TAKEN = frozenset({*CONSTANTS, *FUNCTIONS, *grammar.LAST_BRANCH, *_GAUSSIAN, "x", "and", "or", "False", "None"})


@dataclass
class _Reader:
    """The values of a syntax tree, one admitted step after the other."""

    tree: grammar.Tree
    budget: Budget
    names: Mapping[str, Expr]
    extra: Functions = field(default_factory=dict)
    caller: Token | None = None  # of the definition being read: the token to blame

    def fail(self, reason: str, node: ast.AST) -> NoReturn:
        self.budget.refuse(reason, self.caller or self.tree.token(node))

    @contextmanager
    def evaluation(self, node: ast.AST) -> Iterator[Token]:
        """Turn what sympy raises into our error."""
        try:
            yield self.caller or self.tree.token(node)
        except ParseError:
            raise
        except Exception as error:
            message = " ".join(str(error).split())
            self.fail(f"this cannot be evaluated: {message[:120]}", node)

    def build(self, node: ast.AST, rule: Callable[..., Any], *args: Any) -> Any:
        """Apply a rule of sympy and admit its value."""
        with self.evaluation(node) as where:
            value = rule(*args)
            self.budget.shape(value, where)
        return value

    def value(self) -> Expr:
        with self.evaluation(self.tree.body):
            return self.expression(self.tree.body)

    def expression(self, node: ast.expr) -> Expr:
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self.build(node, Add, *[self.operand(*part) for part in grammar.chain(node)])
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                factors = [self.operand(*part) for part in grammar.chain(node)]
                with self.evaluation(node) as where:
                    self.budget.before_product([p for f in factors for p in grammar.number_powers(f)], where)
                return self.build(node, Mul, *factors)
            case ast.BinOp(op=ast.Pow()):
                base, exponent = self.expression(node.left), self.expression(node.right)
                with self.evaluation(node.right) as where:
                    self.budget.before_power(base, exponent, where)
                return self.build(node.right, Pow, base, exponent)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign):
                return self.operand(node.operand, ast.Sub() if isinstance(sign, ast.USub) else ast.Add())
            case ast.Name():
                return self.atom(node)
            case ast.Call(func=ast.Name() as function, keywords=[]):
                return self.call(node, self.tree.token(function).text)
            case ast.Compare() | ast.BoolOp() | ast.Tuple():
                self.fail("comparisons and pairs stand in Piecewise only", node)
        self.fail("this is not part of a formula", node)

    def operand(self, node: ast.expr, op: ast.operator) -> Expr:
        """A term with its sign, or a factor, inverted if it divides."""
        value = self.expression(node)
        if isinstance(op, ast.Div):
            if value == 0:
                self.fail("division by zero", node)
            return self.build(node, Pow, value, -1)
        return self.build(node, Mul, -1, value) if isinstance(op, ast.Sub) else value

    def atom(self, node: ast.Name) -> Expr:
        kind, word, _ = self.tree.token(node)
        if kind == "number":
            return self.build(node, grammar.rational, word)
        names = CONSTANTS | dict(self.names)
        if word in names:
            return names[word]
        if word in FUNCTIONS or word in self.extra:
            self.fail(f"{word} is a function; write {word}(...)", node)
        self.fail(_ABSENT.get(word) or nearest("name", word, names), node)

    def call(self, node: ast.Call, name: str) -> Expr:
        if name in self.names or name in CONSTANTS:
            self.fail(f"{name} is not a function; a product is {name}*(...)", node)
        if name == "Piecewise":
            return self.piecewise(node)
        known = FUNCTIONS | self.extra.keys()
        if name not in known:
            self.fail(_ABSENT.get(name) or nearest("function", name, known), node)
        args = [self.expression(arg) for arg in node.args]
        if name in self.extra:
            return self.build(node, self.extra[name], *args)
        parameters, tree = grammar.definition(name) if name in grammar.DEFINITIONS else (["x"], None)
        rule = grammar.PRIMITIVES.get(name, Expr)
        lattice = rule in (Max, Min)
        if len(args) != len(parameters) and (not args or not lattice):
            wanted = f"{len(parameters)} argument(s){' or more' * lattice}"
            self.fail(f"{name} takes {wanted}; received {len(args)}", node)
        with self.evaluation(node) as where:
            if tree is not None:
                names = dict(zip(parameters, args, strict=True))
                return _Reader(tree, self.budget, names, caller=where).expression(tree.body)
            # sympy compares every two arguments of Max and Min, inner ones too.
            parts = [part for arg in args for part in (arg.args if arg.func is rule else (arg,))]
            pairs = 8 * (len(parts) - 1) if lattice else 1
            self.budget.before_signs(parts, pairs, where)
            if rule is sp.exp:
                self.budget.before_exponential(args[0], where)
        return self.build(node, rule, *args)

    def piecewise(self, node: ast.Call) -> Expr:
        """The value of Piecewise((expression, condition), ..., (expression, otherwise))."""
        branches: list[tuple[Expr, Basic]] = []
        clauses = 1
        for pair in node.args:
            if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
                self.fail("Piecewise takes pairs (expression, condition)", pair)
            first, second = pair.elts
            last = isinstance(second, ast.Name) and self.tree.token(second).text in grammar.LAST_BRANCH
            if last != (pair is node.args[-1]):
                self.fail("the last branch of Piecewise, and only it, is (expression, otherwise)", second)
            value, condition = self.expression(first), S.true if last else self.condition(second)
            # sympy merges neighbours of the same value, and multiplies their conditions out.
            merged = bool(branches) and (branches[-1][0] == value or isinstance(value, Piecewise))
            clauses = grammar.clauses(condition) * (clauses if merged else 1)
            self.budget.charge(clauses**2, self.caller or self.tree.token(pair))
            branches.append((value, condition))
        return self.build(node, Piecewise, *branches)

    def condition(self, node: ast.expr) -> Basic:
        if isinstance(node, ast.BoolOp):
            rule = And if isinstance(node.op, ast.And) else Or
            return self.build(node, rule, *[self.condition(part) for part in node.values])
        return self.build(node, And, *[self.build(node, rule, a, b) for a, rule, b in self.comparisons(node)])

    def comparisons(self, node: ast.expr) -> list[_Comparison]:
        """The single comparisons of a chain a < b < c, not yet evaluated."""
        if not isinstance(node, ast.Compare):
            self.fail("a comparison is due here, such as x < 0", node)
        sides = [self.expression(side) for side in (node.left, *node.comparators)]
        if any(side.has(Piecewise) for side in sides):  # sympy would form all combinations of branches
            self.fail("a condition holds no Piecewise", node)
        with self.evaluation(node) as where:
            self.budget.before_signs(sides, 8, where)
        return list(zip(sides, [_RELATIONS[type(op)] for op in node.ops], sides[1:], strict=False))


def parse_expression(text: str, symbols: grammar.Symbols | None = None, *, functions: Functions | None = None) -> Expr:
    """Expression of a typed formula.

    Numbers are exact: `0.1` is one tenth.  ``^`` is the power, and a product needs its ``*``.  Comparisons
    are the conditions of ``Piecewise``, the last of which is ``otherwise``.

    Parameters
    ----------
    text
        The formula: at most 10 000 characters, 2 000 nodes, 100 levels, numeric exponents up to 64.
    symbols
        The declared names, as a mapping or as the symbols themselves; `x` alone if omitted.
    functions
        Further functions by name, called with the values of their arguments.

    Raises
    ------
    ParseError
        If the text is not such a formula, at `position`.
    TheoryError
        If `text` is not a string, or a name stands for no symbol.

    Examples
    --------
    >>> parse_expression("max(x, 0) - 0.1*x^2")
    -x**2/10 + Max(0, x)
    >>> parse_expression("Piecewise((x, -1 < x < 1), (sign(x), otherwise))")
    Piecewise((x, (x > -1) & (x < 1)), (sign(x), True))
    """
    budget = Budget(check_text(text))
    names = {"x": x} if symbols is None else grammar.declared(symbols)
    tokens = tokenize(text, names)
    return _Reader(syntax_tree(tokens, text, len(text)), budget, names, extra=functions or {}).value()


def parse_bindings(text: str, symbols: grammar.Symbols) -> dict[Symbol, Expr]:
    """Values of symbols, typed as ``rho=0.3, q1=1``.

    Raises `ParseError` for an unknown or repeated name, and for a value that is not constant or breaks an assumption.

    Examples
    --------
    >>> parse_bindings("rho=0.3, q1=2*pi", [rho, Symbol("q1", positive=True)])
    {rho: 3/10, q1: 2*pi}
    """
    budget = Budget(check_text(text, "a list of values"))
    names = grammar.declared(symbols)
    tokens = tokenize(text, names, "=")
    inner = {i for a, b in grammar.match_brackets(tokens, text).items() for i in range(a, b)}
    stops = [i for i, token in enumerate(tokens) if token.text == "," and i not in inner] + [len(tokens)]
    values: dict[Symbol, Expr] = {}
    for start, stop in zip([0, *(i + 1 for i in stops)], stops, strict=False):
        end = tokens[stop].start if stop < len(tokens) else len(text)
        part = tokens[start:stop]
        if [i for i, token in enumerate(part) if token.text == "="] != [1] or part[0].kind != "name":
            fail("a value is typed as name=value", text, part[0].start if part else end)
        _, word, place = part[0]
        if word not in names or names[word] in values:
            fail(f"{word} has a value already" if word in names else nearest("name", word, names), text, place)
        symbol = names[word]
        values[symbol] = value = _Reader(syntax_tree(part[2:], text, end), budget, {}).value()
        if any(holds and getattr(value, f"is_{f}") is False for f, holds in symbol.assumptions0.items()):
            fail(f"this value breaks an assumption on {word}", text, part[2].start)
    return values


@dataclass(frozen=True)
class Parameter:
    """A declared symbol with its inequalities, unevaluated: sympy would turn an implied one into `true`."""

    symbol: Symbol
    conditions: tuple[Relational, ...]


def parse_assumption(text: str, names: grammar.Symbols = ()) -> Parameter:
    """Parameter typed as ``a`` or ``a: 0 < a < 1``; `names` are other symbols its inequalities may use.

    The symbol is real and has the sign that an inequality implies; ``rho`` is the shared symbol.

    Examples
    --------
    >>> parse_assumption("a: 0 < a < 1")
    Parameter(symbol=a, conditions=(0 < a, a < 1))
    """
    return _parameters([text], grammar.declared(names))[0]


def parse_parameters(texts: Sequence[str]) -> tuple[dict[str, Symbol], tuple[Relational, ...]]:
    """Symbols and inequalities of parameters typed as in `parse_assumption`; they may use each other.

    Examples
    --------
    >>> symbols, conditions = parse_parameters(["a: 0 < a", "b: a < b"])
    >>> symbols["b"].is_positive, conditions
    (True, (0 < a, a < b))
    """
    if isinstance(texts, str):
        raise TheoryError(f"parameters are a sequence of texts; received the single text {texts!r}")
    parameters = _parameters(texts, {})
    conditions = tuple(condition for parameter in parameters for condition in parameter.conditions)
    return {parameter.symbol.name: parameter.symbol for parameter in parameters}, conditions


def _parameters(texts: Sequence[str], others: Mapping[str, Symbol]) -> list[Parameter]:
    names = dict(others)
    signed: dict[Symbol, Symbol] = {}
    for text in texts:
        word = check_text(text, "a parameter").partition(":")[0].strip()
        plain = word.isidentifier() and word[0] != "_" and "__" not in word
        if not plain or unicodedata.normalize("NFKC", word) != word:
            fail("a parameter is typed as name or name: inequality, as in a: 0 < a < 1", text, 0)
        if word in names or word in _TAKEN:
            fail(f"the name {word} is taken; choose another one", text, text.index(word))
        names[word] = rho if word == "rho" else Symbol(word, real=True)
        signed[names[word]] = names[word]
    typed = {symbol: _inequalities(text, symbol, names) for text, symbol in zip(texts, signed, strict=True)}
    for _ in texts:  # each round hands signs on by one name
        for text, comparisons in zip(texts, typed.values(), strict=True):
            _learn_signs(signed, comparisons, text)
    return [
        Parameter(signed[s], tuple(r(a.xreplace(signed), b.xreplace(signed), evaluate=False) for a, r, b in part))
        for s, part in typed.items()
    ]


def _inequalities(text: str, symbol: Symbol, names: Mapping[str, Symbol]) -> list[_Comparison]:
    """The inequalities of a parameter, its symbols merely real."""
    tokens = tokenize(text, names, ":")
    if len(tokens) == 1:
        return []
    reader = _Reader(syntax_tree(tokens[2:], text, len(text)), Budget(text), names)
    body = reader.tree.body
    parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
    with reader.evaluation(body):
        comparisons = [comparison for part in parts for comparison in reader.comparisons(part)]
    if not any(symbol in side.free_symbols for a, _, b in comparisons for side in (a, b)):
        reader.fail(f"this inequality does not mention {symbol}", body)
    return comparisons


def _learn_signs(signed: dict[Symbol, Symbol], comparisons: list[_Comparison], text: str) -> None:
    """Give the symbols the signs that the inequalities imply."""
    try:
        for a, rule, b in comparisons:
            small, large = (a, b) if rule in (Lt, Le) else (b, a)
            strict = rule in (Lt, Gt)
            for symbol, other, sign, opposite in ((large, small, *_SIGNS), (small, large, *_SIGNS[::-1])):
                bound = other.xreplace(signed)
                if symbol in signed and symbol != rho and getattr(bound, f"is_non{opposite}"):
                    fact = sign if strict or getattr(bound, f"is_{sign}") else f"non{opposite}"
                    known = signed[symbol].assumptions0
                    signed[symbol] = Symbol(symbol.name, **known | {fact: True})
            if rule(a.xreplace(signed), b.xreplace(signed)) == S.false:
                raise ValueError
    except (TypeError, ValueError):
        fail("no real value meets these inequalities", text, 0)


@dataclass(frozen=True)
class ParsedClaim:
    """A typed claim: the expectation of `integrand` over `variables` is `stated`.

    `variables` are those that occur of U and V, a standard Gaussian pair of correlation rho, or Z.
    """

    integrand: Expr
    variables: tuple[Symbol, ...]
    stated: Expr


def parse_claim(text: str, symbols: grammar.Symbols = ()) -> ParsedClaim:
    """Claim typed as ``E[f(U, V)] = stated``, the sides in either order.

    A linear combination of expectations is read as one expectation.  Declared are rho, the given symbols,
    and inside ``E[...]`` also U and V, or Z.

    Examples
    --------
    >>> parse_claim("E[sign(U)*sign(V)] = 2*asin(rho)/pi")
    ParsedClaim(integrand=sign(U)*sign(V), variables=(U, V), stated=2*asin(rho)/pi)
    """
    budget = Budget(check_text(text, "a claim"))
    names = {n: s for n, s in [("rho", rho), *grammar.declared(symbols).items()] if n not in _GAUSSIAN}
    tokens = tokenize(text, names, "[]=")
    partner = grammar.match_brackets(tokens, text)
    equals = [i for i, token in enumerate(tokens) if token.text == "="]
    if len(equals) != 1 or any(a < equals[0] < b for a, b in partner.items()):
        place = tokens[equals[-1]].start if equals else len(text)
        fail("a claim has a single equals sign, outside brackets", text, place)
    sides: dict[bool, Expr] = {}
    for start, stop in ((0, equals[0]), (equals[0] + 1, len(tokens))):
        outer: list[Token] = []
        means: dict[str, Dummy] = {}
        integrands: dict[Dummy, Expr] = {}
        index = start
        while index < stop:
            token = tokens[index]
            bracket = tokens[index + 1].text if token.text == "E" and index + 1 < stop else ""
            if bracket == "(" or token.text == "[":
                fail("an expectation is typed as E[...]", text, token.start)
            if bracket == "[":
                index, opening = partner[index + 1], index + 1
                end = tokens[index].start
                inner = syntax_tree(tokens[opening + 1 : index], text, end)
                token = Token("mean", text[token.start : end + 1], token.start)
                means[token.text] = mean = Dummy(real=True)
                integrands[mean] = _Reader(inner, budget, names | _GAUSSIAN).value()
            outer.append(token)
            index += 1
        end = tokens[stop].start if stop < len(tokens) else len(text)
        reader = _Reader(syntax_tree(outer, text, end), budget, names | means)
        side = reader.value()
        if not grammar.is_linear(side, set(integrands)):
            reader.fail("E[...] stands alone or in a linear combination", reader.tree.body)
        sides[bool(means)] = reader.build(reader.tree.body, side.xreplace, integrands)
    if len(sides) != 2:
        fail("one side of a claim, and only one, holds E[...]", text, 0)
    variables = tuple(symbol for symbol in _GAUSSIAN.values() if symbol in sides[True].free_symbols)
    if not variables or (_GAUSSIAN["Z"] in variables and len(variables) > 1):
        fail("an expectation is over U and V, or over Z", text, text.index("["))
    return ParsedClaim(sides[True], variables, sides[False])
