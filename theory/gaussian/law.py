"""Gaussian laws: jointly normal variables with a symbolic covariance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from sympy import Expr, Float, ImmutableMatrix, Integer, Rational, Symbol, latex, nan, oo, sympify, zoo
from sympy.core.sympify import SympifyError

from theory.arguments import items
from theory.errors import DomainError

__all__ = ["Gaussian", "exact"]


class Gaussian:
    r"""Law of jointly Gaussian variables.

    $$ X \sim N(\mu, \Sigma), \qquad \Sigma = (\mathrm{Cov}(X_i, X_j))_{ij}. $$

    Parameters
    ----------
    variables : one symbol or a sequence of symbols.
    cov : square symmetric array of covariances; the identity when neither `cov` nor `corr` is given.
    corr : correlation of exactly two variables of unit variance, in [-1, 1]; excludes `cov`.
    mean : one value per variable; zero by default.

    Raises
    ------
    DomainError
        if a variance is negative, a correlation lies outside [-1, 1], or the shapes disagree.

    Examples
    --------
    >>> from sympy.abc import u, v, r
    >>> Gaussian([u, v], corr=r)
    Gaussian((u, v), cov=[[1, r], [r, 1]])
    """

    __slots__ = ("cov", "mean", "variables")

    variables: tuple[Symbol, ...]
    cov: ImmutableMatrix
    mean: tuple[Expr, ...]

    def __init__(
        self,
        variables: Symbol | Sequence[Symbol],
        cov: Any = None,
        corr: Any = None,
        mean: Iterable[Any] | None = None,
    ) -> None:
        names = (variables,) if isinstance(variables, Symbol) else items("the variables", variables)
        if not names or not all(isinstance(s, Symbol) for s in names) or len(set(names)) != len(names):
            raise DomainError(f"the variables of a Gaussian law are distinct symbols; received {variables!r}")
        size = len(names)
        if cov is not None and corr is not None:
            raise DomainError("give either cov= or corr= to a Gaussian law, not both")
        if corr is not None:
            if size != 2:
                raise DomainError(f"corr= needs exactly two variables; received {size}; use cov= instead")
            cov = [[1, corr], [corr, 1]]
        matrix = _matrix(cov, size)
        means = (Integer(0),) * size if mean is None else tuple(exact(m) for m in items("mean=", mean))
        if len(means) != size:
            raise DomainError(f"mean= needs one value per variable: {size} expected, {len(means)} received")
        _check(matrix, names, means)
        for slot, value in (("variables", names), ("cov", matrix), ("mean", means)):
            object.__setattr__(self, slot, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Gaussian law is immutable; cannot set {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.variables, self.cov, self.mean))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gaussian) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return (self.variables, self.cov, self.mean)

    @property
    def free_symbols(self) -> set[Symbol]:
        """The parameters of the law, without its variables."""
        return set(self.cov.free_symbols).union(*(m.free_symbols for m in self.mean))

    def subs(self, *replacements: Any) -> Gaussian:
        """The law with its parameters replaced, checked again."""
        return Gaussian(self.variables, self.cov.subs(*replacements), mean=[m.subs(*replacements) for m in self.mean])

    def renamed(self, names: Mapping[Symbol, Expr]) -> Gaussian:
        """The law with its parameters and variables renamed; a variable takes a symbol."""
        variables = [names.get(v, v) for v in self.variables]
        kept = [v if isinstance(v, Symbol) else old for v, old in zip(variables, self.variables, strict=True)]
        return Gaussian(kept, self.cov.xreplace(names), mean=[m.xreplace(names) for m in self.mean])

    def __repr__(self) -> str:
        mean = f", mean={list(self.mean)}" if any(self.mean) else ""
        return f"Gaussian({self.variables}, cov={self.cov.tolist()}{mean})"

    def _repr_latex_(self) -> str:
        names = ", ".join(latex(s) for s in self.variables)
        left = rf"({names})" if len(self.variables) > 1 else names
        mean = latex(ImmutableMatrix(self.mean)) if any(self.mean) else "0"
        cov = latex(self.cov) if len(self.variables) > 1 else latex(self.cov[0, 0])
        return rf"${left} \sim N\left({mean}, {cov}\right)$"


def _is_negative(value: Expr) -> bool:
    return bool(value.is_negative or (value.is_number and value.is_negative is None and value.evalf() < -1e-30))


def _rebuild(variables: tuple[Symbol, ...], cov: ImmutableMatrix, mean: tuple[Expr, ...]) -> Gaussian:
    return Gaussian(variables, cov, mean=mean)


def exact(value: Any) -> Expr:
    """Numbers and expressions, with floats read as the decimals they print as; never text."""
    if isinstance(value, str):
        raise DomainError(f"text is not accepted here; received {value!r}; use theory.parsing to read it")
    try:
        expr = sympify(value, strict=True)
    except (SympifyError, TypeError) as error:  # TypeError: a class of numbers in place of a number
        raise DomainError(f"not a symbolic expression: {value!r}") from error
    if not isinstance(expr, Expr) or getattr(expr, "is_Matrix", False):
        raise DomainError(f"a scalar expression is needed; received {value!r}")
    if expr.has(nan, oo, -oo, zoo):
        raise DomainError(f"a finite expression is needed; received {value!r}")
    return expr.xreplace({f: Rational(str(f)) for f in expr.atoms(Float)})


def _matrix(cov: Any, size: int) -> ImmutableMatrix:
    if cov is None:
        return ImmutableMatrix.eye(size)
    if size == 1 and not hasattr(cov, "__len__") and not hasattr(cov, "shape"):
        cov = [[cov]]
    rows = cov.tolist() if hasattr(cov, "tolist") else cov
    try:
        entries = [[exact(c) for c in row] for row in rows]
    except TypeError as error:
        raise DomainError(f"cov= is a square array; received {cov!r}") from error
    if len(entries) != size or any(len(row) != size for row in entries):
        raise DomainError(f"cov= needs shape {(size, size)}; received {cov!r}")
    return ImmutableMatrix(entries)


def _check(cov: ImmutableMatrix, names: tuple[Symbol, ...], means: tuple[Expr, ...]) -> None:
    if not cov.is_symmetric():
        raise DomainError(f"a covariance is symmetric; received {cov.tolist()}")
    inside = (set(cov.free_symbols).union(*(m.free_symbols for m in means))) & set(names)
    if inside:
        raise DomainError(f"the parameters of a law cannot contain its variables; received {sorted(map(str, inside))}")
    for i, name in enumerate(names):
        if cov[i, i].is_negative:
            raise DomainError(f"the variance of {name.name} must be non-negative; received {cov[i, i]}")
        for j in range(i):
            if _is_negative(cov[i, i] * cov[j, j] - cov[i, j] ** 2):
                raise DomainError(
                    f"the correlation of {names[j].name} and {name.name} must lie in [-1, 1]; "
                    f"received covariance {cov[i, j]} with variances {cov[j, j]} and {cov[i, i]}"
                )
    for size in range(3, len(names) + 1):
        for kept in combinations(range(len(names)), size):
            minor = cov.extract(kept, kept)
            if not minor.free_symbols and _is_negative(minor.det()):
                raise DomainError(f"a covariance is positive semidefinite; received {cov.tolist()}")
