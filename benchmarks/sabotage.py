"""One numeric constant of a theorem or of the Gaussian, Hermite or Haar engine is changed: do the checks notice?

python benchmarks/sabotage.py [COUNT] [SEED] [NUMBER ...]

Half of the changes fall on what a theorem claims, half on formulas of the engine, in a throw-away copy of the tree.
The checks that bear on the change run, cheapest first, until one goes red; what was red is then run on the undamaged
copy, where it must be green.  NUMBERs repeat only these of the COUNT changes.

A constant is changed if it stands in a formula: an operand of + - * / **, or an argument of a number or of an
elementary function.  Left out are constants that a true claim does not depend on, or that only steer the work:

* in a theorem, what `claim=` does not depend on (resolution, near-misses, the derivation), domains, and the first
  index of a sequence;
* in the engine, indices and slices, loops and lengths, defaults, constants of a module, what is named after a precision
  or a limit, and text.
"""

from __future__ import annotations

import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gaussian", "hermite", "haar")
TOPICS = {"gaussian": ["kernel", "moments"], "hermite": ["hermite"], "haar": ["haar"]}
FORMULAS = {
    "Rational",
    "Integer",
    "sqrt",
    "root",
    "exp",
    "log",
    "S",
    "fmpq",
    "fmpz",
    "arb",
    "acb",
    "factorial",
    "gamma",
}
STEERING = re.compile(
    r"prec|bits|digits|dps|guard|working|extra|tol|limit|budget|attempt|steps|rounds|panels|count|len|range|size|cost"
    r"|accuracy|lost|extend|enough|depth|cache|slack|level|node|terms|shift_left|width"
)
DOMAINS = {"Activations", "Gram", "HermiteWeights", "Integers", "Interval", "Simplex", "Spectrum"}
TIMEOUT = 240
NO_TESTS, LATE = 5, -1  # exit status of pytest, and ours


@dataclass(frozen=True)
class Site:
    """A constant of a file: where it stands, and what stands there before and after."""

    path: str
    line: int
    column: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column} {self.before} -> {self.after}"


@dataclass(frozen=True)
class Check:
    """A command run in the copy, and what repeats its red part alone."""

    name: str
    command: tuple[str, ...]

    def run(self, copy: Path) -> tuple[int, str]:
        environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        try:
            done = subprocess.run(
                [sys.executable, *self.command], cwd=copy, env=environment, capture_output=True, text=True,
                timeout=TIMEOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return LATE, f"no answer in {TIMEOUT} s"
        return done.returncode, done.stdout + done.stderr

    def narrowed(self, output: str) -> Check:
        """The failing test alone, if there is one."""
        found = re.search(r"^(?:FAILED|ERROR) (\S+?)(?: - .*)?$", output, re.MULTILINE)
        return Check(found[1], ("-m", "pytest", "-q", "-p", "no:cacheprovider", found[1])) if found else self


def main() -> int:
    numbers = [int(a) for a in sys.argv[1:]]
    count, seed = (numbers + [50, 0][len(numbers) :])[:2]
    chosen = choose(count, seed)
    wanted = numbers[2:] or range(1, count + 1)
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder) / "tree")
        for number in wanted:
            site, started = chosen[number - 1], time.monotonic()
            how = caught(site, copy)
            print(f"{number:3} {how or 'MISSED':40} {time.monotonic() - started:5.0f} s  {site}", flush=True)
            if not how:
                missed.append(site)
    print(f"{len(wanted) - len(missed)} of {len(wanted)} changes went red")
    for site in missed:
        print(f"MISSED {site}\n    {(ROOT / site.path).read_text().splitlines()[site.line - 1].strip()}")
    return 1 if missed else 0


def copied(copy: Path) -> Path:
    """The tree without what is not source; times are kept, so that compiled loops are found again."""
    for part in ("theory", "numerics", "tests", "docs"):
        shutil.copytree(ROOT / part, copy / part)
    for part in ("pyproject.toml", "README.md"):
        shutil.copy2(ROOT / part, copy / part)
    where = subprocess.run(
        [sys.executable, "-c", "import theory; print(theory.__file__)"],
        cwd=copy, env=os.environ | {"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    if not where.stdout.startswith(str(copy)):
        raise SystemExit(f"the copy is not what is imported, but {where.stdout.strip()}")
    return copy


def caught(site: Site, copy: Path) -> str:
    """Which check went red, or nothing."""
    file = copy / site.path
    text, stat = file.read_text(), file.stat()
    try:
        return next(filter(None, (red(check, copy, file, text, damaged(text, site)) for check in checks(site))), "")
    finally:
        file.write_text(text)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def red(check: Check, copy: Path, file: Path, text: str, changed: str) -> str:
    """What is red with the change and green without it, or nothing; a check that is red either way decides nothing."""
    file.write_text(changed)
    status, output = check.run(copy)
    if status in (0, NO_TESTS):
        return ""
    alone = check if status == LATE else check.narrowed(output)
    file.write_text(text)
    control, found = alone.run(copy)
    if control:
        print(f"    {alone.name} is red without the change, too: {found[-300:]}", flush=True)
        return ""
    return alone.name if status != LATE else f"{check.name}: {output}"


def damaged(text: str, site: Site) -> str:
    lines = text.splitlines(keepends=True)
    line = lines[site.line - 1].encode()
    end = site.column + len(site.before.encode())
    if line[site.column : end].decode() != site.before:
        raise SystemExit(f"{site} is not what the file holds")
    lines[site.line - 1] = (line[: site.column] + site.after.encode() + line[end:]).decode()
    changed = "".join(lines)
    ast.parse(changed)
    return changed


def checks(site: Site) -> Iterator[Check]:
    """Commands that bear on a file, cheapest first."""
    pytest = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider")
    path = Path(site.path)
    if path.parent.name == "theorems":
        yield Check(f"verify {path.stem}", ("-m", "numerics", "verify", path.stem))
        files = ("tests/test_theorems.py", "tests/test_refuted_statements.py")
        yield Check(f"tests of {path.stem}", (*pytest, *files, "-k", path.stem))
        return
    room = path.parts[1]
    yield Check("doctest", (*pytest, site.path))
    naming = re.compile(rf"\b{re.escape('.'.join(path.with_suffix('').parts))}\b")
    files = sorted(file for file in (ROOT / "tests").rglob("test_*.py"))
    near = [f for f in files if naming.search(f.read_text())]
    if near:
        yield Check("tests that import it", (*pytest, *(f.relative_to(ROOT).as_posix() for f in near)))
    for topic in TOPICS[room]:
        yield Check(f"verify --topic {topic}", ("-m", "numerics", "verify", "--topic", topic))
    rest = [f.relative_to(ROOT).as_posix() for f in files if f.parent.name == room and f not in near]
    yield Check(f"tests and doctests of {room}", (*pytest, *rest, f"theory/{room}"))


def choose(count: int, seed: int) -> list[Site]:
    rng = random.Random(seed)
    theorems = [s for f in sorted((ROOT / "theory" / "theorems").glob("*.py")) for s in claimed_sites(f)]
    engine = [s for room in ROOMS for f in sorted((ROOT / "theory" / room).glob("*.py")) for s in formula_sites(f)]
    print(f"{len(theorems)} constants in claims, {len(engine)} in the engine; {count} chosen, seed {seed}", flush=True)
    half = count // 2
    return rng.sample(theorems, half) + rng.sample(engine, count - half)


def claimed_sites(file: Path) -> Iterator[Site]:
    """Constants that the claim of a theorem file depends on, through the names it uses."""
    tree = ast.parse(file.read_text())
    claims = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Statement"
        for keyword in node.keywords
        if keyword.arg == "claim"
    ] + [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Statement" and node.args
    ]
    definitions: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        definitions.setdefault(name.id, []).append(node.value)
        elif isinstance(node, ast.FunctionDef) and not node.decorator_list:
            definitions.setdefault(node.name, []).append(node)
    waiting: list[ast.AST] = list(claims)
    seen: list[ast.AST] = []
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.append(part)
        for name in ast.walk(part):
            if isinstance(name, ast.Name):
                waiting.extend(definitions.get(name.id, ()))
    parents = family(tree)
    found = {
        (node.lineno, node.col_offset): node
        for part in seen
        for node in ast.walk(part)
        if is_number(node) and not steers(node, parents, claim=True)
    }
    yield from (site_of(file, found[place]) for place in sorted(found))


def formula_sites(file: Path) -> Iterator[Site]:
    """Constants of formulas in a module of the engine."""
    tree = ast.parse(file.read_text())
    parents = family(tree)
    for node in ast.walk(tree):
        if is_number(node) and in_formula(node, parents) and not steers(node, parents, claim=False):
            yield site_of(file, node)


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def family(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def in_formula(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    parent = parents[node]
    if isinstance(parent, ast.UnaryOp):
        parent = parents[parent]
    if isinstance(parent, ast.Call):
        return getattr(parent.func, "id", getattr(parent.func, "attr", "")) in FORMULAS
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow)


def steers(node: ast.AST, parents: dict[ast.AST, ast.AST], claim: bool) -> bool:
    """Does the constant steer the work, and not the result?"""
    while not isinstance(node, ast.stmt):
        parent = parents[node]
        if isinstance(parent, ast.keyword) and (parent.arg in ("start", "points") or STEERING.search(parent.arg or "")):
            return True
        if isinstance(parent, ast.arguments | ast.JoinedStr):
            return True
        if isinstance(parent, ast.Call) and getattr(parent.func, "attr", "") in DOMAINS:
            return True
        if not claim:
            if isinstance(parent, ast.Subscript) and node is parent.slice:
                return True
            if isinstance(parent, ast.BinOp | ast.Call | ast.Compare) and STEERING.search(ast.unparse(parent)):
                return True
        node = parent
    if isinstance(node, ast.Raise):
        return True
    if claim:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    named = " ".join(ast.unparse(t) for t in targets if t is not None)
    return isinstance(parents[node], ast.Module) or bool(STEERING.search(named))


def site_of(file: Path, node: ast.Constant) -> Site:
    before = ast.get_source_segment(file.read_text(), node) or ""
    value = node.value
    after = repr(value + max(1, value // 100)) if isinstance(value, int) else repr(value * 1.01 or 0.01)
    return Site(file.relative_to(ROOT).as_posix(), node.lineno, node.col_offset, before, after)


if __name__ == "__main__":
    sys.exit(main())
