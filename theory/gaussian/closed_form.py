"""Expectation of a sum of atoms under a Gaussian law, in closed form.

Three rules: an exponential factor tilts the law, a distribution function becomes a half-space with fresh noise,
and the half-space calculus does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from sympy import Expr, I, Poly, StrictGreaterThan, Symbol
from sympy.polys.fields import FracElement

from theory.errors import DivergenceError, DomainError
from theory.gaussian.atoms import Atoms, HalfSpace, NotInClass
from theory.gaussian.divergence import grows
from theory.gaussian.feasibility import admissible_point
from theory.gaussian.field import CoefficientField
from theory.gaussian.halfspaces import HalfSpaceLaw, Scalar, Sum, accumulate
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.gaussian.readout import read_out

__all__ = ["ClosedForm", "Divergence", "closed_form"]

_Matrix = list[list[FracElement]]
_MAX_TERMS = 4000


class ClosedForm:
    """The value of an expectation and the conditions under which its exponential tilts converge."""

    def __init__(self, value: Expr, conditions: tuple[Expr, ...], tilts: int, orthants: int) -> None:
        self.value, self.conditions, self.tilts, self.orthants = value, conditions, tilts, orthants


def closed_form(atoms: Atoms, law: Gaussian, ordering: Ordering, bounded: tuple[Symbol, ...] = ()) -> ClosedForm:
    """E of the atoms under a law with non-singular covariance.

    The atoms confine the `bounded` variables to a bounded set, so that these never make an expectation diverge.

    Raises
    ------
    NotInClass
        if an atom has too many half-spaces, or the covariance is singular.
    DivergenceError
        if an exponential factor grows too fast for the law.
    """
    if sum(len(p) for _, _, p in atoms) > _MAX_TERMS:
        raise NotInClass(f"more than {_MAX_TERMS} terms")
    return _Calculus(atoms, law, ordering, bounded).run()


class Divergence(DivergenceError):
    """An infinite expectation: the factor exp(exponent) outgrows the law, `needed` must be positive."""

    def __init__(self, exponent: Expr, value: Expr, needed: Expr, law: Gaussian) -> None:
        self.parts = (exponent, value, needed, law)
        names = {
            s: Symbol(s.name)
            for s in exponent.free_symbols | needed.free_symbols | value.free_symbols | law.free_symbols
        }
        pairs = zip(law.variables, law.cov.diagonal(), strict=True)
        spread = ", ".join(f"Var({v.name}) = {q.xreplace(names)}" for v, q in pairs)
        super().__init__(
            f"the expectation is infinite: exp({exponent.xreplace(names)}) needs {needed.xreplace(names)} > 0; "
            f"received {value.xreplace(names)} ({spread}); lower the variance",
            StrictGreaterThan(value, 0, evaluate=False),
        )

    def renamed(self, names: Mapping[Symbol, Expr]) -> Divergence:
        """The same refusal in other symbols."""
        exponent, value, needed, law = self.parts
        return Divergence(exponent.xreplace(names), value.xreplace(names), needed.xreplace(names), law.renamed(names))


class _Calculus:
    def __init__(self, atoms: Atoms, law: Gaussian, ordering: Ordering, bounded: tuple[Symbol, ...]) -> None:
        self.atoms, self.law = atoms, law
        self.size = len(law.variables)
        self.unbounded = [i for i, v in enumerate(law.variables) if v not in bounded]
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
        for j, i in combinations(self.unbounded, 2):
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
            [field(int(i == j)) - sum((self.cov[i][k] * a[k][j] for k in range(size)), field.zero) for j in range(size)]
            for i in range(size)
        ]
        determinant, cov = _solve(field, m, self.cov)
        self._require(a, exponent)
        shift = [sum((cov[i][j] * b[j] for j in range(size)), field.zero) for i in range(size)]
        power = sum((b[i] * shift[i] for i in range(size)), field.zero) / 2
        power += sum((mu[i] * (field(vector[i]) + b[i]) for i in range(size)), field.zero) / 2
        return Scalar(power, determinant, 0, ()), [m_ + s for m_, s in zip(mu, shift, strict=True)], cov

    def _require(self, a: _Matrix, exponent: Expr) -> None:
        r"""The expectation is finite where $\Sigma^{-1} - \mathrm{Re} A$ is positive definite."""
        field, kept = self.field, self.unbounded
        real = [[field.split(a[i][j])[0] for j in kept] for i in kept]
        cov = [[self.cov[i][j] for j in kept] for i in kept]
        size = len(kept)
        product = [
            [sum((cov[i][k] * real[k][j] for k in range(size)), field.zero) for j in range(size)] for i in range(size)
        ]
        m = [[field(int(i == j)) - product[i][j] for j in range(size)] for i in range(size)]
        for minor, name in self._definite(m, real):
            if minor in self.conditions:
                continue
            value = field.expr(minor)
            s = self.ordering.sign_or_none(value)
            if s is None:
                self.conditions[minor] = None
            elif s <= 0:
                if not self._grows(exponent):
                    raise NotInClass(f"exp({exponent}) outgrows the law but for a factor that vanishes")
                raise Divergence(exponent, value, name, self.law)

    def _definite(self, m: _Matrix, a: _Matrix) -> list[tuple[FracElement, Expr]]:
        """Functions of m = 1 - Sigma A, with names, all positive if and only if Sigma^-1 - A is definite."""
        field, size = self.field, len(m)
        diagonal = all(not a[i][j] for i in range(size) for j in range(size) if i != j)
        if diagonal and all(self.ordering.sign_or_none(field.expr(a[i][i])) in (0, 1) for i in range(size)):
            single = [
                (m[i][i], 1 - field.expr(a[i][i]) * Symbol(f"Var({self.law.variables[place].name})"))
                for i, place in enumerate(self.unbounded)
            ]
            leading = (_determinant(field, m, range(k)) for k in range(2, size + 1))
            return single + [(minor, Symbol("det(1 - Sigma*A)")) for minor in leading]
        # The eigenvalues of m are real: they are positive if their elementary symmetric functions are.
        sums = (
            sum((_determinant(field, m, kept) for kept in combinations(range(size), k)), field.zero)
            for k in range(1, size + 1)
        )
        return [(e, Symbol("principal_minors(1 - Sigma*A)")) for e in sums]

    def _grows(self, exponent: Expr) -> bool:
        point = _sample(self.field, self.law, self.ordering, ())
        groups = [(halves, polynomial) for e, halves, polynomial in self.atoms if e == exponent]
        values = {g: v.real for g, v in point.items() if g.is_Symbol}
        return grows(groups, self.quadratics[exponent][0], self.law.cov, values)

    def _joint(self, mean: list[FracElement], cov: _Matrix, halves: tuple[HalfSpace, ...]) -> HalfSpaceLaw:
        field, size = self.field, self.size
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
        # Roots of one complex variance are principal: its inverse has a positive real part.
        is_safe = size == len(halves) == 1
        if not is_safe and any(field.split(c)[1] for row in rows[size:] for c in row[size:]):
            raise NotInClass("a half-space together with a complex quadratic exponent")
        return HalfSpaceLaw(field, joint_mean, rows, size, self.degenerate)


def _determinant(field: CoefficientField, m: _Matrix, kept: Sequence[int]) -> FracElement:
    block = [[m[i][j] for j in kept] for i in kept]
    return _solve(field, block, block)[0]


def _quadratic(exponent: Expr, variables: tuple[Symbol, ...]) -> tuple[list[list[Expr]], list[Expr]]:
    """Symmetric matrix A and vector b with exponent = x'Ax/2 + b'x."""
    poly = Poly(exponent, *variables)
    size = len(variables)

    def unit(*places: int) -> tuple[int, ...]:
        return tuple(places.count(i) for i in range(size))

    vector = [poly.coeff_monomial(unit(i)) for i in range(size)]
    matrix = [[poly.coeff_monomial(unit(i, j)) * (2 if i == j else 1) for j in range(size)] for i in range(size)]
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
    tests = [f for f, _ in ordering.facts] + list(conditions)
    tests += [law.cov[:k, :k].det() for k in range(1, len(law.variables) + 1)]
    tests = [e for t in tests if (e := t.xreplace(ordering.values)).free_symbols]
    symbols = set().union(*(e.free_symbols for e in (*field.generators, *tests))) - ordering.values.keys()
    names = sorted(symbols, key=str)
    point = admissible_point(names, tests)
    if point is None:
        raise DomainError(f"no values of {[s.name for s in names]} satisfy the assumptions; they may contradict")
    point |= ordering.values
    return {g: 1j if g is I else complex(g.subs(point).evalf(20)) for g in field.generators}
