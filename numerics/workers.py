"""What runs inside a worker: the chunks of a batch, one after the other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numerics.chunks import Task, encode
from theory.errors import TheoryError

__all__ = ["Batch", "Failure", "run_batch", "run_remote", "start_worker"]

# sympy, mpmath and flint run in one thread per process.
_SYMBOLIC = threading.RLock()
# Tasks that are ready in this process, latest last, by the name of their run.
_READY: dict[str, Task] = {}
_KEPT = 4


@dataclass(frozen=True)
class Failure:
    """An exception as data: not every exception survives pickling, and one that does not kills its pool."""

    chunk: int
    kind: type[BaseException] | None
    arguments: tuple[Any, ...]
    state: dict[str, Any]
    text: str
    trace: str

    @classmethod
    def of(cls, chunk: int, error: Exception) -> Failure:
        """The exception raised by a chunk."""
        trace = "".join(traceback.format_exception(error))
        text = f"chunk {chunk} failed: {type(error).__name__}: {error}"
        found = cls(chunk, type(error), error.args, dict(vars(error)), text, trace)
        try:
            pickle.loads(pickle.dumps(found))
        except Exception:
            return cls(chunk, None, (), {}, text, trace)
        return found

    def error(self) -> BaseException:
        """The exception again, or a TheoryError that describes it."""
        error: BaseException = TheoryError(self.text)
        if self.kind is not None:
            with contextlib.suppress(TypeError):
                # Not through __init__, whose parameters need not be the stored arguments.
                error = self.kind.__new__(self.kind, *self.arguments)
                error.args = self.arguments
                vars(error).update(self.state)
        error.add_note(f"in chunk {self.chunk}; there:\n{self.trace}")
        return error


@dataclass(frozen=True)
class Batch:
    """Result of a batch: (chunk, encoded payload, samples), seconds, and the failure that ended it."""

    rows: tuple[tuple[int, bytes, int], ...]
    seconds: float
    failure: Failure | None = None


def run_batch(task: Task, chunks: Sequence[int], stop: threading.Event | None = None) -> Batch:
    """Run a ready task's chunks in order, up to a failure or until `stop` is set."""
    rows = []
    failure = None
    start = time.perf_counter()
    for chunk in chunks:
        if stop is not None and stop.is_set():
            break
        try:
            if task.symbolic:
                with _SYMBOLIC:
                    payload = task.run(chunk)
            else:
                payload = task.run(chunk)
            rows.append((chunk, encode(payload), task.samples(chunk)))
        except Exception as error:
            failure = Failure.of(chunk, error)
            break
    return Batch(tuple(rows), time.perf_counter() - start, failure)


def run_remote(task: Task, name: str, chunks: Sequence[int]) -> Batch:
    """`run_batch` in another process, where the task is prepared before its first batch."""
    try:
        with _SYMBOLIC:
            if name not in _READY:
                task.prepare()
                _READY[name] = task
                for old in list(_READY)[:-_KEPT]:
                    del _READY[old]
            ready = _READY[name]
    except Exception as error:
        return Batch((), 0.0, Failure.of(chunks[0], error))
    return run_batch(ready, chunks)


def start_worker() -> None:
    """Make a worker process leave Ctrl-C to its parent and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    # A worker waits on a pipe that it also holds the other end of: it would not notice that its parent was killed.
    parent.join()
    os._exit(1)
