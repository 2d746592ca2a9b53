r"""Derivations: the ordered steps behind a closed form, each of which can be certified on its own.

A step is an equation between two expressions.  Sides that contain an expectation are evaluated from its definition,
so that certifying a step never uses the rule that produced it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from flint import arb
from sympy import Add, Expr, Heaviside, I, Rational, Symbol, Tuple, erf, sqrt
from sympy.core.relational import Relational

from theory.balls import ball_function, workprec
from theory.display import equation_lines
from theory.errors import TheoryError, UnsupportedError
from theory.gaussian.atoms import Atoms
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.kernels import correlated_pair, pair_value
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.separation import jump_atoms
from theory.identities import dual_identities
from theory.latex import latex

__all__ = ["Derivation", "Step", "StepCheck", "derive_dual"]

Notation = str | Mapping[Any, Any]

_CHECK_DIGITS = 25


class Step(NamedTuple):
    """One equation `lhs = rhs` of a derivation, with the rule that gives it."""

    rule: str
    explanation: str
    lhs: Expr
    rhs: Expr

    def latex(self, notation: Notation = "mean-field") -> str:
        """The equation as lines of an `align*` environment, the rule above it."""

        def printer(expr: Expr) -> str:
            return latex(expr, notation)

        lines = equation_lines(printer(self.lhs), self.rhs, printer)
        return f"\\intertext{{{self.rule}: {self.explanation}}}\n{lines}"


class StepCheck(NamedTuple):
    """Outcome of certifying a step: did the enclosures of both sides meet at every point?"""

    step: Step
    holds: bool
    points: int
    worst: str


class Sampler:
    """Random admissible values: correlations inside (-1, 1), variances, parameters under the assumptions."""

    def __init__(self, activation: Any, rho: Expr, q1: Expr, q2: Expr) -> None:
        self.activation = activation
        self.correlations = rho.free_symbols
        self.variances = q1.free_symbols | q2.free_symbols
        self.parameters = set(activation.parameters)

    def points(self, count: int, seed: int) -> Iterator[dict[Symbol, Expr]]:
        """`count` points as exact rationals."""
        rng = random.Random(seed)
        found = tries = 0
        while found < count:
            tries += 1
            if tries > 2000:
                raise UnsupportedError(f"no parameters satisfy {self.activation.assumptions} in 2000 draws")
            point = {s: Rational(rng.randint(-19, 19), 20) for s in sorted(self.correlations, key=str)}
            point |= {s: Rational(rng.randint(2, 30), 10) for s in sorted(self.variances, key=str)}
            for s in sorted(self.parameters, key=str):
                value = Rational(rng.randint(1, 30), 10)
                point[s] = value if s.is_nonnegative else -value if s.is_nonpositive else value - 2
            point[self.activation.variable] = Rational(rng.randint(-40, 40), 13)
            if all(a.subs(point) == True for a in self.activation.assumptions):  # noqa: E712 - a relation
                found += 1
                yield point


class Derivation:
    """The ordered steps from a definition to a closed form.

    Attributes
    ----------
    steps : tuple of `Step`
    result : the closed form, or the unevaluated expectation where no rule applies.
    conditions : inequalities under which the derivation is valid.
    identities : equations that tie the result to expectations which the steps did not use, see `dual_identities`.
    """

    def __init__(
        self,
        steps: Iterable[Step],
        result: Expr,
        conditions: Iterable[Relational],
        samples: Sampler,
        identities: Iterable[Step] = (),
    ) -> None:
        self.steps, self.result = tuple(steps), result
        self.conditions, self.identities = tuple(conditions), tuple(identities)
        self._samples = samples

    def check(self, points: int = 3, seed: int = 0) -> tuple[StepCheck, ...]:
        """Certify every step, then every identity, at random admissible points with balls of 25 digits."""
        return tuple(self._check_step(step, points, seed) for step in self.steps + self.identities)

    def _check_step(self, step: Step, points: int, seed: int) -> StepCheck:
        worst = ""
        names = step.lhs.free_symbols | step.rhs.free_symbols
        for point in self._samples.points(points, seed):
            values = {s: value for s, value in point.items() if s in names}
            try:
                left, right = (_ball(side.subs(values)) for side in (step.lhs, step.rhs))
            except TheoryError as error:
                return StepCheck(step, False, points, f"not evaluated at {values}: {error}")
            if not left.overlaps(right):
                return StepCheck(step, False, points, f"at {values}: {left.str(20)} against {right.str(20)}")
            worst = f"meet at {values} within {(left - right).abs_upper().str(3, radius=False)}"
        return StepCheck(step, True, points, worst)

    def latex(self, environment: str = "align*", notation: Notation = "mean-field") -> str:
        """The derivation as one display in a notation (see `theory.latex.latex`): the rule, then its equation."""
        body = " \\\\\n".join(step.latex(notation) for step in self.steps)
        return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"

    def _repr_latex_(self) -> str:
        return self.latex()

    def __str__(self) -> str:
        lines = []
        for number, step in enumerate(self.steps, 1):
            lines.append(f"{number}. {step.rule}: {step.explanation}\n     {step.lhs}\n   = {step.rhs}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Derivation of {len(self.steps)} steps>"


def _ball(e: Expr) -> arb:
    with workprec(int(3.33 * _CHECK_DIGITS) + 40):
        value = ball_function(e)((), False)
        if not value.is_finite():
            raise UnsupportedError(f"no finite enclosure of {e}")
        return value.real


def derive_dual(activation: Any, rho: Any, q1: Any = 1, q2: Any = 1) -> Derivation:
    r"""Derivation of $E[\varphi(U)\varphi(V)]$ for an `Activation`, rule by rule."""
    return _DualDerivation(activation, exact(rho), exact(q1), exact(q2)).build()


class _DualDerivation:
    def __init__(self, activation: Any, rho: Expr, q1: Expr, q2: Expr) -> None:
        self.phi, self.rho, self.q1, self.q2 = activation, rho, q1, q2
        self.x = activation.variable
        self.u, self.v = Symbol("U", real=True), Symbol("V", real=True)
        pair = correlated_pair(sqrt(q1), sqrt(q2), rho)
        self.law = Gaussian([self.u, self.v], cov=pair)
        self.samples = Sampler(activation, rho, q1, q2)

    def build(self) -> Derivation:
        result = self.phi.dual(self.rho, self.q1, self.q2)
        definition = self._expectation(self.phi(self.u) * self.phi(self.v))
        steps: list[Step] = []
        conditions: tuple[Relational, ...] = ()
        if not result.has(GaussianExpectation):
            atoms = jump_atoms(self.phi.pieces, self.x)
            steps += self._decomposition(atoms)
            steps += self._half_spaces(atoms)
            pair_steps, conditions = self._pairs(atoms)
            steps += pair_steps
            steps.append(Step("collect", "sum the pairs and collect on transcendental atoms", definition, result))
        else:
            steps.append(Step("no closed form", "outside the exact class; kept as its definition", definition, result))
        identities = [Step(*i) for i in dual_identities(self.phi, self.rho, self.q1, self.q2, result)]
        return Derivation(steps, result, conditions, self.samples, identities)

    def _expectation(self, integrand: Expr) -> Expr:
        return GaussianExpectation(integrand, Tuple(self.u, self.v), self.law.cov, Tuple(0, 0))

    def _decomposition(self, atoms: Atoms) -> list[Step]:
        if not self.phi.pieces.breaks:
            return []
        explanation = "the left-most piece everywhere, plus the change at each breakpoint from there on"
        return [Step("jump decomposition", explanation, self.phi.expr, atoms.expr())]

    def _half_spaces(self, atoms: Atoms) -> list[Step]:
        """Phi(x) as the probability of a half-space with fresh noise."""
        steps = []
        w = Symbol("W", real=True)
        noisy = dict.fromkeys(h for _, halves, _ in atoms for h in halves if h.noise != 0)
        for half in noisy:
            argument = half.weights[0] * self.x + half.offset
            node = GaussianExpectation(Heaviside(argument - half.noise * w), Tuple(w), [[1]], Tuple(0))
            value = (1 + erf(argument / (sqrt(2) * half.noise))) / 2
            explanation = "a normal distribution function is the probability of a half-space, W standard normal"
            steps.append(Step("half-space", explanation, value, node))
        return steps

    def _pairs(self, atoms: Atoms) -> tuple[list[Step], tuple[Relational, ...]]:
        """Every pair of atom groups: tilt, Stein's lemma, orthant probability."""
        steps: list[Step] = []
        conditions: list[Relational] = []
        if abs(self.rho) == 1:
            return steps, ()
        groups = [Atoms((self.x,), {(e, halves): p}) for e, halves, p in atoms]
        if any(g.expr().has(I) for g in groups):
            explanation = "sine and cosine are exponentials; E exp(i(aU + bV)) tilts the law by an imaginary mean"
            smooth = Add(*(g.expr() for g in groups))
            return [Step("exponential form", explanation, self.phi.expr, smooth)], ()
        for i, f in enumerate(groups):
            # With equal variances the pair (g, f) has the value of (f, g).
            for g in groups[i:] if self.q1 == self.q2 else groups:
                step, extra = self._pair(f, g)
                steps.append(step)
                conditions += extra
        return steps, tuple(dict.fromkeys(conditions))

    def _pair(self, f: Atoms, g: Atoms) -> tuple[Step, tuple[Relational, ...]]:
        variables = (self.u, self.v)
        left, right = _in_variable(f, self.u), _in_variable(g, self.v)
        product = left.lifted(variables) * right.lifted(variables)
        rule, explanation = _rule_of(product)
        value, conditions = pair_value(product, self.rho, self.q1, self.q2, self.phi.ordering)
        return Step(rule, explanation, self._expectation(left.expr() * right.expr()), value), conditions


def _in_variable(atoms: Atoms, x: Symbol) -> Atoms:
    (old,) = atoms.variables
    return Atoms((x,), {(e.xreplace({old: x}), halves): p for e, halves, p in atoms})


def _rule_of(product: Atoms) -> tuple[str, str]:
    exponents = [e for e, _, _ in product if e != 0]
    halves = max((len(h) for _, h, _ in product), default=0)
    degree = max((max(map(sum, p)) for _, _, p in product), default=0)
    parts = []
    if exponents:
        parts.append("tilt")
    if degree:
        parts.append("Stein")
    if halves == 1:
        parts.append("half-space")
    if halves > 1:
        parts.append("orthant")
    explanation = {
        "tilt": "exp(quadratic) changes the covariance and shifts the mean",
        "Stein": "Stein's lemma lowers the degree; the derivative of an indicator conditions the law on its edge",
        "half-space": "the remaining probability is a normal distribution function",
        "orthant": "the remaining probability is a bivariate orthant",
    }
    if not parts:
        return "constant", "the expectation of a constant"
    return " + ".join(parts), "; ".join(explanation[p] for p in parts)
