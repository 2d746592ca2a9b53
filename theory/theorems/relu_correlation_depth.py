"""Rate at which the correlations of a rectifier network tend to one."""

from sympy import Integer, Max, Rational, acos, cos, limit, pi, sin, sqrt, symbols

import theory as th
from theory.orbits import Orbit
from theory.symbols import rho, x


@th.theorem(topics=["depth", "relu"], sources=["roberts2022principles"], status="derived", needs=["relu_dual"])
def relu_correlation_depth():
    """1 - rho_l ~ (9 pi^2/2)/l^2 for the rectifier, wherever the correlations start.

    With eps = 1 - rho the kernel map is eps - A eps^(3/2) + ..., A^2 = 8/(9 pi^2), and the constant is 4/A^2.  The
    angle between two inputs falls like 3 pi/l.
    """
    ell = symbols("ell", integer=True, positive=True)
    kernel = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi
    orbit = Orbit(kernel, rho, Rational(1, 5), 1 - rho)

    def claim(constant, exponent=2):
        return th.DepthAsymptotic(orbit, ell, exponent, constant)

    stated = 9 * pi**2 / 2
    return th.Statement(
        claim=claim(stated),
        domains={},
        derive=lambda: _constant() / ell**2,
        near_misses=[9 * pi**2 / 4, 9 * pi**2 / 8, Integer(44), claim(stated, 1), claim(stated, Rational(5, 2))],
    )


def _constant():
    angle = symbols("theta", positive=True)
    kernel = th.Activation(Max(x, 0), x).kernel_map(rho)
    kernel = kernel.subs({acos(rho): angle, sqrt(1 - rho**2): sin(angle)}).subs(rho, cos(angle))
    coefficient = limit((kernel - cos(angle)).expand() / angle**3, angle, 0) * sqrt(2) ** 3  # angle^2 ~ 2 (1 - rho)
    return 4 / coefficient**2
