"""Icons: our own SVGs, tinted with a token of the theme, rendered once per size."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtSvg import QSvgRenderer

from widgets import theme
from widgets.ink import painting

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "icons"


def names() -> list[str]:
    return sorted(p.stem for p in FOLDER.glob("*.svg"))


@lru_cache(maxsize=512)
def _source(name: str) -> str:
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    with painting(made) as painter:
        renderer.render(painter, QRectF(0, 0, made.width(), made.height()))
    made.setDevicePixelRatio(ratio)
    return made


def pixmap(name: str, token: str = "text", size: int = 16, ratio: float = 1.0) -> QPixmap:
    """`name` without its suffix; token: a colour of the theme."""
    return _pixmap(name, getattr(theme.current(), token), size, ratio)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, faint: str, on: str) -> QIcon:
    made = QIcon()
    for size in (14, 16, 20, 32):
        for ratio in (1.0, 2.0):
            made.addPixmap(_pixmap(name, colour, size, ratio))
            made.addPixmap(_pixmap(name, faint, size, ratio), QIcon.Mode.Disabled)
            made.addPixmap(_pixmap(name, on, size, ratio), QIcon.Mode.Normal, QIcon.State.On)
    return made


def icon(name: str, token: str = "dim") -> QIcon:
    """Normal in `token`, faint when disabled, full text colour when checked."""
    tokens = theme.current()
    # a copy: some Qt classes take what they are handed over and delete it
    return QIcon(_icon(name, getattr(tokens, token), tokens.faint, tokens.text))
