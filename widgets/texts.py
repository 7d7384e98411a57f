"""Words for people in their language: `tr("Cancel")`; with values: `tr("{n} bars").format(n=3)`. No Qt here.

The text itself is the key and the English; translations are Qt files in resources/translations. Words are looked up
when they are shown, so nothing translated may be kept in a module's or a class's constant: keep the English
there (named with `mark`, so that the translation tool finds it) and call `tr` where it is shown.
"""

from __future__ import annotations

from collections.abc import Callable

CONTEXT = "PyroQuant"
_translate: Callable[[str, str], str] | None = None


def translate_with(translate: Callable[[str, str], str] | None) -> None:
    """Ask this from now on: (context, text) -> text; None = the English."""
    global _translate
    _translate = translate


def tr(text: str) -> str:
    """The text in the language that was chosen; the text itself where there is no translation."""
    return _translate(CONTEXT, text) if text and _translate is not None else text


def mark(text: str) -> str:
    """Name a text as one to be translated where `tr(variable)` shows it later; returns it unchanged."""
    return text
