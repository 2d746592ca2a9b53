"""Claims and statements: what is refused at construction, and what a claim says of itself."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError

import pytest
from sympy import (
    Derivative,
    Eq,
    Float,
    Function,
    Integer,
    MatrixSymbol,
    Max,
    Rational,
    S,
    Symbol,
    Trace,
    acos,
    cos,
    cosh,
    exp,
    factorial,
    nan,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    true,
)

from theory.claims import (
    Bound,
    DepthAsymptotic,
    Distribution,
    Existence,
    FixedPoint,
    Flow,
    ForAll,
    GaussianIdentity,
    HaarIdentity,
    Identity,
    Invariance,
    Refutation,
    Sequence,
    WidthLimit,
)
from theory.domains import Gram, HermiteWeights, Integers, Interval, Partition, Simplex
from theory.errors import StatementError, UnknownNameError, UnsupportedError
from theory.gaussian.law import Gaussian
from theory.haar.group import Haar
from theory.statement import Statement, Status, TheoremFile, theorem
from theory.symbols import C_W, ell, k, n, q, rho, u, v, x

STATED = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)
RELU = GaussianIdentity(Max(u, 0) * Max(v, 0), Gaussian([u, v], corr=rho), STATED)
DOUBLE = Identity(cos(2 * x), 2 * cos(x) ** 2 - 1)
SQUARE = {x: Interval(0, 1)}


GROUP = Haar("O", n)
HAAR = HaarIdentity(GROUP[1, 1] ** 2, GROUP, 1 / n)
t, a, b, c = symbols("t a b c", real=True)
CLAIMS = {
    "identity": (DOUBLE, {x}),
    "gaussian": (RELU, {rho}),
    "haar": (HAAR, {n}),
    "sequence": (Sequence(k, factorial(k + 1), (k + 1) * factorial(k)), set()),
    "width": (WidthLimit(q * (1 + 1 / n), q, n, envelope=q / n), {q}),
    "depth": (DepthAsymptotic(1 / (c * ell + 1), ell, 1, 1 / c, 0), {c}),
    "fixed point": (FixedPoint(cos(a) * x, x, 0, cos(a)), {a}),
    "bound": (Bound(sin(x), x, probability=Rational(1, 2)), {x}),
    "distribution": (Distribution(u, Gaussian([v], cov=q)), {u, q}),
    "invariance": (Invariance(a - b, {a: b * c, b: a * c}), {a, b, c}),
    "flow": (Flow({x: -a * x}, t, {x: b * exp(-a * t)}, {x: b}), {a, b, t}),
    "existence": (Existence(Bound(x**2, x), {x: Rational(1, 2)}), {x}),
    "refutation": (Refutation(Identity(sin(x), x), {x: 1}), {x}),
    "family": (ForAll(Integers(2, 5), lambda m: Identity(cos(m * x) ** 2, 1 - sin(m * x) ** 2)), {x}),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_free_symbols_exclude_the_bound_ones(name):
    claim, free = CLAIMS[name]
    assert claim.free_symbols == free


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_are_frozen_and_hashable(name):
    claim, _ = CLAIMS[name]
    field = next(iter(claim.__dataclass_fields__))
    with pytest.raises(FrozenInstanceError):
        setattr(claim, field, x)
    assert claim == copy.copy(claim)
    assert isinstance(hash(claim), int)


@pytest.mark.parametrize("name", CLAIMS)
def test_latex_has_balanced_braces(name):
    text = CLAIMS[name][0]._repr_latex_()
    assert text.startswith("$")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right") + text.count(r"\rightarrow")


@pytest.mark.parametrize("name", ["identity", "gaussian", "haar", "sequence", "width", "depth", "fixed point", "bound"])
def test_stated_side_is_replaced_and_nothing_else(name):
    claim, _ = CLAIMS[name]
    damaged = claim.replace_stated(claim.stated_side + Rational(1, 7))
    assert damaged != claim
    assert damaged.stated_side - claim.stated_side == Rational(1, 7)
    assert damaged.replace_stated(claim.stated_side) == claim


@pytest.mark.parametrize("name", ["distribution", "invariance", "flow", "existence", "refutation", "family"])
def test_claims_without_one_stated_side_say_so(name):
    claim, _ = CLAIMS[name]
    assert claim.stated_side is None
    with pytest.raises(UnsupportedError, match="whole claim"):
        claim.replace_stated(x)


def test_sides_come_in_order():
    assert DOUBLE.sides() == (cos(2 * x), 2 * cos(x) ** 2 - 1)
    assert RELU.sides() == (Max(u, 0) * Max(v, 0), STATED)
    assert Bound(x, 2 * x).sides() == (x, 2 * x)
    assert CLAIMS["refutation"][0].sides() == (sin(x), x)


def test_sides_keep_the_shape_the_author_gave():
    p = Symbol("p", positive=True)
    assert Eq(sqrt(p**2), p) == True  # noqa: E712 - the trap: the relation is gone
    shaped = Identity(x + x, Derivative(x**2, x))
    assert shaped.sides() == (2 * x, Derivative(x**2, x))
    assert Identity(1, cos(x) ** 2 + sin(x) ** 2).lhs == Integer(1)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Identity(Eq(x + x, 2 * x), x),
        lambda: Identity(x > 1, x),
        lambda: Identity(true, x),
        lambda: Identity(True, x),
        lambda: Identity(x, False),
        lambda: Identity("x", x),
        lambda: Identity(x, 0.5),
        lambda: Identity(x, Float(1) / 2 * rho),
        lambda: Identity(x, nan),
        lambda: Identity(x + x, 2 * x),
        lambda: Sequence(k, k, k),
        lambda: Sequence(Integer(3), k, 2 * k),
        lambda: Bound(x, x),
        lambda: GaussianIdentity(rho, Gaussian([u, v], corr=rho), STATED),
        lambda: GaussianIdentity(u * v, Gaussian([u, v], corr=rho), u),
        lambda: HaarIdentity(n**2, GROUP, 1 / n),
        lambda: HaarIdentity(GROUP[1, 1], GROUP, GROUP[1, 1]),
        lambda: WidthLimit(q, q / n, n),
        lambda: DepthAsymptotic(q, ell, 1, 1 / ell),
        lambda: DepthAsymptotic(q, ell, 1, 0),
        lambda: FixedPoint(x, x, 3),
        lambda: FixedPoint(cos(x), x, x),
        lambda: Invariance(c, {a: b, b: a}),
        lambda: Flow({x: -x}, t, {a: exp(-t)}),
        lambda: Flow({x: -x}, t, {x: x * exp(-t)}),
        lambda: Flow({x: -x}, t, {x: exp(-t)}, {a: 1}),
        lambda: Existence(Bound(x**2, x), {a: 1}),
        lambda: Existence(Bound(x**2, x), {}),
        lambda: Existence(x, {x: 1}),
        lambda: Refutation(Identity(sin(x), x), {}),
        lambda: Refutation(Identity(sin(x), x), {x: a}),
        lambda: Refutation(Identity(sin(x), x), {x: 1, a: 2}),
        lambda: Refutation(sin(x), {x: 1}),
        lambda: ForAll(Partition(3), Identity(sin(x), x)),
        lambda: ForAll("all", lambda m: Identity(sin(x), x)),
        lambda: ForAll(Interval(0, q), lambda m: Identity(sin(x), x)),
    ],
)
def test_malformed_claims_are_refused(build):
    with pytest.raises(StatementError):
        build()


def test_a_gaussian_claim_needs_its_stated_side():
    with pytest.raises(TypeError):
        GaussianIdentity(u * v, Gaussian([u, v], corr=rho))


def test_haar_claims_bind_everything_random():
    r = Symbol("r", integer=True, positive=True)
    frame, other = GROUP.block(n, r), Haar("O", n, name="Q")
    fixed = MatrixSymbol("C", n, n)
    assert HaarIdentity(GROUP[1, 1] * GROUP[1, 2], GROUP, 0).free_symbols == {n}
    assert HaarIdentity(Trace(frame.matrix * frame.matrix.T), frame, r).free_symbols == {n, r}
    assert HaarIdentity(GROUP.form(1, fixed) ** 2, GROUP, Trace(fixed) / n).free_symbols == {n, fixed}
    assert HaarIdentity(GROUP[1, 1] ** 2, GROUP, 1 / n).bound_symbols == {GROUP[1, 1]}
    with pytest.raises(StatementError, match="does not depend"):
        HaarIdentity(other[1, 1] ** 2, GROUP, 1 / n)
    with pytest.raises(StatementError, match="may not contain"):
        HaarIdentity(Trace(frame.matrix * frame.matrix.T), frame, Trace(frame.matrix))


def test_family_builds_ordinary_claims():
    family = ForAll(HermiteWeights(), lambda w: Bound(sum(c * rho**j for j, c in enumerate(w)), exp(rho)))
    assert family.at((S.Zero, S.One)) == Bound(rho, exp(rho))
    assert family.free_symbols == {rho}
    damaged = family.map(lambda claim: claim.replace_stated(cosh(rho)))
    assert damaged.at((S.Zero, S.One)) == Bound(rho, cosh(rho))
    with pytest.raises(StatementError, match="returns a claim"):
        ForAll(Partition(2), lambda parts: x).at((2,))


def test_family_is_refuted_by_a_member():
    family = ForAll(HermiteWeights(), lambda w: Bound(sum(c * rho**j for j, c in enumerate(w)), rho))
    claim = Refutation(family, {rho: Rational(1, 2)}, member=(S.One,))
    assert claim.instance == Bound(1, rho)
    with pytest.raises(StatementError, match="member"):
        Refutation(family, {rho: Rational(1, 2)})


# --- statements ------------------------------------------------------------------------------------------


def statement(**changes):
    arguments = {
        "claim": RELU,
        "domains": {rho: Interval(-1, 1)},
        "resolution": 1e-3,
        "near_misses": [STATED.subs(pi - acos(rho), acos(rho)), 2 * STATED / 3],
    }
    return Statement(**(arguments | changes))


def test_the_model_statement_is_accepted():
    s = statement()
    assert s.identifier == "anonymous"
    assert s.status is Status.CONJECTURE
    assert len(s.damaged_claims()) == 2
    assert all(claim.integrand == RELU.integrand and claim.stated != STATED for claim in s.damaged_claims())
    assert [point[rho] for point in s.admissible_points(3)] == [0, 1, -1]
    assert len(list(s.admissible_points())) == s.points == 8
    with pytest.raises(FrozenInstanceError):
        s.points = 3
    with pytest.raises(TypeError):
        s.domains[rho] = Interval(0, 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"claim": Eq(x, 2 * x)}, "theory.claims"),
        ({"claim": True}, "theory.claims"),
        ({"domains": {}}, "rho is undeclared; give it a domain"),
        ({"domains": {Symbol("rho"): Interval(-1, 1)}}, "other assumptions"),
        ({"domains": {rho: Interval(-1, 1), q: Interval(0, 1)}}, "does not contain it"),
        ({"domains": {rho: Interval(-1, 1), u: Interval(0, 1)}}, "binds it itself"),
        ({"domains": {rho: Interval(2, 1)}}, "empty"),
        ({"domains": {rho: Interval(1, 1, left_open=True)}}, "empty"),
        ({"domains": {rho: (-1, 1)}}, "theory.domains"),
        ({"domains": {rho: Simplex(2)}}, "shape"),
        ({"domains": {rho: Partition(3)}}, "ForAll"),
        ({"domains": {rho: Interval(-1, q)}}, "q is undeclared"),
        ({"resolution": 0}, "resolution is positive"),
        ({"resolution": -1e-3}, "resolution is positive"),
        ({"resolution": "small"}, "is a number"),
        ({"envelope": 1e-3}, "below the resolution"),
        ({"envelope": -1}, "at least 0"),
        ({"points": 0}, "points"),
        ({"derive": STATED}, "derive"),
        ({"assumptions": [True]}, "assumption"),
        ({"assumptions": [rho < rho + 1]}, "assumption"),
        ({"assumptions": [rho]}, "assumption"),
        ({"assumptions": [q > rho]}, "q is undeclared"),
        ({"near_misses": [STATED]}, "stated claim itself"),
        ({"near_misses": [RELU]}, "stated claim itself"),
        ({"near_misses": [STATED * q]}, "undeclared symbols"),
        ({"near_misses": [STATED * 0.5]}, "exact"),
        ({"near_misses": [Eq(STATED, rho)]}, "relation"),
        ({"identifier": "relu dual"}, "identifier"),
        ({"status": "refuted"}, "Refutation"),
        ({"topics": "kernel"}, "list"),
    ],
)
def test_malformed_statements_are_refused(changes, reason):
    with pytest.raises(StatementError, match=reason):
        statement(**changes)


def test_unknown_sources_are_refused_with_the_nearest():
    assert statement(sources=["cho2009kernel"]).sources == ("cho2009kernel",)
    with pytest.raises(UnknownNameError, match="cho2009kernel"):
        statement(sources=["cho2009kernels"])


def test_a_domain_may_use_a_variable_the_claim_does_not_contain():
    r = Symbol("r", positive=True)
    assert Statement(DOUBLE, {x: Interval(-r, r), r: Interval(0, 1)}).points == 8


def test_vectors_and_matrices_are_declared_by_shape():
    p = symbols("p1 p2", nonnegative=True)
    s = Statement(Bound(p[0] * p[1], Rational(1, 4)), {p: Simplex(2)})
    assert all(sum(point.values()) == 1 for point in s.admissible_points())
    G = MatrixSymbol("G", 2, 2)
    s = Statement(Bound(G[0, 1] ** 2, G[0, 0] * G[1, 1]), {G: Gram(2)})
    for point in s.admissible_points():
        left, right = (side.subs(point) for side in s.claim.sides())
        assert left <= right
    with pytest.raises(StatementError, match="shape"):
        Statement(Bound(G[0, 1], 1), {G: Gram(3)})
    with pytest.raises(StatementError, match="shape"):
        Statement(Bound(p[0], p[1]), {p: Simplex(3)})


def test_a_closed_claim_has_one_point():
    s = Statement(Identity(sqrt(5 + 2 * sqrt(6)), sqrt(2) + sqrt(3)), {})
    assert (s.points, list(s.admissible_points())) == (1, [{}])


def test_contradictory_assumptions_show_as_vacuity():
    s = Statement(DOUBLE, SQUARE, assumptions=[x > 2])
    assert len(list(s.admissible_points())) < s.points


def test_a_refutation_lies_in_the_domain_it_refutes():
    claim = Refutation(Bound(x, sin(x)), {x: Rational(1, 2)})
    s = Statement(claim, SQUARE)
    assert s.status is Status.REFUTED
    assert list(s.admissible_points()) == [{x: Rational(1, 2)}]
    assert s.points == 1
    with pytest.raises(StatementError, match="not in its domain"):
        Statement(Refutation(Bound(x, sin(x)), {x: 2}), SQUARE)
    with pytest.raises(StatementError, match="assumption"):
        Statement(claim, SQUARE, assumptions=[x > Rational(1, 2)])
    with pytest.raises(StatementError, match="Refutation"):
        Statement(claim, SQUARE, status="theorem")


def test_a_witness_may_depend_on_a_free_variable():
    claim = Existence(Bound(x**2 + a, 2 * a, strict=True), {x: a / 2})
    s = Statement(claim, {a: Interval(0, 1, left_open=True), x: Interval(0, 1)})
    points = list(s.admissible_points(4))
    assert points[0] == {a: 1, x: Rational(1, 2)}
    assert all(point[x] == point[a] / 2 for point in points)


def test_every_status_has_a_sentence():
    sentences = {status.sentence for status in Status}
    assert len(sentences) == 5
    for status in (Status.HEURISTIC, Status.CONJECTURE):
        assert "not refuted" in status.sentence


# --- the decorator ---------------------------------------------------------------------------------------


def register(**changes):
    literals = {
        "topics": ["kernel"],
        "sources": ["cho2009kernel"],
        "status": "theorem",
        "needs": [],
    } | changes
    calls = []

    @theorem(**literals)
    def relu_dual():
        """E[max(U,0) max(V,0)] for a standard Gaussian pair.

        Second paragraph.
        """
        calls.append(1)
        return statement()

    return relu_dual, calls


def test_theorem_runs_only_when_asked_and_once():
    registered, calls = register()
    assert isinstance(registered, TheoremFile)
    assert registered.identifier == "relu_dual"
    assert calls == []
    s = registered.statement()
    assert registered() is s
    assert calls == [1]
    assert (s.identifier, s.topics, s.sources, s.status) == (
        "relu_dual",
        ("kernel",),
        ("cho2009kernel",),
        Status.THEOREM,
    )
    assert s.prose.splitlines()[0] == "E[max(U,0) max(V,0)] for a standard Gaussian pair."


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"topics": "kernel"}, StatementError),
        ({"sources": [1]}, StatementError),
        ({"status": "proved"}, UnknownNameError),
    ],
)
def test_malformed_registrations_are_refused(changes, error):
    with pytest.raises(error):
        register(**changes)


def test_registration_needs_a_docstring_and_a_statement():
    with pytest.raises(StatementError, match="docstring"):

        @theorem(topics=[], sources=[], status="derived")
        def wordless():
            return statement()

    @theorem(topics=[], sources=[], status="derived")
    def empty():
        """Nothing."""

    with pytest.raises(StatementError, match="returns a Statement"):
        empty.statement()

    @theorem(topics=[], sources=["nobody1999"], status="derived")
    def unsourced():
        """A source that does not exist."""
        return statement()

    with pytest.raises(UnknownNameError):
        unsourced.statement()


def test_undefined_functions_are_not_free_symbols():
    kappa = Function("kappa")
    assert Identity(kappa(rho), rho**2).free_symbols == {rho}
    assert Sequence(k, kappa(k), k * C_W, start=2).free_symbols == {C_W}
    assert WidthLimit(oo, 1, n).free_symbols == set()
