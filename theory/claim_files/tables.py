"""The tables of a claim file in TOML, with the line of every key for the messages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from theory.errors import StatementError, UnknownNameError

__all__ = ["FILE_KEYS", "KEYS", "ClaimTable", "read_tables"]

KEYS = (
    "activations", "assumptions", "at", "bias_rate", "claim", "domains", "envelope", "flow", "fluctuation_rate",
    "group", "index", "initial", "kind", "map", "missing_witness", "multiplier", "near_misses", "network", "parameters",
    "phi", "points", "prose", "resolution", "source", "spectrum", "start", "status", "support", "time", "topics",
    "witness",
)  # fmt: skip
FILE_KEYS = ("bibliography",)
_LARGEST = 1_000_000  # bytes
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*(["']?)([^\s"'=.#\[]+)\1\s*[.=]""")


@dataclass(frozen=True)
class ClaimTable:
    """One claim as typed: its name, its values, and where they stand."""

    file: Path
    name: str
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def line(self) -> int:
        """The line of the header."""
        return self.lines.get("", 1)

    def where(self, key: str = "") -> str:
        """File, line, table and key, for the start of a message."""
        place = f"{self.file}:{self.lines.get(key, self.line)}: [{self.name}]"
        return f"{place} {key}" if key else place

    def fail(self, reason: object, key: str = "", error: type[StatementError] = StatementError) -> NoReturn:
        """Raise an error that names the place."""
        raise error(f"{self.where(key)}: {reason}") from None

    def text(self, key: str, default: str = "") -> str:
        """The text under a key."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self.fail(f"a text in quotes is due here; received {value!r}", key)
        return value

    def number(self, key: str) -> str | None:
        """A number as it was typed, so that 0.1 stays one tenth."""
        value = self.values.get(key)
        if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
            return None if value is None else str(value)
        self.fail(f'a number is due here, such as 0.01 or "1/500"; received {value!r}', key)

    def texts(self, key: str) -> list[str]:
        """A list of texts; a single text counts as a list of one."""
        value = self.values.get(key, [])
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(_is_scalar(item) for item in found):
            self.fail(f'a list of texts is due here, such as ["...", "..."]; received {value!r}', key)
        return [str(item) for item in found]

    def claims(self) -> list[str]:
        """The text of the claim, or of the equations for the states of a flow; an arrow is read as the sign `~`."""
        several = "flow" in self.values and isinstance(self.values.get("claim"), list)
        texts = self.texts("claim") if several else [self.text("claim")]
        return [text.replace("->", "~ ") for text in texts]

    def mapping(self, key: str) -> dict[str, Any]:
        """A table of names."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.fail(f'names and values are due here, such as {{ rho = "..." }}; received {value!r}', key)
        return value


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def read_tables(file: Path) -> tuple[dict[str, Any], list[ClaimTable]]:
    """The keys of the file itself, and its claims in order.

    Nothing is evaluated: every value is text or a number, and decimal numbers stay as they were typed.

    Raises
    ------
    StatementError : the file is not TOML (with line and column), or holds something that is no claim.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise StatementError(f"{file}: a claim file has at most {_LARGEST} bytes; split it")
        text = file.read_text(encoding="utf-8-sig")
        # A decimal number is handed on as text and read exactly by our own parser.
        data = tomllib.loads(text, parse_float=str)
    except UnicodeDecodeError as error:
        raise StatementError(f"{file}: a claim file is text in UTF-8; {error.reason} at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise StatementError(_malformed(file, str(error), text)) from None
    except RecursionError:
        raise StatementError(f"{file}: the values are nested too deeply") from None
    lines = _lines(text)
    own = {key: value for key, value in data.items() if not isinstance(value, dict)}
    for key, value in own.items():
        place = f"{file}:{lines.get('', {}).get(key, 1)}"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            raise StatementError(f"{place}: a claim is a table with its name in single brackets, [name]; got [[{key}]]")
        if key in KEYS:
            raise StatementError(f"{place}: {key} belongs to a claim; write it below a header [name_of_the_claim]")
        if key not in FILE_KEYS:
            raise StatementError(f"{place}: {UnknownNameError('key', key, FILE_KEYS)}")
    tables = [ClaimTable(file, name, data[name], lines.get(name, {})) for name in data if name not in own]
    if not tables:
        raise StatementError(f"{file}: no claim; a claim starts with a header [name] and has the key claim")
    return own, tables


def _malformed(file: Path, message: str, text: str) -> str:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if found:
        return f"{file}:{found[1]}: not valid TOML at column {found[2]}: {message[: found.start()].strip()}"
    return f"{file}:{max(1, len(text.splitlines()))}: not valid TOML: {message}"


def _lines(text: str) -> dict[str, dict[str, int]]:
    """The first line of every table and of its keys, read off the layout; the empty name is the file itself."""
    found: dict[str, dict[str, int]] = {"": {}}
    table, below = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table, _, below = header[1].replace('"', "").partition(".")
            found.setdefault(table, {"": number})
            if below:
                found[table].setdefault(below, number)
        elif (key := _KEY.match(line)) and not below:
            found[table].setdefault(key[2], number)
    return found


def check_keys(table: ClaimTable, known: Iterable[str] = KEYS) -> None:
    """Refuse keys that no claim has.

    Raises
    ------
    StatementError : with the nearest known key.
    """
    for key in table.values:
        if key not in known:
            table.fail(UnknownNameError("key", key, known), key)
