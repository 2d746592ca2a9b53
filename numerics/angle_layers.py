r"""Layers of a positively homogeneous activation, with the angle of two inputs in place of their correlation.

$\varphi(tx) = t\varphi(x)$ for t > 0 gives $E\varphi(U)\varphi(V) = \sqrt{q_1 q_2}\,f(\theta)$, $\rho = \cos\theta$.
The squared distance $D = q_1 + q_2 - 2 q_{12}$ is carried along,

$$ D' = C_W\left(f(0)(\sqrt{q_1} - \sqrt{q_2})^2 + 2\sqrt{q_1 q_2}\,(f(0) - f(\theta))\right), $$

so that small angles keep their digits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from numerics.layer_programs import layer_program
from numerics.loops.kernel_layers import angle_input_layers, angle_rows
from numerics.row_threads import over_rows
from theory.activations import Activation
from theory.errors import TheoryError
from theory.network import NetworkSpec

__all__ = ["AngleLayers"]

Array = NDArray[np.float64]
_THETA, _SINE, _HALF = sp.symbols("theta sine half", nonnegative=True)
_RHO = sp.Symbol("rho", real=True)
_GEOMETRY = 20  # operations of a pair outside the program
_EXTREME = 300  # binary exponent of data whose squares are brought back to the middle of the range


class AngleLayers:
    """Recursion of a network without skip and normalisation, whose activation is two half-lines through the origin.

    The program has the functions of (theta, sin theta, sin^2(theta/2)): f(0) - f and the dual of the derivative.
    """

    def __init__(self, net: NetworkSpec, gap: sp.Expr, slope: sp.Expr) -> None:
        self.program = layer_program([gap, slope], [_THETA, _SINE, _HALF])
        self.square, self.slope_square = float(net.phi.moment(2)), float(net.phi.dual_derivative(1))
        self.C_W, self.C_b = float(net.C_W), float(net.C_b)
        self.wanted = net.parameterization == "ntk"

    @classmethod
    def of(cls, net: NetworkSpec) -> AngleLayers | None:
        """The layers, or None where the activation is of another kind."""
        try:
            forms = _forms(net.phi)
            return None if forms is None else cls(net, *forms)
        except TheoryError:
            return None

    def run(self, rows: Array, depth: int) -> tuple[Array, Array | None]:
        """Layer `depth` of the rows of data."""
        power = int(np.frexp(np.abs(rows).max())[1]) if self.C_b == 0 else 0
        power = power if abs(power) > _EXTREME else 0
        rows = np.ascontiguousarray(np.ldexp(rows, -power)) if power else rows
        scale = self.C_W / rows.shape[1]
        # Unlike the operator this has no warnings of overflow, which the caller finds.
        nngp = rows.dot(rows.T)
        ntk = np.empty_like(nngp) if self.wanted else nngp
        size = len(rows)
        lengths, roots, own = np.empty(size), np.empty((depth - 1, size)), np.empty((2, size))
        angle_input_layers(
            *(self.square, self.slope_square, scale, self.C_W, self.C_b),
            *(nngp, lengths, roots, own),
        )
        code = self.program.code
        program = (code, self.program.start, self.program.outputs, rows, lengths, roots, own, scale)
        settings = (self.square, self.C_W, self.C_b, self.wanted)
        over_rows(
            lambda first, stride: angle_rows(*program, *settings, first, stride, nngp, ntk),
            nngp.size * (depth - 1) * (len(code) + _GEOMETRY),
        )
        if power:
            with np.errstate(over="ignore", under="ignore"):
                for values in (nngp, ntk) if self.wanted else (nngp,):
                    np.ldexp(values, 2 * power, out=values)
        return nngp, ntk if self.wanted else None


@lru_cache(maxsize=64)
def _forms(phi: Activation) -> tuple[sp.Expr, sp.Expr] | None:
    """The functions of the program, for all networks of the activation; None where it is of another kind."""
    x, pieces = phi.variable, phi.pieces
    if any(b != 0 for b in pieces.breaks) or any((p / x).cancel().has(x) for p in pieces.parts):
        return None
    dual, slope = _in_angle(phi.dual(_RHO)), _in_angle(phi.dual_derivative(_RHO))
    return None if dual is None or slope is None else (sp.expand(phi.moment(2) - dual), slope)


def _in_angle(expr: sp.Expr) -> sp.Expr | None:
    """An expression in the correlation, in the angle; None where the correlation appears in another way."""
    form = expr.replace(sp.asin, lambda a: sp.pi / 2 - _THETA if a == _RHO else sp.asin(a))
    form = form.replace(sp.acos, lambda a: _THETA if a == _RHO else sp.acos(a))
    form = form.replace(sp.sqrt(1 - _RHO**2), _SINE)
    form = sp.expand(form.subs(_RHO, 1 - 2 * _HALF))
    return form if form.free_symbols <= {_THETA, _SINE, _HALF} and not form.has(sp.asin, sp.acos) else None
