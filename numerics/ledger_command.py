"""Command `ledger` (show, merge), and the options that say where a run goes and where its evidence is kept."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add_ledger_command", "add_run_options", "chosen_executor", "chosen_ledger", "closed_run", "ledger_table"]


def add_ledger_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `ledger show` and `ledger merge` with an argument parser."""
    ledger = subparsers.add_parser("ledger", help="the evidence kept on disk")
    actions = ledger.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="what is kept: key, version, chunks, samples, last written")
    show.set_defaults(run=_show)
    merge = actions.add_parser("merge", help="add the evidence of other ledgers")
    merge.add_argument("others", nargs="+", metavar="OTHER", help="the file of another ledger; it is only read")
    merge.set_defaults(run=_merge)
    for parser in (show, merge):
        parser.add_argument("--path", metavar="FILE", help="the ledger (default: WIDETHEORY_LEDGER, or the user's)")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options --processes, --cluster, --ledger and --changed, read by `chosen_executor` and `chosen_ledger`."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--processes", type=int, metavar="N", help="run in N worker processes")
    where.add_argument("--cluster", metavar="ADDRESS", help="run on the Dask cluster with this scheduler")
    parser.add_argument("--ledger", metavar="FILE", help="keep the evidence in this file; 'default' is the user's")
    parser.add_argument(
        "--changed",
        action="store_true",
        help="look again only at what depends on what changed, and say how much was taken over from the ledger",
    )


def chosen_executor(arguments: argparse.Namespace) -> Any:
    """The executor asked for, or None."""
    from numerics.executors import Cluster, Processes

    if arguments.cluster is not None:
        return Cluster(arguments.cluster)
    return None if arguments.processes is None else Processes(arguments.processes)


def chosen_ledger(arguments: argparse.Namespace) -> str | bool | None:
    """The value of an option `ledger=`; what changed is seen by a ledger, if need be the user's."""
    if arguments.ledger == "default" or (arguments.changed and arguments.ledger is None):
        return True
    return None if arguments.ledger is None else str(arguments.ledger)


def closed_run(arguments: argparse.Namespace, reports: Any, console: Any) -> int:
    """Say what was taken over, write --json, and give the exit status: 0 only if everything holds, 130 if stopped."""
    from numerics.verdict import Verdict

    if arguments.changed:
        console.print(reports.kept_line(), highlight=False)
    if arguments.json:
        reports.save(arguments.json)
    if reports.interrupted:
        return 130
    return 0 if reports.verdict is Verdict.HOLDS else 1


def ledger_table(ledger: Any) -> Any:
    """A rich table of a ledger, one line per key and version."""
    from rich.markup import escape
    from rich.table import Table

    entries = ledger.summary()
    caption = f"{len(entries)} entries, {sum(entry.chunks for entry in entries)} chunks"
    table = Table(caption=caption, caption_justify="left")
    for name in ("key", "version", "chunks", "samples", "last written (UTC)"):
        table.add_column(name, overflow="fold", justify="right" if name in ("chunks", "samples") else "left")
    for entry in entries:
        samples = f"{entry.samples:,}" if entry.samples else "-"
        table.add_row(
            escape(entry.key), entry.version[:12], f"{entry.chunks:,}", samples, entry.written.removesuffix("+00:00")
        )
    return table


def _show(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from numerics.ledger import Ledger

    console = Console()
    console = console if console.is_terminal else Console(width=120)
    with Ledger(arguments.path, readonly=True) as ledger:
        print(ledger.path)
        console.print(ledger_table(ledger))
    return 0


def _merge(arguments: argparse.Namespace) -> int:
    from numerics.ledger import Ledger

    conflicts = 0
    with Ledger(arguments.path) as ledger:
        for other in arguments.others:
            merged = ledger.merge(Path(other))
            conflicts += merged.conflicting
            print(f"{other}: {merged.added} chunks added, {merged.known} known, {merged.conflicting} conflicting")
        if conflicts:
            print(f"conflicting chunks have other bits under the same version; those of {ledger.path} were kept")
    return 1 if conflicts else 0
