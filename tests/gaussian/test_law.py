"""Gaussian laws refuse what is not a covariance, and keep their parameters exact."""

import pickle

import pytest
from sympy import Rational, oo, symbols

from theory.errors import DomainError
from theory.gaussian.law import Gaussian, exact

u, v, w, r = symbols("u v w r")
NINE = Rational(9, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([u], [[-1]]), "variance of u must be non-negative"),
        (([u, v], [[1, 2], [2, 1]]), r"correlation of u and v must lie in \[-1, 1\]"),
        (([u, v], None, Rational(101, 100)), r"\[-1, 1\]"),
        (([u, v], [[1, 0], [1, 1]]), "symmetric"),
        (([u, v], [[1, 0]]), "shape"),
        (([u, u], None), "distinct symbols"),
        (([], None), "distinct symbols"),
        (("u", None), "variables: a list or tuple is needed"),
        (([u], None, r), "exactly two variables"),
        (([u, v], [[1, r], [r, 1]], r), "not both"),
        (([u, v], [[1, u], [u, 1]]), "cannot contain its variables"),
        (([u], [["1"]]), "text is not accepted"),
        (([u], [[oo]]), "finite"),
        (([u], None, None, [1, 2]), "one value per variable"),
        (([u, v, w], [[1, NINE, -NINE], [NINE, 1, NINE], [-NINE, NINE, 1]]), "positive semidefinite"),
    ],
)
def test_is_refused(arguments, message):
    with pytest.raises(DomainError, match=message):
        Gaussian(*arguments)


def test_the_boundary_is_a_law():
    assert Gaussian([u, v], corr=1).cov[0, 1] == 1
    assert Gaussian([u, v], cov=[[0, 0], [0, 1]]).cov[0, 0] == 0


def test_is_a_value():
    law = Gaussian([u, v], corr=r)
    assert pickle.loads(pickle.dumps(law)) == law
    assert hash(law) == hash(Gaussian([u, v], cov=[[1, r], [r, 1]]))
    assert law.subs(r, Rational(1, 2)) == Gaussian([u, v], corr=Rational(1, 2))
    with pytest.raises(DomainError):
        law.subs(r, 2)
    with pytest.raises(AttributeError):
        law.cov = 1
    assert r"N\left(0" in law._repr_latex_()


def test_floats_are_the_decimals_they_print_as():
    assert exact(0.1) == Rational(1, 10)
    assert exact(0.5 * u + 0.25) == u / 2 + Rational(1, 4)
    assert Gaussian([u, v], corr=0.3).cov[0, 1] == Rational(3, 10)
