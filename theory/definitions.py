"""Named activations: one line of definition each, with default parameters and source.

Definitions only.  Every kernel, moment and coefficient of a named activation is derived from its expression.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DEFINITIONS", "Definition"]


class Definition(NamedTuple):
    """Formula in `x` and the parameters, default values of the parameters, key of the source."""

    formula: str
    defaults: dict[str, str] = {}
    source: str = ""


_SELU = {"scale": "1.0507009873554805", "alpha": "1.6732632423543772"}

DEFINITIONS: dict[str, Definition] = {
    "abs": Definition("abs(x)"),
    "arctan": Definition("atan(x)"),
    "bent_identity": Definition("x + (sqrt(x^2 + 1) - 1)/2"),
    "celu": Definition("max(x, 0) + min(alpha*(exp(x/alpha) - 1), 0)", {"alpha": "1"}),
    "clipped_relu": Definition("min(max(x - tau, 0), m)", {"tau": "1/2", "m": "1"}),
    "clipped_soft_threshold": Definition("sign(x)*min(max(abs(x) - tau, 0), m)", {"tau": "1/2", "m": "1"}),
    "cos": Definition("cos(omega*x)", {"omega": "1"}),
    "cubic": Definition("x^3"),
    "elu": Definition("Piecewise((alpha*(exp(x) - 1), x < 0), (x, True))", {"alpha": "1"}, "clevert2016fast"),
    "erf": Definition("erf(a*x)", {"a": "1"}, "williams1997computing"),
    "exp": Definition("exp(a*x)", {"a": "1"}),
    "gabor": Definition("exp(-x^2/2)*cos(omega*x)", {"omega": "3"}),
    "gaussian": Definition("exp(-x^2/2)"),
    "gelu": Definition("x*Phi(x)", {}, "hendrycks2016gelu"),
    "hard_sigmoid": Definition("min(max(x + 3, 0), 6)/6"),
    "hard_swish": Definition("x*min(max(x + 3, 0), 6)/6"),
    "hard_tanh": Definition("min(max(x, -1), 1)"),
    "hat": Definition("max(1 - abs(x), 0)"),
    "identity": Definition("x"),
    "leaky_relu": Definition("Piecewise((slope*x, x < 0), (x, True))", {"slope": "1/100"}),
    "log_cosh": Definition("log(cosh(x))"),
    "mish": Definition("x*tanh(log(1 + exp(x)))", {}, "misra2019mish"),
    "normal_cdf": Definition("Phi(x)"),
    "quadratic": Definition("x^2"),
    "relu": Definition("max(x, 0)", {}, "cho2009kernel"),
    "relu6": Definition("min(max(x, 0), 6)"),
    "relu_squared": Definition("max(x, 0)^2", {}, "cho2009kernel"),
    "selu": Definition("Piecewise((scale*alpha*(exp(x) - 1), x < 0), (scale*x, True))", _SELU, "klambauer2017self"),
    "shifted_relu": Definition("max(x - tau, 0)", {"tau": "1/2"}),
    "sigmoid": Definition("1/(1 + exp(-x))"),
    "sign": Definition("sign(x)"),
    "silu": Definition("x/(1 + exp(-x))", {}, "ramachandran2017searching"),
    "sin": Definition("sin(omega*x)", {"omega": "1"}, "sitzmann2020implicit"),
    "snake": Definition("x + sin(a*x)^2/a", {"a": "1"}),
    "soft_threshold": Definition("sign(x)*max(abs(x) - tau, 0)", {"tau": "1/2"}),
    "softplus": Definition("log(1 + exp(x))"),
    "softsign": Definition("x/(1 + abs(x))"),
    "step": Definition("heaviside(x)", {}, "cho2009kernel"),
    "tanh": Definition("tanh(x)"),
}
