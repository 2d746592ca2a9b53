"""Random streams: one per (identifier, width, replica, seed), whoever asks for it and in whatever order."""

from __future__ import annotations

import hashlib
from operator import index

import numpy as np

from theory.errors import DomainError

__all__ = ["stream"]


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
    numbers = [index(value) for value in (width, replica, seed)]
    for name, value in zip(("width", "replica", "seed"), numbers, strict=True):
        if value < 0:
            raise DomainError(f"a stream is numbered by non-negative integers; received {name} = {value}")
    # The free text comes last, so that no two argument lists have the same encoding.
    key = "|".join([*map(str, numbers), identifier]).encode("utf-8")
    entropy = int.from_bytes(hashlib.sha256(key).digest(), "little")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))
