"""The samplers against exact moments; plain QR must fail."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Expr, conjugate

from numerics.haar_sampling import haar_frames, haar_matrices, permutation_matrices, sphere_vectors
from theory.errors import DomainError, UnknownNameError
from theory.haar.group import Haar

COUNT = 40_000
LIMIT = 5.0  # standard errors; the seeds are fixed


def score(values: np.ndarray, expected: Expr) -> float:
    values = np.real(values)
    return float((values.mean() - float(expected)) / (values.std() / np.sqrt(len(values))))


@pytest.mark.parametrize("size", [2, 3, 5])
def test_orthogonal_moments(size: int) -> None:
    draws = haar_matrices("O", size, COUNT, np.random.default_rng(1))
    o = Haar("O", size)
    assert np.allclose(draws @ draws.transpose(0, 2, 1), np.eye(size))
    q = {(i, j): draws[:, i - 1, j - 1] for i in (1, 2) for j in (1, 2)}
    assert abs(score(q[1, 1], o.mean(o[1, 1]))) < LIMIT
    for powers in ((4, 0, 0, 0), (2, 2, 0, 0), (2, 0, 0, 2), (1, 1, 1, 1), (4, 0, 0, 2)):
        sample = q[1, 1] ** powers[0] * q[1, 2] ** powers[1] * q[2, 1] ** powers[2] * q[2, 2] ** powers[3]
        exact = o.mean(o[1, 1] ** powers[0] * o[1, 2] ** powers[1] * o[2, 1] ** powers[2] * o[2, 2] ** powers[3])
        assert abs(score(sample, exact)) < LIMIT
        assert abs(score(sample, exact + o.mean(o[1, 1] ** 4))) > LIMIT


def test_plain_qr_is_not_haar() -> None:
    """Second moments look right; the first moment gives it away."""
    generator = np.random.default_rng(2)
    factor = np.linalg.qr(generator.standard_normal((COUNT, 3, 3)))[0]
    o = Haar("O", 3)
    assert abs(score(factor[:, 0, 0] ** 2, o.mean(o[1, 1] ** 2))) < LIMIT
    assert abs(score(factor[:, 0, 0], o.mean(o[1, 1]))) > 50
    right = haar_matrices("O", 3, COUNT, generator)
    assert abs(score(right[:, 0, 0], o.mean(o[1, 1]))) < LIMIT


def test_the_corner_of_the_plain_factor_is_minus_a_modulus() -> None:
    """Householder's method makes the first diagonal entry of R opposite in sign to the corner of the matrix."""
    matrices = np.random.default_rng(7).standard_normal((200, 4, 4))
    corner = np.linalg.qr(matrices)[0][:, 0, 0]
    assert np.allclose(corner, -np.abs(matrices[:, 0, 0]) / np.linalg.norm(matrices[:, :, 0], axis=1))


@pytest.mark.parametrize("kind", ["O", "U"])
@pytest.mark.parametrize("columns", [1, 3, 60])
def test_frames_have_the_law_of_the_first_columns(kind: str, columns: int) -> None:
    rows, count = 64, 200
    frames = haar_frames(kind, rows, columns, count, np.random.default_rng(3))
    assert frames.shape == (count, rows, columns)
    gram = frames.conj().transpose(0, 2, 1) @ frames
    assert np.allclose(gram, np.eye(columns), atol=1e-12)
    group = Haar(kind, rows)
    for power in (1, 2):
        exact = group.mean(Abs(group[1, 1]) ** (2 * power))
        # average over rows first: its spread is smaller, the mean is the same
        assert abs(score((np.abs(frames) ** (2 * power)).reshape(count, -1)[:, ::7].mean(axis=1), exact)) < LIMIT


def test_unitary_and_symplectic_moments() -> None:
    generator = np.random.default_rng(4)
    u, s = Haar("U", 3), Haar("Sp", 2)
    draws = haar_matrices("U", 3, COUNT, generator)
    crossed = draws[:, 0, 0] * draws[:, 1, 1] * np.conj(draws[:, 0, 1] * draws[:, 1, 0])
    exact = u.mean(u[1, 1] * u[2, 2] * conjugate(u[1, 2] * u[2, 1]))
    assert abs(score(crossed, exact)) < LIMIT
    assert abs(score(crossed, -exact)) > LIMIT
    draws = haar_matrices("Sp", 2, COUNT, generator)
    form = np.kron([[0, 1], [-1, 0]], np.eye(2))
    assert np.allclose(draws.transpose(0, 2, 1) @ form @ draws, form)
    assert np.allclose(draws.conj().transpose(0, 2, 1) @ draws, np.eye(4))
    crossed = draws[:, 0, 0] * draws[:, 1, 1] * np.conj(draws[:, 0, 1] * draws[:, 1, 0])
    exact = s.mean(s[1, 1] * s[2, 2] * conjugate(s[1, 2] * s[2, 1]))
    assert abs(score(crossed, exact)) < LIMIT
    assert abs(score(crossed, -exact)) > LIMIT
    product = draws[:, 0, 0] * draws[:, 2, 2] * draws[:, 2, 0] * draws[:, 0, 2]
    assert abs(score(product, s.mean(s[1, 1] * s[3, 3] * s[3, 1] * s[1, 3]))) < LIMIT


def test_permutations_and_spheres() -> None:
    generator = np.random.default_rng(5)
    draws = permutation_matrices(4, COUNT, generator)
    assert set(np.unique(draws)) == {0.0, 1.0}
    p, c = Haar("S", 4), Haar("S0", 4)
    assert abs(score(draws[:, 0, 0] * draws[:, 1, 2], p.mean(p[1, 1] * p[2, 3]))) < LIMIT
    centered = haar_matrices("S0", 4, COUNT, generator)
    sample = centered[:, 0, 0] ** 2 * centered[:, 1, 1]
    assert abs(score(sample, c.mean(c[1, 1] ** 2 * c[2, 2]))) < LIMIT
    vectors = sphere_vectors(4, COUNT, generator)
    assert np.allclose((vectors**2).sum(axis=1), 1)


def test_same_seed_same_draws() -> None:
    first = haar_matrices("O", 4, 3, np.random.default_rng(6))
    assert np.array_equal(first, haar_matrices("O", 4, 3, np.random.default_rng(6)))
    assert not np.array_equal(first, haar_matrices("O", 4, 3, np.random.default_rng(7)))


def test_bad_requests_are_refused() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(UnknownNameError, match="unknown group"):
        haar_matrices("SU", 3, 1, generator)
    with pytest.raises(UnknownNameError, match="unknown group"):
        haar_frames("Sp", 3, 1, 1, generator)
    with pytest.raises(DomainError, match="1 <= columns <= rows"):
        haar_frames("O", 3, 4, 1, generator)
    with pytest.raises(DomainError, match="positive integer"):
        haar_matrices("O", 0, 1, generator)
