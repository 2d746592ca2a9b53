"""Generated kernels: source files named by the hash of their content, compiled once per machine.

numba caches a compiled function beside the file that holds it.  A generated file is self-contained: it is
put together from `scalar_code` (the expression) and, for a kernel of `numerics.kernels`, from the text of
that module and of the kernel modules it imports, with `numerics.kernels.activation` replaced by the
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
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from numerics.scalar_code import scalar_code
from theory.errors import DomainError, TheoryError

__all__ = ["CompiledFunction", "cache_directory", "compile", "kernel_module", "kernel_source"]

TEMPLATES = "numerics.kernels"


@dataclass(frozen=True)
class CompiledFunction:
    """Vectorised float64 function of `arity` real arguments; `scalar` is its form for use inside kernels."""

    arity: int
    source: str
    scalar: Callable[..., float] | None
    vectorised: Callable[..., Any]

    def __call__(self, *values: ArrayLike) -> NDArray[np.float64]:
        """Values at broadcast arguments; not-a-number outside the real domain, without a warning."""
        if len(values) != self.arity:
            raise DomainError(f"the function takes {self.arity} arguments; received {len(values)}")
        arrays = [np.asarray(value, dtype=np.float64) for value in values]
        with np.errstate(all="ignore"):
            result: NDArray[np.float64] = self.vectorised(*arrays)
        if self.scalar is None:
            # A constant has lost the shape of its arguments, and the identity returns its argument itself.
            return np.array(np.broadcast_to(result, np.broadcast_shapes(*(array.shape for array in arrays))))
        return result


def compile(expr: sp.Expr, args: sp.Symbol | Sequence[sp.Symbol], target: str = "numba") -> CompiledFunction:
    """Vectorised double-precision function args -> expr.

    Parameters
    ----------
    expr : Expr
        Elementary functions, erf, Max, Min, Abs, sign, Heaviside (1/2 at 0 unless said otherwise), Piecewise.
    args : Symbol or sequence of Symbol
        At least one; every free symbol of `expr` must be among them.
    target : {"numba", "numpy"}
        "numba" compiles (and caches on disk), "numpy" starts at once.

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
    """
    symbols = [args] if isinstance(args, sp.Symbol) else list(args)
    if not symbols:
        raise DomainError("a compiled function has at least one argument; received none: use N(expr)")
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
    head = _joined("jit", extra_import="from numba import vectorize")
    text = "\n\n\n".join([head, code.define("scalar", "@kernel"), whole])
    module = _load(text, "function")
    return CompiledFunction(len(symbols), text, module.scalar, module.vectorised)


def kernel_source(template: str, phi: sp.Expr, x: sp.Symbol) -> str:
    """Source of the kernel module `numerics.kernels.<template>` specialised to the activation x -> phi.

    The module and the kernel modules it imports are joined in the order of their imports; what is imported
    from `numerics.kernels.activation` becomes the generated activation.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> "np.sin(a0)" in kernel_source("gram_chain", sp.sin(x), x)
    True
    """
    return _joined(template, scalar_code(phi, [x]).define("activation", "@kernel"))


@cache
def kernel_module(template: str, phi: sp.Expr, x: sp.Symbol) -> ModuleType:
    """Module of `kernel_source(template, phi, x)`, written to the cache and imported."""
    return _load(kernel_source(template, phi, x), template)


def cache_directory() -> Path:
    """Directory of the generated files: WIDETHEORY_CACHE, or widetheory in the user's cache directory."""
    chosen = os.environ.get("WIDETHEORY_CACHE")
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(chosen) if chosen else Path(user) / "widetheory") / "kernels"


def _parsed(template: str) -> ast.Module:
    path = Path(__file__).with_name("kernels") / f"{template}.py"
    return ast.parse(path.read_text(encoding="utf-8"))


def _joined(template: str, activation: str = "", extra_import: str = "import math") -> str:
    """Imports and definitions of a kernel module and of those it imports; `activation` is put in place."""
    imports, bodies, seen = {"import math", "import numpy as np", extra_import}, [], set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
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
