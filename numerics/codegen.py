"""Generated kernels: source files named by the hash of their content, compiled once per machine.

numba caches a compiled function beside the file that holds it.  A generated file is self-contained: it is
put together from `scalar_code` (the expression) and, for a kernel of `numerics.loops`, from the text of
that module and of the kernel modules it imports, with `numerics.loops.activation` replaced by the
activation asked for.  A changed template, flag or expression is a changed text, hence another file: a stale
compiled kernel is never met.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from numerics.bounded import Bounded, asks_for_bounds, bounded_function, is_elementary
from numerics.loops.angle import angle_series
from numerics.scalar_code import check_arguments, scalar_code
from theory.arguments import items
from theory.errors import DomainError, TheoryError, UnsupportedError

__all__ = ["CompiledFunction", "cache_directory", "compile", "kernel_module", "kernel_source"]

TEMPLATES = "numerics.loops"


@dataclass(frozen=True)
class CompiledFunction:
    """Vectorised float64 function of `arity` real arguments; `scalar` is its form for use inside kernels.

    `bounded` is there for functions of a correlation: it gives every value with a bound on its error.
    """

    arity: int
    source: str = field(repr=False)
    scalar: Callable[..., float] | None
    vectorised: Callable[..., Any]
    bounded: Bounded | None = None

    def __call__(self, *values: ArrayLike) -> NDArray[np.float64]:
        """Values at broadcast arguments; not-a-number outside the real domain, without a warning."""
        arrays = self._arrays(values)
        with np.errstate(all="ignore"):
            result: NDArray[np.float64] = self.vectorised(*arrays)
        if self.scalar is None:
            # A constant has lost the shape of its arguments, and the identity returns its argument itself.
            return np.array(np.broadcast_to(result, np.broadcast_shapes(*(array.shape for array in arrays))))
        return result

    def error_bound(self, *values: ArrayLike) -> NDArray[np.float64]:
        """Bounds on the errors of the values at broadcast arguments; infinite where the value is not a number.

        Raises
        ------
        UnsupportedError
            if the function was compiled without error bounds: none of its arguments is a correlation `rho`.
        """
        if self.bounded is None:
            raise UnsupportedError("error bounds are kept for functions of a correlation; name that argument rho")
        arrays = self._arrays(values)
        columns, shape = _columns(arrays)
        value, bound = self.bounded(*columns)
        with np.errstate(invalid="ignore"):
            gap = np.abs(np.ravel(self.vectorised(*arrays)) - value)
        return np.where(np.isfinite(gap), bound + gap, np.inf).reshape(shape)

    def _arrays(self, values: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
        if len(values) != self.arity:
            raise DomainError(f"the function takes {self.arity} arguments; received {len(values)}")
        return [_real_array(value) for value in values]


def compile(expr: sp.Expr, args: sp.Symbol | Sequence[sp.Symbol], target: str = "numba") -> CompiledFunction:
    r"""Vectorised double-precision function args -> expr.

    Parameters
    ----------
    expr : Expr
        Elementary functions, erf, Max, Min, Abs, sign, Heaviside (1/2 at 0 unless said otherwise), Piecewise; the
        functions of `theory.gaussian.functions`; a dual activation without a closed form, at numeric variances.
    args : Symbol or sequence of Symbol
        At least one; every free symbol of `expr` must be among them.
    target : {"numba", "numpy"}
        "numba" compiles (and caches on disk), "numpy" starts at once, for elementary functions.

    An argument named `rho` is a correlation: outside [-1, 1] the value is not a number, and so it is for a negative
    variance `q`, `q1`, `q2`.  Every value of such a function is computed with a bound on its error, which
    `error_bound` returns: at most $10^{-14}$ relative to the value, or to the Cauchy-Schwarz scale
    $\sqrt{f(1; q_1, q_1) f(1; q_2, q_2)}$ of a dual activation, also next to correlation 1 and -1.

    Raises
    ------
    UnsupportedError
        If a function has no form in generated code, or the target is unknown.
    DomainError
        If `expr` has further symbols.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> compile(x * sp.Max(x, 0), x, target="numpy")([-1.0, 3.0]).tolist()
    [-0.0, 9.0]
    >>> rho = sp.Symbol("rho", real=True)
    >>> angle = compile(sp.sqrt(1 - rho**2) - rho * sp.acos(rho), rho)
    >>> bool(angle.error_bound(1 - 2.0**-40) < 1e-14)
    True
    """
    symbols = [args] if isinstance(args, sp.Symbol) else list(items("the arguments", args))
    if not symbols:
        raise DomainError("a compiled function has at least one argument; received none: use N(expr)")
    if target == "numba":
        check_arguments(expr, symbols)
        if asks_for_bounds(expr, symbols):
            try:
                return _compiled_with_bounds(expr, symbols)
            except UnsupportedError:
                if not is_elementary(expr):
                    raise
    code = scalar_code(expr, symbols, target)
    if target == "numpy":
        body = code.define("scalar")
        special = "from scipy import special\n" if "special." in body else ""
        text = f"import numpy as np\n{special}\n\n{body}"
        return CompiledFunction(len(symbols), text, None, _load(text, "function").scalar)
    parameters = ", ".join(code.parameters)
    signature = f"float64({', '.join(['float64'] * len(symbols))})"
    whole = f"@vectorize(['{signature}'], cache=True)\ndef vectorised({parameters}):\n"
    whole += f"    return scalar({parameters})\n"
    head = _joined("elementary", extra_import="from numba import vectorize")
    text = "\n\n\n".join([head, code.define("scalar", "@fused"), whole])
    module = _load(text, "function")
    return CompiledFunction(len(symbols), text, module.scalar, module.vectorised)


# One loop over a contiguous column becomes vector instructions; outside [-1, 1] there is no correlation.
_LOOP = """@kernel
def column(values, result):
    for i in range(values.shape[0]):
        a = values[i]
        v = scalar(a)
        result[i] = v if a >= -1.0 and a <= 1.0 else np.nan
"""


def _compiled_with_bounds(expr: sp.Expr, symbols: list[sp.Symbol]) -> CompiledFunction:
    """The function through its bounded form; by plain code where the bounds show that plain code is good enough."""
    bounded = bounded_function(expr, symbols)
    if bounded.plain is not None:
        code = scalar_code(bounded.plain, symbols)
        text = "\n\n\n".join([_joined("elementary"), code.define("scalar", "@fused"), _LOOP])
        module = _load(text, "function")

        def vectorised(array: NDArray[np.float64]) -> NDArray[np.float64]:
            result = np.empty(array.shape)
            module.column(np.ascontiguousarray(array).reshape(-1), result.reshape(-1))
            return result

        return CompiledFunction(1, text, module.scalar, vectorised, bounded)

    if bounded.pieces is not None:
        pieces = bounded.pieces

        def interpolated(array: NDArray[np.float64]) -> NDArray[np.float64]:
            result = np.empty(array.shape)
            angle_series(pieces, np.ascontiguousarray(array).reshape(-1), result.reshape(-1))
            return result

        return CompiledFunction(1, bounded.source, None, interpolated, bounded)

    def values(*arrays: NDArray[np.float64]) -> NDArray[np.float64]:
        columns, shape = _columns(arrays)
        return bounded(*columns)[0].reshape(shape)

    return CompiledFunction(len(symbols), bounded.source, None, values, bounded)


def _columns(arrays: Sequence[NDArray[np.float64]]) -> tuple[list[NDArray[np.float64]], tuple[int, ...]]:
    together = np.broadcast_arrays(*arrays)
    return [np.ravel(array) for array in together], together[0].shape


def _real_array(value: ArrayLike) -> NDArray[np.float64]:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"dtype {array.dtype}")
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise DomainError(f"arguments are real numbers or arrays of them; received {value!r} ({error})") from None


def kernel_source(template: str, phi: sp.Expr, x: sp.Symbol, derivative: sp.Expr | None = None) -> str:
    """Source of the kernel module `numerics.loops.<template>` specialised to the activation x -> phi.

    The module and the kernel modules it imports are joined in the order of their imports; what is imported
    from `numerics.loops.activation` becomes the generated activation and, if given, its derivative.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> "np.sin(a0)" in kernel_source("gram_chain", sp.sin(x), x)
    True
    """
    functions = {"activation": phi} if derivative is None else {"activation": phi, "derivative": derivative}
    parts = [scalar_code(value, [x]).define(name, "@fused") for name, value in functions.items()]
    return _joined(template, "\n\n\n".join(parts))


@cache
def kernel_module(template: str, phi: sp.Expr, x: sp.Symbol, derivative: sp.Expr | None = None) -> ModuleType:
    """Module of `kernel_source` with these arguments, written to the cache and imported."""
    return _load(kernel_source(template, phi, x, derivative), template)


def cache_directory() -> Path:
    """Directory of the generated files: WIDETHEORY_CACHE, or widetheory in the user's cache directory."""
    chosen = os.environ.get("WIDETHEORY_CACHE")
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(chosen) if chosen else Path(user) / "widetheory") / "kernels"


def _parsed(template: str) -> ast.Module:
    path = Path(__file__).with_name("loops") / f"{template}.py"
    return ast.parse(path.read_text(encoding="utf-8"))


def _joined(template: str, activation: str = "", extra_import: str = "import math") -> str:
    """Imports and definitions of a kernel module and of those it imports; `activation` is put in place."""
    imports, bodies, seen = {"import math", "import numpy as np", extra_import}, [], set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        if name == "activation":
            visit("elementary")
        definitions = []
        for node in _parsed(name).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(TEMPLATES + "."):
                visit(str(node.module).removeprefix(TEMPLATES + "."))
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imports.add(ast.unparse(node))
            elif not isinstance(node, ast.Expr):
                definitions.append(ast.unparse(node))
        bodies.append(activation if name == "activation" else "\n\n\n".join(definitions))

    visit(template)
    return "\n\n\n".join(["\n".join(sorted(imports)), *bodies])


@cache
def _load(text: str, stem: str) -> ModuleType:
    name = f"{stem}_{hashlib.sha256(text.encode('utf-8')).hexdigest()[:32]}"
    path = _written(cache_directory() / f"{name}.py", text)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TheoryError(f"a generated kernel must be importable; {path} is not")
    module = importlib.util.module_from_spec(spec)
    # numba looks the module up by name when it restores a function from its cache.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _written(path: Path, text: str) -> Path:
    """`path`, holding `text`: written aside and moved, so that no reader ever sees half a file."""
    try:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
        os.replace(aside, path)
    except OSError as error:
        raise TheoryError(
            f"generated kernels need a writable directory; {path.parent} is not ({error}): "
            "set WIDETHEORY_CACHE to one that is"
        ) from error
    return path
