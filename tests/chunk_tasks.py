"""Tasks for the tests of runs and ledgers; as a script, a run that may be killed.

python chunk_tasks.py LEDGER WHERE CHUNKS PAUSE [KEY]: runs `Normals` and prints "ready", then the final numbers.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from numerics.chunk_runs import run_chunks
from numerics.chunks import Task
from numerics.executors import Processes, Threads
from numerics.statistics import Accumulator
from numerics.streams import stream


@dataclass(frozen=True)
class Normals(Task):
    """Normal draws; each chunk takes `pause` seconds more."""

    seed: int = 0
    pause: float = 0.0

    def run(self, chunk):
        time.sleep(self.pause)
        draws = stream("normals", 1, chunk, self.seed).normal(size=200)
        return {"x": Accumulator.of(draws), "head": draws[:3], "exponential": float(np.exp(draws).mean())}

    def samples(self, chunk):
        return 200


class TwoWordError(ValueError):
    """An exception that does not survive pickling."""

    def __init__(self, layer, replica):
        self.layer = layer
        super().__init__(f"layer {layer} of replica {replica}")


@dataclass(frozen=True)
class Failing(Task):
    """Chunks that fail."""

    failing: tuple[int, ...]

    def run(self, chunk):
        # The lower of two failures comes in last.
        time.sleep(0.1 if chunk == min(self.failing) else 0.0)
        if chunk in self.failing:
            raise TwoWordError(3, chunk)
        return {"chunk": chunk}


@dataclass(frozen=True)
class Deadly(Task):
    """One chunk kills its process, the first time or always."""

    mark: str
    always: bool = False

    def run(self, chunk):
        if chunk == 5 and (self.always or not Path(self.mark).exists()):
            Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {"chunk": chunk}


@dataclass(frozen=True)
class Prepared(Task):
    """Fails unless it was prepared in its process."""

    def prepare(self):
        _PREPARED.append(threading.current_thread().name)

    def run(self, chunk):
        return {"prepared": len(_PREPARED)}


_PREPARED: list[str] = []


@dataclass(frozen=True)
class Alone(Task):
    """Counts how many of its chunks run at once in a process."""

    symbolic = True

    def run(self, chunk):
        _INSIDE.append(chunk)
        time.sleep(0.01)
        inside = len(_INSIDE)
        _INSIDE.remove(chunk)
        return {"inside": inside}


_INSIDE: list[int] = []


def numbers(results) -> str:
    """All bits of the results of `Normals`, as text."""
    x = results.merged("x")
    head = results.merged("head")
    sums = sum(payload["exponential"] for payload in results.values())
    reals = [x.mean, x.m2, x.m3, x.m4, x.minimum, x.maximum, head.sum(), sums]
    return f"{x.count} {' '.join(float(value).hex() for value in reals)} {sha256(head.tobytes()).hexdigest()}"


def main() -> None:
    path, where, chunks, pause, *key = sys.argv[1:]
    executor = {"threads": Threads(2), "processes": Processes(2)}[where]
    print("ready", flush=True)
    name = key[0] if key else "normals"
    print(numbers(run_chunks(Normals(0, float(pause)), int(chunks), executor, path, key=name, version="1")), flush=True)


if __name__ == "__main__":
    main()
