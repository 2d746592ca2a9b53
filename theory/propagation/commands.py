"""Commands of signal propagation: propagate, critical."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from theory.errors import TheoryError

if TYPE_CHECKING:
    from theory.activations import Activation
    from theory.network import NetworkSpec

__all__ = [
    "add_activation_options",
    "add_network_options",
    "add_propagation_commands",
    "chosen_activation",
    "chosen_network",
]


class _Report(Protocol):
    def text(self) -> str: ...
    def latex(self, notation: str = ...) -> str: ...
    def data(self) -> dict[str, Any]: ...


def add_propagation_commands(subparsers: argparse._SubParsersAction) -> None:
    """Register the commands with an argument parser."""
    propagate = subparsers.add_parser("propagate", help="maps over depth, their fixed points and rates")
    add_network_options(propagate)
    propagate.add_argument("--depth", type=int, metavar="L", help="the layers 1 to L of two inputs as well")
    propagate.add_argument("--variance", default="1", metavar="NUMBER", help="of both inputs in layer 1 (default 1)")
    propagate.add_argument("--start", default="0", metavar="NUMBER", help="correlation in layer 1 (default 0)")
    _output_options(propagate)
    propagate.set_defaults(run=_propagate)
    critical = subparsers.add_parser("critical", help="critical initialisations and the edge of chaos")
    add_activation_options(critical)
    _output_options(critical)
    critical.set_defaults(run=_critical)


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Options that describe a network, read by `chosen_network`."""
    add_activation_options(parser)
    parser.add_argument("--sigma-w", metavar="NUMBER", help="weight scale, for example 1.5 or sqrt(2) (default 1)")
    parser.add_argument("--sigma-b", metavar="NUMBER", help="bias scale (default 0)")
    parser.add_argument("--C-W", dest="C_W", metavar="NUMBER", help="weight variance, in place of --sigma-w")
    parser.add_argument("--C-b", dest="C_b", metavar="NUMBER", help="bias variance, in place of --sigma-b")
    parser.add_argument(
        "--normalization", metavar="KIND", help='layer, rms or batch before the activation, or for example "rms after"'
    )
    parser.add_argument("--skip", metavar="KIND(r)", help='a skip of strength r, "identity(1/2)" or "projection(1/2)"')
    parser.add_argument("--weights", default="gaussian", metavar="LAW", help='for example orthogonal or "sparse(1/10)"')


def add_activation_options(parser: argparse.ArgumentParser) -> None:
    """Options that describe an activation, read by `chosen_activation`."""
    parser.add_argument("text", help='the activation, for example "tanh(x)" or "x*Phi(x)"')
    parser.add_argument("--param", action="append", default=[], metavar='"a: 0<a<1"', help="a parameter")
    parser.add_argument("--at", metavar="a=1/2", help="values of the parameters")


def _output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--digits", type=int, default=15, help="digits of the numbers (default 15)")
    parser.add_argument("--latex", metavar="FILE", help="write a LaTeX fragment; - prints it in place of the text")
    parser.add_argument("--notation", default="mean-field", help="of the LaTeX: mean-field, pdlt or daniely")
    parser.add_argument("--json", metavar="FILE", help="write JSON; - prints it in place of the text")


def chosen_activation(arguments: argparse.Namespace) -> Activation:
    """The activation of a command line, with numbers in place of the parameters that `--at` names."""
    from theory.activations import Activation
    from theory.commands import parsed_activation
    from theory.parsing import parse_bindings

    phi, symbols = parsed_activation(arguments.text, arguments.param)
    if not arguments.at:
        return phi
    values = parse_bindings(arguments.at, symbols)
    for condition in phi.assumptions:
        if condition.subs(values) == False:  # noqa: E712 - a relation of sympy
            raise TheoryError(f"--at {arguments.at} breaks the assumption {condition}")
    return Activation(phi.expr.subs(values), phi.variable, [c for c in phi.assumptions if c.subs(values) != True])  # noqa: E712


def chosen_network(arguments: argparse.Namespace) -> NetworkSpec:
    """The network of a command line."""
    from theory.network import NetworkSpec
    from theory.parsing import parse_expression

    names = ("C_W", "C_b", "sigma_w", "sigma_b")
    given = {name: text for name in names if (text := getattr(arguments, name)) is not None}
    values = {name: parse_expression(text, {}) for name, text in given.items()}
    parts = {name: getattr(arguments, name) for name in ("normalization", "skip", "weights")}
    return NetworkSpec(chosen_activation(arguments), **values, **parts)


def _propagate(arguments: argparse.Namespace) -> int:
    from theory.parsing import parse_expression
    from theory.propagation.network_report import NetworkReport

    _check_output(arguments)
    inputs = tuple(parse_expression(text, {}) for text in (arguments.variance, arguments.start))
    report = NetworkReport(chosen_network(arguments), arguments.digits, depth=arguments.depth, inputs=inputs)
    return _written(report, arguments)


def _critical(arguments: argparse.Namespace) -> int:
    from theory.propagation.activation_report import ActivationReport

    _check_output(arguments)
    return _written(ActivationReport(chosen_activation(arguments), arguments.digits), arguments)


def _check_output(arguments: argparse.Namespace) -> None:
    from theory.errors import UnknownNameError
    from theory.latex import notations

    if not 1 <= arguments.digits <= 1000:
        raise TheoryError(f"--digits is between 1 and 1000; received {arguments.digits}")
    if arguments.notation not in notations():
        raise UnknownNameError("notation", arguments.notation, notations())
    if arguments.latex == arguments.json == "-":
        raise TheoryError("--latex - and --json - both print in place of the text; give one of them a file")


def _written(report: _Report, arguments: argparse.Namespace) -> int:
    outputs = []
    if arguments.latex:
        outputs.append((arguments.latex, report.latex(arguments.notation)))
    if arguments.json:
        outputs.append((arguments.json, json.dumps(report.data(), indent=2) + "\n"))
    replaced = any(path == "-" for path, _ in outputs)
    if not replaced:
        print(report.text())
    for path, text in outputs:
        if path == "-":
            print(text, end="")
        else:
            aside = Path(f"{path}.part")
            aside.write_text(text, encoding="utf-8")
            os.replace(aside, path)
            # The terminal may be a pipe into a reader of JSON.
            print(f"wrote {path}", file=sys.stderr if replaced else sys.stdout)
    return 0
