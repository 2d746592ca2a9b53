"""Work in chunks: what a chunk computes, how its result is written down, and how results come together."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import Accumulator
from theory.errors import DomainError, TheoryError

__all__ = ["ChunkResults", "Interrupted", "LostWorkerError", "Payload", "Task", "decode", "encode"]

# Result of one chunk: named accumulators, arrays and plain values.
Payload = Mapping[str, Any]

_ARRAY_KINDS = "biufc"
_PLAIN = (bool, int, float, str, type(None))


class Task(ABC):
    """A piece of work cut into numbered chunks: a picklable specification, usually a frozen dataclass.

    What chunk k computes depends on the specification and on k alone, so that it may run anywhere, at any time and
    twice.  A task holds no compiled function.  `run` must not touch sympy, mpmath or flint, which are single-threaded:
    kernels are compiled in `prepare`.  A task that cannot avoid them sets `symbolic`, and a process then runs one of
    its chunks at a time.

    >>> class Squares(Task):
    ...     def run(self, chunk):
    ...         return {"square": Accumulator.of([chunk**2])}
    >>> Squares().run(3)["square"].mean
    9.0
    """

    symbolic: ClassVar[bool] = False

    @abstractmethod
    def run(self, chunk: int) -> Payload:
        """Named results of a chunk: `Accumulator`, arrays of numbers, numbers, texts, None."""

    def prepare(self) -> None:
        """Whatever must be ready in a process before its first chunk; runs once, in one thread."""
        return None

    def samples(self, chunk: int) -> int:
        """Number of draws in a chunk, for the record."""
        return 0


@dataclass(frozen=True)
class ChunkResults(Mapping[int, Payload]):
    """Payloads by chunk, in the order of the chunks.

    `resumed` of them come from a ledger.  `unrecorded` is the error that kept some from being written to it, if any.

    >>> found = ChunkResults({0: {"size": Accumulator.of([1.0])}, 1: {"size": Accumulator.of([3.0])}})
    >>> found.merged("size").mean
    2.0
    """

    payloads: dict[int, Payload]
    resumed: int = 0
    unrecorded: Exception | None = None

    def __getitem__(self, chunk: int) -> Payload:
        return self.payloads[chunk]

    def __iter__(self) -> Iterator[int]:
        return iter(self.payloads)

    def __len__(self) -> int:
        return len(self.payloads)

    def merged(self, name: str) -> Any:
        """Accumulators merged, or arrays joined along their first axis, always in the order of the chunks.

        Raises DomainError if there is no chunk, or if the name holds something else.
        """
        parts = [payload[name] for payload in self.payloads.values()]
        if parts and all(isinstance(part, Accumulator) for part in parts):
            return reduce(Accumulator.merge, parts)
        if parts and all(isinstance(part, np.ndarray) and part.ndim for part in parts):
            return np.concatenate(parts)
        kinds = sorted({type(part).__name__ for part in parts}) or ["no chunk"]
        raise DomainError(f"accumulators and arrays can be merged; {name!r} holds {', '.join(kinds)}")


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `partial` holds the chunks that were finished."""

    def __init__(self, partial: ChunkResults) -> None:
        self.partial = partial
        super().__init__(f"interrupted with {len(partial)} chunks finished")


class LostWorkerError(TheoryError):
    """Workers that went away too often; `partial` holds the chunks that were finished."""

    def __init__(self, message: str, partial: ChunkResults) -> None:
        self.partial = partial
        super().__init__(message)


def encode(payload: Payload) -> bytes:
    """A payload as bytes, the same for the same values: a line of JSON that describes it, then the arrays.

    Numbers are kept bit for bit.

    Raises
    ------
    DomainError
        If a name is no text, or a value neither an accumulator, an array of numbers, nor a plain value.

    Examples
    --------
    >>> payload = {"norm": Accumulator.of([1.0, 2.0]), "gram": np.eye(2), "layer": 3}
    >>> decode(encode(payload))["norm"] == payload["norm"]
    True
    """
    if not isinstance(payload, Mapping):
        raise DomainError(f"the result of a chunk is a dictionary; received {type(payload).__name__}")
    fields: list[list[Any]] = []
    blobs: list[bytes] = []
    for name, value in payload.items():
        if not isinstance(name, str):
            raise DomainError(f"the results of a chunk are named by texts; received {name!r}")
        if isinstance(value, Accumulator):
            count, *numbers = astuple(value)
            fields.append([name, "accumulator", count, [float(x).hex() for x in numbers]])
        elif isinstance(value, np.ndarray | np.generic) and value.dtype.kind in _ARRAY_KINDS:
            array = np.asarray(value)
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            fields.append([name, "array", little.dtype.str, list(array.shape)])
            blobs.append(little.tobytes())
        elif isinstance(value, _PLAIN):
            kind, plain = ("float", value.hex()) if isinstance(value, float) else ("plain", value)
            fields.append([name, kind, plain])
        else:
            raise DomainError(
                f"the results of a chunk are accumulators, arrays of numbers and plain values; {name!r} is "
                f"{type(value).__name__}"
            )
    return b"\n".join([json.dumps(fields, separators=(",", ":")).encode("ascii"), b"".join(blobs)])


def decode(data: bytes) -> dict[str, Any]:
    """Inverse of `encode`; a numpy number comes back as an array without axes.

    Raises TheoryError if the bytes are not a payload.
    """
    try:
        head, _, body = data.partition(b"\n")
        payload: dict[str, Any] = {}
        start = 0
        for name, kind, *rest in json.loads(head):
            if kind == "array":
                array = _array(body, start, *rest)
                start += array.nbytes
                payload[name] = array
            elif kind == "accumulator":
                payload[name] = Accumulator(int(rest[0]), *map(float.fromhex, rest[1]))
            else:
                payload[name] = float.fromhex(rest[0]) if kind == "float" else rest[0]
        if start != len(body):
            raise ValueError(f"{len(body)} bytes of arrays, {start} described")
    except (IndexError, TypeError, ValueError) as error:
        raise TheoryError(f"not the result of a chunk: {error!r}") from error
    return payload


def _array(body: bytes, start: int, dtype: str, shape: list[int]) -> NDArray[Any]:
    # A copy, so that the array is writeable and does not keep the whole body alive.
    return np.frombuffer(body, dtype, count=math.prod(shape), offset=start).reshape(shape).copy()
