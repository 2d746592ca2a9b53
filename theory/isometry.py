"""Isometry of a Gram matrix: how near its vectors are to being orthogonal and of one length."""

from __future__ import annotations

from sympy import Expr, MatrixBase, Rational

from theory.errors import DomainError

__all__ = ["isometry"]


def isometry(gram: MatrixBase) -> Expr:
    r"""$\det(M)^{1/n}/(\operatorname{tr}(M)/n)$ of a positive semi-definite n x n matrix; 1 for a multiple of 1.

    Raises
    ------
    DomainError
        if the matrix is empty or not square.

    References
    ----------
    joudaki2023impact

    Examples
    --------
    >>> from sympy import Matrix
    >>> isometry(Matrix([[1, 0], [0, 4]]))
    4/5
    """
    if gram.rows != gram.cols or gram.rows == 0:
        raise DomainError(f"the isometry belongs to a square matrix; received one of shape {gram.shape}")
    determinant: Expr = gram.det()
    return determinant ** Rational(1, gram.rows) / (gram.trace() / gram.rows)
