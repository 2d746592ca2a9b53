"""The evidence ledger: results of chunks kept on disk, added to by every run."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import warnings
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from numerics.chunks import Payload, decode, encode
from numerics.ledger_file import COLUMNS, LedgerError, create, default_path, explained, open_file
from theory.arguments import items, whole
from theory.errors import DomainError

__all__ = ["Ledger", "LedgerEntry", "LedgerError", "LedgerWarning", "Merged", "keep", "opened_ledger"]

_INSERT = f"""
INSERT INTO evidence ({", ".join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key, version, chunk) DO NOTHING
"""
_SAME = "SELECT count(*) FROM evidence WHERE key = ? AND version = ? AND chunk = ? AND digest = ?"


class LedgerWarning(UserWarning):
    """Results that could not be written to the ledger; the run goes on and returns them."""


@dataclass(frozen=True)
class LedgerEntry:
    """What a ledger holds of one key in one version; `written` is the UTC time of the last chunk."""

    key: str
    version: str
    chunks: int
    samples: int
    written: str


@dataclass(frozen=True)
class Merged:
    """Chunks taken from another ledger: `added`, already `known`, and `conflicting` (other bits; ours were kept)."""

    added: int
    known: int
    conflicting: int


class Ledger:
    """File of evidence: one row per (key, version of what it depends on, chunk), holding the chunk's payload.

    Rows are added and never changed: recording a chunk that is there does nothing.  Several processes may write at
    once.  What was recorded survives the death of the process at any moment.  A file that is no whole ledger is
    refused and left as it is.

    Parameters
    ----------
    path : str or Path, optional
        The file, made if there is none; by default WIDETHEORY_LEDGER, or widetheory/ledger.sqlite in the user's data
        folder.
    readonly : bool
        Read an existing ledger, on a read-only medium if need be.

    Raises
    ------
    LedgerError
        If the file cannot be made, opened or written, or is foreign, damaged, cut short, or of another schema.

    Examples
    --------
    >>> import tempfile
    >>> from numerics.statistics import Accumulator
    >>> with tempfile.TemporaryDirectory() as folder, Ledger(folder + "/ledger.sqlite") as ledger:
    ...     ledger.record("norms", "v1", 0, {"norm": Accumulator.of([1.0, 3.0])})
    ...     ledger.chunks("norms", "v1")[0]["norm"].mean, ledger.missing("norms", "v1", range(3))
    True
    (2.0, [1, 2])
    """

    def __init__(self, path: str | Path | None = None, *, readonly: bool = False) -> None:
        chosen = default_path() if path is None else Path(path)
        try:
            self.path = chosen.expanduser().resolve()
            if path is None and not readonly:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            present = self.path.exists()
        except (OSError, RuntimeError, ValueError) as error:
            raise LedgerError(chosen, f"it cannot be reached ({error})") from error
        if not present and not readonly:
            create(self.path)
        self._connection = open_file(self.path, readonly)
        self._lock = threading.Lock()
        status = self.path.stat()
        self._identity = (status.st_dev, status.st_ino)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._lock:
            self._connection.close()

    def record(self, key: str, version: str, chunk: int, payload: Payload, samples: int = 0) -> bool:
        """Add the result of a chunk; whether it was new.

        Raises
        ------
        DomainError
            If the payload or the chunk number is not of the right kind.
        LedgerError
            If it cannot be written; the ledger is as before.
        """
        return self.record_encoded(key, version, [(chunk, encode(payload), samples)]) == 1

    def record_encoded(self, key: str, version: str, rows: Iterable[tuple[int, bytes, int]]) -> int:
        """Add (chunk, encoded payload, samples), all or none; how many were new."""
        written = datetime.now(UTC).isoformat(timespec="seconds")
        values = [
            (_text(key), _text(version), _number(chunk), _number(samples), written, _digest(data), data)
            for chunk, data, samples in items("rows", rows)
        ]
        with self._writing() as connection:
            return _inserted(connection, values)

    def chunks(self, key: str, version: str) -> dict[int, Payload]:
        """Payloads by chunk, in the order of the chunks.

        Raises LedgerError if a row does not have the content that was written.
        """
        query = "SELECT chunk, digest, payload FROM evidence WHERE key = ? AND version = ? ORDER BY chunk"
        found = self._read(query, (_text(key), _text(version)))
        return {chunk: decode(self._intact(data, digest, key, chunk)) for chunk, digest, data in found}

    def missing(self, key: str, version: str, chunks: Iterable[int]) -> list[int]:
        """Those of the chunks that are not recorded, in the order given."""
        rows = self._read("SELECT chunk FROM evidence WHERE key = ? AND version = ?", (_text(key), _text(version)))
        present = {chunk for (chunk,) in rows}
        return [chunk for chunk in items("chunks", chunks) if chunk not in present]

    def summary(self) -> list[LedgerEntry]:
        """One entry per key and version, in alphabetical order."""
        query = (
            "SELECT key, version, count(*), sum(samples), max(written) FROM evidence "
            "GROUP BY key, version ORDER BY key, max(written)"
        )
        return [LedgerEntry(*row) for row in self._read(query)]

    def merge(self, other: str | Path) -> Merged:
        """Add the chunks of another ledger, all or none; chunks that are here stay as they are.

        Raises
        ------
        LedgerError
            If the other file is no whole ledger, or this one cannot be written.
        """
        with Ledger(other, readonly=True) as source:
            if source._identity == self._identity:
                raise LedgerError(self.path, "a ledger cannot be merged into itself; give another file")
            with self._writing() as connection, closing(source._rows()) as rows:
                counts = Counter(_taken(connection, source._checked(row)) for row in rows)
        return Merged(counts["added"], counts["known"], counts["conflicting"])

    def _read(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise explained(self.path, error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._check_identity()
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    # A full disk may have ended the transaction by itself.
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise explained(self.path, error) from error

    def _check_identity(self) -> None:
        """What is written to a file that lost its name would be lost without a word."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise LedgerError(self.path, f"the file has gone away ({error})") from error
        if (status.st_dev, status.st_ino) != self._identity:
            raise LedgerError(self.path, "the file was replaced by another one while it was in use")

    def _rows(self) -> Generator[tuple[Any, ...], None, None]:
        try:
            yield from self._connection.execute(f"SELECT {', '.join(COLUMNS)} FROM evidence")
        except sqlite3.Error as error:
            raise explained(self.path, error) from error

    def _checked(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        key, _, chunk, _, _, digest, data = row
        self._intact(data, digest, key, chunk)
        return row

    def _intact(self, data: bytes, digest: bytes, key: str, chunk: int) -> bytes:
        if _digest(data) != digest:
            raise LedgerError(self.path, f"chunk {chunk} of {key!r} is damaged; restore a copy, or give another path")
        return data


@contextmanager
def opened_ledger(ledger: Ledger | str | Path | bool | None) -> Iterator[Ledger | None]:
    """The ledger meant by an option `ledger=`, closed at the end if it was opened here.

    A path: that file.  A `Ledger`: itself, which stays open.  True: the default file.  False: none.  None: the file
    named by WIDETHEORY_LEDGER if it is set, otherwise none.
    """
    if isinstance(ledger, Ledger):
        yield ledger
    elif ledger is False or (ledger is None and not os.environ.get("WIDETHEORY_LEDGER")):
        yield None
    else:
        with Ledger(None if ledger is True else ledger) as opened:
            yield opened


def keep(ledger: Ledger, key: str, version: str, rows: Iterable[tuple[int, bytes, int]]) -> LedgerError | None:
    """Record encoded chunks; where that fails, a LedgerWarning and the error, so that the results are not lost."""
    try:
        ledger.record_encoded(key, version, rows)
    except LedgerError as error:
        message = f"{error}; from here on results are kept in memory only, and returned at the end"
        warnings.warn(message, LedgerWarning, stacklevel=3)
        return error
    return None


def _inserted(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> int:
    before = connection.total_changes
    connection.executemany(_INSERT, rows)
    return connection.total_changes - before


def _taken(connection: sqlite3.Connection, row: tuple[Any, ...]) -> str:
    """Add one row of another ledger; what became of it."""
    if _inserted(connection, [row]):
        return "added"
    key, version, chunk, _, _, digest, _ = row
    same = connection.execute(_SAME, (key, version, chunk, digest)).fetchone()[0]
    return "known" if same else "conflicting"


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _text(value: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise DomainError(f"the key and the version of evidence are printable texts, not empty; received {value!r}")
    return value


def _number(value: int) -> int:
    return whole("the number of a chunk or of its samples", value, 0, 2**63 - 1)
