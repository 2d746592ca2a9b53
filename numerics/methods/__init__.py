"""Lines of evidence, one file each, strongest first."""

from __future__ import annotations

from importlib import import_module

from numerics.method import Method

__all__ = ["all_methods", "method_names"]

_NAMES = (
    "exact",
    "substitution",
    "certified",
    "search",
    "ode",
    "moments",
    "expansion",
    "iteration",
    "quadrature",
    "wide_network",
    "haar",
    "spectrum",
    "empirical",
    "descent",
)


def method_names() -> tuple[str, ...]:
    """The names of the methods, which are those of their files."""
    return _NAMES


def all_methods() -> tuple[Method, ...]:
    """The methods, strongest first; each module offers one as `METHOD`."""
    return tuple(import_module(f"numerics.methods.{name}").METHOD for name in _NAMES)
