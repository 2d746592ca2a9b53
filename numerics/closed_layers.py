r"""All layers of a plain network with closed duals, by programs over blocks of pairs.

The programs are used between powers of ten at which they agree with balls: the mean square and that of the derivative
to $10^{-13}$ relative, the functions of a pair to $10^{-13}$ of $\sqrt{f(1; q_1, q_1) f(1; q_2, q_2)}$.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import sympy as sp
from flint import acb, arb
from numpy.typing import NDArray

from numerics.closed_duals import ClosedDuals
from numerics.layer_programs import COVARIANCE, Q1, Q2, RHO, LayerProgram, in_covariance, layer_program, pair_program
from numerics.loops.kernel_layers import few_inputs, first_layer, input_layers, pair_rows
from numerics.row_threads import over_rows
from theory.balls import BallFunction, ball_function, workprec
from theory.errors import TheoryError, UnsupportedError
from theory.network import NetworkSpec

__all__ = ["ClosedLayers"]

Array = NDArray[np.float64]
_Q = sp.Symbol("q", positive=True)
_DECADES = [10.0**e for e in range(-6, 5)]
_CORRELATIONS = (-1 + 1e-7, -0.9, -0.3, 0.0, 0.2, 0.7, 0.99, 1 - 1e-7)
_TOLERANCE = 1e-13
_BITS = 300
_FEW = 2  # inputs up to which point by point is quicker than by blocks
_PAIR = [RHO, COVARIANCE, Q1, Q2]


class ClosedLayers:
    """Recursion of a network without skip and normalisation.

    Raises
    ------
    UnsupportedError
        for duals that are not elementary.
    """

    def __init__(self, net: NetworkSpec, duals: ClosedDuals) -> None:
        self.wanted = duals.slope is not None
        functions = [duals.dual] + ([duals.slope] if duals.slope is not None else [])
        squares = [duals.square] + ([duals.slope_square] if duals.slope_square is not None else [])
        self.forms, self.squares = [f.form for f in functions], [f.form for f in squares]
        self.C_W, self.C_b = float(net.C_W), float(net.C_b)
        self.pairs, self.diagonal = pair_program(self.forms), layer_program(self.squares, [_Q])
        pair, diagonal = self.pairs, self.diagonal
        # Without a tangent kernel the dual stands in for the slope, which nobody reads.
        self.programs = (
            *(diagonal.code, diagonal.start, np.resize(diagonal.outputs, 2), pair.single),
            *(pair.pair, pair.whole.start, np.resize(pair.whole.outputs, 2), pair.exports),
        )
        # Variances around one at which the programs are known to agree with balls; it grows with the data.
        self.range = (1.0, 1.0)
        self.seen: dict[float, bool] = {}

    @classmethod
    def of(cls, net: NetworkSpec, duals: ClosedDuals) -> ClosedLayers | None:
        """The layers, or None where a program cannot stand in for the duals."""
        try:
            found = cls(net, duals)
        except UnsupportedError:
            return None
        return found if found._agrees(1.0) else None

    def run(self, rows: Array, depth: int) -> tuple[Array, Array | None] | None:
        """Layer `depth` of the rows of data; None where a variance leaves the range."""
        run = self._few if len(rows) <= _FEW else self._many
        while True:
            left, nngp, ntk = run(rows, depth)
            if left == -1:
                return nngp, ntk if self.wanted else None
            if not self._extended(left):
                return None

    def _few(self, rows: Array, depth: int) -> tuple[float, Array, Array]:
        size = len(rows)
        nngp, ntk = np.empty((size, size)), np.empty((size, size))
        left = few_inputs(rows, *self.programs, self.C_W, self.C_b, *self.range, depth - 1, nngp, ntk)
        return left, nngp, ntk

    def _many(self, rows: Array, depth: int) -> tuple[float, Array, Array]:
        size, (pair, start, outputs, exports) = len(rows), self.programs[4:]
        nngp = rows.dot(rows.T)
        first_layer(rows, self.C_W / rows.shape[1], self.C_b, nngp)
        q, theta = np.empty((depth, size)), np.empty((depth, size))
        q[0] = theta[0] = nngp.diagonal()
        table = np.empty((depth - 1, len(exports), size))
        left = input_layers(
            *(*self.programs[:4], start, exports, self.C_W, self.C_b, *self.range),
            *(q, theta, table),
        )
        tangents = np.empty((size, size)) if self.wanted else nngp
        if left == -1:
            settings = (pair, start, outputs, exports, table, q, theta, self.C_W, self.C_b, self.wanted)
            over_rows(
                lambda first, stride: pair_rows(*settings, first, stride, nngp, tangents),
                size * size * (depth - 1) * len(pair),
            )
        return left, nngp, tangents

    def _extended(self, q: float) -> bool:
        """Whether the range could be made to hold the variance."""
        low, high = (_DECADES.index(end) for end in self.range)
        while q < _DECADES[low] and low > 0 and self._agrees(_DECADES[low - 1]):
            low -= 1
        while q > _DECADES[high] and high + 1 < len(_DECADES) and self._agrees(_DECADES[high + 1]):
            high += 1
        self.range = _DECADES[low], _DECADES[high]
        return self.range[0] <= q <= self.range[1]

    def _agrees(self, q: float) -> bool:
        if q not in self.seen:
            with np.errstate(all="ignore"):
                self.seen[q] = self._meets_balls(q)
        return self.seen[q]

    @cached_property
    def _balls(self) -> tuple[list[BallFunction], list[BallFunction]]:
        """The mean squares, and the functions of a pair."""
        forms = [in_covariance(form) for form in self.forms]
        return [ball_function(f, [_Q]) for f in self.squares], [ball_function(f, _PAIR) for f in forms]

    def _meets_balls(self, q: float) -> bool:
        columns = np.array([(r, a, b) for r in _CORRELATIONS for a, b in ((q, q), (q, 1.0), (q, 3 * q))]).T
        rho, first, second = columns
        singles = np.unique(columns[1:])
        try:
            with workprec(_BITS):
                squares, functions = self._balls
                scales = _agreeing(self.diagonal(singles), squares, [singles], None)
                if scales is None:
                    return False
                place = [np.searchsorted(singles, values) for values in (first, second)]
                sizes = [np.sqrt(scale[place[0]] * scale[place[1]]) for scale in scales]
                cross = rho * np.sqrt(first * second)
                points = [cross, first, second]
                values = self.pairs.whole(*points)
                # The correlation as the program has it: rounding it is not an error of the map.
                if self.pairs.correlation is not None:
                    whole = self.pairs.whole
                    rho = LayerProgram(whole.code, whole.start, np.array([self.pairs.correlation]))(*points)[0]
                return _agreeing(values, functions, [rho, *points], sizes) is not None
        except (TheoryError, TypeError, ValueError):
            return False


def _agreeing(
    values: Array, functions: list[BallFunction], columns: list[Array], scales: list[Array] | None
) -> list[Array] | None:
    """The values, if they are within the tolerance of balls, relative to the scales or to themselves; else None."""
    for k, exact in enumerate(functions):
        for j, point in enumerate(zip(*columns, strict=True)):
            value = float(values[k, j])
            size = abs(value) if scales is None else float(scales[k][j])
            ball = exact([acb(arb(float(v))) for v in point], False).real
            if not (np.isfinite(value) and bool(abs(ball - arb(value)) <= arb(_TOLERANCE * size))):
                return None
    return list(values)
