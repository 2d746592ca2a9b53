"""Maps, limits in the width, flows, laws and existence in TOML: false ones with a witness, and what is refused."""

from __future__ import annotations

import re

import pytest
from sympy import Integer, Rational, Symbol, log, oo, pi, sqrt

import theory as th
from numerics.file_checks import check_path
from numerics.verdict import Verdict
from theory.claim_files.map_form import leading_term
from theory.claim_files.sources import claims_in
from theory.errors import StatementError
from theory.gaussian.expectation import GaussianExpectation
from theory.laws import GaussianSpectrum
from theory.symbols import q, rho

MAP = 'map = { r = "a + (1 - a)*r^2" }\ndomains = { a = "[1/20, 9/20]" }\n'
STEP = 'map = { y = "y/(1 + y)" }\ninitial = { y = 1 }\n'
WIDE = 'phi = "sin(x)"\nnetwork = { depth = 2, C_W = 2 }\nenvelope = "2/n"\nresolution = "1/20"\n'
LOGISTIC = 'flow = { u = "u*(1 - u)" }\ninitial = { u = "u0" }\nparameters = ["u0: 0 < u0 < 1"]\n'
BALANCE = 'flow = { a = "b", b = "a" }\ndomains = { a = "[-3, 3]", b = "[-3, 3]", c = "[1, 2]" }\n'
LAW = 'support = "[0, 1]"\nresolution = "1/50"\nnear_misses = ["x^3"]\n'
SPECTRUM = 'spectrum = "wishart(1)"\nsupport = "[0, 4]"\nresolution = "1/20"\nnear_misses = ["x/4"]\n'


@pytest.fixture
def written(tmp_path):
    def write(body):
        file = tmp_path / "paper.claims.toml"
        file.write_text(f"[it]\n{body}\n", encoding="utf-8")
        return file

    return write


@pytest.fixture
def built(written):
    return lambda body: claims_in(written(body))[0].statement()


def test_fixed_point(built):
    found = built(MAP + 'claim = "r = a"\nmultiplier = "2*a"\nnear_misses = ["a/2", "multiplier = a"]')
    a, r = found.claim.value, found.claim.variable
    assert (str(a), str(r)) == ("a", "r")
    assert found.claim == th.FixedPoint(a + (1 - a) * r**2, r, a, 2 * a)
    assert found.damaged_claims() == (
        found.claim.replace_stated(a / 2),
        th.FixedPoint(found.claim.map, r, a, a),
    )


def test_a_map_is_its_definition(built):
    found = built('phi = "tanh(x)"\nmap = { q = "2*moment(phi, 2, q)" }\nclaim = "q = 0"').claim
    assert found.variable == q
    assert found.map.has(GaussianExpectation)


def test_depth(built):
    found = built(STEP + 'claim = "y -> 1/l*(1 + 3*log(l)/l)"\nnear_misses = ["2/l"]')
    assert (found.claim.exponent, found.claim.constant, found.claim.log_coefficient) == (1, 1, 3)
    assert found.near_misses[0].log_coefficient is None
    assert str(built(STEP + 'claim = "y^2 ~ 1/j^2"\nindex = "j"').claim.index) == "j"


def test_leading_terms():
    layer, a = Symbol("l", positive=True), Symbol("a", real=True)
    assert leading_term(Integer(3), layer) == (3, 0, None)
    assert leading_term(a * sqrt(layer) * pi, layer) == (a * pi, -Rational(1, 2), None)
    assert leading_term((1 + a * log(layer) / layer) * 2 * layer**-a, layer) == (2, a, a)
    for wrong in (1 + 1 / layer, log(layer), layer**layer, (1 + log(layer) / layer) ** 2, (1 + log(layer)) / layer):
        with pytest.raises(StatementError):
            leading_term(wrong, layer)


def test_width(built):
    found = built(WIDE + 'claim = "gram(phi, rho) -> 1 + 2*rho^2"\nnear_misses = ["1"]')
    entry = found.claim.observable
    assert (entry.depth, entry.C_W, entry.C_b, entry.rho) == (2, 2, 0, rho)
    assert (found.claim.bias_rate, found.claim.fluctuation_rate) == (1, Rational(1, 2))
    square = 'phi = "x^2"\nclaim = "gram(phi, rho) -> 1 + 2*rho^2"\nenvelope = "1/n"\n'
    assert built(square).derive().expand() == 1 + 2 * rho**2
    # E[h^4] = 3 Var(h)^2, and the variance is 3.
    assert built(square + "network = { depth = 2 }").derive().subs(rho, 1) == 3 * 3**2


def test_flows(built):
    found = built(LOGISTIC + 'claim = "u = u0"\nnear_misses = ["u0*t"]').claim
    assert isinstance(found, th.Flow)
    assert [str(s) for s, _ in found.initial] == ["u"]
    kept = built(BALANCE + 'claim = "a^2 - b^2 = c"').claim
    assert isinstance(kept, th.Invariance)
    assert [str(e) for e in kept.manifold] == ["a**2 - b**2 - c"]
    plain = 'flow = { u = "u*(1 - u)" }\nclaim = "u = 1"'
    assert isinstance(built(plain).claim, th.Flow)
    assert isinstance(built(plain + '\ndomains = { u = "[0, 2]" }\nkind = "invariance"').claim, th.Invariance)


def test_laws(built):
    found = built('claim = "P[U*V < y] = y"\nsupport = "[0, oo)"').claim
    assert found.sample.law == th.Gaussian(list(found.sample.law.variables), corr=rho)
    assert (str(found.law.variable), found.law.lower, found.law.upper) == ("y", 0, oo)
    assert built(SPECTRUM + 'claim = "P[eigenvalue <= x] = x/2"').claim.sample == GaussianSpectrum(1)


def test_existence(built):
    found = built('claim = "a^2 = b"\ndomains = { a = "[0, 2]", b = "[1, 2]" }\nwitness = { a = "sqrt(b)" }')
    assert isinstance(found.claim, th.Existence)


# A false claim, a method that refutes it, and what it finds, to be checked by hand.
FALSE = [
    # a + (1 - a) (9/10)^2 is not 9/10 at a = 9/20, but 0.8955.
    (MAP + 'claim = "r = 9/10"', "certified", "0.8955", "0.9"),
    # The slope at 1 is 2 (1 - a): 1.1 at a = 9/20.
    (MAP + 'claim = "r = 1"\nmultiplier = "2*a"', "certified", "1.1", "0.9"),
    # y_l = 1/(1 + l).
    (STEP + 'claim = "y ~ 2/l"', "expansion", "1.0", "2.0"),
    (STEP + 'claim = "y ~ 1/l^2"', "expansion", "1.0", "2.0"),
    # The variance of layer two is 1 - exp(-2), so that the limit is (1 - exp(-2 (1 - exp(-2))))/2.
    (WIDE + 'claim = "gram(phi, 1) -> (1 - exp(-2))/2"', "exact", "0.4112", "0.4323"),
    # The derivative of u0 exp(t) is not u (1 - u).
    (LOGISTIC + 'claim = "u = u0*exp(t)"', "substitution", "residual", "0"),
    # a' = b, b' = a moves a^2 + b^2 by 4 a b.
    (BALANCE + 'claim = "a^2 + b^2 = c"\nnear_misses = ["a = c"]', "substitution", "derivative", "0"),
    # E[Phi(Z)^2] = 1/3, and the law of the square root has the mean 1/3 as well; that of x has 1/2.
    (LAW + 'claim = "P[Phi(Z)^2 <= x] = x"', "moments", "0.3333", "0.5"),
    # The mean eigenvalue is 1; that of x^2/16 on [0, 4] is 8/3.
    (SPECTRUM + 'claim = "P[eigenvalue <= x] = x^2/16"', "moments", "1.0", "2.66"),
    ('claim = "a^2 = b"\ndomains = { a = "[0, 2]", b = "[1, 2]" }\nwitness = { a = 1 }', "certified", "1.0", ""),
]


@pytest.mark.parametrize(("body", "method", "measured", "stated"), FALSE, ids=lambda value: str(value)[-40:])
def test_false_claims_are_refuted(written, body, method, measured, stated):
    (report,) = check_path(written(body))
    assert report.verdict is Verdict.FAILS, str(report)
    found = next(e for e in report.evidence if e.method == method)
    assert found.verdict is Verdict.FAILS
    assert found.measured.strip("[").startswith(measured)
    assert found.stated.strip("[").startswith(stated)


def test_a_kept_set_is_left_at_a_point_of_it(written):
    (report,) = check_path(written(BALANCE + 'claim = "a^2 + b^2 = c"\nnear_misses = ["a = c"]'))
    for evidence in report.evidence:
        a, b, c = (float(evidence.point[name].split("/")[0]) for name in "abc")
        denominators = [float(value.split("/")[1]) for value in evidence.point.values() if "/" in value]
        assert a**2 + b**2 == pytest.approx(c / (denominators or [1.0])[0])


REFUSED = [
    ('map = { r = "r^2", s = "s" }\nclaim = "r = 1"', 2, "one variable"),
    ('map = "r^2"\nclaim = "r = 1"', 2, "names and values"),
    ('map = { r = "r^2" }\nclaim = "r = r^2"', 3, "binds"),
    ('map = { r = "r^2" }\nclaim = "r < 1"', 3, "single ="),
    ('map = { r = "r" }\nclaim = "r = 1"', 3, "identity map"),
    ('map = { r = "r^2" }\nclaim = "r = 1"\ndomains = { r = "[0, 1]" }', 2, "binds it itself"),
    ('map = { r = "r^2" }\nclaim = "r = 1"\nnear_misses = ["multiplier < 3"]', 4, "single ="),
    ('map = { r = "r^2" }\nclaim = "r = 1"\nkind = "depth"', 4, "reads as fixed_point"),
    ('map = { r = "r^2" }\nclaim = "r ~ 1/l"', 3, "give initial"),
    (STEP + 'claim = "y ~ exp(-l)"', 4, "c/l^p"),
    (STEP + 'claim = "y ~ 0"', 4, "not 0"),
    (STEP + 'claim = "y ~ 1/l"\nnear_misses = ["2*y ~ 1/l"]', 5, "stated side alone"),
    ('map = { l = "l/2" }\ninitial = { l = 1 }\nclaim = "l ~ 1/l"', 2, "counts the layers"),
    ('claim = "1/l ~ 1/l"', 2, "give map"),
    ('flow = { u = "w" }\nclaim = "u = 1"', 2, "unknown name 'w'"),
    ('flow = { t = "t" }\nclaim = "t = 1"', 1, "name the time otherwise"),
    (LOGISTIC + 'claim = "u = u + t"', 5, "a solution gives u"),
    (LOGISTIC + 'claim = ["u = t", "u = 2"]', 5, "a solution gives u"),
    ('flow = { u = "u" }\ninitial = { v = 1 }\nclaim = "u = exp(t)"', 3, "v is none"),
    ('phi = "x"\nclaim = "gram(phi, rho) = rho"', 3, "single ~"),
    ('phi = "x"\nclaim = "gram(phi) -> rho"', 3, "gram(phi, r)"),
    ('phi = "x"\nclaim = "2*gram(phi, rho) -> rho"', 3, "left side of a limit"),
    ('phi = "x"\nclaim = "moment(phi, 2) -> 1"', 3, "left side of a limit"),
    ('phi = "x"\nclaim = "gram(phi, rho) -> n"', 3, "binds"),
    ('phi = "x"\nclaim = "gram(phi, rho) -> 1"\nnetwork = { depth = 2 }', 3, "envelope"),
    ('phi = "x"\nclaim = "gram(phi, rho) -> 1"\nnetwork = { depth = 9 }', 4, "from 1 to 5"),
    ('phi = "x"\nclaim = "gram(phi, rho) -> 1"\nnetwork = { width = 3 }', 4, "received width"),
    ('claim = "P[Z <= x] = x"', 2, "support"),
    ('claim = "P[Z >= x] = x"\nsupport = "[0, 1]"', 2, "behind the sign"),
    ('claim = "P[3 <= x] = x"\nsupport = "[0, 1]"', 2, "over U and V"),
    ('claim = "P[Z <= x] = 1"\nsupport = "[0, 1]"', 2, "depends on x"),
    ('claim = "P[Z <= x] = x"\nsupport = "[1, 0]"', 3, "empty"),
    ('claim = "P[eigenvalue <= x] = x"\nsupport = "[0, 1]"\nspectrum = "goe"', 4, "wigner"),
    ('claim = "E[Z^2] = 1"\nmultiplier = 2', 3, "belongs to a fixed point"),
    ('claim = "E[Z^2] = 1"\nmap = { r = "1" }\nflow = { u = "u" }', 4, "keep one"),
    ('claim = ["E[Z^2] = 1"]', 2, "text in quotes"),
    ('claim = "a = 2"\ndomains = { a = "[1, 3]" }\nwitness = { b = 5 }', 4, "unknown variable"),
    ('claim = "a = 2"\ndomains = { a = "[1, 3]" }\nkind = "existence"', 4, "names its witness"),
]


@pytest.mark.parametrize(("body", "line", "word"), REFUSED, ids=lambda value: str(value)[-40:])
def test_what_is_refused(written, body, line, word):
    file = written(body)
    with pytest.raises(StatementError, match=re.escape(f"{file}:{line}: [it]")) as caught:
        claims_in(file)[0].statement()
    assert word in str(caught.value)
