"""Command `report`: verdicts as HTML pages, as a LaTeX appendix and as JSON."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.claim_commands import names_a_path
from numerics.ledger_command import add_run_options, chosen_executor, chosen_ledger
from theory.errors import TheoryError

if TYPE_CHECKING:
    from numerics.report import Report, Reports
    from theory.statement import Statement

__all__ = ["add_report_command"]


def add_report_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `report` with an argument parser."""
    report = subparsers.add_parser("report", help="verify, and write HTML pages, a LaTeX appendix or JSON")
    report.add_argument("identifiers", nargs="*", metavar="ID|PATH", help="theorems, or one file or folder of claims")
    report.add_argument("--topic", help="one topic of the catalogue (default: the whole catalogue)")
    report.add_argument("--html", metavar="DIR", help="one page per statement, and an index")
    report.add_argument("--latex", metavar="FILE", help="appendix with theorems, proofs and certified constants")
    report.add_argument("--notation", default="mean-field", help="of the LaTeX: mean-field, pdlt or daniely")
    report.add_argument("--json", metavar="FILE", help="the evidence as data")
    report.add_argument("--stored", metavar="FILE", help="use this JSON of an earlier run; nothing is verified")
    report.add_argument("--budget", default="quick", choices=("quick", "standard", "deep"))
    report.add_argument("--seed", type=int, default=0, help="seed of everything drawn at random")
    add_run_options(report)
    report.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from numerics.verdict import Verdict

    if not (arguments.html or arguments.latex or arguments.json):
        raise TheoryError("say what to write: --html DIR, --latex FILE or --json FILE")
    for target in filter(None, (arguments.latex, arguments.json)):
        if not Path(target).parent.is_dir():  # said before the work is done, not after it
            raise TheoryError(f"there is no folder {Path(target).parent} for {Path(target).name}; make it first")
    names = arguments.identifiers
    path = names[0] if len(names) == 1 and names_a_path(names[0]) else None
    reports = _stored(arguments, path) if arguments.stored else _verified(arguments, path)
    statements = _statements(reports, path)
    if arguments.json:
        reports.save(arguments.json)
    if arguments.html:
        from numerics.reporting.site import write_html

        write_html(arguments.html, reports, statements, lambda report: _command(report, path))
    if arguments.latex:
        from numerics.reporting.appendix import write_appendix

        write_appendix(arguments.latex, reports, statements, arguments.notation)
    for kind in ("html", "latex", "json"):
        if target := getattr(arguments, kind):
            print(f"wrote {target}")
    print(reports.table().caption)
    if arguments.changed and not arguments.stored:
        print(reports.kept_line())
    if reports.interrupted:
        return 130
    return 0 if reports.verdict is Verdict.HOLDS else 1


def _verified(arguments: argparse.Namespace, path: str | None) -> Reports:
    from numerics.file_checks import check_path
    from numerics.progress import Progress
    from numerics.verification import chosen_names, verify_all
    from theory.claim_files.sources import claims_at

    where = {"executor": chosen_executor(arguments), "ledger": chosen_ledger(arguments)}
    if path is not None:
        with Progress(len(claims_at(path)), "checking") as progress:
            return check_path(
                path, arguments.budget, arguments.seed, lambda r: progress.advance(label=r.identifier), **where
            )
    names = arguments.identifiers or chosen_names(arguments.topic)
    with Progress(len(names), "verifying") as progress:
        return verify_all(
            budget=arguments.budget,
            seed=arguments.seed,
            progress=lambda r: progress.advance(label=r.identifier),
            identifiers=names,
            **where,
        )


def _stored(arguments: argparse.Namespace, path: str | None) -> Reports:
    """The reports of a JSON file, those only that were asked for."""
    from dataclasses import replace

    from numerics.report import Reports
    from numerics.verification import chosen_names

    reports = Reports.from_json(Path(arguments.stored).read_text(encoding="utf-8"))
    names = arguments.identifiers if path is None else ()
    if not names and arguments.topic:
        names = chosen_names(arguments.topic)
    if not names:
        return reports
    if missing := sorted(set(names) - {report.identifier for report in reports}):
        raise TheoryError(f"{arguments.stored} has no report on {', '.join(missing)}; verify without --stored")
    return replace(reports, reports=tuple(report for report in reports if report.identifier in names))


def _statements(reports: Reports, path: str | None) -> Mapping[str, Statement]:
    """The statements that can be built, by the names in the reports."""
    from numerics.file_checks import claim_names
    from theory.catalogue import lookup, metadata

    found = {}
    sources = {} if path is None else claim_names(path)
    for report in reports:
        name = report.identifier
        try:
            if name in sources:
                found[name] = sources[name].statement()
            elif name in metadata():
                found[name] = lookup(name)
        except Exception:  # the report already says ERROR, with the reason
            continue
    return found


def _command(report: Report, path: str | None) -> str:
    if path is None:
        return f"widetheory verify {report.identifier} --budget {report.budget} --seed {report.seed}"
    file, _, name = report.identifier.partition("::")
    base = Path(path.partition("::")[0])
    where = (base / file if base.is_dir() else base).as_posix()
    shown = shlex.quote(f"{where}::{name}" if name else where)
    return f"widetheory check {shown} --budget {report.budget} --seed {report.seed}"
