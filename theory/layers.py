r"""Parts of a layer as inert data: the law of its weights, its normalisation, its skip connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sympy import Expr, sqrt

from theory.arguments import items, known_name
from theory.errors import DomainError, UnknownNameError
from theory.gaussian.law import exact
from theory.parsing import parse_expression

__all__ = ["WEIGHT_LAWS", "Normalization", "Skip", "Weights"]


class _Law(NamedTuple):
    """Names of the parameters of a law, and the rule they obey in words and as a test."""

    parameters: tuple[str, ...] = ()
    rule: str = ""
    admits: Callable[..., Any] = lambda: True


WEIGHT_LAWS: Mapping[str, _Law] = {
    "gaussian": _Law(),
    "orthogonal": _Law(),
    "rademacher": _Law(),
    "uniform": _Law(),
    "student": _Law(("nu",), "nu > 2, so that the variance is finite", lambda nu: nu > 2),
    "sparse": _Law(("p",), "0 < p <= 1", lambda p: (p > 0) & (p <= 1)),
    "row_correlated": _Law(("r",), "-1 < r < 1", lambda r: (r > -1) & (r < 1)),
    "block_correlated": _Law(
        ("b", "r"), "an integer b >= 1 and 0 <= r <= 1", lambda b, r: b.is_integer and (b >= 1) & (r >= 0) & (r <= 1)
    ),
}


@dataclass(frozen=True)
class Weights:
    r"""Law of a weight matrix, with entries of mean 0 and variance $C_W/\text{fan-in}$.

    - `gaussian`, `rademacher`, `uniform`: independent entries;
    - `student(nu)`: independent entries of Student's law with nu > 2 degrees of freedom, scaled;
    - `sparse(p)`: independent Gaussian entries, kept with probability p and divided by $\sqrt p$;
    - `orthogonal`: $\sqrt{C_W \max(1, \text{fan-out}/\text{fan-in})}$ times a block of a Haar orthogonal matrix;
    - `row_correlated(r)`: Gaussian, $\mathrm{Corr}(W_{ij}, W_{ik}) = r^{|j-k|}$, rows independent;
    - `block_correlated(b, r)`: Gaussian, correlation r inside the b x b blocks of a checkerboard.

    Examples
    --------
    >>> Weights.read("sparse(1/10)")
    Weights('sparse(1/10)')
    """

    law: str = "gaussian"
    parameters: tuple[Expr, ...] = ()

    def __post_init__(self) -> None:
        known = WEIGHT_LAWS[known_name("weight law", self.law, WEIGHT_LAWS)]
        values = tuple(exact(value) for value in items("the parameters of a weight law", self.parameters))
        object.__setattr__(self, "parameters", values)
        if len(values) != len(known.parameters):
            wanted = f"takes {', '.join(known.parameters)}" if known.parameters else "takes no parameter"
            raise DomainError(f"the weight law {self.law} {wanted}; received {self}")
        if any(not value.is_number or not value.is_real for value in values) or not known.admits(*values):
            raise DomainError(f"the weight law {self.law} needs {known.rule or 'numbers'}; received {self}")

    @classmethod
    def read(cls, value: Any) -> Weights:
        """Weights from a text such as `"student(5)"`, or unchanged."""
        if isinstance(value, Weights):
            return value
        name, parameters = _called(value, "a weight law is a text such as 'gaussian' or 'sparse(1/10)'")
        return cls(name, parameters)

    @property
    def independent(self) -> bool:
        """True if the entries are independent."""
        return self.law in ("gaussian", "rademacher", "uniform", "student", "sparse")

    def __str__(self) -> str:
        return f"{self.law}({', '.join(map(str, self.parameters))})" if self.parameters else self.law

    def __repr__(self) -> str:
        return f"Weights({str(self)!r})"


@dataclass(frozen=True)
class Normalization:
    r"""Normalisation of a layer to unit mean square, without a regularising constant.

    - `rms`, `layer`: over the neurons of an input, $h_i \mapsto (h_i - m)/\sqrt{\frac1n\sum_j (h_j - m)^2}$;
    - `batch`: over the inputs of a neuron, the same with the roles of neurons and inputs exchanged.

    `centered` says whether the mean m is removed; it is 0 otherwise.  Left out, it is False for `rms`, True for
    the others.  `place` is `"before"` for $\varphi(N(h))$, `"after"` for $N(\varphi(h))$.
    """

    kind: str
    place: str = "before"
    centered: bool = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        known_name("normalization", self.kind, ("layer", "rms", "batch"))
        known_name("place of a normalization", self.place, ("before", "after"))
        if self.centered is None:
            object.__setattr__(self, "centered", self.kind != "rms")
        if self.kind == "rms" and self.centered:
            raise DomainError("rms normalization removes no mean; write kind='layer' for the centred one")

    @classmethod
    def read(cls, value: Any) -> Normalization | None:
        """Normalisation from a text, or unchanged.

        Examples
        --------
        >>> print(Normalization.read("layer after"))
        layer after, centered
        """
        if value is None or isinstance(value, Normalization):
            return value
        words = value.replace(",", " ").split() if isinstance(value, str) else []
        if not words or len(words) > 3:
            raise DomainError(
                "a normalization is a text such as 'layer', 'rms after' or 'batch before uncentered', or a "
                f"Normalization; received {value!r}"
            )
        centered = None
        if words[-1] in ("centered", "uncentered"):
            centered = words.pop() == "centered"
        kind, place, *rest = *words, "before", ""
        if len(words) > 2:
            raise UnknownNameError("mean of a normalization", rest[0], ["centered", "uncentered"])
        return cls(kind, place, centered)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}, {'centered' if self.centered else 'uncentered'}"


@dataclass(frozen=True)
class Skip:
    r"""Skip connection $x^{\ell} = \beta\,\mathrm{block}(x^{\ell-1}) + r\,P x^{\ell-1}$ of layers 2, 3, ...

    `kind` is `"identity"` for $P = 1$, or `"projection"` for an independent Gaussian matrix with entries of
    variance $1/n$ in each layer.  `strength` is r in [0, 1); `branch` is $\beta$, by default $\sqrt{1-r^2}$.
    With `branch` given, r may be any non-negative number.

    Examples
    --------
    >>> Skip.read("projection(3/5)").branch
    4/5
    """

    kind: str
    strength: Expr
    branch: Expr = field(default=None)

    def __post_init__(self) -> None:
        if self.kind not in ("identity", "projection"):
            raise UnknownNameError("skip", self.kind, ["identity", "projection"])
        strength = exact(self.strength)
        if strength.is_negative or strength.is_real is False:
            raise DomainError(f"the strength of a skip is a real number from 0 on; received {strength}")
        if self.branch is None:
            if (strength >= 1) == True:  # noqa: E712 - symbolic
                raise DomainError(
                    f"a skip of strength r keeps the variance with branch sqrt(1 - r^2), r < 1; received {strength}; "
                    "give branch= as well"
                )
            branch = sqrt(1 - strength**2)
        else:
            branch = exact(self.branch)
            if branch.is_negative or branch.is_real is False:
                raise DomainError(f"the branch of a skip is a real number from 0 on; received {branch}")
        object.__setattr__(self, "strength", strength)
        object.__setattr__(self, "branch", branch)

    @classmethod
    def read(cls, value: Any) -> Skip | None:
        """A skip from a text such as `"identity(1/2)"` or `"projection(1, 1)"` (strength, branch), or unchanged."""
        if value is None or isinstance(value, Skip):
            return value
        rule = (
            "a skip is a Skip, or a text with its strength, such as 'identity(1/2)', and its branch, 'identity(1, 1)'"
        )
        kind, parameters = _called(value, rule)
        if not 1 <= len(parameters) <= 2:
            raise DomainError(f"{rule}; received {value!r}")
        return cls(kind, *parameters)

    def __str__(self) -> str:
        return f"{self.kind}, strength {self.strength}, branch {self.branch}"


def _called(value: Any, rule: str) -> tuple[str, tuple[Expr, ...]]:
    """Name and numbers of a text such as `name(1/2, 3)`."""
    match = (
        re.fullmatch(r"\s*(\w+)\s*(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?\s*", value) if isinstance(value, str) else None
    )
    if match is None:
        raise DomainError(f"{rule}; received {value!r}")
    name, inside = match.groups()
    return name, tuple(parse_expression(text, []) for text in inside.split(",")) if inside else ()
