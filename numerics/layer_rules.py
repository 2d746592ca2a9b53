"""Where a network normalises and what its skip adds, as numbers for recursions over arrays."""

from __future__ import annotations

from theory.network import NetworkSpec

__all__ = ["LayerRules"]


class LayerRules:
    """Weight and bias variance, the place of the normalisation, and the weights of branch and skip.

    Examples
    --------
    >>> from theory.activations import activation
    >>> rules = LayerRules(NetworkSpec(activation("relu"), C_W=2, skip="identity(1/2)"))
    >>> rules.C_W, rules.identity, rules.strength, rules.before
    (2.0, True, 0.5, False)
    """

    def __init__(self, net: NetworkSpec) -> None:
        self.C_W, self.C_b = float(net.C_W), float(net.C_b)
        rule, skip = net.normalization, net.skip
        self.before = rule is not None and rule.place == "before"
        self.after = rule is not None and rule.place == "after"
        self.centered = self.after and rule is not None and rule.centered
        self.identity = skip is not None and skip.kind == "identity"
        self.branch = 1.0 if skip is None else float(skip.branch)
        self.strength = 0.0 if skip is None else float(skip.strength)
