"""Standardised weights do not see the mean of their inputs."""

from sympy import Rational, eye, symbols

import theory as th

w1, w2, w3 = symbols("w1:4", real=True)
x1, x2, x3 = symbols("x1:4", real=True)


@th.theorem(topics=["normalization"], sources=["brock2021characterizing"], status="derived", needs=[])
def weight_standardization():
    """E[(sum (w_i - mean(w)) x_i)^2] = sum (x_i - mean(x))^2 for independent standard Gaussian w_i; here three of them.

    So the mean of the activations, which a rectifier makes positive, is not passed on to the next layer.
    """
    weights, inputs = (w1, w2, w3), (x1, x2, x3)
    middle, mean = sum(weights) / 3, sum(inputs) / 3
    integrand = sum((w - middle) * x for w, x in zip(weights, inputs, strict=True)) ** 2
    law = th.Gaussian(weights, cov=eye(3))
    stated = sum((x - mean) ** 2 for x in inputs)
    part = th.Interval(-1, 1)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={x1: part, x2: part, x3: part},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 20),
        near_misses=[sum(x**2 for x in inputs), stated + 3 * mean**2 / 2, stated / 3],
    )
