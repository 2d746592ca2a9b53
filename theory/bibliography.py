"""The bibliography: keys, formatted citations and BibTeX source.

The entries live in `references.bib` beside this module and are read with pybtex when first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory.arguments import items, known_name
from theory.errors import DomainError, StatementError

if TYPE_CHECKING:
    from pybtex.database import BibliographyData

__all__ = ["add_bibliography", "bibitems", "bibtex", "citation", "known_keys"]

_added: list[Path] = []


@cache
def _own() -> BibliographyData:
    from pybtex.database import parse_string

    return parse_string((files("theory") / "references.bib").read_text(encoding="utf-8"), "bibtex")


@cache
def _foreign(path: Path) -> BibliographyData:
    from pybtex.database import parse_file

    return parse_file(str(path), "bibtex")


def _entries() -> dict[str, Any]:
    # Reversed, so that the first of several entries with one key is kept.
    return {key: entry for data in (*map(_foreign, reversed(_added)), _own()) for key, entry in data.entries.items()}


def known_keys() -> frozenset[str]:
    """All source keys a statement may name.

    Examples
    --------
    >>> "cho2009kernel" in known_keys()
    True
    """
    return frozenset(_entries())


def add_bibliography(path: str | Path) -> None:
    """Make the entries of a BibTeX file known for this process, for theorems kept in a folder of one's own.

    A key that is taken may stand for the same work again, known by its title and its year; the first entry is kept.

    Raises
    ------
    StatementError : a key of the file is already taken by another work.
    """
    path = Path(path).resolve()
    if path in _added:
        return
    known = _entries()
    for key, entry in _foreign(path).entries.items():
        if key in known and _work(entry) != _work(known[key]):
            raise StatementError(
                f"{path}: the key {key} is already taken by {_title(known[key])!r}; received {_title(entry)!r}; "
                "rename it here and in source"
            )
    _added.append(path)


def _title(entry: Any) -> str:
    return str(entry.fields.get("title", "an entry without title"))


def _work(entry: Any) -> tuple[str, str]:
    """What two entries of one work agree in, however they are typed: letters of the title, and the year."""
    return re.sub(r"\\[a-zA-Z]+|[\W_]", "", _title(entry)).casefold(), str(entry.fields.get("year", ""))


def _select(keys: Iterable[str]) -> BibliographyData:
    from pybtex.database import BibliographyData

    entries = _entries()
    wanted = list(dict.fromkeys(known_name("source key", key, entries) for key in items("the source keys", keys)))
    return BibliographyData({key: entries[key] for key in wanted})


def _formatted(keys: Iterable[str], backend: Any) -> dict[str, str]:
    from pybtex.style.formatting.unsrt import Style

    data = _select(keys)
    return {e.key: e.text.render(backend) for e in Style().format_bibliography(data, list(data.entries))}


def citation(source: Any) -> str:
    """Formatted reference of a key, or of all the sources of a statement, one per line.

    Parameters
    ----------
    source : a key of the bibliography, or an object with `sources` (a statement).

    Raises
    ------
    UnknownNameError : a key is not in the bibliography; the nearest ones are suggested.
    DomainError : the source is neither a text nor a statement.

    Examples
    --------
    >>> print(citation("mehler1866"))  # doctest: +ELLIPSIS
    Ferdinand Gustav Mehler. Ueber die Entwicklung ... 66:161–176, 1866. doi:10.1515/crll.1866.66.161.
    """
    from pybtex.backends.plaintext import Backend

    if not isinstance(source, str) and not hasattr(source, "sources"):
        raise DomainError(f"a citation takes a source key or a statement; received {source!r}")
    keys = [source] if isinstance(source, str) else list(source.sources)
    return "\n".join(_formatted(keys, Backend()).values()) if keys else "no published source"


def bibtex(keys: Iterable[str]) -> str:
    """BibTeX source of the entries, in the order given and without repetition.

    Parameters
    ----------
    keys : one key of the bibliography, or a list of them.

    Raises
    ------
    UnknownNameError : a key is not in the bibliography; the nearest ones are suggested.

    Examples
    --------
    >>> bibtex("mehler1866").splitlines()[0]
    '@article{mehler1866,'
    """
    return _select([keys] if isinstance(keys, str) else keys).to_string("bibtex")


def bibitems(keys: Iterable[str]) -> str:
    r"""The entries as `\bibitem` lines, for a document that compiles without BibTeX."""
    from pybtex.backends.latex import Backend

    texts = _formatted(keys, Backend())
    return "\n".join(rf"\bibitem{{{key}}} {text}" for key, text in texts.items())
