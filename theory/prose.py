r"""LaTeX of a statement in words: the formulas inside the sentences are set as mathematics.

Docstrings are plain text, with formulas such as `E[phi^2] <= q` in line.  What is certainly a formula is set between
dollar signs, everything else is escaped; in doubt a word stays a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from string import ascii_letters

__all__ = ["prose_latex"]

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "theta", "chi",
    "kappa", "pi", "psi", "omega", "ell",
)  # fmt: skip
_NAMES = {name: rf"\{name}" for name in _GREEK} | {
    "phi": r"\varphi", "eps": r"\varepsilon", "oo": r"\infty",
    "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan",
    **{name: rf"\{name}" for name in ("log", "exp", "sin", "cos", "tanh", "sinh", "cosh", "coth", "sum", "det")},
    **{name: rf"\operatorname{{{name}}}" for name in ("erf", "erfc", "erfinv", "Var", "Cov", "tr", "relu")},
}  # fmt: skip
_CAPITALS = {name: rf"\{name}" for name in ("Phi", "Gamma", "Sigma", "Lambda", "Theta")}
_INDEXED = {"He": r"\mathrm{He}"}
_OPERATORS = {name: rf"\operatorname{{{name}}}" for name in ("gelu", "swish", "mish", "mean", "conj", "BN", "Sp")}
_CALLED = {"max": r"\max", "min": r"\min", "sign": r"\operatorname{sign}", "sqrt": r"\sqrt", "limit": r"\lim"}
_INDICES = {"perp": r"\perp", "star": "*", **_NAMES}
_SIGNS = {
    "<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ", "->": r"\to ", "~": r"\sim ", "...": r"\dots ", "*": r"\, ",
    "{": r"\{", "}": r"\}",
}  # fmt: skip
_WORD = r"[A-Za-z]+(?:_(?:[A-Za-z0-9]+|(?=[({])))*"
_TOKEN = re.compile(rf"`[^`]*`|{_WORD}|\d+(?:\.\d+)?|<=|>=|!=|->|\.\.\.|'+|\s+|.", re.DOTALL)
_OPERATOR = re.compile(r"<=|>=|!=|->|[-+*/^=<>|~]")
_ATOM = re.compile(r"[A-Za-z]|\d")
_DIFFERENTIAL = re.compile(r"d[A-Za-z]")
_BINARY = "<>=!-+*/^~"
_ARTICLES = ("a", "A")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def prose_latex(text: str, escape: Callable[[str], str]) -> str:
    r"""The text as LaTeX, paragraphs kept; `escape` sets what is no formula.

    Examples
    --------
    >>> print(prose_latex("The mean E[phi(X)^2] is at most q_1/2, a number.", str))
    The mean $\mathbb{E}[\varphi(X)^{2}]$ is at most $q_1/2$, a number.
    >>> print(prose_latex("So |rho - rho*| <= exp(-l/xi_c) for the W of an n x n layer.", str))
    So $|\rho - {\rho^*}| \le \exp(-l/\xi_c)$ for the $W$ of an $n \times n$ layer.
    """
    tokens = _TOKEN.findall(text)
    done, place = [], 0
    while place < len(tokens):
        end = _formula_end(tokens, place)
        if end > place:
            done.append(f"${_set(tokens[place:end])}$")
            place = end
        else:
            token = tokens[place]
            done.append(rf"\texttt{{{escape(token.strip('`'))}}}" if token[0] == "`" != token else escape(token))
            place += 1
    return "".join(done)


def _is_symbol(tokens: list[str], place: int) -> bool:
    """A number, a letter, a known name, or a name with an index."""
    token = tokens[place]
    if token[0].isdigit():
        return True
    head = token.partition("_")[0]
    if head in _CALLED:
        return tokens[place + 1 : place + 2] == ["("]
    if head in _INDEXED:
        return "_" in token
    if head in _OPERATORS:
        return "".join(tokens[place + 1 : place + 2])[:1] in ("(", "'", "^", "]") or tokens[place - 1 : place] == ["["]
    if _DIFFERENTIAL.fullmatch(token):
        around = ("", *tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 3])
        return "/" in around or around[-1] == "="
    if token == "sum":  # the word, unless there is something to be summed
        behind = [t for t in range(place + 1, min(place + 3, len(tokens))) if not tokens[t].isspace()]
        return bool(behind) and (tokens[behind[0]] == "(" or _is_symbol(tokens, behind[0]))
    return token[0] in ascii_letters and (len(head) == 1 or head in _NAMES or head in _CAPITALS)


def _formula_end(tokens: list[str], start: int) -> int:
    """Where the formula that starts here ends; `start` itself if there is none."""
    best, place, open_, sensible = start, start, [], False
    if tokens[start].isspace() or (start and (tokens[start - 1][-1].isalnum() or tokens[start - 1][0] in "'\\")):
        return start
    while place < len(tokens):
        token = tokens[place]
        after = tokens[place - 1] if place > start else ""
        if token.isspace():
            if "\n\n" in token:
                break
        elif token in _CLOSING:
            open_.append(_CLOSING[token])
        elif token in _CLOSING.values():
            if not open_ or open_.pop() != token:
                break
        elif token in (",", ";"):
            if not open_:
                break
        elif token == "...":
            if not open_ and not (place > start + 1 and tokens[place - 2] in ("+", "-")):
                break
        elif token == "!":
            if not after or not (after[-1].isalnum() or after in (")", "!")):
                break
        elif token[0] == "'":
            if not after or not (after[-1].isalnum() or after in ("*", ")")):
                break
        elif not _OPERATOR.fullmatch(token) and not _is_symbol(tokens, place):
            break
        place += 1
        if not open_ and _may_end(tokens, start, place - 1) and not _is_article(tokens, start, place - 1):
            sensible = sensible or _says_something(tokens[start:place])
            if sensible and not _bars(tokens[start:place]):
                best = place
    return best


def _may_end(tokens: list[str], start: int, place: int) -> bool:
    """Is a formula complete with this token?  Not with an operator, nor with a function without its argument."""
    token = tokens[place]
    if token == "|":
        return place > start and not tokens[place - 1].isspace()
    if token.isspace() or (_OPERATOR.fullmatch(token) and not _is_star(tokens, place)):
        return False
    return token not in _CALLED and not token.endswith("_")


def _bars(part: list[str]) -> bool:
    """Is a bar of an absolute value left open?"""
    return bool(sum(t == "|" and not _is_given(part, i) for i, t in enumerate(part)) % 2)


def _is_star(tokens: list[str], place: int) -> bool:
    """A star that belongs to the name before it, as in `rho*`."""
    if tokens[place] != "*" or place == 0 or not tokens[place - 1][-1].isalnum():
        return False
    return not tokens[place + 1 : place + 2] or not _ATOM.match(tokens[place + 1])


def _is_given(tokens: list[str], place: int) -> bool:
    """A bar with spaces around it: the condition of a mean."""
    around = [t.isspace() for t in (*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2])]
    return tokens[place] == "|" and around == [True, True]


def _is_times(tokens: list[str], place: int) -> bool:
    """The x of a size, as in `n x n`."""
    spaced = place >= 2 and tokens[place - 1].isspace() and tokens[place + 1 : place + 2] == [" "]
    if tokens[place] != "x" or not spaced:
        return False
    return tokens[place - 2][-1].isalnum() and bool(_ATOM.match("".join(tokens[place + 2 : place + 3])))


def _is_article(tokens: list[str], start: int, place: int) -> bool:
    """The word "a" behind a formula, with a word to follow."""
    if tokens[place] not in _ARTICLES:
        return False
    before = [t for t in tokens[start:place] if not t.isspace()]
    behind = [t for t in tokens[place + 1 : place + 3] if not t.isspace()]
    joined = bool(before) and bool(_OPERATOR.fullmatch(before[-1]) or before[-1] in "([,")
    return not joined and bool(behind) and behind[0][0].isalpha() and len(behind[0]) > 1


def _says_something(part: list[str]) -> bool:
    """More than a number or an article: a name, or an operation on something."""
    solid = [t for t in part if not t.isspace()]
    if solid[0] in (")", "]", "}", ",", "'", "=", "/", "^", "*", "!", "..."):
        return False
    if solid[0] == "-" and len(solid) == 2 and part[1][0].isdigit():
        return True
    names = [t for t in solid if t[0].isalpha() and t not in _ARTICLES]
    worked = any(_OPERATOR.fullmatch(t) for t in solid) and any(_ATOM.match(t) for t in solid) and len(solid) > 2
    return bool(names) or worked


def _set(tokens: list[str]) -> str:
    """The tokens of one formula as LaTeX."""
    tokens = [" " if t.isspace() else t for t in tokens]
    done, place = "", 0
    while place < len(tokens):
        piece, place = _piece(tokens, place)
        if piece == " " and done[-1:] in (")", "]") and tokens[place][0] not in _BINARY:
            piece = r" \allowbreak "  # a product of groups may be broken
        joined = done[-1:].isalpha() and "\\" in done.split(" ")[-1] and piece[:1].isalpha()
        done += " " + piece if joined else piece.lstrip(" ") if done.endswith(" ") else piece
    return done


def _piece(tokens: list[str], place: int) -> tuple[str, int]:
    """LaTeX of the token at a place with what belongs to it, and the place behind."""
    token = tokens[place]
    if _is_given(tokens, place):
        return r"\mid ", place + 1
    if _is_times(tokens, place):
        return r"\times ", place + 1
    if token == "^":
        inner, place = _argument(tokens, place + 1)
        return f"^{{{inner}}}", place
    if token[0].isalpha():
        return _name(tokens, place)
    return _SIGNS.get(token, token), place + 1


def _argument(tokens: list[str], place: int) -> tuple[str, int]:
    """What stands behind `^`, `_` or `sqrt`: a group in parentheses without them, or one signed piece."""
    if tokens[place : place + 1] in (["("], ["{"]):
        end = _closing(tokens, place)
        inner = tokens[place + 1 : end]
        order = tokens[place - 1] == "^" and len(inner) == 1 and inner[0].isdigit()  # k^(4) is a derivative
        return (f"({inner[0]})" if order else _set(inner)), end + 1
    if tokens[place : place + 1] == ["|"] and "|" in tokens[place + 1 :]:
        end = tokens.index("|", place + 1)
        return f"|{_set(tokens[place + 1 : end])}|", end + 1
    if tokens[place : place + 1] == ["-"]:
        signed, place = _argument(tokens, place + 1)
        return f"-{signed}", place
    return _piece(tokens, place) if place < len(tokens) else ("", place)


def _closing(tokens: list[str], place: int) -> int:
    depth = 0
    for end in range(place, len(tokens)):
        depth += (tokens[end] in _CLOSING) - (tokens[end] in _CLOSING.values())
        if depth == 0:
            return end
    return len(tokens)


def _name(tokens: list[str], place: int) -> tuple[str, int]:
    """A name with its index, primes and star."""
    head, _, index = tokens[place].partition("_")
    called = tokens[place + 1 : place + 2]
    if head == "sqrt":
        inner, place = _argument(tokens, place + 1)
        return rf"\sqrt{{{inner}}}", place
    if head in ("E", "N") and called in (["["], ["("]):
        return (r"\mathbb{E}" if head == "E" else r"\mathcal{N}"), place + 1
    text = {**_CALLED, **_CAPITALS, **_INDEXED, **_OPERATORS, **_NAMES}.get(head, head)
    if (
        (len(head) == 1 or _DIFFERENTIAL.fullmatch(head)) and not index and called and called[0].isdigit()
    ):  # q12 is q with an index
        return f"{text}_{{{called[0]}}}", place + 2
    if index:
        text += f"_{index}" if len(index) == 1 else f"_{{{_INDICES.get(index, index)}}}"
    elif tokens[place].endswith("_"):
        inner, place = _argument(tokens, place + 1)
        return f"{text}_{{{inner}}}", place
    place += 1
    if place < len(tokens) and _is_star(tokens, place):
        text, place = f"{{{text}^*}}", place + 1
    return text, place
