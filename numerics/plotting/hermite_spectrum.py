"""Picture of the Hermite coefficients of an activation with their asymptotic law, in logarithms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.plotting.canvas import BLUE, ORANGE, canvas, tidy
from numerics.plotting.title import set_title
from theory.activations import Activation, checked_activation
from theory.arguments import whole
from theory.enclosure import enclose
from theory.errors import DomainError, TheoryError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["hermite_spectrum_figure"]


def hermite_spectrum_figure(phi: Activation, K: int = 200, q: Any = 1, digits: int = 60) -> Figure:
    r"""Sizes $|c_k|$ of $c_k = E[\varphi(\sqrt q Z) He_k(Z)]/\sqrt{k!}$ for k = 1, ..., K, with their law.

    The line is the envelope of the law.  Coefficients that are zero, or below the proved error, are left out.

    Parameters
    ----------
    phi : activation without symbolic parameters.
    K : highest index.
    q : variance.
    digits : of the coefficients; what is smaller than their error is not drawn.

    Raises
    ------
    DomainError
        for symbolic parameters, or K below two.
    UnsupportedError
        without matplotlib.
    """
    phi, K = checked_activation(phi), whole("K, the last coefficient,", K, 2)
    if phi.parameters:
        raise DomainError(f"a picture needs numbers; {', '.join(map(str, phi.parameters))} is free")
    with canvas() as (figure, (axes,)):
        found = phi.hermite_coefficients(K, q=q, digits=digits)
        # What the proof does not tell from zero is not drawn.
        sizes = {i: float(abs(c.mid())) for i in range(1, K + 1) if not (c := found[i]).contains(0)}
        axes.loglog(list(sizes), list(sizes.values()), "o", color=BLUE, markersize=3, label=r"$|c_k|$")
        try:
            law = phi.hermite_asymptotics(q)
        except TheoryError:
            law = None
        if law is not None and law.kind != "finite":
            indices = np.unique(np.geomspace(2, K, 60).round().astype(int))
            values = [float(abs(enclose(law.envelope(int(i)), 8).mid())) for i in indices]
            axes.loglog(indices, values, color=ORANGE, label=f"envelope, {law.kind.replace('_', ' ')}")
        tidy(axes, r"index $k$", r"$|c_k|$", legend=True)
        set_title(axes, phi, rf"$q = {float(q):.4g}$")
    return figure
