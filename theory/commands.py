"""Commands that need the symbolic layer alone: derive, propagate, critical, show, list, latex."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from theory.errors import TheoryError
from theory.propagation.commands import add_propagation_commands

if TYPE_CHECKING:
    from sympy import Symbol

    from theory.activations import Activation

__all__ = ["add_commands", "derive", "main", "parsed_activation", "run"]

_LAW = {"rho", "q", "q1", "q2"}


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Register the commands with an argument parser."""
    deriving = subparsers.add_parser("derive", help="closed forms of an activation typed as text in x")
    deriving.add_argument("text", help='for example "max(x,0)" or "x*Phi(x)"')
    deriving.add_argument("--param", action="append", default=[], metavar='"a: 0<a<1"', help="a parameter")
    deriving.add_argument("--at", metavar="rho=0.3,q1=1,q2=2", help="also print numbers at this point")
    deriving.add_argument("--digits", type=int, default=20, help="digits of the numbers (default 20)")
    deriving.add_argument("--steps", action="store_true", help="print the derivation and certify its steps")
    deriving.add_argument("--latex", metavar="FILE", help="write a LaTeX document")
    deriving.add_argument("--notation", default="mean-field", help="of the LaTeX: mean-field, pdlt or daniely")
    deriving.set_defaults(run=derive)
    add_propagation_commands(subparsers)
    show = subparsers.add_parser("show", help="a theorem: words, formula, source")
    show.add_argument("identifier")
    show.set_defaults(run=_show)
    listing = subparsers.add_parser("list", help="the theorems of the catalogue")
    listing.add_argument("--topic")
    listing.set_defaults(run=_list)
    latex = subparsers.add_parser("latex", help="LaTeX of theorems, to a file or to the terminal")
    latex.add_argument("identifiers", nargs="*", metavar="ID")
    latex.add_argument("--topic")
    latex.add_argument("--output", metavar="FILE")
    latex.add_argument("--notation", default="mean-field", help="mean-field, pdlt or daniely")
    latex.set_defaults(run=_latex)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m theory`; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m theory", description=__doc__)
    add_commands(parser.add_subparsers(dest="command", required=True))
    return run(parser.parse_args(argv))


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen command; an error of ours is one message and exit status 2."""
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except TheoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def parsed_activation(text: str, parameters: Sequence[str]) -> tuple[Activation, dict[str, Symbol]]:
    """The activation of a text, and the symbols of its parameters."""
    from theory.activations import Activation
    from theory.parsing import parse_expression, parse_parameters
    from theory.symbols import x

    symbols, conditions = parse_parameters(parameters)
    if taken := sorted(_LAW & set(symbols)):
        raise TheoryError(f"{', '.join(taken)}: correlation and variances are no parameters of an activation; rename")
    expr = parse_expression(text, {"x": x, **symbols})
    return Activation(expr, x, conditions), symbols


def derive(arguments: argparse.Namespace) -> int:
    """Print the closed forms of an activation, and its derivation, numbers and LaTeX if asked."""
    from theory.parsing import parse_bindings
    from theory.summary import Summary
    from theory.symbols import q, q1, q2, rho

    phi, symbols = parsed_activation(arguments.text, arguments.param)
    summary = Summary(phi)
    point = {}
    if arguments.at:
        known = {"rho": rho, "q1": q1, "q2": q2, "q": q, **symbols}
        point = parse_bindings(arguments.at, known)
        _check_point(point)
    if arguments.digits < 1:
        raise TheoryError(f"--digits is at least 1; received {arguments.digits}")
    print(summary.text())
    if point:
        values = ", ".join(f"{s} = {v}" for s, v in point.items())
        print(f"\nat {values}:\n{summary.values(point, arguments.digits)}")
    status = 0
    if arguments.steps:
        print(f"\nderivation of the dual at unit variances:\n{summary.derivation}")
        checks = summary.derivation.check()
        status = 0 if all(c.holds for c in checks) else 1
        print("\nsteps and identities certified at random admissible points:")
        for number, check in enumerate(checks, 1):
            print(f"{number}. {check.step.rule}: {'holds' if check.holds else 'FAILS'}: {check.worst}")
    if arguments.latex:
        summary.write_latex(arguments.latex, arguments.notation)
        print(f"\nwrote {arguments.latex}")
    return status


def _check_point(point: dict) -> None:
    from theory.gaussian.kernels import check_correlation
    from theory.symbols import rho

    if rho in point:
        check_correlation(point[rho])


def _show(arguments: argparse.Namespace) -> int:
    from theory.bibliography import citation
    from theory.catalogue import lookup

    s = lookup(arguments.identifier)
    assert s.status is not None
    print(f"{s.identifier} ({s.status.value}: {s.status.sentence})\n\n{s.prose}\n")
    print(s.latex())
    if s.sources:
        print(citation(s))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from theory.catalogue import metadata
    from theory.errors import UnknownNameError

    entries = metadata()
    topics = {t for e in entries.values() for t in e.topics}
    if arguments.topic is not None and arguments.topic not in topics:
        raise UnknownNameError("topic", arguments.topic, topics)
    chosen = [e for e in entries.values() if arguments.topic is None or arguments.topic in e.topics]
    width = max(len(e.identifier) for e in chosen)
    for e in chosen:
        print(f"{e.identifier:{width}}  {e.status.value:10}  {e.title}")
    return 0


def _latex(arguments: argparse.Namespace) -> int:
    from theory.catalogue import lookup, statements
    from theory.latex import statement_latex, write_latex

    if arguments.identifiers:
        chosen = [lookup(name) for name in arguments.identifiers]
    else:
        chosen = statements(topic=arguments.topic)
    if arguments.output:
        write_latex(arguments.output, chosen, notation=arguments.notation)
        print(f"wrote {arguments.output}")
    else:
        print("\n\n".join(statement_latex(s, notation=arguments.notation) for s in chosen))
    return 0
