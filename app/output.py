"""How commands speak: words for people on a terminal, one JSON object with --json."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from engine.contracts.errors import PyroError

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def wants_json(arguments: Sequence[str]) -> bool:
    return "--json" in arguments


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def say_json(value: Any) -> None:
    """One object, lists under a plural key; nan becomes null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def complain(error: PyroError, *, as_json: bool) -> None:
    sys.stderr.write(f"pyroquant: {error}\n")
    if as_json:
        say_json({"error": {"what": error.what, "where": error.where, "fix": error.fix}})


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], numeric: Sequence[int] = ()) -> None:
    """A plain table for people; numeric: columns set to the right."""
    from rich.console import Console
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for k, name in enumerate(columns):
        made.add_column(name, justify="right" if k in numeric else "left", overflow="fold")
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    # what is piped into a file or another program must not be folded at some terminal's width
    Console(width=None if sys.stdout.isatty() else 10_000).print(made)
