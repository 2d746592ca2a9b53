"""Mean of the product of the quadratic forms of two rows of a random orthogonal matrix."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import n


def _form(group, eigenvalues, i, j):
    return sum(c * group[i, k] * group[j, k] for k, c in enumerate(eigenvalues, 1))


@th.theorem(topics=["haar", "batch_norm"], sources=["collins2009some"], status="derived", needs=[])
def haar_forms_of_two_rows():
    """E (w1'C w1)(w2'C w2) = ((n + 1) p1^2 - 2 p2)/(n (n - 1) (n + 2)) with p_k = tr C^k, n >= 3.

    C has rank at most 3 here; an identity of degree two in power sums is determined by three eigenvalues.
    """
    Q = th.Haar("O", n)
    spectrum = symbols("c1:4", real=True)
    p1, p2 = sum(spectrum), sum(c**2 for c in spectrum)
    mean_of = _form(Q, spectrum, 1, 1) * _form(Q, spectrum, 2, 2)
    stated = ((n + 1) * p1**2 - 2 * p2) / (n * (n - 1) * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(mean_of, Q, stated),
        domains={n: th.Integers(3), **{c: th.Interval(-2, 2) for c in spectrum}},
        derive=lambda: Q.mean(mean_of),
        resolution=Rational(1, 60),
        near_misses=[p1**2 / n**2, ((n + 1) * p1**2 - p2) / (n * (n - 1) * (n + 2))],
    )
