r"""What kernel regression with an infinitely wide and infinitely deep network computes.

On the sphere, with $E\varphi^2 = 1$ after normalisation: $A = E\varphi$, $A' = E\varphi'$, $B' = E\varphi'^2$ and the
dual $k(\xi)$ with $k(1) = 1$, $k'(0) = A'^2$, $k'(1) = B'$.  The depth tends to infinity at fixed inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Poly, RootOf, Symbol, log, oo, sqrt

from theory import normal_form
from theory.activations import Activation
from theory.enclosure import sign_of_number
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.propagation.edge_of_chaos import slope_moment
from theory.propagation.written import equation

__all__ = ["DepthClassifier", "design_weight", "infinite_depth_classifier"]

_LARGEST_LOG = 27.7  # of k^d, beyond which the root of the design equation is tiny and slow to isolate
NEAREST, MAJORITY, SINGULAR, LINEAR = "nearest neighbour", "majority vote", "singular kernel", "linear kernel"
_ORDER_OF_LIMITS = ("the depth tends to infinity at fixed xi < 1, before xi tends to 1",)


@dataclass(frozen=True)
class DepthClassifier:
    r"""The limit of infinite depth.

    kind : nearest neighbour, majority vote, singular kernel or linear kernel.
    mean, slope, gain : $A$, $A'^2$ and $B'$ of the normalised activation; the gain is infinite for a jump.
    exponent : the limit kernel grows like $(1 - \xi)^{-\text{exponent}}$ at $\xi = 1$; None where it does not.
    log_power : power of $\log\frac{1}{1-\xi}$ instead, for activations that jump.
    hypotheses : what the statement needs besides infinite width and depth.
    """

    kind: str
    mean: Expr
    slope: Expr
    gain: Expr
    exponent: Expr | None
    log_power: Expr | None
    hypotheses: tuple[str, ...]
    reason: str

    @property
    def order(self) -> Expr | None:
        """Order of the singularity in the distance of two inputs: twice the exponent."""
        return None if self.exponent is None else 2 * self.exponent

    def design_equation(self, d: Any) -> Expr:
        r"""Expression that vanishes where the order equals the dimension d of the inputs, $A'^2 B'^{d/2} - 1$.

        A singularity of that order is claimed to make the classifier consistent in dimension d.

        Raises
        ------
        DomainError
            if the kernel has no power singularity.
        """
        if self.exponent is None:
            raise DomainError(f"a {self.kind} has no power singularity; the design equation needs a singular kernel")
        return self.slope * self.gain ** (exact(d) / 2) - 1

    def _repr_latex_(self) -> str:
        parts = [rf"\text{{{self.kind}}}"]
        parts += [] if self.exponent is None else [equation(r"\alpha", self.exponent)]
        return "$" + r",\; ".join(parts) + "$"


def infinite_depth_classifier(phi: Activation) -> DepthClassifier:
    r"""The classifier that ridgeless kernel regression with deep tangent kernels of an activation tends to.

    - $A = A' = 0$: nearest neighbour, as $k^{(L)}$ separates angles super-exponentially;
    - $A = 0 < A'^2 < 1$: a singular kernel, exponent $\alpha = -\log A'^2/\log B'$;
    - $A \ne 0$, $B' > 1$: majority vote; for $B' \le 1$ only with a fixed ridge.

    Parameters
    ----------
    phi : activation without symbolic parameters; it is normalised to $E\varphi(Z)^2 = 1$.

    Raises
    ------
    UnsupportedError
        if the vanishing of a coefficient is not decided.
    DomainError
        for symbolic parameters or the zero activation.

    Examples
    --------
    >>> from theory.activations import activation
    >>> infinite_depth_classifier(activation("tanh")).kind
    'singular kernel'
    >>> infinite_depth_classifier(activation("relu")).kind
    'majority vote'

    References
    ----------
    radhakrishnan2023wide
    """
    if not isinstance(phi, Activation):
        raise DomainError(f"the taxonomy takes an Activation, such as th.activation('tanh'); received {phi!r}")
    if phi.parameters:
        names = ", ".join(map(str, phi.parameters))
        raise DomainError(f"the taxonomy needs numbers; {phi.expr} has the parameters {names}; substitute values")
    square = phi.moment(2)
    if _is_zero(square):
        raise DomainError("the zero activation has no kernel")
    even, odd = phi.parity == "even", phi.parity == "odd"
    mean = Integer(0) if odd else phi.hermite(0)
    first = Integer(0) if even else phi.hermite(1)
    slope, gain = first**2 / square, _gain(phi, square)
    if not odd and not _is_zero(mean):
        return _majority(mean / sqrt(square), slope, gain)
    if even or _is_zero(first):
        caution = ("neighbours are meant up to sign, in |xi|: the activation is even",) if even else ()
        reason = "A = A' = 0: k starts at xi^2, so the kernel of the nearest input dominates super-exponentially"
        return DepthClassifier(NEAREST, Integer(0), Integer(0), gain, None, None, caution, reason)
    if gain == oo:
        reason = "A = 0 < A'^2 < 1 and 1 - k(1 - e) is of order e^(1/2): the singularity is a power of log 1/(1 - xi)"
        return DepthClassifier(SINGULAR, Integer(0), slope, oo, None, -log(slope) / log(2), _ORDER_OF_LIMITS, reason)
    if not phi.derivative(1).has(phi.variable):
        reason = "phi is linear: A'^2 = 1, and the kernel of every depth is linear"
        return DepthClassifier(LINEAR, Integer(0), Integer(1), Integer(1), None, None, (), reason)
    reason = "A = 0 < A'^2 < 1: k^(L)/A'^(2L) tends to R with R(k(xi)) = A'^2 R(xi), singular at xi = 1"
    exponent = -log(slope) / log(gain)
    return DepthClassifier(SINGULAR, Integer(0), slope, gain, exponent, None, _ORDER_OF_LIMITS, reason)


def _majority(mean: Expr, slope: Expr, gain: Expr) -> DepthClassifier:
    side = 1 if gain == oo else 0 if _is_zero(gain - 1) else sign_of_number(gain - 1)
    if side is None:
        raise UnsupportedError(f"whether B' = {gain} exceeds one is not decided")
    if side > 0:
        reason = "A != 0 and B' > 1: off the diagonal the tangent kernel tends to a constant, on it to infinity"
        return DepthClassifier(MAJORITY, mean, slope, gain, None, None, (), reason)
    relation = "<" if side < 0 else "="
    reason = f"A != 0 and B' {relation} 1: all entries of the kernel become equal, and a ridge leaves the mean label"
    ridge = ("a ridge that stays fixed as the depth grows; without it the limit is a regular interpolant",)
    return DepthClassifier(MAJORITY, mean, slope, gain, None, None, ridge, reason)


def design_weight(degree: Any, d: Any) -> Expr:
    r"""Weight p for which $\sqrt p\,h_1 + \sqrt{1-p}\,h_k$, k = `degree`, has a singular kernel of order d.

    The root of $p\,(k - (k-1)p)^{d/2} = 1$ in (0, 1), with h the normalised Hermite polynomials; exact, as a radical
    or an algebraic number.

    Parameters
    ----------
    degree : integer at least 2.
    d : positive integer above 2/(degree - 1), below which there is none.

    Raises
    ------
    DomainError
        for a degree or a dimension out of range.
    UnsupportedError
        where the weight agrees with $k^{-d/2}$ to four digits and more.

    Examples
    --------
    >>> design_weight(3, 2)
    1/2
    >>> design_weight(2, 4)
    3/2 - sqrt(5)/2

    References
    ----------
    radhakrishnan2023wide
    """
    k, d = exact(degree), exact(d)
    if not k.is_Integer or k < 2:
        raise DomainError(f"the degree is an integer at least 2; received {degree}")
    if not d.is_Integer or d < 1:
        raise DomainError(f"the dimension is a positive integer; received {d}")
    if (k - 1) * d <= 2:
        raise DomainError(f"orders of degree {k} exceed 2/(k - 1) = {2 / (k - 1)}; received d = {d}: raise the degree")
    if d * log(k).evalf(5) > _LARGEST_LOG:
        raise UnsupportedError(f"the weight is within 1e-4 of its limit k^(-d/2) = {k}^(-{d}/2); take that")
    p = Symbol("p")
    # Squared for odd d, where both sides are positive on (0, 1); p = 1 is always a root and is divided out.
    power, whole = (p, d / 2) if d.is_even else (p**2, d)
    poly = Poly(power * (k - (k - 1) * p) ** whole - 1, p).quo(Poly(p - 1, p))
    inside = poly.count_roots(0, 1)
    if inside != 1:
        raise UnsupportedError(f"the design equation of degree {k} in dimension {d} has {inside} roots in (0, 1)")
    # Counted and not compared: the sign of an algebraic number of high degree takes long.
    root, _ = poly.real_roots(multiple=False)[poly.count_roots(sup=0)]
    if not root.has(RootOf):
        return root
    # The root is near k^(-d/2), and sympy evaluates a large root at once but a tiny one in a time like its inverse.
    mirrored = Poly(poly.all_coeffs()[::-1], p)
    return 1 / mirrored.real_roots(multiple=False)[-1][0]


def _gain(phi: Activation, square: Expr) -> Expr:
    try:
        return slope_moment(phi, Integer(1)) / square
    except UnsupportedError:
        if _jumps(phi):
            return oo
        raise


def _jumps(phi: Activation) -> bool:
    x, pieces = phi.variable, phi.pieces
    neighbours = zip(pieces.breaks, pieces.parts, pieces.parts[1:], strict=False)
    return any(phi.ordering.sign_or_none((b - a).subs(x, place)) != 0 for place, a, b in neighbours)


def _is_zero(value: Expr) -> bool:
    reduced = value.expand()
    if reduced.is_zero:
        return True
    sign = sign_of_number(reduced)
    if sign is not None:
        return sign == 0
    if normal_form.is_zero(reduced, {}):
        return True
    raise UnsupportedError(f"whether {value} vanishes is not decided")
