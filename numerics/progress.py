"""Progress of long work: a bar with the time left, on a terminal only."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

__all__ = ["Progress"]

# Seconds of work before a bar is worth its line.
DELAY = 1.0


class Progress:
    """Bar on standard error for `total` pieces of work, `completed` of which were done before.

    It appears after a second, on a terminal, and disappears at the end; elsewhere, and if `quiet`, nothing is written.

    Examples
    --------
    >>> with Progress(3, "chunks") as progress:
    ...     for _ in range(3):
    ...         progress.advance()
    """

    def __init__(self, total: int, label: str = "", *, completed: int = 0, quiet: bool = False) -> None:
        self.total, self.label, self.completed = total, label, completed
        self._quiet = quiet
        self._start = time.monotonic()
        self._bar: Any = None
        self._line: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def advance(self, count: int = 1, label: str | None = None) -> None:
        """Tell that `count` more pieces are done."""
        self.completed += count
        self.label = self.label if label is None else label
        self.refresh()
        if self._bar is not None:
            self._bar.update(self._line, completed=self.completed, description=self.label)

    def refresh(self) -> None:
        """Show the bar if it is time; called now and then while nothing is finished."""
        if self._quiet or self._bar is not None or time.monotonic() - self._start < DELAY:
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        if not console.is_terminal:
            self._quiet = True
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=console, transient=True)
        self._line = self._bar.add_task(self.label, total=self.total, completed=self.completed)
        self._bar.start()
