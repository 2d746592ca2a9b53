"""Expectation of a sum of atoms under a Gaussian law, in closed form.

Three rules: an exponential factor tilts the law, a distribution function becomes a half-space with fresh noise,
and the half-space calculus does the rest.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from sympy import Expr, I, Poly, Symbol
from sympy.polys.fields import FracElement

from theory.errors import DivergenceError, DomainError
from theory.gaussian.atoms import Atoms, HalfSpace, NotInClass
from theory.gaussian.field import CoefficientField
from theory.gaussian.halfspaces import HalfSpaceLaw, Scalar, Sum, accumulate
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.gaussian.readout import read_out

__all__ = ["ClosedForm", "closed_form"]

_Matrix = list[list[FracElement]]
_MAX_TERMS = 4000


class ClosedForm:
    """The value of an expectation and the conditions under which its exponential tilts converge."""

    def __init__(self, value: Expr, conditions: tuple[Expr, ...], tilts: int, orthants: int) -> None:
        self.value, self.conditions, self.tilts, self.orthants = value, conditions, tilts, orthants


def closed_form(atoms: Atoms, law: Gaussian, ordering: Ordering) -> ClosedForm:
    """E of the atoms under a law with non-singular covariance.

    Raises
    ------
    NotInClass
        if an atom has too many half-spaces, or the covariance is singular.
    DivergenceError
        if an exponential factor grows too fast for the law.
    """
    if sum(len(p) for _, _, p in atoms) > _MAX_TERMS:
        raise NotInClass(f"more than {_MAX_TERMS} terms")
    return _Calculus(atoms, law, ordering).run()


class _Calculus:
    def __init__(self, atoms: Atoms, law: Gaussian, ordering: Ordering) -> None:
        self.atoms, self.law = atoms, law
        self.size = len(law.variables)
        pairs = ((i, j) for i in range(self.size) for j in range(i))
        minors = [law.cov[i, i] * law.cov[j, j] - law.cov[i, j] ** 2 for i, j in pairs]
        self.ordering = ordering.with_nonnegative(m for m in minors if m.free_symbols)
        self.quadratics = {e: _quadratic(e, law.variables) for e, _, _ in atoms}
        self.field = CoefficientField(self._expressions(), [])
        self.mean = [self.field(m) for m in law.mean]
        self.cov = [[self.field(law.cov[i, j]) for j in range(self.size)] for i in range(self.size)]
        self.conditions: dict[FracElement, None] = {}
        self.orthants = 0
        self.degenerate = tuple(m for m in self._minors() if m)

    def _expressions(self) -> Iterable[Expr]:
        yield from self.law.cov
        yield from self.law.mean
        for exponent, halves, polynomial in self.atoms:
            matrix, vector = self.quadratics[exponent]
            yield from (c for row in matrix for c in row)
            yield from vector
            yield from polynomial.values()
            for h in halves:
                yield from (*h.weights, h.offset, h.noise)

    def _minors(self) -> Iterable[FracElement]:
        for i in range(self.size):
            for j in range(i):
                yield self.cov[i][i] * self.cov[j][j] - self.cov[i][j] ** 2

    def run(self) -> ClosedForm:
        total: Sum = {}
        for exponent, halves, polynomial in self.atoms:
            prefactor, mean, cov = self._tilt(exponent)
            law = self._joint(mean, cov, halves)
            self.orthants += len(halves)
            for powers, coeff in polynomial.items():
                accumulate(total, self.field(coeff), prefactor, law.moment(powers))
        conditions = tuple(self.field.expr(c) for c in self.conditions)
        sample = _sample(self.field, self.law, self.ordering, conditions)
        known = [self.field.expr(d) for d in self.degenerate]
        value = read_out(total, self.field, lambda e: _sign(e, self.ordering, known), sample)
        return ClosedForm(value, conditions, len(self.quadratics), self.orthants)

    def _tilt(self, exponent: Expr) -> tuple[Scalar, list[FracElement], _Matrix]:
        r"""$E[e^{x'Ax/2 + b'x} F(x)]$ as a prefactor times $E F$ under $\Sigma' = (1 - \Sigma A)^{-1}\Sigma$."""
        matrix, vector = self.quadratics[exponent]
        field, size = self.field, self.size
        a = [[field(c) for c in row] for row in matrix]
        mu = self.mean
        b = [field(vector[i]) + sum((a[i][j] * mu[j] for j in range(size)), field.zero) for i in range(size)]
        m = [
            [field(int(i == j)) - sum((self.cov[i][k] * a[k][j] for k in range(size)), field.zero)
             for j in range(size)]
            for i in range(size)
        ]
        determinant, cov = _solve(field, m, self.cov)
        self._require(determinant, m, exponent)
        shift = [sum((cov[i][j] * b[j] for j in range(size)), field.zero) for i in range(size)]
        power = sum((b[i] * shift[i] for i in range(size)), field.zero) / 2
        power += sum((mu[i] * (field(vector[i]) + b[i]) for i in range(size)), field.zero) / 2
        return Scalar(power, determinant, 0, ()), [m_ + s for m_, s in zip(mu, shift, strict=True)], cov

    def _require(self, determinant: FracElement, m: _Matrix, exponent: Expr) -> None:
        """Leading minors of 1 - Sigma A must be positive: otherwise the expectation is infinite."""
        minors = [determinant] if self.size == 1 else [*(m[i][i] for i in range(self.size)), determinant]
        for minor in minors:
            if minor in self.conditions:
                continue
            real, imag = self.field.split(minor)
            if imag:
                minor = real  # the real part of the exponent alone decides
            value = self.field.expr(minor)
            s = self.ordering.sign_or_none(value)
            if s is not None and s <= 0:
                raise DivergenceError(
                    f"the expectation diverges: the factor exp({exponent}) needs {value} > 0 under {self.law}",
                    value > 0,
                )
            if s is None:
                self.conditions[minor] = None

    def _joint(self, mean: list[FracElement], cov: _Matrix, halves: tuple[HalfSpace, ...]) -> HalfSpaceLaw:
        field, size = self.field, self.size
        if any(field.split(c)[1] for row in cov for c in row) and halves:
            raise NotInClass("a half-space together with a complex quadratic exponent")
        weights = [[field(w) for w in h.weights] for h in halves]
        cross = [[sum((cov[i][k] * w[k] for k in range(size)), field.zero) for w in weights] for i in range(size)]
        joint_mean = list(mean)
        for h, w in zip(halves, weights, strict=True):
            joint_mean.append(field(h.offset) + sum((w[k] * mean[k] for k in range(size)), field.zero))
        rows = [[*cov[i], *cross[i]] for i in range(size)]
        for g, (h, w) in enumerate(zip(halves, weights, strict=True)):
            row = [cross[i][g] for i in range(size)]
            for other in range(len(halves)):
                entry = sum((w[k] * cross[k][other] for k in range(size)), field.zero)
                row.append(entry + field(h.noise) ** 2 if other == g else entry)
            rows.append(row)
        return HalfSpaceLaw(field, joint_mean, rows, size, self.degenerate)


def _quadratic(exponent: Expr, variables: tuple[Symbol, ...]) -> tuple[list[list[Expr]], list[Expr]]:
    """Symmetric matrix A and vector b with exponent = x'Ax/2 + b'x."""
    poly = Poly(exponent, *variables)
    size = len(variables)

    def unit(*places: int) -> tuple[int, ...]:
        return tuple(places.count(i) for i in range(size))

    vector = [poly.coeff_monomial(unit(i)) for i in range(size)]
    matrix = [
        [poly.coeff_monomial(unit(i, j)) * (2 if i == j else 1) for j in range(size)] for i in range(size)
    ]
    return matrix, vector


def _solve(field: CoefficientField, m: _Matrix, right: _Matrix) -> tuple[FracElement, _Matrix]:
    """Determinant of m and the solution of m y = right, by elimination in the field."""
    size = len(m)
    rows = [[*m[i], *right[i]] for i in range(size)]
    determinant = field.one
    for c in range(size):
        pivot = next((r for r in range(c, size) if rows[r][c]), None)
        if pivot is None:
            return field.zero, right
        if pivot != c:
            rows[c], rows[pivot] = rows[pivot], rows[c]
            determinant = -determinant
        determinant *= rows[c][c]
        scale = rows[c][c]
        if scale != 1:
            rows[c] = [e / scale for e in rows[c]]
        for r in range(size):
            if r != c and rows[r][c]:
                factor = rows[r][c]
                rows[r] = [e - factor * p for e, p in zip(rows[r], rows[c], strict=True)]
    return determinant, [row[size:] for row in rows]


def _sign(e: Expr, ordering: Ordering, known_positive: list[Expr]) -> int | None:
    s = ordering.sign_or_none(e)
    if s is not None or not e.free_symbols:
        return s
    for positive in known_positive:
        for part in (e, -e):
            quotient = (positive / part).cancel()
            if quotient.is_number and quotient.is_positive:
                return 1 if part is e else -1
    return None


def _sample(
    field: CoefficientField, law: Gaussian, ordering: Ordering, conditions: tuple[Expr, ...]
) -> dict[Expr, complex]:
    """Numeric generators at one admissible point of the parameters."""
    symbols = sorted(set().union(*(g.free_symbols for g in field.generators), set()), key=str)
    tests = [f for f, _ in ordering.facts] + list(conditions)
    tests += [law.cov[:k, :k].det() for k in range(1, len(law.variables) + 1)]
    tests = [t for t in tests if t.free_symbols]
    rng = random.Random(20)
    for _ in range(4000):
        point = {}
        for s in symbols:
            size = 10 ** rng.uniform(-1.5, 0.7)
            positive = s.is_nonnegative or (not s.is_nonpositive and rng.random() < 0.5)
            point[s] = size if positive else -size
        if all(_positive(t, point) for t in tests):
            return {g: 1j if g is I else complex(g.subs(point).evalf(20)) for g in field.generators}
    raise DomainError(f"no values of {symbols} satisfy the assumptions and {conditions}; they may contradict")


def _positive(e: Expr, point: dict[Symbol, float]) -> bool:
    value = e.subs(point)
    return bool(value.is_number) and complex(value.evalf(20)).real > 0
