"""Streams: the same numbers everywhere, different numbers for different names."""

import os
import subprocess
import sys

import numpy as np
import pytest

from numerics.streams import stream
from theory.errors import DomainError

PRINT = """
from numerics.streams import stream
print(stream("relu_dual", 256, 3, 7).bit_generator.random_raw(2).tolist())
"""


def distinct(make):
    """Whether streams with neighbouring arguments differ, including those whose texts run together."""
    arguments = [
        ("a", 1, 0, 0),
        ("a", 0, 1, 0),
        ("a", 0, 0, 1),
        ("b", 1, 0, 0),
        ("a", 11, 1, 0),
        ("a", 1, 11, 0),
    ]
    arguments += [("1|a", 1, 0, 0), ("", 1, 0, 0), ("a", 2**70, 0, 0)]
    return len({make(*a).bit_generator.random_raw() for a in arguments}) == len(arguments)


def test_every_argument_counts():
    assert distinct(stream)


def test_forgetting_the_replica_is_caught():
    assert not distinct(lambda identifier, width, replica, seed: stream(identifier, width, 0, seed))


def test_text_that_runs_together_is_caught():
    assert not distinct(lambda identifier, width, replica, seed: stream(f"{width}{replica}{seed}{identifier}", 0, 0, 0))


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_same_in_every_process(hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[18098674367913736474, 15870970141947255640]"


def test_draws_are_standard_normal():
    means = np.array([stream("moments", 64, r).standard_normal(64).mean() for r in range(2000)])
    assert abs(means.mean()) < 5 / np.sqrt(64 * 2000)
    assert abs(means.var() * 64 - 1) < 5 * np.sqrt(2 / 2000)


def test_negative_numbers_are_refused():
    with pytest.raises(DomainError, match="replica must be an integer, at least 0; received -1"):
        stream("a", 1, -1)
