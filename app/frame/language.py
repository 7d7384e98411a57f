"""The window's language: Qt's translation files in resources/translations, chosen by the setting window.language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from widgets.texts import translate_with

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "translations"
#: what the setting offers beside "auto" -> the file's name; English is what stands in the code
LANGUAGES = {"English": "", "Deutsch": "pyroquant_de.qm"}
_CODES = {"de": "Deutsch"}
_installed: list[QTranslator] = []


def choose(setting: str) -> str:
    """The language that a setting means: by the system's where it is 'auto'."""
    if setting in LANGUAGES:
        return setting
    return _CODES.get(QLocale.system().name().partition("_")[0], "English")


def install(app: QCoreApplication, setting: str) -> str:
    """Show the window's words in this language from now on; returns its name, English where its file is not there."""
    for old in _installed:
        app.removeTranslator(old)
    _installed.clear()
    translate_with(None)
    language = choose(setting)
    name = LANGUAGES[language]
    if not name:
        return "English"
    made = QTranslator(app)
    if not made.load(str(FOLDER / name)):
        return "English"
    app.installTranslator(made)
    _installed.append(made)
    translate_with(QCoreApplication.translate)
    return language
