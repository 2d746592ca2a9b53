"""The file of a ledger: where it lies, how it is made, and how a file that is none is refused."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from theory.errors import TheoryError

__all__ = ["COLUMNS", "LedgerError", "create", "default_path", "explained", "open_file"]

# "WTHL", in the header of the file: tells a ledger from any other data base.
APPLICATION = 0x5754484C
SCHEMA = 1
COLUMNS = ("key", "version", "chunk", "samples", "written", "digest", "payload")
# Seconds to wait for another process that writes.
PATIENCE = 60.0

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_CREATE = """
CREATE TABLE evidence (
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    written TEXT NOT NULL,
    digest BLOB NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (key, version, chunk)
)
"""
_REMEDIES = {
    "SQLITE_FULL": "the disk is full; make room",
    "SQLITE_READONLY": "it cannot be written; check its permissions and those of its folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check its permissions and those of its folder",
    "SQLITE_PERM": "it cannot be written; check its permissions and those of its folder",
    "SQLITE_BUSY": "another process has kept it locked for a minute; try again",
    "SQLITE_IOERR": "the disk refuses to write or read; check its space, quota and health",
    "SQLITE_CORRUPT": "it is damaged or cut short; restore a copy, or give another path",
    "SQLITE_NOTADB": "it is damaged or no ledger; restore a copy, or give another path",
}


class LedgerError(TheoryError):
    """A ledger that cannot be opened, read or written; `path` is its file, which is left as it is."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"ledger {path}: {reason}")

    def __reduce__(self) -> tuple[type[LedgerError], tuple[Path, str]]:
        return type(self), (self.path, self.reason)


def default_path() -> Path:
    """File of the ledger: WIDETHEORY_LEDGER, or widetheory/ledger.sqlite in the user's data folder."""
    chosen = os.environ.get("WIDETHEORY_LEDGER")
    if chosen:
        return Path(chosen)
    try:
        if sys.platform == "win32":
            data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            data = Path.home() / "Library" / "Application Support"
        else:
            data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    except RuntimeError as error:
        raise LedgerError(Path("ledger.sqlite"), f"there is no home folder ({error}); set WIDETHEORY_LEDGER") from error
    return data / "widetheory" / "ledger.sqlite"


def explained(path: Path, error: sqlite3.Error) -> LedgerError:
    """The error of the data base in words, with the remedy."""
    name = getattr(error, "sqlite_errorname", "") or ""
    remedy = next((text for start, text in _REMEDIES.items() if name.startswith(start)), "")
    return LedgerError(path, f"{error}: {remedy}" if remedy else str(error))


def create(path: Path) -> None:
    """Make an empty ledger, unless there is a file of that name.

    It is made aside and then given its name, so that no reader and no crash ever meets half a ledger.
    """
    # Another process may have made the ledger, and its log, since the caller looked.
    if path.with_name(path.name + "-wal").exists() and not path.exists():
        raise LedgerError(
            path, f"the file is missing, but {path.name}-wal is there: bring the file back, or remove both"
        )
    aside = None
    try:
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".new")
        os.close(descriptor)
        connection = sqlite3.connect(aside, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
            connection.execute(_CREATE)
            connection.execute("COMMIT")
        finally:
            connection.close()
        _name_it(Path(aside), path)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    except OSError as error:
        raise LedgerError(
            path, f"it cannot be made ({error}): give a path in a folder that exists and is writable"
        ) from error
    finally:
        if aside is not None:
            Path(aside).unlink(missing_ok=True)


def _name_it(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)
    except FileExistsError:
        return  # another process was faster
    except OSError:
        # A file system without hard links; the content is small enough for a single write.
        with suppress(FileExistsError), open(path, "xb") as file:
            try:
                file.write(aside.read_bytes())
                file.flush()
            except OSError:
                path.unlink()
                raise


def open_file(path: Path, readonly: bool) -> sqlite3.Connection:
    """Connection to an existing ledger.

    Raises
    ------
    LedgerError
        If the file is missing, foreign, of a newer schema, cut short, damaged, or without permission.
    """
    _check_header(path)
    connection = None
    try:
        connection = _connected(path, readonly)
        columns = tuple(row[1] for row in connection.execute("PRAGMA table_info(evidence)"))
        if columns != COLUMNS:
            raise LedgerError(path, "it lacks the table of a ledger; restore a copy, or give another path")
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise LedgerError(path, f"{_REMEDIES['SQLITE_CORRUPT']} ({found})")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise explained(path, error) from error
    except LedgerError:
        if connection is not None:
            connection.close()
        raise
    return connection


def _check_header(path: Path) -> None:
    """Refuse what is no ledger by its first bytes and its size, before the data base library may touch it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise LedgerError(path, "a ledger is a file; this is a folder or a device")
        logged = _has_log(path)
        with open(path, "rb") as file:
            head = file.read(_HEADER)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError as error:
        raise LedgerError(path, "there is no such file") from error
    except OSError as error:
        raise LedgerError(path, f"it cannot be read ({error})") from error
    if len(head) < _HEADER and _MAGIC.startswith(head[: len(_MAGIC)]):
        raise LedgerError(path, f"it is cut short ({size} bytes); restore a copy, or give another path")
    if not head.startswith(_MAGIC) or int.from_bytes(head[68:72], "big") != APPLICATION:
        raise LedgerError(path, "it is not a ledger of widetheory; give another path")
    schema = int.from_bytes(head[60:64], "big")
    if schema != SCHEMA:
        raise LedgerError(path, f"it has the schema {schema}, this version reads {SCHEMA}; use another version or path")
    whole = int.from_bytes(head[16:18], "big") * int.from_bytes(head[28:32], "big")
    # While there is a log, the last pages may be in it alone.
    if size < whole and not logged and not _has_log(path):
        raise LedgerError(path, f"it is cut short ({size} of {whole} bytes); restore a copy, or give another path")


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _connected(path: Path, readonly: bool) -> sqlite3.Connection:
    modes = ["mode=ro", "mode=ro&immutable=1"] if readonly else ["mode=rw"]
    for mode in modes:
        uri = f"{path.as_uri()}?{mode}"
        connection = sqlite3.connect(uri, PATIENCE, isolation_level=None, check_same_thread=False, uri=True)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if not readonly:
                # A write-protected file is opened for reading without complaint; the first write would tell.
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
                connection.execute("ROLLBACK")
            return connection
        except sqlite3.OperationalError:
            connection.close()
            # A log that cannot be opened beside a file on a read-only medium: nobody writes there.
            if mode == modes[-1] or _has_log(path):
                raise
        except BaseException:
            connection.close()
            raise
    raise AssertionError("unreachable")
