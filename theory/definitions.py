"""Named activations by family: one line of definition each, with default parameters and source.

Definitions only.  Every kernel, moment and coefficient of a named activation is derived from its expression.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DEFINITIONS", "FAMILIES", "Definition"]


class Definition(NamedTuple):
    """Formula in `x` and the parameters, key of the source, default values of the parameters."""

    formula: str
    source: str
    defaults: dict[str, str] = {}


_SELU = {"scale": "1.0507009873554805", "alpha": "1.6732632423543772"}
_STAR = {"scale": "0.8944271909999159", "shift": "-0.4472135954999579"}
_LECUN = {"scale": "1.7159", "slope": "2/3"}
_SOFT = {"tau": "1/2", "m": "1"}

FAMILIES: dict[str, dict[str, Definition]] = {
    "polynomial": {
        "identity": Definition("x", "saxe2014exact"),
        "quadratic": Definition("x^2", "livni2014computational"),
        "cubic": Definition("x^3", "chen2014fast"),
        "hermite_3": Definition("x^3 - 3*x", "odonnell2014analysis"),
    },
    "rectifier": {
        "relu": Definition("max(x, 0)", "nair2010rectified"),
        "leaky_relu": Definition("Piecewise((slope*x, x < 0), (x, True))", "maas2013rectifier", {"slope": "1/100"}),
        "prelu": Definition("Piecewise((slope*x, x < 0), (x, True))", "he2015delving", {"slope": "1/4"}),
        "abs": Definition("abs(x)", "kunc2024three"),
        "relu_squared": Definition("max(x, 0)^2", "so2021primer"),
        "relu_cubed": Definition("max(x, 0)^3", "cho2009kernel"),
        "star_relu": Definition("scale*max(x, 0)^2 + shift", "yu2022metaformer", _STAR),
        "relu6": Definition("min(max(x, 0), 6)", "krizhevsky2010convolutional"),
        "shifted_relu": Definition("max(x - tau, 0)", "price2024deep", {"tau": "1/2"}),
        "clipped_relu": Definition("min(max(x - tau, 0), m)", "price2024deep", _SOFT),
        "hat": Definition("max(1 - abs(x), 0)", "kunc2024three"),
    },
    "threshold": {
        "step": Definition("heaviside(x)", "mcculloch1943logical"),
        "sign": Definition("sign(x)", "rosenblatt1958perceptron"),
        "box": Definition("heaviside(x + w) - heaviside(x - w)", "kunc2024three", {"w": "1"}),
        "hard_tanh": Definition("min(max(x, -1), 1)", "collobert2004large"),
        "hard_sigmoid": Definition("min(max(x + 3, 0), 6)/6", "howard2019searching"),
        "hard_swish": Definition("x*min(max(x + 3, 0), 6)/6", "howard2019searching"),
        "soft_threshold": Definition("sign(x)*max(abs(x) - tau, 0)", "price2024deep", {"tau": "1/2"}),
        "clipped_soft_threshold": Definition("sign(x)*min(max(abs(x) - tau, 0), m)", "price2024deep", _SOFT),
        "hard_shrink": Definition("Piecewise((x, x > tau), (x, x < -tau), (0, True))", "kunc2024three", {"tau": "1/2"}),
        "sqnl": Definition("sign(x)*(1 - max(1 - abs(x)/2, 0)^2)", "wuraola2018computationally"),
    },
    "exponential": {
        "exp": Definition("exp(a*x)", "daniely2016toward", {"a": "1"}),
        "elu": Definition("Piecewise((alpha*(exp(x) - 1), x < 0), (x, True))", "clevert2016fast", {"alpha": "1"}),
        "celu": Definition("max(x, 0) + min(alpha*(exp(x/alpha) - 1), 0)", "barron2017continuously", {"alpha": "1"}),
        "selu": Definition("Piecewise((scale*alpha*(exp(x) - 1), x < 0), (scale*x, True))", "klambauer2017self", _SELU),
        "pelu": Definition(
            "Piecewise((a*(exp(x/b) - 1), x < 0), (a*x/b, True))", "trottier2017parametric", {"a": "1", "b": "2"}
        ),
        "elish": Definition(
            "Piecewise(((exp(x) - 1)/(1 + exp(-x)), x < 0), (x/(1 + exp(-x)), True))", "basirat2018quest"
        ),
        "complementary_loglog": Definition("1 - exp(-exp(x))", "gomes2008complementary"),
    },
    "gated": {
        "gelu": Definition("x*Phi(x)", "hendrycks2016gelu"),
        "gelu_tanh": Definition("x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2", "hendrycks2016gelu"),
        "quick_gelu": Definition("x/(1 + exp(-1.702*x))", "hendrycks2016gelu"),
        "silu": Definition("x/(1 + exp(-x))", "elfwing2018sigmoid"),
        "swish": Definition("x/(1 + exp(-beta*x))", "ramachandran2017searching", {"beta": "1"}),
        "silu_derivative": Definition("(1 + x*(1 - sigmoid(x)))*sigmoid(x)", "elfwing2018sigmoid"),
        "mish": Definition("x*tanh(log(1 + exp(x)))", "misra2019mish"),
        "smish": Definition("x*tanh(log(1 + sigmoid(x)))", "wang2022smish"),
        "logish": Definition("x*log(1 + sigmoid(x))", "zhu2021logish"),
        "tanh_exp": Definition("x*tanh(exp(x))", "liu2020tanhexp"),
        "serf": Definition("x*erf(log(1 + exp(x)))", "nag2023serf"),
        "lisht": Definition("x*tanh(x)", "roy2019lisht"),
    },
    "smooth rectifier": {
        "softplus": Definition("log(1 + exp(x))", "dugas2001incorporating"),
        "squareplus": Definition("(x + sqrt(x^2 + b))/2", "barron2021squareplus", {"b": "4"}),
        "bent_identity": Definition("x + (sqrt(x^2 + 1) - 1)/2", "kunc2024three"),
        "isrlu": Definition("Piecewise((x/sqrt(1 + a*x^2), x < 0), (x, True))", "carlile2017improving", {"a": "1"}),
        "log_cosh": Definition("log(cosh(x))", "kunc2024three"),
    },
    "sigmoid": {
        "sigmoid": Definition("1/(1 + exp(-x))", "rumelhart1986learning"),
        "tanh": Definition("tanh(x)", "poole2016exponential"),
        "lecun_tanh": Definition("scale*tanh(slope*x)", "lecun1998efficient", _LECUN),
        "penalized_tanh": Definition("Piecewise((tanh(x)/4, x < 0), (tanh(x), True))", "xu2016revise"),
        "tanh_shrink": Definition("x - tanh(x)", "kunc2024three"),
        "erf": Definition("erf(a*x)", "williams1997computing", {"a": "1"}),
        "normal_cdf": Definition("Phi(x)", "williams1997computing"),
        "arctan": Definition("atan(x)", "kunc2024three"),
        "arcsinh": Definition("asinh(x)", "kunc2024three"),
        "softsign": Definition("x/(1 + abs(x))", "turian2009quadratic"),
        "isru": Definition("x/sqrt(1 + a*x^2)", "carlile2017improving", {"a": "1"}),
        "gudermannian": Definition("2*atan(tanh(x/2))", "kunc2024three"),
    },
    "periodic": {
        "sin": Definition("sin(omega*x)", "sitzmann2020implicit", {"omega": "1"}),
        "cos": Definition("cos(omega*x)", "rahimi2007random", {"omega": "1"}),
        "sin_plus_cos": Definition("sin(x) + cos(x)", "rahimi2007random"),
        "snake": Definition("x + sin(a*x)^2/a", "ziyin2020neural", {"a": "1"}),
        "x_sin_x": Definition("x*sin(x)", "kunc2024three"),
        "growing_cosine": Definition("x*cos(x)", "noel2021growing"),
        "sinc": Definition("sin(x)/x", "kunc2024three"),
    },
    "localised": {
        "gaussian": Definition("exp(-x^2/2)", "broomhead1988multivariable"),
        "gabor": Definition("exp(-x^2/2)*cos(omega*x)", "zhang1992wavelet", {"omega": "3"}),
        "mexican_hat": Definition("(1 - x^2)*exp(-x^2/2)", "zhang1992wavelet"),
        "sech": Definition("1/cosh(x)", "kunc2024three"),
        "cauchy": Definition("1/(1 + x^2)", "kunc2024three"),
        "multiquadric": Definition("sqrt(1 + x^2)", "hardy1971multiquadric"),
        "inverse_multiquadric": Definition("1/sqrt(1 + x^2)", "hardy1971multiquadric"),
    },
}

DEFINITIONS: dict[str, Definition] = {name: line for family in FAMILIES.values() for name, line in family.items()}
