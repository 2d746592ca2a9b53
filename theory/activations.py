"""Activations: real functions of one real variable, and the catalogue of named ones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sympy import Add, Expr, I, Symbol, latex
from sympy.core.relational import Relational

from theory.arguments import items, known_name, whole
from theory.definitions import DEFINITIONS
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.expectation import expect
from theory.gaussian.kernels import PAIR, pair_expectation
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import Pieces, as_piecewise, split
from theory.gaussian.reality import find_complex_value
from theory.parsing import parse_expression

__all__ = ["Activation", "activation", "activation_names", "checked_activation"]

_HIGHEST_ORDER = 10_000  # of a moment or a derivative; numbers grow with its factorial


class Activation:
    r"""A real activation $\varphi$ of one real variable.

    Parameters
    ----------
    expr : expression built from elementary functions, `erf`, `Piecewise`, `Max`, `Min`, `Abs`, `sign`,
        `Heaviside`; every other free symbol is a real parameter.
    x : the variable; may be left out if `expr` has exactly one free symbol.
    assume : inequalities between parameters, such as `[a < b]`, which order the breakpoints.

    Raises
    ------
    DomainError
        if the expression is complex or undefined somewhere on the real line, or has a second variable.

    Examples
    --------
    >>> from sympy import Max, Symbol
    >>> x, rho = Symbol("x", real=True), Symbol("rho", real=True)
    >>> Activation(Max(x, 0), x).dual(rho)
    rho/4 + (rho*asin(rho) + sqrt(1 - rho**2))/(2*pi)
    """

    def __init__(self, expr: Any, x: Symbol | None = None, assume: Relational | Iterable[Relational] = ()) -> None:
        if isinstance(expr, str):
            raise DomainError("an Activation takes an expression; read text with theory.parsing.parse_expression")
        value = exact(expr)
        if x is None:
            symbols = sorted(value.free_symbols, key=str)
            if len(symbols) != 1:
                raise DomainError(f"name the variable: {value} has the free symbols {symbols}")
            x = symbols[0]
        if not isinstance(x, Symbol):
            raise DomainError(f"the variable of an activation is a symbol; received {x!r}")
        if value.has(I):
            raise DomainError(f"an activation is real; received {value}")
        if any(s.name == x.name for s in value.free_symbols - {x}):
            raise DomainError(f"a parameter and the variable share the name {x.name}; rename one of them")
        # Inside, the variable is real whatever the caller's symbol says.
        self.variable = Symbol(x.name, real=True)
        self.expr: Expr = value.xreplace({x: self.variable})
        self.assumptions = (assume,) if isinstance(assume, Relational) else items("assume=", assume)
        witness = find_complex_value(self.pieces, self.variable)
        if witness is not None:
            raise DomainError(
                f"an activation is real on the whole line; {self.expr} is not real at {self.variable} = {witness}; "
                "restrict it with Piecewise or use Abs"
            )

    @cached_property
    def pieces(self) -> Pieces:
        """Smooth expressions between ordered breakpoints; one piece where the kinks are out of reach."""
        try:
            return split(self.expr, self.variable, self.ordering)
        except UnsupportedError:
            return Pieces((), (self.expr,))

    @cached_property
    def ordering(self) -> Ordering:
        """The declared assumptions as a prover of signs."""
        return Ordering(self.assumptions)

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """Free symbols other than the variable, by name."""
        return tuple(sorted(self.expr.free_symbols - {self.variable}, key=str))

    def __call__(self, value: Any) -> Expr:
        """The expression at a value of the variable."""
        return self.expr.subs(self.variable, exact(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Activation) and (self.expr, self.variable) == (other.expr, other.variable)

    def __hash__(self) -> int:
        return hash((self.expr, self.variable))

    def __repr__(self) -> str:
        return f"Activation({self.expr}, {self.variable})"

    def _repr_latex_(self) -> str:
        return rf"$\varphi({latex(self.variable)}) = {latex(self.expr)}$"

    @property
    def parity(self) -> str | None:
        """ "even", "odd", or None where neither is proved."""
        mirror = self._at(-self.variable)
        if _same(mirror, self.pieces, self.ordering, 1):
            return "even"
        return "odd" if _same(mirror, self.pieces, self.ordering, -1) else None

    def _at(self, argument: Expr) -> Pieces:
        try:
            return split(self.expr.subs(self.variable, argument), self.variable, self.ordering)
        except UnsupportedError:
            return Pieces((), (self.expr.subs(self.variable, argument),))

    def dual(self, rho: Any, q1: Any = 1, q2: Any = 1) -> Expr:
        r"""Dual activation, unnormalised.

        $$ \hat\varphi(\rho; q_1, q_2) = E[\varphi(U)\varphi(V)], \quad
           \mathrm{Var}\,U = q_1, \; \mathrm{Var}\,V = q_2, \; \mathrm{Corr}(U, V) = \rho $$

        Parameters
        ----------
        rho : correlation in [-1, 1]; the ends take the exact one-dimensional route.
        q1, q2 : variances, non-negative.

        Raises
        ------
        DomainError, DivergenceError, OrderingError

        References
        ----------
        daniely2016toward
        """
        return pair_expectation(self.expr, self.expr, self.variable, rho, q1, q2, self.assumptions)

    def cross_dual(self, psi: Activation, rho: Any, q1: Any = 1, q2: Any = 1) -> Expr:
        r"""Cross dual $E[\varphi(U)\psi(V)]$ with another activation $\psi$, conventions as in `dual`."""
        from theory.gaussian.kernels import cross_dual

        return cross_dual(self, psi, rho, q1, q2)

    def bracket(self, text: str, K: Any) -> Expr:
        r"""One-point function of the activation, its derivatives and z under $z \sim N(0, K)$.

        `text` names them as in `"phi*phi''"`, `"(phi')^2"`, `"z^2*phi^2"`.

        References
        ----------
        roberts2022principles
        """
        from theory.gaussian.bracket import bracket

        return bracket(self, text, K)

    def dual_cov(self, q1: Any, q2: Any, q12: Any) -> Expr:
        r"""Dual activation in covariance form, $E[\varphi(U)\varphi(V)]$ with $\mathrm{Cov}(U, V) = q_{12}$.

        Its derivative in `q12` is Price's, at fixed variances.
        """
        u, v = PAIR
        integrand = self(u) * self(v)
        return expect(integrand, Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), self.assumptions)

    def dual_derivative(self, rho: Any, q1: Any = 1, q2: Any = 1, order: int = 1) -> Expr:
        r"""Dual of a derivative, $E[\varphi^{(m)}(U)\varphi^{(m)}(V)]$ for `order` m, with the point masses of kinks.

        Raises
        ------
        DivergenceError
            at correlation 1 or -1 if the derivative has a point mass.
        """
        from theory.gaussian.generalised import derivative_dual

        return derivative_dual(self, rho, q1, q2, order)

    def derivative(self, order: int = 1) -> Expr:
        """The derivative of the given order as an expression, off its kinks."""
        x, pieces = self.variable, self.pieces
        for m in range(whole("the order of a derivative", order, 0, _HIGHEST_ORDER)):
            for b, before, after in zip(pieces.breaks, pieces.parts, pieces.parts[1:], strict=False):
                jump = after.subs(x, b) - before.subs(x, b)
                if self.ordering.sign_or_none(jump) != 0:
                    name = "the activation" if m == 0 else f"its derivative of order {m}"
                    raise UnsupportedError(
                        f"{name} jumps by {jump} at {x} = {b}; the derivative there is a point mass, "
                        "whose dual diverges at correlation one"
                    )
            pieces = Pieces(pieces.breaks, tuple(p.diff(x) for p in pieces.parts)).merged()
        return as_piecewise(pieces, x)

    def moment(self, p: int, q: Any = 1) -> Expr:
        r"""Moment $E[\varphi(\sqrt q\,Z)^p]$, $Z \sim N(0, 1)$, for an integer p >= 0 and a variance q >= 0."""
        power = whole("the order of a moment", p, 0, _HIGHEST_ORDER)
        return expect(self.expr**power, Gaussian(self.variable, cov=[[q]]), self.assumptions)

    def hermite(self, k: Any, q: Any = 1) -> Expr:
        r"""Hermite coefficient $c_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)]/\sqrt{k!}$, for an integer or a symbol k >= 0."""
        from theory.hermite.coefficient import hermite_coefficient

        return hermite_coefficient(self, k, q)

    def hermite_recurrence(self, q: Any = 1) -> Any:
        """Recurrence in k with polynomial coefficients that the Hermite coefficients satisfy."""
        from theory.hermite.recurrence import hermite_recurrence

        return hermite_recurrence(self, q)

    def hermite_coefficients(self, K: int, q: Any = 1, digits: int = 30) -> Any:
        """Balls around $c_0, \\dots, c_K$ for a numeric variance q, of relative radius about 10^-digits."""
        from theory.hermite.sequence import hermite_coefficients

        return hermite_coefficients(self, K, q, digits)

    def hermite_tail(self, K: int, q: Any = 1, digits: int = 30) -> Any:
        r"""Ball around $\sum_{k > K} c_k^2$ for a numeric variance q."""
        from theory.hermite.tail import hermite_tail

        return hermite_tail(self, K, q, digits)

    def hermite_asymptotics(self, q: Any = 1) -> Any:
        """Decay law of the Hermite coefficients, read off the kinks and singularities."""
        from theory.hermite.asymptotics import hermite_asymptotics

        return hermite_asymptotics(self, q)

    def kernel_map(self, rho: Any, q: Any = 1) -> Expr:
        r"""Kernel map $\kappa(\rho) = \hat\varphi(\rho; q, q)/\hat\varphi(1; q, q)$, so that $\kappa(1) = 1$."""
        return _divided(self.dual(rho, q, q), self._positive(self.moment(2, q), "E[phi^2]"))

    def centered_kernel_map(self, rho: Any, q: Any = 1) -> Expr:
        r"""Centred kernel map $(\hat\varphi(\rho) - (E\varphi)^2)/\mathrm{Var}\,\varphi$."""
        square = self.moment(1, q) ** 2
        variance = self._positive(self.moment(2, q) - square, "Var[phi]")
        return _divided(self.dual(rho, q, q) - square, variance)

    def _positive(self, value: Expr, name: str) -> Expr:
        if value.is_zero or self.ordering.sign_or_none(value) == 0:
            raise DomainError(f"the kernel map needs {name} > 0; {self.expr} has {name} = 0")
        return value

    def derive_dual(self, rho: Any, q1: Any = 1, q2: Any = 1) -> Any:
        """The dual activation with the ordered steps that lead to it, as a `Derivation`."""
        from theory.derivation import derive_dual

        return derive_dual(self, rho, q1, q2)


def _divided(numerator: Expr, denominator: Expr) -> Expr:
    if isinstance(denominator, Add):
        return numerator / denominator
    return Add(*(term / denominator for term in Add.make_args(numerator)))


def _same(first: Pieces, second: Pieces, ordering: Ordering, factor: int) -> bool:
    if len(first.breaks) != len(second.breaks):
        return False
    pairs = [*zip(first.breaks, second.breaks, strict=True)]
    pairs += [(a, factor * b) for a, b in zip(first.parts, second.parts, strict=True)]
    return all((a - b).expand() == 0 for a, b in pairs)


def checked_activation(value: Any) -> Activation:
    """The activation, or a DomainError that says how to make one."""
    if not isinstance(value, Activation):
        raise DomainError(f"an Activation is needed, such as th.activation('relu'); received {value!r}")
    return value


def activation_names() -> tuple[str, ...]:
    """Names of the catalogue, in alphabetical order."""
    return tuple(sorted(DEFINITIONS))


def activation(name: str, assume: Iterable[Relational] = (), **parameters: Any) -> Activation:
    """Activation of the catalogue, with its parameters at their defaults unless given.

    Parameters
    ----------
    name : one of `activation_names()`.
    assume : inequalities between symbolic parameters.
    parameters : numbers or expressions for the parameters of the definition.

    Raises
    ------
    UnknownNameError
        for a name or parameter that does not exist; suggests the nearest.

    Examples
    --------
    >>> activation("leaky_relu", slope=0).expr
    Piecewise((0, x < 0), (x, True))
    """
    definition = DEFINITIONS[known_name("activation", name, DEFINITIONS)]
    for given in parameters:
        known_name(f"parameter of {name}", given, definition.defaults or ["none"])
    x = Symbol("x", real=True)
    names = {key: Symbol(key, positive=True) for key in definition.defaults}
    expr = parse_expression(definition.formula, [x, *names.values()])
    values = {names[key]: parse_expression(text, []) for key, text in definition.defaults.items()}
    values |= {names[key]: exact(value) for key, value in parameters.items()}
    return Activation(expr.xreplace(values), x, assume)
