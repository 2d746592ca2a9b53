"""Command line of widetheory: one registration per command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from numerics.claim_commands import add_claim_commands, check_files, names_a_path
from numerics.ledger_command import add_ledger_command, add_run_options, chosen_executor, chosen_ledger, closed_run
from numerics.plot_command import add_plot_command
from numerics.report_command import add_report_command
from theory import commands

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0 only if every verdict is HOLDS, 1 if not, 2 on an error, 130 if interrupted."""
    parser = argparse.ArgumentParser(
        prog="widetheory", description="Closed forms for wide random networks, and verdicts on them."
    )
    subparsers = parser.add_subparsers(dest="command", required=True)
    commands.add_commands(subparsers)
    derive = subparsers.choices["derive"]
    derive.add_argument("--verify", action="store_true", help="verify the derived dual by independent witnesses")
    _budget_options(derive)
    derive.set_defaults(run=_derive)
    check = subparsers.add_parser(
        "check", help="verdict on a claim typed as E[...] = ..., or on a file or folder of claims"
    )
    check.add_argument("claim", metavar="CLAIM|PATH", help='"E[sign(U)*sign(V)] = 2*asin(rho)/pi", or a path')
    check.add_argument("--param", action="append", default=[], metavar='"a: 0<a<1"', help="a parameter")
    check.add_argument("--json", metavar="FILE", help="write the report")
    _budget_options(check)
    add_run_options(check)
    check.set_defaults(run=_check)
    add_claim_commands(subparsers)
    verify = subparsers.add_parser("verify", help="verdicts on theorems of the catalogue")
    verify.add_argument("identifiers", nargs="*", metavar="ID")
    verify.add_argument("--topic")
    verify.add_argument("--all", action="store_true", help="the whole catalogue")
    verify.add_argument("--json", metavar="FILE", help="write the reports")
    _budget_options(verify)
    add_run_options(verify)
    verify.set_defaults(run=_verify)
    add_ledger_command(subparsers)
    add_plot_command(subparsers)
    add_report_command(subparsers)
    about = subparsers.add_parser("about", help="versions, for bug reports")
    about.set_defaults(run=_about)
    return commands.run(parser.parse_args(argv))


def _budget_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--budget", default="quick", choices=("quick", "standard", "deep"))
    parser.add_argument("--seed", type=int, default=0, help="seed of everything drawn at random")


def _console() -> Any:
    from rich.console import Console

    console = Console()
    # A pipe has no width of its own; tables are made for 120 columns.
    return console if console.is_terminal else Console(width=120)


def _derive(arguments: argparse.Namespace) -> int:
    from numerics.typed_claims import statement_from_activation
    from theory.gaussian.expectation import GaussianExpectation

    status = commands.derive(arguments)
    if not arguments.verify:
        return status
    phi, _ = commands.parsed_activation(arguments.text, arguments.param)
    statement = statement_from_activation(phi)
    if statement.claim.sides()[1].has(GaussianExpectation):
        print("\nno closed form was derived, so there is nothing to verify")
        return 1
    print()
    return max(status, _report(statement, arguments, None))


def _check(arguments: argparse.Namespace) -> int:
    from numerics.typed_claims import statement_from_text
    from theory.errors import TheoryError

    if names_a_path(arguments.claim):
        return check_files(arguments)
    if arguments.changed or arguments.ledger is not None:
        raise TheoryError("--ledger and --changed belong to claims in files; received a claim typed as text")
    return _report(statement_from_text(arguments.claim, arguments.param), arguments, arguments.json)


def _report(statement: Any, arguments: argparse.Namespace, path: str | None) -> int:
    from numerics.verdict import Verdict
    from numerics.verification import verify

    console = _console()
    with console.status(f"verifying {statement.identifier} ..."):
        report = verify(statement, arguments.budget, arguments.seed)
    console.print(report.table())
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(report.to_json() + "\n")
    return 0 if report.verdict is Verdict.HOLDS else 1


def _verify(arguments: argparse.Namespace) -> int:
    from numerics.progress import Progress
    from numerics.verdict import Verdict
    from numerics.verification import chosen_names, verify_all
    from theory.errors import TheoryError

    if not (arguments.identifiers or arguments.topic or arguments.all):
        raise TheoryError("say what to verify: one or more identifiers, --topic T, or --all")
    names = list(arguments.identifiers) or chosen_names(arguments.topic)
    console = _console()
    with Progress(len(names), "verifying") as progress:
        reports = verify_all(
            identifiers=names,
            budget=arguments.budget,
            seed=arguments.seed,
            progress=lambda report: progress.advance(label=report.identifier),
            executor=chosen_executor(arguments),
            ledger=chosen_ledger(arguments),
        )
    for report in reports:
        if len(names) <= 3 or report.verdict is not Verdict.HOLDS:
            console.print(report.table())
    if len(reports) > 1 or reports.interrupted:
        console.print(reports.table())
    return closed_run(arguments, reports, console)


def _about(arguments: argparse.Namespace) -> int:
    import platform
    from importlib.metadata import version

    from sympy.external.gmpy import GROUND_TYPES

    for package in ("widetheory", "sympy", "mpmath", "python-flint", "numpy", "scipy", "numba", "rich", "pybtex"):
        print(f"{package:13} {version(package)}")
    print(f"{'python':13} {platform.python_version()} ({platform.system()} {platform.machine()})")
    print(f"{'ground types':13} {GROUND_TYPES}")
    return 0
