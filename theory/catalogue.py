"""The catalogue: theorem files found on disk, listed without importing them.

Topics, sources, status and needs are literals of the `theorem` decorator, so they are read from the syntax
tree; a theorem file runs only when its own statement is asked for.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from theory.arguments import known_name
from theory.errors import StatementError, UnknownNameError
from theory.statement import Statement, Status, TheoremFile

__all__ = ["Metadata", "lookup", "metadata", "statement_names", "statements"]

_FOLDER = Path(__file__).parent / "theorems"
_LISTS = ("topics", "sources", "needs")


@dataclass(frozen=True)
class Metadata:
    """What the file of a theorem says of it; `title` is the first line of its docstring."""

    identifier: str
    title: str
    topics: tuple[str, ...]
    sources: tuple[str, ...]
    status: Status
    needs: tuple[str, ...]
    file: Path
    line: int


def _folder(path: str | Path | None) -> Path:
    folder = _FOLDER if path is None else Path(path).resolve()
    if not folder.is_dir():
        raise StatementError(f"a catalogue is a folder of theorem files; received {folder}")
    return folder


def metadata(path: str | Path | None = None) -> dict[str, Metadata]:
    """Metadata of every theorem file, by identifier, without importing any.

    Parameters
    ----------
    path : a folder of one's own theorem files; the built-in catalogue by default.

    Raises
    ------
    StatementError : a file is not a theorem file, or an argument of its decorator is not a literal; the
        message names file and line.
    """
    files = sorted(file for file in _folder(path).glob("*.py") if not file.name.startswith("_"))
    found = {file.stem: _read(file, file.stat().st_mtime_ns) for file in files}
    known = set(found) | (set() if path is None else set(metadata()))
    for entry in found.values():
        for need in entry.needs:
            if need not in known:
                raise StatementError(f"{entry.file}:{entry.line}: needs names no theorem: {need!r}")
    return found


def statement_names(path: str | Path | None = None) -> tuple[str, ...]:
    """Identifiers of all theorems, in alphabetical order."""
    return tuple(metadata(path))


def lookup(identifier: str, path: str | Path | None = None) -> Statement:
    """The statement of that name.

    Raises
    ------
    UnknownNameError : there is no such theorem; the nearest names are suggested.
    """
    known = metadata(path)
    known_name("theorem", identifier, known)
    return _load(known[identifier].file, known[identifier].file.stat().st_mtime_ns).statement()


def statements(
    topic: str | None = None, status: str | Status | None = None, path: str | Path | None = None
) -> list[Statement]:
    """The statements with a topic and a status, or all of them, in alphabetical order.

    Raises
    ------
    UnknownNameError : no theorem has that topic, or there is no such status.
    """
    known = metadata(path)
    topics = {name for entry in known.values() for name in entry.topics}
    if topic is not None:
        known_name("topic", topic, topics)
    values = [member.value for member in Status]
    if status is not None and not isinstance(status, Status) and status not in values:
        raise UnknownNameError("status", status, values)
    wanted = None if status is None else Status(status)
    return [
        lookup(name, path)
        for name, entry in known.items()
        if (topic is None or topic in entry.topics) and (wanted is None or entry.status is wanted)
    ]


@cache
def _read(file: Path, modified: int) -> Metadata:
    """Metadata of one file; `modified` makes an edited file be read again."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except SyntaxError as error:
        raise StatementError(f"{file}:{error.lineno}: not a Python file: {error.msg}") from error
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    registered = [(node, call) for node in functions if (call := _decorator(node)) is not None]
    if len(registered) != 1:
        _fail(file, 1, f"a theorem file has one function decorated with theorem(...); found {len(registered)}")
    node, call = registered[0]
    if node.name != file.stem:
        _fail(file, node.lineno, f"the function is named as the file, {file.stem}; received {node.name}")
    if call.args:
        _fail(file, call.lineno, "the arguments of theorem(...) are given by name")
    values: dict[str, Any] = {"needs": ()}
    for keyword in call.keywords:
        try:
            values[keyword.arg or "**"] = ast.literal_eval(keyword.value)
        except ValueError:
            _fail(
                file,
                keyword.value.lineno,
                f"{keyword.arg} is a literal, because it is read without importing",
            )
    if set(values) != {*_LISTS, "status"}:
        _fail(file, call.lineno, f"theorem(...) takes topics, sources, status, needs; received {sorted(values)}")
    for name in _LISTS:
        if not isinstance(values[name], list | tuple) or not all(isinstance(v, str) for v in values[name]):
            _fail(file, call.lineno, f"{name} is a list of texts; received {values[name]!r}")
        values[name] = tuple(values[name])
    if values["status"] not in [member.value for member in Status]:
        _fail(file, call.lineno, f"unknown status {values['status']!r}")
    prose = ast.get_docstring(node)
    if not prose:
        _fail(file, node.lineno, "the docstring is the statement in words; it is missing")
    values["status"] = Status(values["status"])
    return Metadata(file.stem, prose.splitlines()[0], file=file, line=node.lineno, **values)


def _decorator(node: ast.FunctionDef) -> ast.Call | None:
    """The call `theorem(...)` or `th.theorem(...)` above a function, if there is one."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            function = decorator.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
            if name == "theorem":
                return decorator
    return None


def _fail(file: Path, line: int, reason: str) -> NoReturn:
    raise StatementError(f"{file}:{line}: {reason}")


@cache
def _load(file: Path, modified: int) -> TheoremFile:
    """The registered theorem of one file; an edited file is run again."""
    name = f"theory.theorems.{file.stem}" if file.parent == _FOLDER else f"theorem_{file.stem}"
    references = file.parent / "references.bib"
    if references.is_file():
        from theory.bibliography import add_bibliography

        add_bibliography(references)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        _fail(file, 1, "this file cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return getattr(module, file.stem)
