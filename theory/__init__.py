"""Theory of wide random neural networks: closed forms, their derivations, and statements about them.

Names are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Activation": "activations",
    "activation": "activations",
    "activation_names": "activations",
    "expect": "gaussian.expectation",
    "Gaussian": "gaussian.law",
    "GaussianExpectation": "gaussian.expectation",
    "Phi2": "gaussian.functions",
    "phi2": "gaussian.functions",
    "conditional_score": "gaussian.functions",
    "hermite_he": "hermite.polynomials",
    "kummer_m": "hermite.confluent",
    "tricomi_u": "hermite.confluent",
    "Haar": "haar.group",
    "weingarten": "haar.weingarten",
    "Sphere": "haar.sphere",
    "LogForm": "haar.means",
    "Share": "haar.means",
    "IsometryGain": "haar.means",
    "absolute_moment": "haar.means",
    "ConvolutionDefect": "haar.convolutions",
    "NetworkSpec": "network",
    "Normalization": "layers",
    "Skip": "layers",
    "Weights": "layers",
    "GramEntry": "observables",
    "critical_points": "propagation.criticality",
    "CriticalPoint": "propagation.criticality",
    "depth_scales": "propagation.criticality",
    "edge_of_chaos": "propagation.edge_of_chaos",
    "variance_preserving_gain": "propagation.gains",
    "gradient_preserving_gain": "propagation.gains",
    "forward_backward_ratio": "propagation.gains",
    "balanced_variances": "propagation.gains",
    "infinite_depth_classifier": "propagation.infinite_depth",
    "design_weight": "propagation.infinite_depth",
    "self_normalizing_parameters": "propagation.self_normalization",
    "pair_vertex": "propagation.vertex",
    "sparsity": "propagation.sparse_units",
    "clipped": "propagation.sparse_units",
    "Geometric": "propagation.rates",
    "Logarithmic": "propagation.rates",
    "PowerLaw": "propagation.rates",
    "SuperExponential": "propagation.rates",
    "claims_at": "claim_files.sources",
    "Orbit": "orbits",
    "ContinuousLaw": "laws",
    "GaussianFunction": "laws",
    "GaussianSpectrum": "laws",
    "is_closed_form": "closedness",
    "enclose": "enclosure",
    "Derivation": "derivation",
    "Statement": "statement",
    "Status": "statement",
    "theorem": "statement",
    "lookup": "catalogue",
    "statements": "catalogue",
    "statement_names": "catalogue",
    "citation": "bibliography",
    "bibtex": "bibliography",
    "write_latex": "latex",
    "parse_expression": "parsing",
    "parse_claim": "parsing",
}
_HOME |= dict.fromkeys(
    [
        "Bound",
        "DepthAsymptotic",
        "Distribution",
        "Existence",
        "FixedPoint",
        "Flow",
        "ForAll",
        "GaussianIdentity",
        "HaarIdentity",
        "Identity",
        "Invariance",
        "Refutation",
        "Sequence",
        "WidthLimit",
    ],
    "claims",
)
_HOME |= dict.fromkeys(
    ["Activations", "Gram", "HermiteWeights", "Integers", "Interval", "Partition", "Simplex", "Spectrum"], "domains"
)
_HOME |= dict.fromkeys(
    [
        "DivergenceError",
        "DomainError",
        "OrderingError",
        "ParseError",
        "PrecisionError",
        "StatementError",
        "TheoryError",
        "UnknownNameError",
        "UnsupportedError",
    ],
    "errors",
)

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'theory' has no attribute {name!r}")
    value = getattr(import_module(f"theory.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
