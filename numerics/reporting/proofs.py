"""Proofs to print: the certified derivation of a statement, or the form that our rules give."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr, Mul, Symbol, sqrt

from theory.activations import Activation
from theory.claims import GaussianIdentity
from theory.derivation import Derivation, Step, derive_dual
from theory.errors import TheoryError
from theory.statement import Statement

__all__ = ["Proof", "proof_of"]


class Proof(NamedTuple):
    """Steps from the definition to the derived form, each certified on its own; no steps if only the form is known."""

    steps: tuple[Step, ...]
    derived: Expr


def proof_of(statement: Statement) -> Proof | None:
    """The proof of a statement; None where no rule of ours gives its closed form, or a step was not certified."""
    derivation = _derivation(statement)
    if derivation is not None and all(check.holds for check in derivation.check(points=2)):
        return Proof(derivation.steps, derivation.result)
    if statement.derive is None:
        return None
    try:
        derived = statement.derive()
    except Exception:  # a hook of the user's own; the witness that asked it says what it raised
        return None
    return Proof((), derived) if isinstance(derived, Expr) else None


def _derivation(statement: Statement) -> Derivation | None:
    """Of E[phi(U) phi(V)] for a centred pair of given correlation and variances."""
    claim = statement.claim
    if not isinstance(claim, GaussianIdentity) or len(claim.law.variables) != 2 or any(claim.law.mean):
        return None
    u, v = claim.law.variables
    q1, q2 = claim.law.cov[0, 0], claim.law.cov[1, 1]
    rho = claim.law.cov[0, 1] / sqrt(q1 * q2)
    left = Mul(*(f for f in Mul.make_args(claim.integrand) if not f.has_free(v)))
    right = Mul(*(f for f in Mul.make_args(claim.integrand) if not f.has_free(u)))
    if left * right != claim.integrand or left.subs(u, v) != right or not _plain(rho, q1, q2):
        return None
    try:
        derivation = derive_dual(Activation(left, u, list(statement.assumptions)), rho, q1, q2)
    except (TheoryError, ArithmeticError):
        return None
    return derivation if len(derivation.steps) > 1 else None


def _plain(rho: Expr, *variances: Expr) -> bool:
    """Can the steps be certified at any correlation and any variances?"""
    return isinstance(rho, Symbol) and all(q.is_Number or isinstance(q, Symbol) for q in variances)
