"""Rows of a matrix shared out among threads, for kernels that hold no interpreter lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["over_rows", "processors"]

_WORTH = 5_000_000  # elementary operations below which starting threads takes longer than it saves


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_rows(run: Callable[[int, int], None], work: int) -> None:
    """Call run(first, stride) so that the rows first, first + stride, ... together are all rows.

    Examples
    --------
    >>> seen = []
    >>> over_rows(lambda first, stride: seen.extend(range(first, 5, stride)), 10)
    >>> seen
    [0, 1, 2, 3, 4]
    """
    if work < _WORTH or processors() == 1:
        run(0, 1)
        return
    threads = processors()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, first, threads) for first in range(threads)]:
            done.result()
