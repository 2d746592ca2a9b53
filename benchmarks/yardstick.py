"""The 51 activations that measure the Gaussian engine: 37 in the exact class, 14 outside it."""

from __future__ import annotations

from theory.parsing import parse_expression

__all__ = ["EXACT", "OUTSIDE", "expression"]

EXACT = {
    "identity": "x",
    "step": "heaviside(x)",
    "sign": "sign(x)",
    "abs": "abs(x)",
    "relu": "max(0, x)",
    "leaky_relu": "Piecewise((x/10, x < 0), (x, True))",
    "prelu": "Piecewise((x/4, x < 0), (x, True))",
    "relu_sq": "max(0, x)^2",
    "relu_cube": "max(0, x)^3",
    "relu6": "min(6, max(0, x))",
    "hard_tanh": "min(1, max(-1, x))",
    "hard_sigmoid": "min(6, max(0, x + 3))/6",
    "hard_swish": "x*min(6, max(0, x + 3))/6",
    "shifted_relu": "max(0, x - 1/2)",
    "soft_threshold": "sign(x)*max(0, abs(x) - 1/2)",
    "clipped_relu": "min(1, max(0, x - 1/2))",
    "clipped_soft_threshold": "sign(x)*min(1, max(0, abs(x) - 1/2))",
    "erf": "erf(x)",
    "normal_cdf": "Phi(x)",
    "gelu": "x*Phi(x)",
    "elu": "Piecewise((exp(x) - 1, x < 0), (x, True))",
    "selu": "Piecewise((10507/10000*16733/10000*(exp(x) - 1), x < 0), (10507/10000*x, True))",
    "celu": "Piecewise((2*exp(x/2) - 2, x < 0), (x, True))",
    "exp": "exp(x)",
    "gaussian": "exp(-x^2/2)",
    "gabor": "exp(-x^2/2)*cos(3*x)",
    "sin": "sin(2*x)",
    "cos": "cos(2*x)",
    "sin_plus_cos": "sin(x) + cos(x)",
    "snake": "x + sin(x)^2",
    "x_sin_x": "x*sin(x)",
    "he3": "x^3 - 3*x",
    "he4": "x^4 - 6*x^2 + 3",
    "cubic": "x^3",
    "quadratic": "x^2",
    "poly5": "x^5 - 2*x^4 + x/3 + 1",
    "hat": "max(0, 1 - abs(x))",
}

OUTSIDE = {
    "gelu_tanh": "x*(tanh(sqrt(2)*(8943*x^3/200000 + x)/sqrt(pi)) + 1)/2",
    "sinc": "sin(x)/x",
    "triangle_wave": "2*asin(sin(pi*x/2))/pi",
    "tanh": "tanh(x)",
    "sigmoid": "1/(1 + exp(-x))",
    "softplus": "log(exp(x) + 1)",
    "silu": "x/(1 + exp(-x))",
    "mish": "x*tanh(log(exp(x) + 1))",
    "softsign": "x/(abs(x) + 1)",
    "arctan": "atan(x)",
    "log_cosh": "log(cosh(x))",
    "squareplus": "x/2 + sqrt(x^2 + 4)/2",
    "arcsinh": "asinh(x)",
    "bent_identity": "x + sqrt(x^2 + 1)/2 - 1/2",
}


def expression(text: str):
    """The activation of a text in x."""
    return parse_expression(text)
