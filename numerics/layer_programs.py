"""Programs of the duals of one layer, for the loops over all layers in `numerics.loops.kernel_layers`.

What depends on one input alone is done once per input and layer, the rest once per pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from numerics.loops import tape_double as machine
from numerics.loops.layer_tape import CLIP, evaluate
from numerics.stable_forms import stable_form
from numerics.tape import FIRST_ROW, TapeWriter
from theory.errors import UnsupportedError

__all__ = [
    "COVARIANCE",
    "Q1",
    "Q2",
    "RHO",
    "LayerProgram",
    "PairProgram",
    "in_covariance",
    "layer_program",
    "pair_program",
]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
RHO = sp.Symbol("rho", real=True)
COVARIANCE = sp.Symbol("c", real=True)
Q1, Q2 = sp.symbols("q1 q2", positive=True)
_RUN = {
    *(machine.ADD, machine.MULTIPLY, machine.DIVIDE, machine.ROOT, machine.EXP, machine.LOG, machine.ERFC, machine.ERF),
    *(machine.ASIN, machine.ATAN, machine.SINH, machine.COSH, machine.ABS, machine.MAX, machine.NEGATE, CLIP),
}


@dataclass(frozen=True)
class LayerProgram:
    """Rows (operation, a, b, target), the registers at the start, and the registers of the results."""

    code: Codes
    start: Array
    outputs: Codes

    def __call__(self, *columns: Array) -> Array:
        """Results (output, point) at one-dimensional columns of arguments."""
        points = np.ascontiguousarray(np.stack(columns), dtype=np.float64)
        result = np.empty((len(self.outputs), points.shape[1]))
        evaluate(self.code, self.start, self.outputs, points, result)
        return result


@dataclass(frozen=True)
class PairProgram:
    """A program of (c, q1, q2), and its parts: rows of one variance alone, rows of pairs.

    `exports` holds the registers that pairs need from one input, and which: 0 for the first, 1 for the second;
    `correlation` is the register of the correlation, None where it is not needed.
    """

    whole: LayerProgram
    single: Codes
    pair: Codes
    exports: Codes
    correlation: int | None


class _Writer(TapeWriter):
    """Rows in which what depends on the same arguments is put together first."""

    def __init__(self, args: Sequence[sp.Symbol]) -> None:
        super().__init__(args)
        self.arity = len(args)
        self.needs: list[int] = []
        self.known: dict[tuple[int, int, int], int] = {}

    def row(self, op: int, a: int, b: int = 0, c: int = 0, same: int = 0) -> int:
        if op not in _RUN:
            raise UnsupportedError("a program over blocks has elementary functions only")
        two = op in (machine.ADD, machine.MULTIPLY, machine.DIVIDE, machine.MAX)
        key = (op, a, b if two else a)
        if key not in self.known:
            self.needs.append(self.need(a) | (self.need(b) if two else 0))
            self.known[key] = super().row(*key)
        return self.known[key]

    def need(self, place: int) -> int:
        """The arguments a place depends on, as bits."""
        if place < 0:
            return 0
        return 1 << place if place < self.arity else self.needs[place - FIRST_ROW]

    def chain(self, op: int, places: list[int]) -> int:
        # What holds the first argument comes last: sums that differ in it share the rest.
        groups: dict[int, list[int]] = {}
        for place in places:
            groups.setdefault(self.need(place), []).append(place)
        order = sorted(groups, key=lambda need: (need & 1, need.bit_count(), need))
        return super().chain(op, [super(_Writer, self).chain(op, groups[need]) for need in order])

    def register(self, place: int) -> int:
        """Arguments come first, then the constants, then the rows."""
        if place < 0:
            return self.arity - 1 - place
        return place if place < self.arity else self.arity + len(self.constants) + place - FIRST_ROW

    def program(self, places: Sequence[int]) -> LayerProgram:
        """The whole program, with results at the places."""
        code = [
            (op, self.register(a), self.register(b), self.register(FIRST_ROW + k))
            for k, (op, a, b, _, _) in enumerate(self.rows)
        ]
        start = np.zeros(self.arity + len(self.constants) + len(self.rows))
        start[self.arity : self.arity + len(self.constants)] = [value[0] for value in self.constants.values()]
        outputs = np.array([self.register(place) for place in places], dtype=np.int64)
        return LayerProgram(np.array(code, dtype=np.int64).reshape(-1, 4), start, outputs)


def layer_program(exprs: Sequence[sp.Expr], args: Sequence[sp.Symbol]) -> LayerProgram:
    """Program of the functions args -> exprs.

    Raises
    ------
    UnsupportedError
        for a function that is not elementary.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> layer_program([sp.sqrt(x), 2 * x], [x])(np.array([4.0, 9.0])).tolist()
    [[2.0, 3.0], [8.0, 18.0]]
    """
    writer = _Writer(args)
    return writer.program([writer.place(_stable(expr)) for expr in exprs])


def pair_program(exprs: Sequence[sp.Expr]) -> PairProgram:
    """Program of the functions (rho, q1, q2) -> exprs, in the covariance c = rho sqrt(q1 q2).

    Raises
    ------
    UnsupportedError
        for a function that is not elementary.
    """
    writer = _Writer([COVARIANCE, Q1, Q2])
    forms = [_stable(in_covariance(expr)) for expr in exprs]
    if any(form.has(RHO) for form in forms):
        width = writer.chain(machine.MULTIPLY, [writer.place(sp.sqrt(Q1)), writer.place(sp.sqrt(Q2))])
        writer.places[RHO] = writer.row(CLIP, writer.row(machine.DIVIDE, writer.place(COVARIANCE), width))
    whole = writer.program([writer.place(form) for form in forms])
    alone = np.array([need in (2, 4) for need in writer.needs], dtype=bool)
    single, pair = whole.code[alone], whole.code[~alone]
    used = {int(r) for r in (*pair[:, 1:3].ravel(), *whole.outputs)}
    needs = {1: 2, 2: 4} | {writer.register(FIRST_ROW + k): need for k, need in enumerate(writer.needs)}
    exports = [(r, needs[r] == 4) for r in sorted(used) if needs.get(r) in (2, 4)]
    correlation = None if RHO not in writer.places else writer.register(writer.places[RHO])
    return PairProgram(whole, single, pair, np.array(exports, dtype=np.int64).reshape(-1, 2), correlation)


def _stable(expr: sp.Expr) -> sp.Expr:
    # Without error functions the form would only be expanded.
    return stable_form(expr) if expr.has(sp.erf, sp.erfc) else expr


def in_covariance(expr: sp.Expr) -> sp.Expr:
    """The function of (rho, q1, q2) with the covariance where rho comes with both standard deviations."""
    ratio = COVARIANCE / (sp.sqrt(Q1) * sp.sqrt(Q2))
    return expr.subs(RHO, ratio).subs(ratio, RHO)
