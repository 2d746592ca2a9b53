"""Runs of chunks: the same bits wherever they run, after any number of deaths, and what happens on errors."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import chunk_tasks
import pytest
from chunk_tasks import Alone, Deadly, Failing, Normals, Prepared, TwoWordError, numbers

from numerics import progress, versions
from numerics.chunk_runs import run_chunks
from numerics.chunks import ChunkResults, Interrupted, LostWorkerError, Task
from numerics.executors import Cluster, ExecutorError, Given, Pool, Processes, Threads, available_cores, place
from numerics.ledger import Ledger
from numerics.progress import Progress
from numerics.statistics import Accumulator
from numerics.verdict import Verdict
from numerics.verification import verify_all
from theory.errors import DomainError

SCRIPT = Path(chunk_tasks.__file__)
COUNT = 120


@pytest.fixture(scope="module")
def expected():
    return numbers(run_chunks(Normals(), COUNT, Threads(1)))


@pytest.fixture(scope="module")
def processes():
    """Two processes of the caller."""
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        yield executor


class TestSameBits:
    @pytest.mark.parametrize("threads", [None, 2, 3, 17])
    def test_threads(self, expected, threads):
        assert numbers(run_chunks(Normals(), COUNT, threads)) == expected

    def test_other_numbers_are_seen(self, expected):
        assert numbers(run_chunks(Normals(1), COUNT)) != expected
        assert numbers(run_chunks(Normals(), COUNT - 1)) != expected

    def test_executors_of_the_caller(self, expected, processes):
        assert numbers(run_chunks(Normals(), COUNT, processes)) == expected
        with ThreadPoolExecutor(3) as threads:
            assert numbers(run_chunks(Normals(), COUNT, threads)) == expected
            assert threads.submit(int, "1").result() == 1

    def test_our_processes(self, expected):
        assert numbers(run_chunks(Normals(), COUNT, Processes(2))) == expected

    def test_any_order_and_any_split(self, expected, tmp_path):
        order = list(range(COUNT))
        random.Random(0).shuffle(order)
        assert numbers(run_chunks(Normals(), order)) == expected
        with Ledger(tmp_path / "ledger") as ledger:
            for part in (order[:1], order[:40], order[30:70]):
                run_chunks(Normals(), part, ledger=ledger, key="normals", version="1")
            found = run_chunks(Normals(), COUNT, ledger=ledger, key="normals", version="1")
            assert found.resumed == 70
            assert numbers(found) == expected
            again = run_chunks(Normals(), COUNT, ledger=ledger, key="normals", version="1")
            assert (again.resumed, numbers(again)) == (COUNT, expected)
            other = run_chunks(Normals(), 3, ledger=ledger, key="normals", version="2")
            assert other.resumed == 0

    def test_batches_follow_the_cost(self):
        """Cheap chunks are handed out together, dear ones one by one."""

        class Counting(ThreadPoolExecutor):
            sizes: list[int]

            def submit(self, function, /, *arguments):
                self.sizes.append(len(arguments[1]))
                return super().submit(function, *arguments)

        for pause, most in ((0.0, 10_000), (0.3, 1)):
            with Counting(1) as executor:
                executor.sizes = []
                count = 500 if not pause else 4
                run_chunks(Normals(0, pause), count, executor)
            assert sum(executor.sizes) == count
            assert (max(executor.sizes) > 10) == (not pause)
            assert max(executor.sizes) <= most


class TestResults:
    def test_merged(self):
        found = run_chunks(Normals(), [5, 2])
        assert list(found) == [2, 5]
        assert len(found) == 2
        assert found.merged("head").tolist() == [*found[2]["head"], *found[5]["head"]]
        assert found.merged("x") == found[2]["x"].merge(found[5]["x"])
        assert isinstance(found.merged("x"), Accumulator)
        with pytest.raises(DomainError, match="float"):
            found.merged("exponential")
        with pytest.raises(KeyError):
            found.merged("y")

    def test_none_at_all(self):
        assert len(run_chunks(Normals(), 0)) == len(run_chunks(Normals(), [])) == 0
        with pytest.raises(DomainError, match="no chunk"):
            ChunkResults({}).merged("x")

    def test_done_is_told_of_each(self, tmp_path):
        seen = []
        with Ledger(tmp_path / "ledger") as ledger:
            for count in (3, 10):
                run_chunks(
                    Normals(), count, 2, ledger, key="k", version="v", done=lambda chunk, payload: seen.append(chunk)
                )
        assert sorted(seen) == list(range(10))


class TestPreparation:
    def test_once_here(self):
        chunk_tasks._PREPARED.clear()
        run_chunks(Prepared(), 20, 4)
        (name,) = chunk_tasks._PREPARED
        assert name == threading.current_thread().name

    def test_once_in_every_process(self, processes):
        found = run_chunks(Prepared(), 20, processes)
        assert {payload["prepared"] for payload in found.values()} == {1}

    def test_symbolic_tasks_run_alone(self):
        found = run_chunks(Alone(), 12, 6)
        assert {payload["inside"] for payload in found.values()} == {1}


@dataclass(frozen=True)
class Local(Task):
    """Cannot be pickled."""

    function: object

    def run(self, chunk):
        return {"value": self.function(chunk)}


@dataclass(frozen=True)
class Wrong(Task):
    """Gives what no chunk may give."""

    result: object

    def run(self, chunk):
        return self.result


class TestErrors:
    @pytest.mark.parametrize("where", ["threads", "processes"])
    def test_the_lowest_failure_is_raised_and_the_rest_is_kept(self, where, processes, tmp_path):
        executor = processes if where == "processes" else 2
        with Ledger(tmp_path / "ledger") as ledger:
            with pytest.raises(TwoWordError, match="layer 3 of replica 6") as caught:
                run_chunks(Failing((7, 6)), 500, executor, ledger, key="k", version="v")
            assert caught.value.layer == 3
            assert "in chunk 6" in caught.value.__notes__[0]
            kept = ledger.chunks("k", "v")
        assert set(range(6)) <= set(kept)
        assert not {6, 7} & set(kept)
        assert len(kept) < 500

    def test_not_picklable(self, processes):
        assert run_chunks(Local(lambda chunk: chunk), 3)[2]["value"] == 2
        with pytest.raises(DomainError, match="can be pickled"):
            run_chunks(Local(lambda chunk: chunk), 3, processes)

    def test_result_that_cannot_be_kept(self):
        for result, reason in (({"value": [1]}, "plain values"), (None, "a dictionary")):
            with pytest.raises(DomainError, match=reason):
                run_chunks(Wrong(result), 3)

    def test_executor_that_is_closed(self):
        with ThreadPoolExecutor(1) as executor:
            pass
        with pytest.raises(ExecutorError, match="takes no more work"):
            run_chunks(Normals(), 3, executor)

    @pytest.mark.parametrize("executor", ["threads", 0, -1, True, 2.0, object()])
    def test_no_executor(self, executor):
        with pytest.raises(DomainError):
            run_chunks(Normals(), 3, executor)

    def test_bad_arguments(self, tmp_path):
        for chunks in (-1, [-1, 2]):
            with pytest.raises(DomainError):
                run_chunks(Normals(), chunks)
        with pytest.raises(DomainError, match="needs a Task"):
            run_chunks(object(), 3)
        with pytest.raises(DomainError, match="key and a version"):
            run_chunks(Normals(), 3, ledger=tmp_path / "ledger")
        with pytest.raises(DomainError, match="at least 1"):
            Processes(0)
        with pytest.raises(DomainError, match="address"):
            Cluster("")

    def test_place(self):
        assert place(None) == Threads()
        assert place(3) == Threads(3)
        assert available_cores() >= 1
        with ThreadPoolExecutor(5) as executor, Given(executor).open() as pool:
            assert pool == Pool(executor, 5, remote=False)

    def test_error_in_the_callback_ends_the_run(self):
        def broken(chunk, payload):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            run_chunks(Normals(), 1000, 2, done=broken)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
class TestLostWorkers:
    def test_our_processes_run_a_lost_chunk_again(self, tmp_path):
        found = run_chunks(Deadly(str(tmp_path / "mark")), 12, Processes(2))
        assert [payload["chunk"] for payload in found.values()] == list(range(12))
        assert (tmp_path / "mark").exists()

    def test_a_deadly_chunk_is_given_up(self, tmp_path):
        with Ledger(tmp_path / "ledger") as ledger:
            with pytest.raises(LostWorkerError, match="__main__") as caught:
                run_chunks(Deadly(str(tmp_path / "mark"), True), 8, Processes(1), ledger, key="k", version="v")
            assert set(ledger.chunks("k", "v")) == set(caught.value.partial) >= set(range(5))
        assert 5 not in caught.value.partial

    def test_a_broken_pool_of_the_caller_is_reported(self, tmp_path):
        with ProcessPoolExecutor(1, get_context("spawn")) as executor:
            with pytest.raises(LostWorkerError) as caught:
                run_chunks(Deadly(str(tmp_path / "mark")), 12, executor)
            assert 5 not in caught.value.partial
            with pytest.raises(LostWorkerError):
                run_chunks(Normals(), 12, executor)

    def test_workers_end_with_a_killed_parent(self, tmp_path):
        run = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(tmp_path / "ledger"), "processes", "1000", "0.05"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        with run:
            run.stdout.readline()
            while not chunks_kept(tmp_path / "ledger"):
                time.sleep(0.05)
            run.kill()
            run.wait()
            # Standard output is held open by every worker that lives.
            assert run.stdout.read() == b""


def chunks_kept(path, key="normals"):
    with contextlib.suppress(ValueError), Ledger(path, readonly=True) as ledger:
        return sum(entry.chunks for entry in ledger.summary() if entry.key == key)
    return 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
class TestDeath:
    @pytest.mark.parametrize(("where", "deaths"), [("threads", 5), ("processes", 2)])
    def test_killed_again_and_again(self, tmp_path, where, deaths):
        """kill -9 at random moments, then a run to the end: the numbers of an undisturbed run."""
        path, rng = tmp_path / "ledger", random.Random(where)
        command = [sys.executable, str(SCRIPT), str(path), where, "240", "0.01"]
        kept = [0]
        for death in range(deaths):
            with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
                # The first dies anywhere, also while the ledger is made; the others while they add to it.
                while death and chunks_kept(path) == kept[-1]:
                    time.sleep(0.01)
                time.sleep(rng.uniform(0.0, 0.2))
                run.kill()
            assert run.returncode == -signal.SIGKILL
            kept.append(chunks_kept(path))
        assert kept == sorted(kept)
        assert 0 < kept[-1] < 240
        final = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        assert final == numbers(run_chunks(Normals(), 240))

    @pytest.mark.parametrize("where", ["threads", "processes"])
    def test_ctrl_c_keeps_what_is_finished(self, tmp_path, where):
        path = tmp_path / "ledger"
        command = [sys.executable, str(SCRIPT), str(path), where, "2000", "0.01"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        # A run in the background inherits an ignored SIGINT.
        heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        with subprocess.Popen(command, **pipes, start_new_session=True, preexec_fn=heed) as run:
            while not chunks_kept(path):
                time.sleep(0.05)
            os.killpg(run.pid, signal.SIGINT)
            _, error = run.communicate(timeout=30)
        assert run.returncode != 0
        text = error.decode()
        assert "interrupted with" in text
        finished = int(text.split("interrupted with")[1].split()[0])
        assert chunks_kept(path) == finished > 0

    def test_partial_results(self):
        def interrupt(chunk, payload):
            if chunk == 30:
                raise KeyboardInterrupt

        with pytest.raises(Interrupted) as caught:
            run_chunks(Normals(0, 0.001), 5000, 2, done=interrupt)
        partial = caught.value.partial
        assert set(range(31)) <= set(partial)
        assert len(partial) < 5000
        assert partial[30]["x"] == run_chunks(Normals(), [30])[30]["x"]


class OtherVersion:
    """The version of other packages here, and of these packages on a worker."""

    def __call__(self):
        return "other"

    def __reduce__(self):
        return getattr, (versions, "engine_version")


class TestCluster:
    def test_unreachable(self):
        pytest.importorskip("distributed")
        with pytest.raises(ExecutorError, match=r"no cluster answers at 'tcp://127.0.0.1:1' within 0.3 s"):
            run_chunks(Normals(), 3, Cluster("tcp://127.0.0.1:1", timeout=0.3))
        with pytest.raises(ExecutorError, match="no cluster answers"):
            run_chunks(Normals(), 3, Cluster("nonsense"))

    def test_missing_library(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(ExecutorError, match=r"pip install 'widetheory\[distributed\]'"):
            run_chunks(Normals(), 3, Cluster("tcp://127.0.0.1:1"))

    def test_two_workers_and_one_that_is_killed(self, expected, monkeypatch):
        distributed = pytest.importorskip("distributed")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
            ) as dask,
            distributed.Client(dask) as client,
        ):
            address = dask.scheduler_address
            assert numbers(run_chunks(Normals(), COUNT, Cluster(address))) == expected
            with pytest.raises(TwoWordError, match="replica 6"):
                run_chunks(Failing((7, 6)), 20, Cluster(address))
            monkeypatch.setattr("numerics.executors.engine_version", OtherVersion())
            with pytest.raises(ExecutorError, match="another version of widetheory"):
                run_chunks(Normals(), 3, Cluster(address))
            killed = []

            def kill(chunk, payload):
                if not killed:
                    killed.append(next(iter(dask.workers.values())).pid)
                    os.kill(killed[0], signal.SIGKILL)

            found = run_chunks(Normals(0, 0.005), COUNT, client.get_executor(), done=kill)
            assert numbers(found) == expected
            assert killed


class TestProgress:
    @pytest.fixture
    def terminal(self, monkeypatch, capsys):
        monkeypatch.setattr(progress, "DELAY", 0.0)
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("FORCE_COLOR", "1")
        return lambda: capsys.readouterr().err

    def test_bar_on_a_terminal(self, terminal):
        with Progress(10, "chunks [of] x", completed=3) as bar:
            bar.advance()
            bar.advance(2, "other")
        found = terminal()
        for text in ("chunks [of] x", "4/10", "other", "6/10"):
            assert text in found

    def test_silence(self, terminal, monkeypatch):
        with Progress(10, quiet=True) as bar:
            bar.advance()
        run_chunks(Normals(), 3, progress=False)
        monkeypatch.setattr(progress, "DELAY", 3600.0)
        run_chunks(Normals(), 3)
        monkeypatch.setattr(progress, "DELAY", 0.0)
        for name in ("TTY_COMPATIBLE", "FORCE_COLOR"):
            monkeypatch.delenv(name)
        run_chunks(Normals(), 3)
        assert terminal() == ""

    def test_run_shows_it(self, terminal):
        run_chunks(Normals(), 3)
        assert "/3" in terminal()


class TestVerification:
    NAMES = ("nonnegative_recovery_strength", "isometry_gain_bound")

    def test_worker_processes_and_a_ledger(self, tmp_path, monkeypatch):
        with Ledger(tmp_path / "ledger") as ledger:
            first = verify_all(identifiers=self.NAMES[:1], ledger=ledger)
            seen = []
            both = verify_all(identifiers=self.NAMES, ledger=ledger, executor=Processes(1), progress=seen.append)
            assert both.verdict is Verdict.HOLDS
            assert [r.identifier for r in both] == list(self.NAMES)
            assert [r.identifier for r in seen] == list(self.NAMES)
            assert both[self.NAMES[0]] == first[self.NAMES[0]]
            monkeypatch.setattr("numerics.verification.verify", None)
            again = verify_all(identifiers=self.NAMES, ledger=ledger)
            assert again == both
            for other in ({"seed": 1}, {"budget": "standard"}):
                assert verify_all(identifiers=self.NAMES, ledger=ledger, **other).verdict is Verdict.ERROR
            assert sum(" by " not in entry.key for entry in ledger.summary()) == 2

    def test_another_version_is_looked_at_again(self, tmp_path, monkeypatch):
        with Ledger(tmp_path / "ledger") as ledger:
            verify_all(identifiers=self.NAMES[:1], ledger=ledger)
            monkeypatch.setattr("numerics.versions.engine_version", lambda *_: "other")
            verify_all(identifiers=self.NAMES[:1], ledger=ledger)
            assert len({entry.version for entry in ledger.summary() if " by " not in entry.key}) == 2
