"""What all HTML reports are made of: the document, cards and tables. Text given here is escaped, bodies are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, body: str, style: str = "") -> str:
    """One self-contained page: no script, no picture, no font from elsewhere. style: rules after the common ones."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - PyroQuant</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_common()}{style}</style></head><body><main>{body}</main></body></html>\n"
    )


@lru_cache(maxsize=1)
def _common() -> str:
    return (files("resources") / "report" / "report.css").read_text(encoding="utf-8")


def card(title: str, body: str, note: str = "", kind: str = "") -> str:
    """A titled part of the page; '' where it has no body."""
    below = f'<p class="note">{escape(note)}</p>' if note else ""
    return f'<section class="card {kind}"><h2>{escape(title)}</h2>{below}{body}</section>' if body else ""


def table(header: Sequence[str], rows: Iterable[str], left: Sequence[int] = (0,)) -> str:
    """rows: finished <tr>; left: columns that are aligned to the left."""
    cells = "".join(
        f'<th class="l">{escape(h)}</th>' if i in left else f"<th>{escape(h)}</th>" for i, h in enumerate(header)
    )
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
