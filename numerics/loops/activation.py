"""The activation that the kernels of this package call, and its derivative: the rectifier.

`numerics.codegen.kernel_source` replaces this module by the activation asked for, so that a generated kernel is one
self-contained file.  As it stands it lets every kernel be read, type-checked and run without generation.
"""

from numerics.loops.jit import fused


@fused
def activation(x: float) -> float:
    """Rectifier max(x, 0); not-a-number stays not-a-number."""
    return 0.0 if x < 0.0 else x


@fused
def derivative(x: float) -> float:
    """Derivative of the rectifier off its kink."""
    return 0.0 if x < 0.0 else 1.0
