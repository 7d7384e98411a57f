"""The window's language: Qt's translation files in resources/translations, chosen by the setting window.language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from widgets.texts import translate_with

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "translations"
#: what the setting offers beside "auto" -> the file's name; English is what stands in the code
LANGUAGES = {"English": "", "Deutsch": "pyroquant_de.qm"}
#: Qt's own words: buttons of message boxes, menus of text fields, names of keys
_QTS = {"Deutsch": "qtbase_de.qm"}
_CODES = {"de": "Deutsch"}
#: with the bytes they read from: a file would be mapped, and an update that rewrites it under a running window kills it
_installed: list[tuple[QTranslator, bytes]] = []


def choose(setting: str) -> str:
    """The language that a setting means: by the system's where it is 'auto'."""
    if setting in LANGUAGES:
        return setting
    return _CODES.get(QLocale.system().name().partition("_")[0], "English")


def install(app: QCoreApplication, setting: str) -> str:
    """Show the window's words in this language from now on; returns its name, English where its file is not there."""
    for old, _data in _installed:
        app.removeTranslator(old)
    _installed.clear()
    translate_with(None)
    language = choose(setting)
    name = LANGUAGES[language]
    if not name:
        return "English"
    if not _add(app, FOLDER / name):
        return "English"
    _add(app, Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / _QTS[language])
    # words are asked for in every paint
    translate_with(lru_cache(8192)(QCoreApplication.translate))
    return language


def _add(app: QCoreApplication, file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False
    made = QTranslator(app)
    if not made.load(data):
        return False
    _installed.append((made, data))
    return app.installTranslator(made)
