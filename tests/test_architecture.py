"""The arrows between the layers, read from the syntax trees, and what a fresh interpreter loads."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import numerics
import theory
from theory.definitions import DEFINITIONS
from theory.layers import WEIGHT_LAWS

ROOT = Path(__file__).parent.parent
FILES = sorted(path for package in ("theory", "numerics") for path in (ROOT / package).rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
NAMES = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES}
THEOREMS = [path for path in FILES if path.parent.name == "theorems" and path.name != "__init__.py"]
LOOPS = [path for path in FILES if "loops" in path.parts]
LARGEST = 20_480


def imports(tree: ast.AST, *, inside_functions: bool = True) -> set[str]:
    """Dotted names a module imports; `from a.b import c` counts as a.b."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(("." * node.level) + (node.module or ""))
        for child in ast.iter_child_nodes(node):
            skipped = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _type_checking(child)
            if inside_functions or not skipped:
                waiting.append(child)
    return found


def _type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def top(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def forbidden_calls(tree: ast.AST) -> list[str]:
    """Calls that the packages do without: eval, exec, simplify, integrate, sympify of a literal text."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        owner = getattr(getattr(function, "value", None), "id", "")
        if isinstance(function, ast.Name) and name in ("eval", "exec", "parse_expr", "lambdify"):
            found.append(name)
        if name in ("simplify", "nsimplify") or (name == "integrate" and owner in ("", "sp", "sympy")):
            found.append(name)
        if name in ("sympify", "S") and node.args and isinstance(node.args[0], ast.Constant):
            found += [name] * isinstance(node.args[0].value, str)
    return found


def cycle(graph: dict[str, set[str]]) -> list[str] | None:
    """A cycle of a graph, or None."""
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> list[str] | None:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return None
        found = next((c for n in sorted(graph.get(node, ())) if (c := walk(n, [*path, node]))), None)
        done.add(node)
        return found

    return next((c for node in sorted(graph) if (c := walk(node, []))), None)


@pytest.mark.parametrize("path", [p for p in FILES if p.parts[len(ROOT.parts)] == "theory"], ids=NAMES.get)
def test_theory_knows_no_numerics(path):
    assert not top(imports(TREES[path])) & {"numerics", "numba", "numpy", "scipy", "rich", "matplotlib"}


@pytest.mark.parametrize("path", LOOPS, ids=NAMES.get)
def test_kernels_know_arrays_only(path):
    allowed = {"numpy", "numba", "math", "typing", "collections", "__future__"}
    assert all(name.split(".")[0] in allowed or name.startswith("numerics.loops") for name in imports(TREES[path]))


@pytest.mark.parametrize("path", THEOREMS, ids=lambda path: path.stem)
def test_theorem_files_stand_alone(path):
    names = imports(TREES[path])
    assert top(names) <= {"sympy", "theory", "__future__", "math", "fractions", "itertools"}
    assert not any(name.startswith("theory.theorems") for name in names)


@pytest.mark.parametrize("path", FILES, ids=NAMES.get)
def test_no_forbidden_call(path):
    calls = forbidden_calls(TREES[path])
    assert [c for c in calls if not (c == "lambdify" and path.name == "codegen.py")] == []


def test_import_graph_is_acyclic():
    known = set(NAMES.values())
    graph = {}
    for path, name in NAMES.items():
        wanted = imports(TREES[path], inside_functions=False)
        graph[name] = {target for target in wanted if target in known and target != name}
    assert cycle(graph) is None


@pytest.mark.parametrize("path", FILES, ids=NAMES.get)
def test_modules_stay_small(path):
    assert path.stat().st_size <= LARGEST


@pytest.mark.parametrize("path", FILES, ids=NAMES.get)
def test_no_branch_on_the_name_of_an_activation(path):
    """Comparisons of something with a name of the catalogue, outside the definitions."""
    if path.name == "definitions.py":
        return
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            values = {c.value for c in [node.left, *node.comparators] if isinstance(c, ast.Constant)}
            assert not {v for v in values if isinstance(v, str)} & (set(DEFINITIONS) - PRIMITIVES), ast.unparse(node)


# Also the kinds of elementary functions inside the engine, of weight laws and of skip connections.
PRIMITIVES = {"erf", "sin", "cos", "exp", "identity"} | set(WEIGHT_LAWS)


@pytest.mark.parametrize("path", FILES, ids=NAMES.get)
def test_no_machine_path(path):
    assert not re.search(r"[\"'/ ](/work|/root|/tmp|/home)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", [theory, numerics], ids=lambda p: p.__name__)
def test_public_names_are_no_modules(package):
    folder = Path(package.__file__).parent
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert not set(package.__all__) & modules


def test_the_checks_can_fail():
    assert forbidden_calls(ast.parse("eval(text)\nsympify('x')\nsp.integrate(f, x)\ne.simplify()")) != []
    assert imports(ast.parse("def f():\n    import numba")) == {"numba"}
    assert imports(ast.parse("def f():\n    import numba"), inside_functions=False) == set()
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None


def loaded(statement: str) -> set[str]:
    """Modules in a fresh interpreter after a statement."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


def test_theory_starts_light():
    found = loaded("import theory\nassert theory.Status\ntheory.statement_names()")
    assert not {m for m in found if m.split(".")[0] in ("numba", "numerics", "scipy")}
    assert "sympy.stats" not in found


def test_numerics_starts_light():
    found = loaded("import numerics\nassert numerics.Verdict")
    assert not {m for m in found if m.split(".")[0] == "numba"}
    assert "scipy.stats" not in found
    assert "numba" in loaded("import numba")


def test_every_module_imports():
    for name in NAMES.values():
        if not name.endswith("__main__"):
            importlib.import_module(name)
