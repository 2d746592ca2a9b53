"""Refuted: a stationary covariance has the trace of (1 - A A^T)^-1 Sigma, whatever the matrix A."""

from sympy import Matrix, Rational, Symbol, eye

import theory as th

s = Symbol("s", real=True)


@th.theorem(topics=["depth", "batch_norm", "refuted"], sources=[], status="refuted", needs=[])
def lyapunov_trace_formula():
    """FALSE: tr S = tr((1 - A A^T)^-1 Sigma) for the solution of S = A S A^T + Sigma; A = ((0, s), (0, 0)), Sigma = 1.

    True for normal A.  The square of this A vanishes, so S = 1 + A A^T and tr S = 2 + s^2, against 1 + 1/(1 - s^2).
    The correct statement is the equation of Lyapunov itself.
    """
    matrix = Matrix([[0, s], [0, 0]])
    solution = eye(2) + matrix * matrix.T
    formula = ((eye(2) - matrix * matrix.T).inv()).trace()
    return th.Statement(
        claim=th.Refutation(th.Identity(solution.trace(), formula), at={s: Rational(1, 2)}),
        domains={s: th.Interval(-1, 1, left_open=True, right_open=True)},
        missing_witness="one number against another; their enclosures decide",
    )
