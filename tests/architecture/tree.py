"""What the architecture tests walk: the files git knows, and the Python modules among them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "widgets", "strategies", "engine")


@cache
def tracked() -> tuple[str, ...]:
    """Paths of all files that are in git or about to be, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(sorted(p for p in listing.split("\0") if p and (ROOT / p).is_file()))


def python_files(*tops: str) -> list[str]:
    """Tracked Python files under these top-level folders."""
    return [p for p in tracked() if p.endswith(".py") and p.partition("/")[0] in tops]


@cache
def syntax(path: str) -> ast.Module:
    """The parsed file."""
    return ast.parse((ROOT / path).read_text("utf-8"), path)


def calls(path: str) -> list[tuple[int, str]]:
    """(line, dotted name) of every call that is written as a plain name or attribute chain."""
    found = []
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name:
                found.append((node.lineno, name))
    return found


def dotted(node: ast.expr) -> str:
    """'a.b.c' of an attribute chain, '' for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""
