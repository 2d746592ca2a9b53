"""Runs of a task: its chunks handed out, collected, kept, and run again if a worker is lost."""

from __future__ import annotations

import pickle
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from pathlib import Path

from numerics.chunks import ChunkResults, Interrupted, LostWorkerError, Payload, Task, decode
from numerics.executors import ExecutorError, Place, Pool, is_lost, place
from numerics.ledger import Ledger, LedgerError, keep, opened_ledger
from numerics.progress import Progress
from numerics.workers import Batch, Failure, run_batch, run_remote
from theory.arguments import items, whole
from theory.errors import DomainError

__all__ = ["run_chunks"]

# Chunks of one run; the list of their numbers is held in memory.
_MOST_CHUNKS = 10**8
# Seconds of work in a batch: long beside the cost of handing it out, short beside what one would mind losing.
BATCH_SECONDS = 0.25
# Times a chunk is handed out before its workers are blamed on it.
ATTEMPTS = 5
# Pools that may break in a row without a single result.
BARREN_POOLS = 3
# Seconds between two looks at the clock, and at Ctrl-C where waiting cannot be interrupted.
GLANCE = 0.2


def run_chunks(
    task: Task,
    chunks: int | Iterable[int],
    executor: Place | Executor | int | None = None,
    ledger: Ledger | str | Path | bool | None = None,
    *,
    key: str = "",
    version: str = "",
    progress: bool = True,
    done: Callable[[int, Payload], None] | None = None,
) -> ChunkResults:
    """Results of the chunks of a task, the same bits wherever they run, in whatever order, in one go or in several.

    Parameters
    ----------
    task : Task
        Picklable; what a chunk computes depends on the task and on the number of the chunk alone.
    chunks : int or iterable of int
        Chunks 0, ..., chunks - 1, or the numbers themselves.
    executor : Threads, Processes, Cluster, concurrent.futures.Executor or int, optional
        Where they run; by default threads of this process, one per core.
    ledger : Ledger, path or bool, optional
        Where results are kept under `key` and `version`: chunks found there are not run again.  True is the default
        file, None the file named by WIDETHEORY_LEDGER if that is set and a key is given.
    progress : bool
        Whether long work shows a bar on a terminal.
    done : callable, optional
        Called with the number and the payload of each chunk that was run, as it comes in.

    Raises
    ------
    DomainError
        If the task, a chunk number or the executor is of the wrong kind, or a ledger comes without key or version.
    LedgerError
        If the ledger cannot be opened.  One that fails later costs nothing: a LedgerWarning is issued, the run goes on,
        and `unrecorded` of the result holds the error.
    LostWorkerError
        If workers are lost again and again; `partial` holds what was finished.
    Interrupted
        On Ctrl-C; `partial` holds what was finished.  It is a KeyboardInterrupt.
    Exception
        Of the lowest chunk that fails; the others in flight are finished and recorded first.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from numerics.statistics import Accumulator
    >>> from numerics.streams import stream
    >>> @dataclass(frozen=True)
    ... class Normals(Task):
    ...     seed: int
    ...     def run(self, chunk):
    ...         return {"x": Accumulator.of(stream("normals", 1, chunk, self.seed).normal(size=100))}
    >>> one, two = (run_chunks(Normals(0), 5, executor=n).merged("x") for n in (1, 2))
    >>> one.count, one == two
    (500, True)
    """
    if not isinstance(task, Task):
        raise DomainError(f"a run needs a Task; received {task!r}")
    wanted = _numbers(chunks)
    where = place(executor)
    if ledger is None and not key:
        ledger = False
    with opened_ledger(ledger) as opened:
        if opened is not None and not (key and version):
            raise DomainError("a ledger keeps results under a key and a version; give both")
        found: dict[int, Payload] = {}
        if opened is not None:
            stored = opened.chunks(key, version)
            found = {chunk: stored[chunk] for chunk in wanted if chunk in stored}
        run = _Run(task, wanted, found, opened, key, version, done)
        if run.queue:
            with Progress(len(wanted), key or "chunks", completed=len(found), quiet=not progress) as bar:
                run.execute(where, bar)
        return run.results()


class _Run:
    """State of a run: what waits, what is in flight, what is found."""

    def __init__(
        self,
        task: Task,
        wanted: list[int],
        found: dict[int, Payload],
        ledger: Ledger | None,
        key: str,
        version: str,
        done: Callable[[int, Payload], None] | None,
    ) -> None:
        self.task, self.wanted, self.found = task, wanted, found
        self.ledger, self.key, self.version, self.done = ledger, key, version, done
        self.queue = deque(chunk for chunk in wanted if chunk not in found)
        self.resumed = len(found)
        self.unrecorded: LedgerError | None = None
        self.flying: dict[Future[Batch], tuple[int, ...]] = {}
        self.failures: list[Failure] = []
        self.attempts: Counter[int] = Counter()
        self.seconds_per_chunk: float | None = None
        self.stop = threading.Event()
        self.name = uuid.uuid4().hex

    def results(self) -> ChunkResults:
        """What is found, in the order of the chunks."""
        ordered = {chunk: self.found[chunk] for chunk in sorted(self.found)}
        return ChunkResults(ordered, self.resumed, self.unrecorded)

    def execute(self, where: Place, bar: Progress) -> None:
        """Run all chunks that wait."""
        barren = 0
        try:
            self.task.prepare()
            while self.queue:
                before = len(self.found)
                with where.open() as pool:
                    if pool.remote:
                        _check_picklable(self.task)
                    try:
                        loss = self._drain(pool, bar)
                    except KeyboardInterrupt:
                        self._wind_up(pool, bar)
                        raise
                barren = 0 if len(self.found) > before else barren + 1
                if self.queue and loss is not None and not (where.renewable and barren < BARREN_POOLS):
                    raise self._lost(str(loss))
        except KeyboardInterrupt as stop:
            raise Interrupted(self.results()) from stop
        finally:
            self.stop.set()
        if self.failures:
            raise min(self.failures, key=lambda failure: failure.chunk).error()

    def _drain(self, pool: Pool, bar: Progress) -> BaseException | None:
        """Run chunks until none waits or the pool breaks; the error that broke it."""
        broken: BaseException | None = None
        while self.flying or (self.queue and broken is None):
            while self.queue and broken is None and len(self.flying) < 2 * pool.width:
                broken = self._hand_out(pool)
            finished, _ = wait(self.flying, timeout=GLANCE, return_when=FIRST_COMPLETED)
            for future in finished:
                loss = self._collect(future, bar)
                if isinstance(loss, BrokenExecutor) or (loss is not None and future.cancelled()):
                    broken = loss
            bar.refresh()
        return broken

    def _hand_out(self, pool: Pool) -> BaseException | None:
        """Send a batch; the error if the pool is broken."""
        size = 1
        if self.seconds_per_chunk is not None:
            size = int(BATCH_SECONDS / max(self.seconds_per_chunk, 1e-9))
            # Smaller batches towards the end, so that no worker is left with a long last one.
            size = max(1, min(size, len(self.queue) // (2 * pool.width)))
        batch = tuple(self.queue[place] for place in range(min(size, len(self.queue))))
        try:
            if pool.remote:
                future = pool.executor.submit(run_remote, self.task, self.name, batch)
            else:
                future = pool.executor.submit(run_batch, self.task, batch, self.stop)
        except BrokenExecutor as error:
            return error
        except RuntimeError as error:
            raise ExecutorError(f"the executor takes no more work ({error}); give one that is open") from error
        self.flying[future] = batch
        for chunk in batch:
            self.queue.popleft()
            self.attempts[chunk] += 1
        return None

    def _collect(self, future: Future[Batch], bar: Progress) -> BaseException | None:
        """Take in a finished batch; the error if its worker was lost, in which case its chunks wait again."""
        chunks = self.flying[future]
        try:
            batch = future.result()
        except BaseException as error:
            if not is_lost(error):
                raise
            del self.flying[future]
            self._wait_again(chunks)
            spent = [chunk for chunk in chunks if self.attempts[chunk] >= ATTEMPTS]
            if spent:
                raise self._lost(f"chunk {spent[0]} was lost {ATTEMPTS} times: {error}") from error
            return error
        self._take(batch, bar)
        del self.flying[future]
        if batch.failure is None:
            self._wait_again(chunk for chunk in chunks if chunk not in self.found)
        else:
            self.failures.append(batch.failure)
        if self.failures:
            # Lower chunks are still run, so that the lowest failure does not depend on the order of events.
            lowest = min(failure.chunk for failure in self.failures)
            self.queue = deque(chunk for chunk in self.queue if chunk < lowest)
        return None

    def _take(self, batch: Batch, bar: Progress) -> None:
        fresh = [row for row in batch.rows if row[0] not in self.found]
        if not fresh:
            return
        payloads = {chunk: decode(data) for chunk, data, _ in fresh}
        self._record(fresh)
        self.found.update(payloads)
        cost = batch.seconds / len(batch.rows)
        self.seconds_per_chunk = cost if self.seconds_per_chunk is None else (self.seconds_per_chunk + cost) / 2
        bar.advance(len(fresh))
        if self.done is not None:
            for chunk, payload in payloads.items():
                self.done(chunk, payload)

    def _record(self, rows: list[tuple[int, bytes, int]]) -> None:
        if self.ledger is not None and self.unrecorded is None:
            self.unrecorded = keep(self.ledger, self.key, self.version, rows)

    def _wait_again(self, chunks: Iterable[int]) -> None:
        if back := set(chunks):
            self.queue = deque(sorted(back.union(self.queue)))

    def _wind_up(self, pool: Pool, bar: Progress) -> None:
        """After Ctrl-C: keep every batch that is finished; threads cannot be ended, so their present chunk counts."""
        self.stop.set()
        for future in self.flying:
            future.cancel()
        if not pool.remote:
            wait([future for future in self.flying if not future.cancelled()])
        for future in list(self.flying):
            if future.done() and not future.cancelled() and future.exception() is None:
                self._take(future.result(), bar)

    def _lost(self, reason: str) -> LostWorkerError:
        return LostWorkerError(
            f"workers were lost: {reason}; {len(self.found)} of {len(self.wanted)} chunks are finished. Look for a "
            "worker that is killed for want of memory, a script that starts processes without if __name__ == "
            "'__main__', or a task that is not defined in a module",
            self.results(),
        )


def _numbers(chunks: int | Iterable[int]) -> list[int]:
    if isinstance(chunks, Iterable):
        return sorted({whole("the number of a chunk", chunk, 0) for chunk in items("chunks", chunks)})
    return list(range(whole("the number of chunks", chunks, 0, _MOST_CHUNKS)))


def _check_picklable(task: Task) -> None:
    try:
        pickle.dumps(task)
    except Exception as error:
        raise DomainError(
            f"a task that leaves this process is a specification that can be pickled; {type(task).__name__} is not "
            f"({error}): define it in a module, without functions inside, or use threads"
        ) from error
