"""The shared vocabulary: one symbol per quantity of the field.

Statements and examples import their symbols from here, so that the same letter always carries the same
assumptions.  The engine also accepts plain symbols of your own.
"""

from __future__ import annotations

from sympy import Symbol, symbols

__all__ = ["C_W", "C_b", "ell", "k", "n", "q", "q1", "q2", "q12", "rho", "sigma_b", "sigma_w", "u", "v", "x", "z"]

rho = Symbol("rho", real=True)  # correlation, in [-1, 1]
q, q1, q2 = symbols("q q1 q2", positive=True)  # variances of pre-activations
q12 = Symbol("q12", real=True)  # covariance of two pre-activations
k = Symbol("k", integer=True, nonnegative=True)  # Hermite index
n = Symbol("n", integer=True, positive=True)  # width, or size of a matrix
ell = Symbol("ell", integer=True, positive=True)  # layer
sigma_w, C_W = symbols("sigma_w C_W", positive=True)  # weight scale and weight variance
sigma_b, C_b = symbols("sigma_b C_b", nonnegative=True)  # bias scale and bias variance
u, v, x, z = symbols("u v x z", real=True)  # Gaussian variables and the argument of an activation
