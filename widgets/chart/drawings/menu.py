"""What can be done with a drawing: colour, width, words, lock, copy, remove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from widgets.icons import icon
from widgets.texts import mark, tr
from widgets.viewmodels import drawings as dr
from widgets.viewmodels.drawings import Drawing

if TYPE_CHECKING:
    from widgets.chart.drawings.layer import DrawingLayer

#: token -> its name, for those who do not see the colour
COLOURS = {
    "info": mark("Light blue"),
    "accent": mark("Blue"),
    "up": mark("Colour of rising"),
    "down": mark("Colour of falling"),
    "warn": mark("Amber"),
    "ma2": mark("Orange"),
    "ma3": mark("Violet"),
    "ma4": mark("Cyan"),
    "ma5": mark("Yellow"),
    "text": mark("Text colour"),
    "dim": mark("Grey"),
}


def swatch(colour: str, width: int = 0) -> QIcon:
    """A filled square, or a line of this width."""
    made = QPixmap(28, 28)
    made.setDevicePixelRatio(2.0)
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    if width:
        painter.fillRect(1, 7 - width // 2, 12, width, QColor(colour))
    else:
        painter.fillRect(1, 1, 12, 12, QColor(colour))
    painter.end()
    return QIcon(made)


def ticked(text: str, on: bool) -> str:
    """An action with a picture has no room for the menu's own tick."""
    return f"{text}   ✓" if on else text


def drawing_menu(layer: DrawingLayer, drawing: Drawing) -> QMenu:
    """For the right mouse button on a drawing."""
    menu, book, symbol, theme = QMenu(layer.panel), layer.kit.book, layer.symbol, layer.panel.theme
    menu.aboutToHide.connect(menu.deleteLater)
    title = menu.addAction(tr(dr.KINDS[drawing.kind][1]))
    title.setEnabled(False)
    free = not layer.fixed(drawing)
    colours = menu.addMenu(tr("Colour"))
    for token, name in COLOURS.items():
        action = colours.addAction(swatch(getattr(theme, token)), ticked(tr(name), token == drawing.token))
        action.setCheckable(True)
        action.setChecked(token == drawing.token)
        action.triggered.connect(lambda _on=False, t=token: book.put(symbol, replace(drawing, colour=t)))
    widths = menu.addMenu(tr("Width"))
    for width in (1, 2, 3, 4):
        action = widths.addAction(swatch(theme.text, width), ticked(f"{width} px", width == drawing.width))
        action.setCheckable(True)
        action.setChecked(width == drawing.width)
        action.triggered.connect(lambda _on=False, w=width: book.put(symbol, replace(drawing, width=w)))
    widths.setEnabled(free and drawing.kind != dr.TEXT)
    colours.setEnabled(free)
    words = menu.addAction(tr("Words"), lambda: layer.edit_words(drawing))
    words.setEnabled(free)
    if drawing.kind == dr.ALERT and drawing.fired_ms:
        again = replace(drawing, fired_ms=0, side=0)
        menu.addAction(icon("draw-alert"), tr("Wait again"), lambda: book.put(symbol, layer.sided(again)))
    menu.addSeparator()
    lock = menu.addAction(icon("draw-lock"), tr("Lock"))
    lock.setCheckable(True)
    lock.setChecked(drawing.locked)
    lock.triggered.connect(lambda on: book.put(symbol, replace(drawing, locked=on)))
    menu.addAction(icon("copy"), tr("Copy (Ctrl+drag)"), lambda: layer.copy(drawing))
    gone = menu.addAction(icon("draw-remove"), tr("Remove (Del)"), lambda: book.remove(symbol, drawing.id))
    gone.setEnabled(free)
    return menu
