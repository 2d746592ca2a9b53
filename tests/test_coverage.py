"""The page of coverage names files that exist, marks refutations, and leaves out no theorem of its sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from theory.bibliography import known_keys
from theory.catalogue import metadata
from theory.statement import Status

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
# Identities of Haar measure and of activations have pages of their own.
_TOPICS = {
    "criticality", "depth", "fixed_point", "finite width", "initialisation", "skip", "threshold", "classification",
}  # fmt: skip


def slips(text: str) -> list[str]:
    """What is wrong with a page of coverage."""
    known, found, named = metadata(), [], set()
    keys = set(re.findall(r"`(\w+)`", " ".join(line for line in text.splitlines() if line.startswith("## "))))
    found += [f"unknown source {key}" for key in sorted(keys - set(known_keys()))]
    for line in text.splitlines():
        if not line.startswith("| ") or line.startswith("| statement"):
            continue
        _, what, files, _ = (part.strip() for part in line.split("|"))
        listed = re.findall(r"`(\w+)`(\*?)", files)
        reason = re.sub(r"`\w+`\*?", "", files).strip()
        if not listed and len(reason.split()) < 8:
            found.append(f"{what}: no file and no reason")
        for name, star in listed:
            named.add(name)
            if name not in known:
                found.append(f"{what}: no theorem {name}")
            elif (known[name].status is Status.REFUTED) is not bool(star):
                found.append(f"{what}: {name} is {known[name].status.value}")
    for name, entry in known.items():
        if keys & set(entry.sources) and _TOPICS & set(entry.topics) and name not in named:
            found.append(f"{name} is left out")
    return found


def test_the_page_is_complete():
    assert slips(PAGE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "slip"),
    [
        ("`erf_depth_scales` ", "`erf_depth_scale` ", "no theorem erf_depth_scale"),
        ("`erf_depth_scales` ", "", "erf_depth_scales is left out"),
        ("`relu_inverse_depth`*", "`relu_inverse_depth`", "relu_inverse_depth is refuted"),
        ("`random_skip_multiplier`", "`random_skip_multiplier`*", "random_skip_multiplier is derived"),
        ("(`joudaki2023impact`)", "(`joudaki2023`)", "unknown source joudaki2023"),
        ("| `correlated_weights_moment` |", "| |", "no file and no reason"),
    ],
)
def test_a_damaged_page_is_caught(old, new, slip):
    text = PAGE.read_text(encoding="utf-8")
    assert old in text
    assert any(slip in message for message in slips(text.replace(old, new)))
