"""Rate at which batch normalisation orthogonalises nearly orthogonal representations."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar", "batch_norm"], sources=["daneshmand2021batch"], status="derived", needs=[])
def orthogonalisation_rate():
    """To first order a trace-free perturbation E of the spectrum shrinks by n/(n + 2) per layer.

    With `lambda_k = 1/n + e_k`, the mean share `E[lambda_1 w_1^2/(w' G w)]` of the first direction, w uniform on the
    sphere, has the derivative `E[n e_1 w_1^2 - n w_1^2 sum_k e_k w_k^2] = n e_1/(n + 2)`; three directions are
    perturbed here.
    """
    Q = th.Haar("O", n)
    a, b = symbols("a b", real=True)
    squares = [Q[1, k] ** 2 for k in (1, 2, 3)]
    form = a * squares[0] + b * squares[1] - (a + b) * squares[2]
    derivative = n * a * squares[0] - n * squares[0] * form
    stated = n * a / (n + 2)
    return th.Statement(
        claim=th.HaarIdentity(derivative, Q, stated),
        domains={n: th.Integers(3), a: th.Interval(-2, 2), b: th.Interval(-2, 2)},
        derive=lambda: Q.mean(derivative),
        resolution=Rational(1, 50),
        near_misses=[n * a / (n + 1), (n - 1) * a / (n + 2), (n - 2) * a / n],
    )
