"""Pages of the theorems for the documentation, written from the catalogue at build time."""

from __future__ import annotations

from pathlib import Path

from numerics.reporting.pages import formula, statement_body
from theory.catalogue import statements

__all__ = ["write_theorem_pages"]


def write_theorem_pages(folder: Path) -> None:
    """One page per theorem, and an index by topic; pages of theorems that are gone are removed."""
    chosen = statements()
    files = {s.identifier: f"{s.identifier}.html" for s in chosen}
    written = {folder / f"{s.identifier}.md": _page(s, files) for s in chosen}
    written[folder / "index.md"] = _index(chosen)
    for old in set(folder.glob("*.md")) - set(written):
        old.unlink()
    for path, text in written.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # an unchanged page is not built again
            path.write_text(text, encoding="utf-8")


def _page(statement, files) -> str:
    body = statement_body(statement, files)
    status = f"<p><i>{statement.status.value}</i>: {statement.status.sentence}</p>"
    near = "".join(f"<li>{formula(claim.latex())}</li>" for claim in statement.damaged_claims())
    refused = f"<h2>Near-misses</h2>\n<p>The check must refute each of them.</p><ol>{near}</ol>" if near else ""
    command = f"<pre>widetheory verify {statement.identifier}</pre>"
    raw = "\n".join(line for part in (status, body, refused, command) for line in part.splitlines() if line.strip())
    return f"# {statement.identifier}\n\n``````{{raw}} html\n{raw}\n``````\n"


def _index(chosen) -> str:
    lines = ["# Theorems", "", f"{len(chosen)} statements, by topic.", ""]
    for topic in sorted({topic for s in chosen for topic in s.topics}):
        lines += [f"## {topic.replace('_', ' ')}", ""]
        lines += [f"* [{s.identifier}]({s.identifier}.md)" for s in chosen if topic in s.topics]
        lines.append("")
    names = "\n".join(s.identifier for s in chosen)
    return "\n".join([*lines, f"```{{toctree}}\n:hidden:\n\n{names}\n```", ""])
