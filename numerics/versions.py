"""Versions: what a piece of evidence depends on, as a hash of content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

__all__ = ["content_version", "engine_version", "statement_version"]

_LIBRARIES = ("sympy", "mpmath", "python-flint", "numpy", "scipy", "numba")


def content_version(*parts: str | bytes) -> str:
    """Hash of texts, 32 hexadecimal digits; another text, order or cut gives another version.

    Examples
    --------
    >>> content_version("a", "bc") == content_version("ab", "c")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


@cache
def engine_version(method: str | None = None) -> str:
    """Version of both packages without the theorem files, and of the libraries that compute.

    With the name of a method: without the files of the other methods, none of which imports another.
    """
    root = Path(__file__).parent.parent
    files = [path for package in ("theory", "numerics") for path in (root / package).rglob("*.py")]
    kept = (path for path in files if path.parent.name != "theorems" and not _of_another_method(path, method))
    return content_version(*_contents(root, kept), *(f"{name} {version(name)}" for name in _LIBRARIES))


def _of_another_method(path: Path, method: str | None) -> bool:
    return method is not None and path.parent == Path(__file__).parent / "methods" and path.stem != method


def statement_version(identifier: str, method: str | None = None) -> str:
    """Version of a theorem: of its file, of the theorems it needs, and of the engine, all of it or for one method.

    An edit of another theorem leaves it as it is.
    """
    from theory.catalogue import metadata

    known = metadata()
    wanted, waiting = set(), [identifier]
    while waiting:
        name = waiting.pop()
        if name in known and name not in wanted:
            wanted.add(name)
            waiting.extend(known[name].needs)
    files = [known[name].file for name in wanted]
    return content_version(engine_version(method), *_contents(files[0].parent if files else Path(), files))


def _contents(root: Path, files: Iterable[Path]) -> list[bytes]:
    """Names and contents by turns, in the order of the names."""
    named = sorted((path.relative_to(root).as_posix(), path) for path in files)
    return [part for name, path in named for part in (name.encode("utf-8"), path.read_bytes())]
