"""Arithmetic on unevaluated sums hi + lo of two doubles, about 31 digits, and elementary functions on them.

Products are split without a fused multiply-add, so that every machine gives the same digits; factors beyond 1e290
overflow to not-a-number.
"""

import math

import numpy as np

from numerics.loops.jit import kernel

LN2_HI, LN2_LO = 0.6931471805599453, 2.3190468138462996e-17
HALF_PI_HI, HALF_PI_LO = 1.5707963267948966, 6.123233995736766e-17
Pair = tuple[float, float]


def _reciprocal_rest(n: int) -> float:
    """1/n less its double."""
    top, bottom = (1.0 / n).as_integer_ratio()
    return (bottom - top * n) / (bottom * n)


INVERSE_HI = np.array([0.0] + [1.0 / n for n in range(1, 901)])
INVERSE_LO = np.array([0.0] + [_reciprocal_rest(n) for n in range(1, 901)])
INVERSE_FACTORIALS = np.array([(INVERSE_HI[n], INVERSE_LO[n]) for n in (1, 1, 2, 6, 24, 120)])


@kernel
def quick_sum(a: float, b: float) -> Pair:
    """Sum of two doubles with its rounding error, |a| >= |b|."""
    s = a + b
    return s, b - (s - a)


@kernel
def two_sum(a: float, b: float) -> Pair:
    """Sum of two doubles with its rounding error."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a: float, b: float) -> Pair:
    """Product of two doubles with its rounding error."""
    p = a * b
    t = 134217729.0 * a
    ah = t - (t - a)
    al = a - ah
    t = 134217729.0 * b
    bh = t - (t - b)
    bl = b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


@kernel
def add(a: Pair, b: Pair) -> Pair:
    """Sum."""
    s, e = two_sum(a[0], b[0])
    t, f = two_sum(a[1], b[1])
    s, e = quick_sum(s, e + t)
    return quick_sum(s, e + f)


@kernel
def negative(a: Pair) -> Pair:
    """Opposite."""
    return -a[0], -a[1]


@kernel
def multiply(a: Pair, b: Pair) -> Pair:
    """Product."""
    p, e = two_product(a[0], b[0])
    return quick_sum(p, e + (a[0] * b[1] + a[1] * b[0]))


@kernel
def scale(a: Pair, b: float) -> Pair:
    """Product with a double."""
    p, e = two_product(a[0], b)
    return quick_sum(p, e + a[1] * b)


@kernel
def divide(a: Pair, b: Pair) -> Pair:
    """Quotient."""
    q = a[0] / b[0]
    r = add(a, negative(scale(b, q)))
    p = r[0] / b[0]
    r = add(r, negative(scale(b, p)))
    s, e = quick_sum(q, p)
    return quick_sum(s, e + r[0] / b[0])


@kernel
def root(a: Pair) -> Pair:
    """Square root."""
    if a[0] <= 0.0:
        return (0.0 if a[0] == 0.0 else math.nan), 0.0
    x = math.sqrt(a[0])
    p, e = two_product(x, x)
    rest = add(a, (-p, -e))
    s, e = quick_sum(x, rest[0] / (2.0 * x))
    # One more step: the first leaves the square of its correction.
    square = multiply((s, e), (s, e))
    rest = add(a, negative(square))
    return quick_sum(s, e + rest[0] / (2.0 * s))


@kernel
def exponential(a: Pair) -> Pair:
    """Exponential: Taylor series after division by 64, then six squarings of exp - 1."""
    if a[0] > 709.0:
        return math.inf, 0.0
    if a[0] < -745.0:
        return 0.0, 0.0
    if a[0] != a[0]:
        return math.nan, 0.0
    n = math.floor(a[0] / LN2_HI + 0.5)
    r = add(a, negative(scale((LN2_HI, LN2_LO), n)))
    r = (r[0] / 64.0, r[1] / 64.0)
    # Terms from the seventh on are below a rounding error of the first: doubles suffice.
    x = r[0]
    rest = x * (1.0 + x / 8.0 * (1.0 + x / 9.0 * (1.0 + x / 10.0 * (1.0 + x / 11.0 * (1.0 + x / 12.0))))) / 5040.0
    total = quick_sum(INVERSE_HI[720], INVERSE_LO[720] + rest)
    for i in range(5, 0, -1):
        total = add(multiply(total, r), (INVERSE_FACTORIALS[i, 0], INVERSE_FACTORIALS[i, 1]))
    total = multiply(total, r)
    for _ in range(6):
        total = add((2.0 * total[0], 2.0 * total[1]), multiply(total, total))
    total = add(total, (1.0, 0.0))
    half = math.floor(n / 2.0)
    low, high = 2.0**half, 2.0 ** (n - half)
    return total[0] * low * high, total[1] * low * high


@kernel
def logarithm(a: Pair) -> Pair:
    """Natural logarithm, one Newton step from the double."""
    x = math.log(a[0])
    if not math.isfinite(x):
        return x, 0.0
    rest = add(multiply(a, exponential((-x, 0.0))), (-1.0, 0.0))
    correction = add(rest, scale(multiply(rest, rest), -0.5))
    return add((x, 0.0), correction)


@kernel
def sine_series(a: Pair, first: int) -> Pair:
    """Taylor series of the sine (`first` 1) or the cosine (`first` 0) for |a| <= 1."""
    square = negative(multiply(a, a))
    term = a if first == 1 else (1.0, 0.0)
    total = term
    for i in range(first + 1, 30, 2):
        term = multiply(multiply(term, square), (INVERSE_HI[i * (i + 1)], INVERSE_LO[i * (i + 1)]))
        total = add(total, term)
    return total


@kernel
def inverse_sine(a: Pair) -> Pair:
    """Arc sine; beyond 0.7 through the half angle."""
    size = a if a[0] >= 0.0 else negative(a)
    outer = size[0] > 0.7
    if outer:
        size = add((1.0, 0.0), negative(size))
        size = root((0.5 * size[0], 0.5 * size[1]))
    x = math.asin(size[0])
    rest = add(size, negative(sine_series((x, 0.0), 1)))
    value = add((x, 0.0), divide(rest, sine_series((x, 0.0), 0)))
    # The second-order term of the step: tan(x) d^2 / 2.
    step = value[0] - x + value[1]
    value = add(value, (0.5 * math.tan(x) * step * step, 0.0))
    if outer:
        value = add((HALF_PI_HI, HALF_PI_LO), (-2.0 * value[0], -2.0 * value[1]))
    return value if a[0] >= 0.0 else negative(value)


@kernel
def angle(y: Pair, x: Pair) -> Pair:
    """Angle of the point (x, y) in the closed first quadrant."""
    if y[0] > x[0]:
        turned = angle_below(x, y)
        return add((HALF_PI_HI, HALF_PI_LO), negative(turned))
    return angle_below(y, x)


@kernel
def angle_below(y: Pair, x: Pair) -> Pair:
    """Angle of a point with 0 <= y <= x, 0 < x."""
    t = math.atan2(y[0], x[0])
    s, c = sine_series((t, 0.0), 1), sine_series((t, 0.0), 0)
    across = add(multiply(y, c), negative(multiply(x, s)))
    along = add(multiply(x, c), multiply(y, s))
    return add((t, 0.0), divide(across, along))


@kernel
def hyperbolic_sine(a: Pair) -> Pair:
    """Hyperbolic sine; Taylor series below one."""
    if abs(a[0]) < 1.0:
        square = multiply(a, a)
        term = a
        total = a
        for i in range(2, 30, 2):
            term = multiply(multiply(term, square), (INVERSE_HI[i * (i + 1)], INVERSE_LO[i * (i + 1)]))
            total = add(total, term)
        return total
    e = exponential(a)
    f = add(e, negative(divide((1.0, 0.0), e)))
    return 0.5 * f[0], 0.5 * f[1]


@kernel
def hyperbolic_cosine(a: Pair) -> Pair:
    """Hyperbolic cosine."""
    e = exponential(a if a[0] >= 0.0 else negative(a))
    f = add(e, divide((1.0, 0.0), e))
    return 0.5 * f[0], 0.5 * f[1]
