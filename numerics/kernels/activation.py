"""The activation that the kernels of this package call: the rectifier.

`numerics.codegen.kernel` replaces this module by the activation asked for, so that a generated kernel is one
self-contained file.  As it stands it lets every kernel be read, type-checked and run without generation.
"""

from numerics.kernels.jit import kernel


@kernel
def activation(x: float) -> float:
    """Rectifier max(x, 0); not-a-number stays not-a-number."""
    return 0.0 if x < 0.0 else x
