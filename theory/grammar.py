"""The grammar of typed formulas: the words of a text, and the limits of its values.

Numbers and names reach `ast.parse` as placeholders: Python neither rounds the ones nor normalises the others,
and each node leads back to the character it was typed at.  sympy evaluates while it builds, at times without
bound: `2**(9**9)`, signs of long expressions, factors under a root.  `Budget` refuses such steps beforehand.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple, NoReturn

import sympy as sp
from sympy import Abs, Add, And, Basic, Expr, Function, Integer, Max, Min, Mul, Or, Pow, Rational, S, Symbol

from theory.arguments import items
from theory.errors import ParseError, TheoryError

MAX_CHARACTERS = 10_000
MAX_NODES = 2_000
MAX_DEPTH = 100
MAX_LITERAL_DIGITS = 200
MAX_EXPONENT = 64
MAX_SIZE = 10_000
MAX_BITS = 1_024  # of a numerator or a denominator, about 300 digits
MAX_ROOT = 1 << 16  # bits under a root times its order: sympy takes powers of that size
MAX_STEEP = 10_000  # a constant argument of exp, sin ...
MAX_WORK = 4_000  # deciding signs, in units of about a fifth of a millisecond

Symbols = Mapping[str, Symbol] | Iterable[Symbol]

LAST_BRANCH = ("True", "otherwise")
_OPERATORS = ("+", "-", "*", "/", "**", "^", "<", "<=", ">", ">=", "(", ")", ",")
_PARTNER = {")": "(", "]": "["}
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\f\v]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<operator>\*\*|//|<=|>=|==|!=|:=|[-+*/^<>()\[\],=:])"
)
_STEEP = (sp.exp, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.sin, sp.cos, sp.tan, sp.erf, sp.erfc)
_INFINITE = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)
_DUE = "a number, a name or a bracket is due here"
_LONG = "a number grows beyond 300 digits here"
_NOT_REAL = "the value is not real here"
_EXPONENT = f"a numeric exponent, or a product of nested ones, is at most {MAX_EXPONENT} in size"

CONSTANTS: dict[str, Expr] = {"pi": sp.pi, "e": sp.E, "E": sp.E}
_SYMPY = "Max Min Abs sign Heaviside exp log sin cos tan sinh cosh tanh sech asin acos atan asinh acosh erf erfc"
PRIMITIVES: dict[str, Callable[..., Expr]] = {name: getattr(sp, name) for name in _SYMPY.split()}
PRIMITIVES |= {"arc" + name[1:]: rule for name, rule in PRIMITIVES.items() if name[0] == "a"}
PRIMITIVES |= {name.lower(): rule for name, rule in PRIMITIVES.items()}
PRIMITIVES |= {"ln": sp.log, "step": sp.Heaviside}  # one half at the origin
DEFINITIONS: dict[str, tuple[str, str]] = {
    "sqrt": ("x", "x^(1/2)"),
    "Phi": ("x", "(1 + erf(x/sqrt(2)))/2"),
    "normal_pdf": ("x", "exp(-x^2/2)/sqrt(2*pi)"),
    "relu": ("x", "max(x, 0)"),
    "leaky_relu": ("x a", "max(x, 0) + a*min(x, 0)"),
    "elu": ("x", "Piecewise((x, x > 0), (exp(x) - 1, otherwise))"),
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


class Token(NamedTuple):
    """A word and its place: a number, a name, an operator, or a mean for a whole E[...]."""

    kind: str
    text: str
    start: int


class Tree(NamedTuple):
    """A syntax tree, and the token at each of its columns."""

    body: ast.expr
    columns: Mapping[int, Token]

    def token(self, node: ast.AST) -> Token:
        """The token a node begins with."""
        return self.columns[node.col_offset]  # type: ignore[attr-defined]


def fail(reason: str, text: str, position: int) -> NoReturn:
    """Raise the parse error at a place, with an excerpt that does not move the cursor."""
    shown = "".join(c if c.isprintable() else "\ufffd" if not c.isspace() else " " for c in text[: position + 40])
    error = ParseError(reason, shown, position)
    error.text = text
    raise error from None


def nearest(kind: str, name: str, known: Iterable[str]) -> str:
    """The complaint about an unknown word."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names[:12]) or 'none'}"
    return f"unknown {kind} {name[:40]!r}; {hint}"


def check_text(text: object, what: str = "a formula") -> str:
    """The text, if it is a string, not blank and not too long."""
    if not isinstance(text, str):
        raise TheoryError(f"{what} is typed as text (str); received {type(text).__name__}")
    if len(text) > MAX_CHARACTERS:
        fail(f"{what} has at most {MAX_CHARACTERS} characters; received {len(text)}", text, MAX_CHARACTERS)
    if not text.strip():
        fail(f"{what} is needed; the text is empty", text, 0)
    return text


def tokenize(text: str, declared: Collection[str], marks: str = "") -> list[Token]:
    """The tokens of a text, whose brackets match; `marks` are admitted besides a formula's."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        word = match.group() if match else text[position]
        kind = str(match.lastgroup) if match else "character"
        if kind == "number":
            _check_number(word, text, position)
        elif kind == "name" and word in ("and", "or") and word not in declared:
            kind = "operator"
        elif kind == "name":
            _check_name(word, declared, text, position)
        elif kind != "space" and word not in _OPERATORS and word not in marks:
            hint = "; E[...] stands in a claim only" if word == "[" else ""
            fail(f"{word!r} is not part of a formula{hint}", text, position)
        if kind != "space":
            tokens.append(Token(kind, "**" if word == "^" else word, position))
        position += len(word)
    match_brackets(tokens, text)
    return tokens


def _check_number(word: str, text: str, position: int) -> None:
    mantissa, _, exponent = word.lower().partition("e")
    exponent = exponent.lstrip("+-").lstrip("0") or "0"
    if len(exponent) > 4 or len(mantissa.replace(".", "")) + int(exponent) > MAX_LITERAL_DIGITS:
        fail(f"a number has at most {MAX_LITERAL_DIGITS} digits, its exponent included", text, position)


def _check_name(word: str, declared: Collection[str], text: str, position: int) -> None:
    if "__" in word:
        fail("names with two underscores in a row are not available", text, position)
    if word in declared:
        return
    if not word.isascii():
        fail(f"{word[:40]!a} is not ASCII, and not declared", text, position)
    if keyword.iskeyword(word) and word not in LAST_BRANCH:
        fail(f"{word!r} is not part of a formula", text, position)


def rational(word: str) -> Rational:
    """The exact value of a decimal number: 0.1 is one tenth."""
    mantissa, _, exponent = word.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    shift = int(exponent or "0") - len(fraction)
    return Rational(int(whole + fraction) * 10 ** max(shift, 0), 10 ** max(-shift, 0))


def declared(symbols: Symbols) -> dict[str, Symbol]:
    """The symbols by name."""
    named = symbols if isinstance(symbols, Mapping) else {getattr(s, "name", s): s for s in items("symbols", symbols)}
    if wrong := [item for item in named.items() if not isinstance(item[1], Symbol)]:
        raise TheoryError(f"a name stands for a sympy Symbol; received {wrong[0]!r}")
    return dict(named)


def match_brackets(tokens: list[Token], text: str) -> dict[int, int]:
    """The index of the closing bracket for the index of each opening one."""
    opened: list[int] = []
    partner: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.text in ("(", "["):
            opened.append(index)
        elif token.text in _PARTNER:
            if not opened or tokens[opened[-1]].text != _PARTNER[token.text]:
                fail("nothing is open that this bracket closes", text, token.start)
            partner[opened.pop()] = index
    if opened:
        fail("this bracket is never closed", text, tokens[opened[-1]].start)
    return partner


def _check_order(tokens: list[Token], text: str) -> None:
    """Refuse too many nodes, too deep nesting, and adjacent operands."""
    nodes = 0
    before = Token("operator", "", 0)
    # A prefix sign and a power put all that follows in the same bracket one level deeper.
    runs = [0]
    for token in tokens:
        ended = before.kind != "operator" or before.text == ")"
        if token.text == "(":
            runs.append(0)
        elif token.text == ")":
            runs.pop()
        else:
            nodes += 1
            if token.kind == "operator":
                runs[-1] = runs[-1] + 1 if not ended or token.text == "**" else 0
        if ended and (token.kind != "operator" or (token.text == "(" and before.kind != "name")):
            left, right = before.text[:20], token.text[:20]
            advice = f"{left}({right})" if left in FUNCTIONS else f"{left}*{right}"
            fail(f"an operator or a bracket is missing; write {advice}", text, token.start)
        if before.text == "," and token.text == ")":
            fail(_DUE, text, token.start)
        if nodes > MAX_NODES:
            fail(f"a formula has at most {MAX_NODES} numbers, names and operators", text, token.start)
        if sum(runs) + len(runs) > MAX_DEPTH + 1:
            fail(f"a formula is nested at most {MAX_DEPTH} deep", text, token.start)
        before = token


def syntax_tree(tokens: list[Token], text: str, end: int) -> Tree:
    """The syntax tree of the tokens that stand before `end`."""
    _check_order(tokens, text)
    columns: dict[int, Token] = {}
    source = ""
    for index, token in enumerate(tokens):
        columns[len(source)] = token
        source += f"{token.text} " if token.kind == "operator" else f"_{index} "
    try:
        return Tree(ast.parse(source.rstrip(), mode="eval").body, columns)
    except SyntaxError as error:
        there = columns.get((error.offset or 0) - 1)
        fail(_DUE, text, there.start if there else end)
    except (RecursionError, MemoryError):
        fail("this is nested too deeply", text, tokens[0].start)


def chain(node: ast.BinOp) -> list[tuple[ast.expr, ast.operator]]:
    """The terms of a sum, or factors of a product, after their operators."""
    kinds = (ast.Add, ast.Sub) if isinstance(node.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    parts: list[tuple[ast.expr, ast.operator]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, kinds):
        parts.append((left.right, left.op))
        left = left.left
    return [(left, kinds[0]()), *reversed(parts)]


def clauses(condition: Basic) -> int:
    """The clauses once `and` is distributed over `or`."""
    counts = [clauses(part) for part in condition.args if isinstance(condition, And | Or)]
    return (math.prod(counts) if isinstance(condition, Or) else sum(counts)) if counts else 1


def is_linear(value: Expr, names: set[Symbol]) -> bool:
    """Whether the value, as written, is linear in some symbols."""
    parts = [part for part in value.args if part.free_symbols & names]
    alone = value.is_Add or (value.is_Mul and len(parts) == 1)
    return not parts or (alone and all(is_linear(part, names) for part in parts))


@cache
def definition(name: str) -> tuple[list[str], Tree]:
    """The parameters and the tree of a function that abbreviates a formula."""
    parameters, text = DEFINITIONS[name]
    return parameters.split(), syntax_tree(tokenize(text, ()), text, len(text))


class _Shape(NamedTuple):
    """What the limits ask of a node."""

    size: int
    closed: bool
    power: int  # the product of the exponents nested in each other
    above: int  # the size of the numerator of the whole, powers written out
    below: int
    terms: int  # of the sum once multiplied out
    signed: bool  # holds symbols of known sign: sympy looks for roots of polynomials in them
    folds: int  # how deep Abs, Max and Min are nested in each other


class Budget:
    """The limits of one text: each value is admitted before the next step may use it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.shapes: dict[Basic, _Shape] = {}
        self.spent = 0.0

    def charge(self, work: float, where: Token) -> None:
        """Spend the cost of a decision; refuse the text that costs too much."""
        self.spent += work
        if self.spent > MAX_WORK:
            self.refuse("the signs of expressions this long are not decided; shorten them", where)

    def before_signs(self, values: Iterable[Expr], times: int, where: Token) -> None:
        """Charge for the signs of values; the rates are fitted to the time sympy takes."""
        for value in values:
            shape = self.shape(value, where)
            work = shape.size * (0.25 + 0.005 * shape.folds**2) + 3 * shape.closed * (shape.size - 1)
            if shape.signed:
                work += 0.08 * min(shape.above + shape.below, MAX_SIZE) ** 2
            if not value.is_extended_real:  # the real part is multiplied out
                work += 0.02 * shape.terms**2
            self.charge(times * work, where)

    def shape(self, value: Basic, where: Token) -> _Shape:
        """Admit a value with all its parts, or refuse it."""
        known = self.shapes.get(value)
        if known is None:
            parts = [self.shape(part, where) for part in value.args]
            self.shapes[value] = known = self._measure(value, parts, where)
        return known

    def _measure(self, value: Basic, parts: list[_Shape], where: Token) -> _Shape:
        if isinstance(value, Rational):
            if _bits(value) > MAX_BITS:
                self.refuse(_LONG, where)
            return _Shape(1, True, 1, 1, 0, 1, False, 0)
        if isinstance(value, Symbol):
            return _Shape(1, False, 1, 1, 0, 1, bool(value.is_nonnegative or value.is_nonpositive), 0)
        size = 1 + sum(part.size for part in parts)
        if size > MAX_SIZE:
            self.refuse(f"the formula has more than {MAX_SIZE} nodes once written out", where)
        closed = all(part.closed for part in parts)
        if value in _INFINITE:
            self.refuse("the value is infinite or undefined here", where)
        if value is S.ImaginaryUnit or (
            closed and isinstance(value, Pow | Function) and value.is_extended_real is False
        ):
            self.refuse(_NOT_REAL, where)
        if closed and isinstance(value, _STEEP) and not _within(value.args[0], MAX_STEEP):
            self.refuse(f"a constant argument of {value.func} is at most {MAX_STEEP} in size", where)
        power, above, below, terms = 1, 1, 0, 1 + sum(part.terms for part in parts)
        if isinstance(value, Mul | Add):
            power = max(part.power for part in parts)
            terms = terms - 1 if isinstance(value, Add) else math.prod(part.terms for part in parts)
            above, below = sum(part.above for part in parts), sum(part.below for part in parts)
            if isinstance(value, Add):
                above = sum(part.above + below - part.below for part in parts)
        elif isinstance(value, Pow):
            if parts[1].closed and not _within(value.exp, MAX_EXPONENT):
                self.refuse(_EXPONENT, where)
            if isinstance(value.exp, Rational):
                times = math.ceil(abs(value.exp))
                power = times * parts[0].power
                if power > MAX_EXPONENT:
                    self.refuse(_EXPONENT, where)
                if isinstance(value.exp, Integer):
                    terms = math.comb(parts[0].terms + times - 1, times)
                    above, below = times * parts[0].above, times * parts[0].below
                    above, below = (below, above) if value.exp < 0 else (above, below)
        folds = max((part.folds for part in parts), default=0) + isinstance(value, Abs | Max | Min)
        signed = any(part.signed for part in parts)
        return _Shape(size, closed, power, above, below, min(terms, MAX_SIZE), signed, folds)

    def before_power(self, base: Expr, exponent: Expr, where: Token) -> None:
        """Refuse a power that is not real, or that sympy would multiply out at length."""
        if self.shape(base, where).closed and base.is_negative and not exponent.is_integer:
            self.refuse(_NOT_REAL, where)
        for order in [exponent, Mul(base.exp, exponent)] if isinstance(base, Pow) else [exponent]:
            constant = order if order.is_number else order.as_coeff_Add()[0]
            if base is not S.Exp1 and not _within(constant, MAX_EXPONENT):
                self.refuse(_EXPONENT, where)
            self.before_exponential(order, where)
        if isinstance(base, sp.exp):
            self.before_exponential(Mul(base.args[0], exponent), where)
        self.before_product(number_powers(base, exponent.as_coeff_Add()[0]), where)
        if not isinstance(exponent, Integer):
            self.before_signs([base, exponent], 1, where)

    def before_exponential(self, value: Expr, where: Token) -> None:
        """Refuse exp(c*log(b)) unless b**c would be admitted: sympy writes the one as the other."""
        powers: list[tuple[Rational, Rational]] = []
        for term in Add.make_args(value):
            factors = Mul.make_args(term)
            logarithm = next((factor for factor in factors if isinstance(factor, sp.log)), None)
            if logarithm is not None:
                rest = [f for f in factors if f is not logarithm and self.shape(f, where).closed]
                if not _within(Mul(*rest), MAX_EXPONENT):
                    self.refuse(_EXPONENT, where)
                powers += number_powers(logarithm.args[0], term.as_coeff_Mul()[0])
        self.before_product(powers, where)

    def before_product(self, powers: Iterable[tuple[Rational, Rational]], where: Token) -> None:
        """Refuse roots of numbers that sympy would factor at length, or raise to long powers."""
        roots, order = 0, 1
        for base, exponent in powers:
            if not isinstance(exponent, Integer):
                roots += _bits(base)
                order = math.lcm(order, int(exponent.q))
        if roots > MAX_BITS:
            self.refuse(_LONG, where)
        if roots * order > MAX_ROOT:
            self.refuse("the exponent of this number needs a shorter denominator", where)
        self.charge((roots / 128) ** 2, where)

    def refuse(self, reason: str, where: Token) -> NoReturn:
        """Raise the error at a token."""
        fail(reason, self.text, where.start)


def number_powers(value: Expr, exponent: Expr = S.One) -> Iterator[tuple[Rational, Rational]]:
    """The numbers to a power among the factors of value**exponent."""
    for factor in Mul.make_args(value):
        base, order = (factor.base, factor.exp.as_coeff_Add()[0]) if isinstance(factor, Pow) else (factor, S.One)
        if base.is_Rational and order.is_Rational and exponent.is_Rational:
            yield base, order * exponent


def _bits(number: Rational) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def _within(value: Basic, limit: int) -> bool:
    number = value if isinstance(value, Rational) else value.evalf(2)
    return bool(number.is_Number and abs(number) <= limit)
