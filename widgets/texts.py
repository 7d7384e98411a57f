"""Words for people in their language: `tr("Cancel")`; with values: `tr("{n} bars").format(n=3)`.

The text itself is the key and the English; translations are Qt files in resources/translations. Words are looked up
when they are shown, so nothing translated may be kept in a module's or a class's constant: keep the English
there (named with `mark`, so that the translation tool finds it) and call `tr` where it is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "PyroQuant"


def tr(text: str) -> str:
    """The text in the language that was chosen; the text itself where there is no translation."""
    return QCoreApplication.translate(CONTEXT, text)


def mark(text: str) -> str:
    """Name a text as one to be translated where `tr(variable)` shows it later; returns it unchanged."""
    return text
