"""Commands for claims of one's own: `check PATH`, `new`, `lint`."""

from __future__ import annotations

import argparse
from pathlib import Path

from numerics.ledger_command import chosen_executor, chosen_ledger, closed_run

__all__ = ["add_claim_commands", "check_files", "names_a_path"]


def add_claim_commands(subparsers: argparse._SubParsersAction) -> None:
    """Register `new` and `lint` with an argument parser."""
    new = subparsers.add_parser("new", help="write the template of a claim file that works at once")
    new.add_argument("name", help="the name of the claim; a folder before it is kept")
    form = new.add_mutually_exclusive_group()
    form.add_argument("--toml", action="store_true", help="a NAME.claims.toml (default)")
    form.add_argument("--python", action="store_true", help="a NAME.py that applies @theorem")
    new.set_defaults(run=_new)
    lint = subparsers.add_parser("lint", help="look for slips in the form of claims: sources, points, resolutions")
    lint.add_argument("path", nargs="?", metavar="PATH", help="file or folder of claims (default: the catalogue)")
    lint.set_defaults(run=_lint)


def names_a_path(text: str) -> bool:
    """Is this a file or folder of claims, and not a claim?"""
    path = text.partition("::")[0]
    if not path.strip():  # which would be the current folder
        return False
    try:
        if Path(path).exists():
            return True
    except (OSError, ValueError):  # too long for a path, or no text for one
        return False
    return "=" not in text and (path.endswith((".toml", ".py")) or ("/" in path and "[" not in path))


def check_files(arguments: argparse.Namespace) -> int:
    """Print the verdicts on the claims of a path; 0 only if all of them hold."""
    from rich.console import Console

    from numerics.file_checks import check_path
    from numerics.progress import Progress
    from numerics.verdict import Verdict
    from theory.claim_files.sources import claims_at
    from theory.errors import TheoryError

    if arguments.param:
        raise TheoryError("--param belongs to a claim typed as text; in a file, write parameters = [...]")
    claims = claims_at(arguments.claim)
    console = Console()
    console = console if console.is_terminal else Console(width=120)
    with Progress(len(claims), "checking") as progress:
        reports = check_path(
            arguments.claim,
            budget=arguments.budget,
            seed=arguments.seed,
            progress=lambda report: progress.advance(label=report.identifier),
            executor=chosen_executor(arguments),
            ledger=chosen_ledger(arguments),
        )
    for report in reports:
        if len(claims) <= 3 or report.verdict is not Verdict.HOLDS:
            console.print(report.table() if report.evidence else f"{report.identifier}  {report.verdict.value}")
            if not report.evidence:
                console.print(f"{report.note}\n", markup=False, highlight=False)
    console.print(reports.table())
    return closed_run(arguments, reports, console)


def _new(arguments: argparse.Namespace) -> int:
    from theory.claim_files.templates import write_template

    file = write_template(arguments.name, arguments.python)
    print(f"wrote {file}; check it with: widetheory check {file}")
    return 0


def _lint(arguments: argparse.Namespace) -> int:
    from numerics.linters import lint

    findings = lint(arguments.path)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding{'s' * (len(findings) != 1)}")
    return 1 if findings else 0
