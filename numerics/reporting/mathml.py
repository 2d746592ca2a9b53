r"""LaTeX mathematics as MathML, for browsers without network or scripts.

It reads the LaTeX that the printers of `theory` write, and refuses what it does not know: a formula is shown whole or
as its source, never with a part left out.
"""

from __future__ import annotations

import re
from html import escape

from numerics.reporting.glyphs import (
    ACCENTS,
    DOUBLE,
    FUNCTIONS,
    IDENTIFIERS,
    IGNORED,
    LARGE,
    LIMITS,
    OPERATORS,
    SCRIPT,
    SIZES,
    SPACES,
    TEXT_WORDS,
)
from theory.errors import UnsupportedError

__all__ = ["mathml"]

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)

_THIN = '<mspace width="0.17em"></mspace>'


def mathml(latex: str, display: bool = True) -> str:
    r"""A `<math>` element for LaTeX mathematics without delimiters.

    Raises
    ------
    UnsupportedError
        if the LaTeX holds a command that is not known, or its braces do not match.

    Examples
    --------
    >>> mathml(r"\frac{\rho}{2}", display=False)
    '<math><mfrac><mi>ρ</mi><mn>2</mn></mfrac></math>'
    """
    parser = _Parser(latex)
    body = parser.row(None)
    return f'<math display="block">{body}</math>' if display else f"<math>{body}</math>"


class _Parser:
    def __init__(self, latex: str) -> None:
        self.source = latex
        self.tokens = _TOKEN.findall(latex)
        self.at = 0

    def refuse(self, reason: str) -> UnsupportedError:
        return UnsupportedError(f"no MathML for this LaTeX: {reason} in {self.source[:80]!r}")

    def peek(self) -> str | None:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> str:
        token = self.peek()
        if token is None:
            raise self.refuse("it ends too early")
        self.at += 1
        return token

    def row(self, *ends: str | None) -> str:
        """Atoms up to one of the ends, which is left unread; one element."""
        atoms: list[str] = []
        while (token := self.peek()) not in ends:
            if token is None or token in ("}", "\\right", "\\end", "&", "\\\\"):
                raise self.refuse(f"{token or 'the end'} is out of place")
            if token == "-" and (not atoms or _opens(atoms[-1])):
                self.next()
                atoms.append('<mo form="prefix">−</mo>')
                continue
            named = token[1:] in FUNCTIONS or token == "\\operatorname"
            if named and atoms and not atoms[-1].startswith("<mo"):
                atoms.append(_THIN)
            atoms.append(self.scripted())
            if named and (self.peek() or "")[:1].isalnum():
                atoms.append(_THIN)
        return _group(atoms)

    def scripted(self) -> str:
        """An atom with its scripts and primes."""
        token = self.peek()
        base = "<mrow></mrow>" if token in ("^", "_", "'") else self.atom()
        lower = upper = ""
        while (mark := self.peek()) in ("^", "_", "'"):
            self.next()
            if mark == "_":
                lower = self.argument()
            else:
                added = "<mo>′</mo>" if mark == "'" else self.argument()
                upper = _group([upper, added]) if upper else added
        if not (lower or upper):
            return base
        kind = "under over" if token in LARGE or token in LIMITS else "sub sup"
        first, second = kind.split()
        if lower and upper:
            return f"<m{first}{second}>{base}{lower}{upper}</m{first}{second}>"
        name = f"m{first}" if lower else f"m{second}"
        return f"<{name}>{base}{lower or upper}</{name}>"

    def argument(self) -> str:
        token = self.peek()
        if token is not None and token.isdigit() and len(token) > 1:  # LaTeX takes one digit
            self.tokens[self.at : self.at + 1] = list(token)
        return self.atom()

    def raw(self) -> str:
        """The text of a braced argument, as it stands."""
        if self.next() != "{":
            raise self.refuse("a braced argument is missing")
        depth = 1
        parts: list[str] = []
        while True:
            if self.at >= len(self.tokens):
                raise self.refuse("a brace is not closed")
            token = self.tokens[self.at]
            self.at += 1
            depth += {"{": 1, "}": -1}.get(token, 0)
            if not depth:
                return "".join(parts)
            parts.append(token)

    def atom(self) -> str:
        token = self.next()
        if token == "{":
            inside = self.row("}")
            self.next()
            return inside
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token in IDENTIFIERS:
            return f"<mi>{IDENTIFIERS[token]}</mi>"
        if token in OPERATORS:
            return f"<mo>{escape(OPERATORS[token])}</mo>"
        if token in LARGE:
            return f"<mo>{LARGE[token]}</mo>"
        if token in SPACES:
            return f'<mspace width="{SPACES[token]}"></mspace>'
        if token[0] == "\\":
            return self.command(token)
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token in "}&^_$#%":
            raise self.refuse(f"{token} is out of place")
        fence = ' stretchy="false"' if token in "()[]|" else ""
        return f"<mo{fence}>{escape(token)}</mo>"

    def command(self, token: str) -> str:
        if token[1:] in FUNCTIONS:
            return f"<mi>{token[1:]}</mi>"
        if token in IGNORED:
            return ""
        if token in SIZES:
            return f'<mo stretchy="false" minsize="1.4em">{escape(self.delimiter())}</mo>'
        if token in ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{ACCENTS[token]}</mo></mover>'
        match token:
            case "\\frac" | "\\dfrac" | "\\tfrac":
                return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
            case "\\binom":
                top, bottom = self.argument(), self.argument()
                return f'<mrow><mo>(</mo><mfrac linethickness="0">{top}{bottom}</mfrac><mo>)</mo></mrow>'
            case "\\sqrt":
                index = self.optional()
                inside = self.argument()
                return f"<mroot>{inside}{index}</mroot>" if index else f"<msqrt>{inside}</msqrt>"
            case "\\left":
                return self.fenced()
            case "\\begin":
                return self.environment()
            case "\\operatorname" | "\\operatorname*" | "\\mathrm" | "\\mathbf" | "\\mathit":
                return f'<mi mathvariant="normal">{escape(_plain(self.raw()))}</mi>'
            case "\\mathbb":
                return f"<mi>{''.join(map(_double, self.raw()))}</mi>"
            case "\\mathcal":
                return f"<mi>{''.join(map(_script, self.raw()))}</mi>"
            case "\\text" | "\\textrm" | "\\mbox":
                return _text(self.raw())
            case "\\xrightarrow":
                below, above = self.optional() or "<mrow></mrow>", self.argument()
                return f'<munderover><mo stretchy="true">⟶</mo>{below}{above}</munderover>'
        raise self.refuse(f"unknown command {token}")

    def optional(self) -> str:
        if self.peek() != "[":
            return ""
        self.next()
        inside = self.row("]")
        self.next()
        return inside

    def delimiter(self) -> str:
        token = self.next()
        if token == ".":
            return ""
        return OPERATORS.get(token, token)

    def fenced(self) -> str:
        left = self.delimiter()
        inside = self.row("\\right")
        self.next()
        right = self.delimiter()
        marks = [f'<mo fence="true" stretchy="true">{escape(mark)}</mo>' if mark else "" for mark in (left, right)]
        return f"<mrow>{marks[0]}{inside}{marks[1]}</mrow>"

    def environment(self) -> str:
        name = self.raw()
        if name not in ("matrix", "cases", "array", "aligned", "pmatrix", "bmatrix"):
            raise self.refuse(f"unknown environment {name}")
        if name == "array":
            self.raw()
        rows: list[str] = []
        cells: list[str] = []
        while True:
            cells.append(f"<mtd>{self.row('&', chr(92) * 2, chr(92) + 'end')}</mtd>")
            mark = self.next()
            if mark == "&":
                continue
            rows.append(f"<mtr>{''.join(cells)}</mtr>")
            cells = []
            if mark == "\\end":
                break
        if self.raw() != name:
            raise self.refuse(f"{name} is closed by another name")
        align = ' columnalign="left"' if name == "cases" else ""
        table = f"<mtable{align}>{''.join(rows)}</mtable>"
        left, right = {"cases": ("{", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]")}.get(name, ("", ""))
        marks = [f'<mo fence="true" stretchy="true">{mark}</mo>' if mark else "" for mark in (left, right)]
        return f"<mrow>{marks[0]}{table}{marks[1]}</mrow>" if left else table


def _opens(atom: str) -> bool:
    """Is a minus behind this atom a sign and not a difference?"""
    return atom.startswith("<mo") and atom[-6] not in ")]}|!"


def _group(atoms: list[str]) -> str:
    kept = [atom for atom in atoms if atom]
    return kept[0] if len(kept) == 1 else f"<mrow>{''.join(kept)}</mrow>"


def _double(letter: str) -> str:
    if letter in DOUBLE:
        return DOUBLE[letter]
    return chr(0x1D538 + ord(letter) - ord("A")) if "A" <= letter <= "Z" else "𝟙" if letter == "1" else letter


def _script(letter: str) -> str:
    return SCRIPT.get(letter) or (chr(0x1D49C + ord(letter) - ord("A")) if "A" <= letter <= "Z" else letter)


def _plain(text: str) -> str:
    """Escaped LaTeX text as characters; a word of LaTeX that is not known is refused."""
    found = []
    for token in _TOKEN.findall(text):
        if token in TEXT_WORDS:
            found.append(TEXT_WORDS[token])
        elif token[0] == "\\" and len(token) == 2 and not token[1].isalnum():
            found.append(token[1])
        elif token[0] == "\\":
            raise UnsupportedError(f"no MathML for this LaTeX: unknown command {token} in the text {text[:60]!r}")
        elif token not in "{}":
            found.append(token)
    return "".join(found)


def _text(raw: str) -> str:
    """Text, with mathematics between dollar signs."""
    parts = re.split(r"(?<!\\)\$", raw)
    if len(parts) % 2 == 0:
        raise UnsupportedError(f"no MathML for this LaTeX: a $ is not closed in {raw[:60]!r}")
    found = []
    for number, part in enumerate(parts):
        if number % 2:
            found.append(_Parser(part).row(None))
        elif part:
            # MathML trims the ends of a text, where LaTeX keeps them.
            words = escape(_plain(part))
            kept = re.sub(r"^\s+|\s+$", "\u00a0", words)
            found.append(f"<mtext>{kept}</mtext>")
    return _group(found)
