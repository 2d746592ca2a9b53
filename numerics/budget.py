"""Budgets: how much work a verification may spend on one statement."""

from __future__ import annotations

from dataclasses import dataclass

from theory.arguments import known_name

__all__ = ["Budget"]


@dataclass(frozen=True)
class Budget:
    """Limits per statement.

    `seconds` is the nominal sampling time, `points` the exact test points, `digits` the enclosures,
    `statistical_points` the points at which random networks are drawn.
    """

    name: str
    seconds: float
    points: int
    digits: int
    statistical_points: int

    @property
    def normals(self) -> int:
        """Normal variates that one core draws and uses in the nominal time, at 40 ns each.

        Sampling ends by this count and not by the clock, so that a verdict does not depend on the load.
        """
        return int(self.seconds / 40e-9)

    @classmethod
    def named(cls, name: str) -> Budget:
        """One of quick (2 s), standard (20 s), deep (10 min)."""
        return _BUDGETS[known_name("budget", name, _BUDGETS)]


_BUDGETS = {
    b.name: b
    for b in (
        Budget("quick", 2.0, 8, 22, 2),
        Budget("standard", 20.0, 16, 30, 4),
        Budget("deep", 600.0, 64, 50, 12),
    )
}
