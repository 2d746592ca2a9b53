"""Claims found on disk: which files hold some, and how their statements are built one at a time."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from theory.bibliography import add_bibliography
from theory.claim_files.statements import statement_of, words_of
from theory.claim_files.tables import ClaimTable, read_tables
from theory.errors import StatementError, TheoryError, UnknownNameError
from theory.statement import Statement, TheoremFile

__all__ = ["SUFFIX", "ClaimSource", "claim_files", "claims_at", "claims_in", "theorem_functions"]

SUFFIX = ".claims.toml"
_SKIPPED = ("__pycache__", "node_modules", "site-packages")
_BIBLIOGRAPHY = "references.bib"


@dataclass(frozen=True)
class ClaimSource:
    """One claim of a file, not yet built.

    `name` is empty where the file as a whole cannot be read; `trouble` then says why.
    """

    file: Path
    name: str
    line: int = 1
    trouble: str = ""

    @property
    def label(self) -> str:
        """File name and claim, as the commands accept them behind a folder."""
        return f"{self.file.name}::{self.name}" if self.name else self.file.name

    def statement(self) -> Statement:
        """The statement, built anew.

        Raises
        ------
        StatementError : the file or the claim cannot be read; for a Python file, whatever it raises.
        """
        if self.trouble:
            raise StatementError(self.trouble)
        if self.file.suffix == ".py":
            return _python_statement(self.file, self.name)
        return statement_of(_table(self.file, self.name))

    def words(self) -> str:
        """The claim as typed, or in LaTeX if it comes from Python."""
        if self.trouble:
            return ""
        if self.file.suffix == ".py":
            statement = self.statement()
            return f"{statement.prose}\n{statement.claim.latex()}"
        return words_of(_table(self.file, self.name))


def claims_at(path: str | Path) -> list[ClaimSource]:
    """The claims of a file or of a folder and what is below it; `FILE::NAME` is one of them.

    A file that cannot be read is one entry with its trouble, and hides none of the others.

    Raises
    ------
    StatementError : there is no such file or folder, or it holds no claim.
    UnknownNameError : the file holds no claim of that name.
    """
    text, _, wanted = str(path).partition("::")
    root = Path(text)
    if not root.exists():
        raise StatementError(f"no such file or folder: {root}; a claim typed as text holds an equals sign")
    if root.is_file() and root.suffix != ".py" and not root.name.endswith(".toml"):
        raise StatementError(f"{root}: claims are kept in files ending in {SUFFIX} or .py")
    files = [root] if root.is_file() else list(claim_files(root))
    found = [claim for file in files for claim in claims_in(file)]
    if not found:
        where = "applies @theorem" if root.suffix == ".py" else f"ends in {SUFFIX}, or applies @theorem"
        raise StatementError(f"{root}: no claim found; nothing here {where}")
    if wanted and not any(claim.trouble for claim in found):
        names = [claim.name for claim in found]
        if wanted not in names:
            raise UnknownNameError("claim", wanted, names)
        return [claim for claim in found if claim.name == wanted]
    return found


def claim_files(folder: Path) -> Iterator[Path]:
    """Files that hold claims, in the order of their names; hidden folders and environments are left out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _SKIPPED:
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").exists() and not path.is_symlink():
                yield from claim_files(path)
        elif path.name.endswith(SUFFIX) or (path.suffix == ".py" and theorem_functions(path)):
            yield path


def claims_in(file: Path) -> list[ClaimSource]:
    """The claims of one file, or the reason why it cannot be read."""
    try:
        if file.suffix == ".py":
            functions = theorem_functions(file, strict=True)
            return [ClaimSource(file, name, line) for name, line in functions.items()]
        return [ClaimSource(file, table.name, table.line) for table in _file(file, _stamp(file))]
    except (OSError, TheoryError) as error:
        return [ClaimSource(file, "", trouble=str(error))]


def theorem_functions(file: Path, strict: bool = False) -> dict[str, int]:
    """The functions that apply `@theorem` and their lines, read from the syntax tree.

    A file that is no Python counts if it names the decorator; `strict` says why it is none.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        if not strict and "theorem" not in text:
            return {}
        tree = ast.parse(text, filename=str(file))
    except SyntaxError as error:
        if strict:
            raise StatementError(f"{file}:{error.lineno}: not a Python file: {error.msg}") from None
        return {"": error.lineno or 1} if "@theorem(" in text or ".theorem(" in text else {}
    except (OSError, ValueError, RecursionError) as error:
        if strict:
            raise StatementError(f"{file}: not a Python file: {error}") from None
        return {}
    return {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef) and _decorated(node)}


def _decorated(node: ast.FunctionDef) -> bool:
    calls = [d.func for d in node.decorator_list if isinstance(d, ast.Call)]
    return any(getattr(f, "attr", getattr(f, "id", "")) == "theorem" for f in calls)


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size


@cache
def _file(file: Path, stamp: tuple[int, int]) -> tuple[ClaimTable, ...]:
    """The tables of a file, its bibliography made known; an edited file is read again."""
    own, tables = read_tables(file)
    if (name := own.get("bibliography")) is not None:
        if not isinstance(name, str) or not (file.parent / name).is_file():
            raise StatementError(f"{file}: bibliography names a BibTeX file beside this one; received {name!r}")
        _bibliography(file.parent / name)
    return tuple(tables)


def _bibliography(path: Path) -> None:
    try:
        add_bibliography(path)
    except TheoryError:
        raise
    except Exception as error:
        raise StatementError(f"{path}: not a BibTeX file: {error}") from None


def _table(file: Path, name: str) -> ClaimTable:
    for table in _file(file, _stamp(file)):
        if table.name == name:
            return table
    raise UnknownNameError("claim", name, [table.name for table in _file(file, _stamp(file))])


def _python_statement(file: Path, name: str) -> Statement:
    module = _module(file.resolve(), _stamp(file))
    found = getattr(module, name, None)
    if not isinstance(found, TheoremFile):
        raise StatementError(f"{file}: {name} is not what theorem(...) of this package returns; received {found!r}")
    try:
        return found.statement()
    except SystemExit as error:  # which would end the check of all the other claims
        raise StatementError(f"{file}: {name} ended with SystemExit: {error}") from None


@cache
def _module(file: Path, stamp: tuple[int, int]) -> Any:
    """The module of a file under a name of its own, so that files of the same name do not meet."""
    if (references := file.parent / _BIBLIOGRAPHY).is_file():
        _bibliography(references)
    name = f"widetheory_claims_{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise StatementError(f"{file}: this file cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a file may raise anything, even SystemExit
        del sys.modules[name]
        raise StatementError(f"{file}: running it raised {type(error).__name__}: {error}") from error
    return module
