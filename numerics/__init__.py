"""Verification: evidence for statements, from enclosures to simulated wide networks.

Names are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "verify": "verification",
    "verify_all": "verification",
    "Budget": "budget",
    "Verdict": "verdict",
    "Grade": "verdict",
    "Evidence": "verdict",
    "Report": "report",
    "Reports": "report",
    "compile": "codegen",
    "gram_samples": "simulation",
    "kernels": "infinite_width",
    "Kernels": "infinite_width",
    "simulate": "simulation",
    "Simulation": "simulation_result",
    "observable_names": "observables",
    "NonFiniteError": "samplers.record",
    "run_chunks": "chunk_runs",
    "Task": "chunks",
    "ChunkResults": "chunks",
    "Interrupted": "chunks",
    "LostWorkerError": "chunks",
    "Threads": "executors",
    "Processes": "executors",
    "Cluster": "executors",
    "ExecutorError": "executors",
    "Ledger": "ledger",
    "LedgerError": "ledger",
    "LedgerWarning": "ledger",
    "energy_test": "two_sample",
    "proportion_interval": "quantiles",
    "quantile_interval": "quantiles",
    "richardson": "extrapolation",
    "check_path": "file_checks",
    "write_html": "reporting.site",
    "write_appendix": "reporting.appendix",
    "kernel_map_figure": "plotting.kernel_map",
    "convergence_figure": "plotting.convergence",
    "phase_diagram_figure": "plotting.phase_diagram",
    "fluctuation_figure": "plotting.fluctuations",
    "hermite_spectrum_figure": "plotting.hermite_spectrum",
    "save_figure": "plotting.canvas",
    "lint": "linters",
    "Accumulator": "statistics",
    "ConfidenceSequence": "statistics",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'numerics' has no attribute {name!r}")
    value = getattr(import_module(f"numerics.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
