"""Random streams: one per (identifier, width, replica, seed), whoever asks for it and in whatever order."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from theory.arguments import whole
from theory.errors import DomainError

__all__ = ["stream", "stream_states"]


def stream(identifier: str, width: int, replica: int, seed: int = 0) -> np.random.Generator:
    """Random stream of a replica: a generator that depends on the four arguments and on nothing else.

    The state is SFC64 seeded by the SHA-256 digest of the arguments, so it does not depend on the process,
    on `PYTHONHASHSEED` or on the order in which replicas run; streams of different arguments are independent
    for every purpose of a simulation.

    Parameters
    ----------
    identifier : str
        What is simulated, for instance the name of a statement.
    width, replica, seed : int
        Non-negative integers of any size.

    Raises
    ------
    DomainError
        If an integer is negative.

    Examples
    --------
    >>> first = stream("relu_dual", width=256, replica=0).random()
    >>> first == stream("relu_dual", 256, 0).random(), first == stream("relu_dual", 256, 1).random()
    (True, False)
    """
    return np.random.Generator(_bits(identifier, width, replica, seed))


def stream_states(identifier: str, width: int, first: int, count: int, seed: int = 0) -> NDArray[np.uint64]:
    """States in which the streams of replicas first, ..., first + count - 1 begin, shape (count, 4).

    One generator that is set to them in turn costs less than a generator for each.

    Raises
    ------
    DomainError
        If an integer is negative.

    Examples
    --------
    >>> bits = stream("relu_dual", 256, 7).bit_generator
    >>> bool((stream_states("relu_dual", 256, 5, 3)[2] == bits.state["state"]["state"]).all())
    True
    """
    states = np.empty((count, 4), np.uint64)
    for r in range(count):
        states[r] = _bits(identifier, width, first + r, seed).state["state"]["state"]
    return states


def _bits(identifier: str, width: int, replica: int, seed: int) -> np.random.SFC64:
    numbers = [whole(name, value, 0, None) for name, value in (("width", width), ("replica", replica), ("seed", seed))]
    if not isinstance(identifier, str):
        raise DomainError(f"the identifier of a stream is a text; received {identifier!r}")
    # The free text comes last, so that no two argument lists have the same encoding.
    key = "|".join([*map(str, numbers), identifier]).encode("utf-8")
    entropy = int.from_bytes(hashlib.sha256(key).digest(), "little")
    return np.random.SFC64(np.random.SeedSequence(entropy))
