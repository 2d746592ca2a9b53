"""Budgets: how much work a verification may spend on one statement."""

from __future__ import annotations

from dataclasses import dataclass

from theory.errors import UnknownNameError

__all__ = ["Budget"]


@dataclass(frozen=True)
class Budget:
    """Limits per statement.

    `seconds` bounds the sampling, `points` the exact test points, `digits` the enclosures, `statistical_points`
    the points at which random networks are drawn.
    """

    name: str
    seconds: float
    points: int
    digits: int
    statistical_points: int

    @classmethod
    def named(cls, name: str) -> Budget:
        """One of quick (2 s), standard (20 s), deep (10 min)."""
        if name not in _BUDGETS:
            raise UnknownNameError("budget", str(name), _BUDGETS)
        return _BUDGETS[name]


_BUDGETS = {
    b.name: b
    for b in (
        Budget("quick", 2.0, 8, 22, 2),
        Budget("standard", 20.0, 16, 30, 4),
        Budget("deep", 600.0, 64, 50, 12),
    )
}
