"""Where chunks run: threads of this process, worker processes, a cluster, or an executor of the caller."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from numerics.versions import engine_version
from numerics.workers import start_worker
from theory.arguments import whole
from theory.errors import DomainError, TheoryError

__all__ = ["Cluster", "ExecutorError", "Given", "Place", "Pool", "Processes", "Threads", "available_cores", "place"]

# Workers to reckon with in an executor that does not tell their number.
UNKNOWN_WIDTH = 32
# More than any machine has cores; a slip would exhaust it.
_MOST_WORKERS = 10_000
# The limit of Windows.
MOST_PROCESSES = 61 if sys.platform == "win32" else 10_000


class ExecutorError(TheoryError):
    """An executor that cannot be used: an unreachable cluster, a missing library."""


@dataclass(frozen=True)
class Pool:
    """An executor that is open: `width` workers, and whether a task has to be pickled on its way to them."""

    executor: Executor
    width: int
    remote: bool


class Place:
    """Somewhere to run chunks; `renewable` if a broken pool can be opened anew."""

    renewable: ClassVar[bool] = False

    @contextmanager
    def open(self) -> Iterator[Pool]:
        """The open pool; at the end it is shut down, without waiting if there was an error."""
        raise NotImplementedError
        yield


@dataclass(frozen=True)
class Threads(Place):
    """Threads of this process, by default one per available core; for tasks that spend their time in nogil kernels.

    >>> with Threads(2).open() as pool:
    ...     pool.width, pool.remote
    (2, False)
    """

    workers: int | None = None

    def __post_init__(self) -> None:
        _check_workers(self.workers)

    @contextmanager
    def open(self) -> Iterator[Pool]:
        width = self.workers or available_cores()
        executor = ThreadPoolExecutor(width, thread_name_prefix="chunk")
        try:
            yield Pool(executor, width, remote=False)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class Processes(Place):
    """Worker processes, started by spawn, by default one per available core.

    They end with this process, and leave Ctrl-C to it.

    >>> Processes(4)
    Processes(workers=4)
    """

    workers: int | None = None
    renewable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check_workers(self.workers)

    @contextmanager
    def open(self) -> Iterator[Pool]:
        width = min(self.workers or available_cores(), MOST_PROCESSES)
        executor = ProcessPoolExecutor(width, multiprocessing.get_context("spawn"), initializer=start_worker)
        try:
            yield Pool(executor, width, remote=True)
        except BaseException:
            # What still runs is not wanted any more, and the interpreter would wait for it at its end.
            workers = list((getattr(executor, "_processes", None) or {}).values())
            executor.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.kill()
            raise
        executor.shutdown()


@dataclass(frozen=True)
class Cluster(Place):
    """A running Dask cluster, by the address of its scheduler; needs `widetheory[distributed]` here and there.

    Raises ExecutorError if it, or a worker of it, is not reached within `timeout` seconds, or if a worker has other
    packages than this process: its numbers might be others.
    """

    address: str
    timeout: float = 5.0

    def __post_init__(self) -> None:
        if not isinstance(self.address, str) or not self.address.strip():
            raise DomainError(f"a cluster has an address, such as tcp://host:8786; received {self.address!r}")

    @contextmanager
    def open(self) -> Iterator[Pool]:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise ExecutorError(
                f"a cluster needs the library distributed, which does not import ({error}): "
                "pip install 'widetheory[distributed]'"
            ) from error
        # Made in two steps: a client that cannot connect has a thread and must be closed, here and not by the collector
        # of garbage, which might do it inside the thread of another client and wait for itself.
        client = distributed.Client.__new__(distributed.Client)
        try:
            client.__init__(self.address, timeout=self.timeout, set_as_default=False)
        except Exception as error:  # whatever answers there may be no scheduler at all
            with suppress(Exception):
                client.close()
            raise ExecutorError(
                f"no cluster answers at {self.address!r} within {self.timeout:g} s ({error}): give the address of a "
                "running scheduler, such as tcp://host:8786"
            ) from error
        try:
            try:
                client.wait_for_workers(1, timeout=self.timeout)
            except TimeoutError as error:
                raise ExecutorError(
                    f"the cluster at {self.address!r} has no worker within {self.timeout:g} s: start some"
                ) from error
            self._check_versions(client)
            executor = client.get_executor()
            yield Pool(executor, max(1, sum(client.nthreads().values())), remote=True)
        finally:
            client.close()

    def _check_versions(self, client: Any) -> None:
        try:
            found = client.run(engine_version)
        except Exception as error:
            raise ExecutorError(
                f"the workers of the cluster at {self.address!r} cannot import widetheory ({error}): install it there"
            ) from error
        odd = sorted(str(worker) for worker, version in found.items() if version != engine_version())
        if odd:
            raise ExecutorError(
                f"workers of the cluster at {self.address!r} have another version of widetheory, or of the libraries "
                f"it computes with: {', '.join(odd[:3])}; install the same there"
            )


@dataclass(frozen=True)
class Given(Place):
    """An executor of the caller, which is left open."""

    executor: Executor

    @contextmanager
    def open(self) -> Iterator[Pool]:
        width = getattr(self.executor, "_max_workers", None) or UNKNOWN_WIDTH
        yield Pool(self.executor, width, remote=not isinstance(self.executor, ThreadPoolExecutor))


def place(executor: Place | Executor | int | None) -> Place:
    """The place meant by an option `executor=`: None is all cores, an integer so many threads.

    Raises DomainError for anything else than a `Threads`, `Processes`, `Cluster` or a `concurrent.futures` executor.

    Examples
    --------
    >>> place(2)
    Threads(workers=2)
    """
    if executor is None:
        return Threads()
    if isinstance(executor, Place):
        return executor
    if isinstance(executor, Executor):
        return Given(executor)
    if isinstance(executor, int) and not isinstance(executor, bool):
        return Threads(executor)
    raise DomainError(
        "an executor is a number of threads, Threads, Processes, Cluster, or an executor of concurrent.futures; "
        f"received {executor!r}"
    )


def available_cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_lost(error: BaseException) -> bool:
    """Whether an exception tells that a worker went away, and nothing of the work itself."""
    if isinstance(error, BrokenExecutor | CancelledError):
        return True
    kind = type(error)
    return kind.__module__.split(".")[0] == "distributed" and kind.__name__ in _DASK_LOSSES


_DASK_LOSSES = {"KilledWorker", "FutureCancelledError", "FuturesCancelledError", "CommClosedError"}


def _check_workers(workers: int | None) -> None:
    if workers is not None:
        whole("the number of workers", workers, 1, _MOST_WORKERS)
