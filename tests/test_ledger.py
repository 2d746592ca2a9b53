"""The ledger: what is written comes back, by many writers, over many deaths; what is no ledger is refused."""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import chunk_tasks
import numpy as np
import pytest

from numerics import ledger_file
from numerics.chunk_runs import run_chunks
from numerics.chunks import decode, encode
from numerics.cli import main
from numerics.ledger import Ledger, LedgerError, LedgerWarning, Merged, opened_ledger
from numerics.ledger_file import default_path
from numerics.statistics import Accumulator
from numerics.versions import content_version, statement_version
from theory.errors import DomainError, TheoryError

SCRIPT = Path(chunk_tasks.__file__)


def payload(number: int = 0) -> dict:
    return {"x": Accumulator.of([1.0, 2.5, number]), "a": np.arange(4.0) * number, "label": "ρ", "n": number}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def filled(path):
    with Ledger(path) as ledger:
        for chunk in range(200):
            ledger.record("key", "v1", chunk, payload(chunk), samples=3)
    return path


class TestPayloads:
    @pytest.mark.parametrize(
        "value",
        [
            Accumulator.of([0.1, 1e-300, -5.0]),
            Accumulator(),
            Accumulator(3, -0.0, float("inf"), float("nan"), 1.0, -1.0, 2.0),
            np.zeros((0, 3)),
            np.array(2.5),
            np.arange(6).reshape(2, 3).T,
            np.array([1 + 2j, np.nan]),
            np.array([True, False]),
            np.arange(3, dtype=">i4"),
            np.float32(0.1),
            0.1,
            float("-inf"),
            -0.0,
            True,
            2**80,
            None,
            "line\nbreak ρ \ud800",
        ],
        ids=repr,
    )
    def test_bits_come_back(self, value):
        data = encode({"before": np.ones(2), "name": value, "after": np.ones(3)})
        found = decode(data)
        assert list(found) == ["before", "name", "after"]
        assert found["after"].tolist() == [1, 1, 1]
        if isinstance(value, np.ndarray | np.generic):
            np.testing.assert_array_equal(found["name"], value)
            assert found["name"].dtype == value.dtype.newbyteorder("<")
            assert found["name"].shape == value.shape
            found["name"][...] = 0
        else:
            assert type(found["name"]) is type(value)
            assert repr(found["name"]) == repr(value)
        assert encode(decode(data)) == data

    @pytest.mark.parametrize("value", [object(), [1.0], {"a": 1}, np.array(["a"]), np.array([None]), 1j, b"x"])
    def test_other_values_are_refused(self, value):
        with pytest.raises(DomainError, match="plain values"):
            encode({"name": value})
        with pytest.raises(DomainError, match="named by texts"):
            encode({0: 1.0})

    def test_cut_bytes_are_refused(self):
        data = encode(payload(3))
        for cut in (0, 1, 20, len(data) // 2, len(data) - 1):
            with pytest.raises(TheoryError, match="not the result of a chunk"):
                decode(data[:cut])
        with pytest.raises(TheoryError, match="not the result of a chunk"):
            decode(data + b"x")


class TestRows:
    def test_record_missing_chunks_summary(self, path):
        with Ledger(path) as ledger:
            assert ledger.record("b", "v1", 2, payload(2), samples=5)
            assert ledger.record("b", "v1", 0, payload(0), samples=5)
            assert ledger.record("b", "v2", 0, payload(7))
            assert ledger.record("a", "v1", 0, payload(1), samples=1)
            assert ledger.missing("b", "v1", range(4)) == [1, 3]
            assert ledger.missing("b", "v3", range(2)) == [0, 1]
            assert list(ledger.chunks("b", "v1")) == [0, 2]
            assert ledger.chunks("b", "v1")[2]["x"] == payload(2)["x"]
            entries = ledger.summary()
        assert [(e.key, e.version, e.chunks, e.samples) for e in entries] == [
            ("a", "v1", 1, 1),
            ("b", "v1", 2, 10),
            ("b", "v2", 1, 0),
        ]

    def test_a_row_is_never_changed(self, path):
        with Ledger(path) as ledger:
            assert ledger.record("key", "v1", 0, payload(1))
            assert not ledger.record("key", "v1", 0, payload(1))
            assert not ledger.record("key", "v1", 0, payload(2))
            assert ledger.chunks("key", "v1")[0]["n"] == 1

    def test_all_or_none(self, path):
        with Ledger(path) as ledger:
            with pytest.raises(DomainError):
                ledger.record_encoded("key", "v1", [(0, encode(payload()), 0), (-1, encode(payload()), 0)])
            assert ledger.chunks("key", "v1") == {}

    @pytest.mark.parametrize(
        "arguments", [("", "v", 0), ("k", "", 0), ("k\n", "v", 0), ("k", "v", -1), ("k", "v", 2**63)]
    )
    def test_bad_arguments(self, path, arguments):
        with Ledger(path) as ledger, pytest.raises(DomainError):
            ledger.record(*arguments, payload())

    def test_closed(self, path):
        ledger = Ledger(path)
        ledger.close()
        ledger.close()
        with pytest.raises(LedgerError, match="closed"):
            ledger.summary()

    def test_damaged_row_is_reported(self, filled):
        with sqlite3.connect(filled) as connection:
            connection.execute("UPDATE evidence SET payload = ? WHERE chunk = 7", (encode(payload(8)),))
        connection.close()
        with Ledger(filled) as ledger, pytest.raises(LedgerError, match="chunk 7 of 'key' is damaged"):
            ledger.chunks("key", "v1")
        with Ledger(filled.with_name("other")) as other:
            with pytest.raises(LedgerError, match="chunk 7"):
                other.merge(filled)
            assert other.summary() == []

    def test_merge(self, filled, tmp_path):
        with Ledger(tmp_path / "other") as other:
            other.record("key", "v1", 0, payload(0))
            other.record("key", "v1", 1, payload(99))
            other.record("new", "v1", 0, payload(0))
            assert other.merge(filled) == Merged(added=198, known=1, conflicting=1)
            assert other.merge(filled) == Merged(added=0, known=199, conflicting=1)
            assert other.chunks("key", "v1")[1]["n"] == 99
            assert len(other.chunks("key", "v1")) == 200
            with pytest.raises(LedgerError, match="itself"):
                other.merge(tmp_path / "other")


class TestPath:
    def test_default(self, monkeypatch, tmp_path):
        monkeypatch.delenv("WIDETHEORY_LEDGER", raising=False)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        monkeypatch.setattr(ledger_file.sys, "platform", "linux")
        assert default_path() == tmp_path / "data" / "widetheory" / "ledger.sqlite"
        with opened_ledger(None) as none, opened_ledger(False) as off:
            assert none is None
            assert off is None
        with opened_ledger(True) as ledger:
            assert ledger.path == default_path()

    def test_environment(self, monkeypatch, tmp_path):
        monkeypatch.setenv("WIDETHEORY_LEDGER", str(tmp_path / "here.sqlite"))
        with opened_ledger(None) as ledger, opened_ledger(False) as off:
            assert ledger.path == tmp_path / "here.sqlite"
            assert off is None
        with opened_ledger(tmp_path / "there.sqlite") as ledger:
            assert ledger.path.name == "there.sqlite"


class TestRefusals:
    def refused(self, path, reason):
        before = path.read_bytes()
        for readonly in (False, True):
            with pytest.raises(LedgerError, match=reason) as caught:
                Ledger(path, readonly=readonly)
            assert str(path) in str(caught.value)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("seed", range(12))
    def test_cut_short(self, filled, seed):
        size = filled.stat().st_size
        length = random.Random(seed).randrange(1, size)
        os.truncate(filled, length)
        self.refused(filled, "cut short|not a ledger")

    @pytest.mark.parametrize("length", [0, 1, 15, 16, 50, 99, 100, 4095, 4096, 8192, -1])
    def test_cut_short_at_the_corners(self, filled, length):
        os.truncate(filled, length % filled.stat().st_size)
        self.refused(filled, "cut short")

    def test_damaged_inside(self, filled):
        data = bytearray(filled.read_bytes())
        data[4096:8192] = bytes(4096)
        filled.write_bytes(data)
        self.refused(filled, "damaged")

    def test_foreign_files(self, path):
        for content in (b"hello", b"key,value\n" * 1000, bytes(5000), os.urandom(50)):
            path.write_bytes(content)
            self.refused(path, "not a ledger")

    @pytest.mark.parametrize(
        ("place", "command", "reason"),
        [
            ("path", "CREATE TABLE evidence (key TEXT)", "not a ledger"),
            ("filled", "PRAGMA user_version = 9", "schema 9"),
            ("filled", "ALTER TABLE evidence RENAME TO other", "lacks the table"),
        ],
    )
    def test_foreign_data_base(self, request, place, command, reason):
        path = request.getfixturevalue(place)
        with sqlite3.connect(path) as connection:
            connection.execute(command)
        connection.close()
        self.refused(path, reason)

    def test_folder_device_missing_folder(self, tmp_path):
        for place, reason in (
            (tmp_path, "folder or a device"),
            (Path(os.devnull), "folder or a device"),
            (tmp_path / "no" / "ledger", "folder that exists"),
            (tmp_path / "nul\0", "cannot be reached"),
        ):
            with pytest.raises(LedgerError, match=reason):
                Ledger(place)
        with pytest.raises(LedgerError, match="no such file"):
            Ledger(tmp_path / "none", readonly=True)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("when", ["at once", "without hard links", "in the last step"])
    def test_no_room_for_a_new_ledger(self, tmp_path, monkeypatch, when):
        resource = pytest.importorskip("resource")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)

        def fill():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))

        def refuse(*_):
            if when == "in the last step":
                fill()
            raise OSError("no hard links")

        if when != "at once":
            monkeypatch.setattr(os, "link", refuse)
        try:
            if when == "at once":
                fill()
            if when == "without hard links":
                Ledger(tmp_path / "ledger").close()
            else:
                with pytest.raises(LedgerError, match=r"disk refuses|cannot be made"):
                    Ledger(tmp_path / "ledger")
        finally:
            monkeypatch.undo()
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert [path.name for path in tmp_path.iterdir()] == ["ledger"] * (when == "without hard links")
        Ledger(tmp_path / "ledger").close()

    def test_log_without_its_file(self, path):
        path.with_name(path.name + "-wal").write_bytes(b"log")
        with pytest.raises(LedgerError, match="the file is missing"):
            Ledger(path)
        assert not path.exists()

    def test_error_survives_pickling(self, path):
        error = pickle.loads(pickle.dumps(LedgerError(path, "reason")))
        assert (error.path, str(error)) == (path, f"ledger {path}: reason")


class TestLogLeftBehind:
    """A process that is killed leaves its log beside the file."""

    @pytest.fixture
    def copy(self, path, tmp_path):
        with Ledger(path) as ledger:
            for chunk in range(50):
                ledger.record("key", "v1", chunk, payload(chunk))
            for suffix in ("", "-wal"):
                shutil.copy(f"{path}{suffix}", f"{tmp_path / 'copy'}{suffix}")
        return tmp_path / "copy"

    @pytest.mark.parametrize("readonly", [False, True])
    def test_it_is_read(self, copy, readonly):
        with Ledger(copy, readonly=readonly) as ledger:
            assert ledger.missing("key", "v1", range(51)) == [50]

    def test_cut_log_costs_the_last_rows(self, copy):
        log = copy.with_name("copy-wal")
        os.truncate(log, log.stat().st_size // 2)
        with Ledger(copy) as ledger:
            present = len(ledger.chunks("key", "v1"))
            assert 0 < present < 50
            assert ledger.missing("key", "v1", range(50)) == list(range(present, 50))

    def test_cut_file_is_refused(self, copy):
        os.truncate(copy, 50)
        with pytest.raises(LedgerError, match="cut short"):
            Ledger(copy)


@contextlib.contextmanager
def without_privileges():
    """Run as an ordinary user in a folder of its own; the permissions of files mean nothing to root."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
class TestPermissions:
    def test_read_only_file(self):
        with without_privileges() as folder:
            with Ledger(folder / "ledger") as ledger:
                ledger.record("key", "v1", 0, payload())
            (folder / "ledger").chmod(0o444)
            with pytest.raises(LedgerError, match="cannot be written"):
                Ledger(folder / "ledger")
            with Ledger(folder / "ledger", readonly=True) as ledger:
                assert len(ledger.chunks("key", "v1")) == 1

    def test_read_only_folder(self):
        with without_privileges() as folder:
            with Ledger(folder / "ledger") as ledger:
                ledger.record("key", "v1", 0, payload())
            (folder / "ledger").chmod(0o444)
            folder.chmod(0o555)
            with pytest.raises(LedgerError, match="cannot be"):
                Ledger(folder / "ledger")
            with pytest.raises(LedgerError, match="cannot be made"):
                Ledger(folder / "new")
            with Ledger(folder / "ledger", readonly=True) as ledger:
                assert len(ledger.chunks("key", "v1")) == 1

    def test_unreadable_file(self):
        with without_privileges() as folder:
            Ledger(folder / "ledger").close()
            (folder / "ledger").chmod(0)
            with pytest.raises(LedgerError, match="cannot be read"):
                Ledger(folder / "ledger")


class TestFailingLater:
    """A ledger that fails during a run costs a warning and no result."""

    def expected(self):
        return chunk_tasks.numbers(run_chunks(chunk_tasks.Normals(), 40))

    def test_full_disk(self, path):
        with Ledger(path) as ledger:
            ledger._connection.execute("PRAGMA max_page_count = 5")
            with pytest.warns(LedgerWarning, match="disk is full; make room") as caught:
                found = run_chunks(chunk_tasks.Normals(), 40, 2, ledger, key="normals", version="1")
            assert len(caught) == 1
            assert isinstance(found.unrecorded, LedgerError)
            assert chunk_tasks.numbers(found) == self.expected()
            kept = ledger.chunks("normals", "1")
        assert len(kept) < 40
        with Ledger(path) as ledger:  # room again
            found = run_chunks(chunk_tasks.Normals(), 40, 2, ledger, key="normals", version="1")
            assert (found.resumed, found.unrecorded) == (len(kept), None)
            assert chunk_tasks.numbers(found) == self.expected()

    def test_file_taken_away(self, path):
        with Ledger(path) as ledger:
            path.rename(path.with_name("elsewhere"))
            with pytest.warns(LedgerWarning, match="gone away"):
                found = run_chunks(chunk_tasks.Normals(), 40, 2, ledger, key="normals", version="1")
            assert chunk_tasks.numbers(found) == self.expected()
            path.with_name("elsewhere").rename(path)

    def test_file_replaced(self, path, tmp_path):
        with Ledger(path) as ledger, Ledger(tmp_path / "other") as other:
            os.replace(tmp_path / "other", path)
            with pytest.raises(LedgerError, match="replaced"):
                ledger.record("key", "v1", 0, payload())
            del other


class TestManyWriters:
    def test_threads_of_one_ledger(self, path):
        with Ledger(path) as ledger:

            def write(part):
                for chunk in range(part, 200, 4):
                    ledger.record("key", "v1", chunk, payload(chunk))

            threads = [threading.Thread(target=write, args=(part,)) for part in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert ledger.missing("key", "v1", range(200)) == []

    def test_two_processes_lose_nothing(self, path):
        """They make the file at once, share one key, and have one key each."""
        expected = chunk_tasks.numbers(run_chunks(chunk_tasks.Normals(), 300))
        commands = [[str(path), "threads", "300", "0.001", key] for key in ("shared", "shared", "one", "two")]
        runs = [
            subprocess.Popen([sys.executable, str(SCRIPT), *command], stdout=subprocess.PIPE, text=True)
            for command in commands
        ]
        assert [run.communicate()[0].splitlines()[-1] for run in runs] == [expected] * 4
        with Ledger(path) as ledger:
            for key in ("shared", "one", "two"):
                assert ledger.missing(key, "1", range(300)) == []
            assert ledger.summary()[0].samples == 300 * 200

    def test_writer_waits_for_a_reader_and_a_writer(self, filled):
        with Ledger(filled) as one, Ledger(filled) as two, Ledger(filled, readonly=True) as reader:
            rows = reader._connection.execute("SELECT chunk FROM evidence")
            rows.fetchone()
            assert one.record("key", "v1", 1000, payload())
            assert two.record("key", "v1", 1001, payload())
            rows.close()
            assert reader.missing("key", "v1", [1000, 1001, 1002]) == [1002]


def test_versions():
    assert content_version("a") == content_version(b"a")
    assert len({content_version(*parts) for parts in (["a"], ["b"], ["a", "b"], ["b", "a"], ["ab"], [])}) == 6
    names = ["relu_dual", "step_dual"]
    assert len({statement_version(name) for name in names}) == 2
    assert statement_version("relu_dual") == statement_version("relu_dual")


class TestCommand:
    def test_show_and_merge(self, filled, tmp_path, capsys):
        assert main(["ledger", "show", "--path", str(filled)]) == 0
        out = capsys.readouterr().out
        for text in ("key", "v1", "200", "600", "ledger.sqlite"):
            assert text in out
        other = tmp_path / "other.sqlite"
        assert main(["ledger", "merge", str(filled), "--path", str(other)]) == 0
        assert "200 chunks added" in capsys.readouterr().out
        with Ledger(other) as ledger:
            ledger.record("key", "v1", 500, payload(1))
        with Ledger(filled) as ledger:
            ledger.record("key", "v1", 500, payload(2))
        assert main(["ledger", "merge", str(filled), "--path", str(other)]) == 1
        assert "1 conflicting" in capsys.readouterr().out

    @pytest.mark.parametrize("action", ["show", "merge"])
    def test_refused(self, tmp_path, capsys, action):
        text = tmp_path / "text"
        text.write_text("no ledger")
        arguments = ["--path", str(text)] if action == "show" else ["--path", str(tmp_path / "new"), str(text)]
        assert main(["ledger", action, *arguments]) == 2
        assert "not a ledger" in capsys.readouterr().err
        assert text.read_text() == "no ledger"
