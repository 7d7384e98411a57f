"""Symbols on their way by mouse: out of tables, onto charts and lists."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from widgets.ink import CENTRE, ink, painting

#: MARKET:NAME, a line each
MIME = "application/x-pyroquant-symbol"


def mime_of(symbols: Sequence[str]) -> QMimeData:
    data = QMimeData()
    text = "\n".join(symbols)
    data.setData(MIME, text.encode())
    data.setText(text)
    return data


def symbols_in(data: QMimeData) -> list[str]:
    """[] where none are meant."""
    if not data.hasFormat(MIME):
        return []
    return [line for line in bytes(data.data(MIME).data()).decode("utf-8", "replace").split("\n") if line]


def start_drag(source: QWidget, symbols: Sequence[str]) -> None:
    """Let the mouse carry them until it is released."""
    drag = QDrag(source)
    drag.setMimeData(mime_of(symbols))
    name = symbols[0].partition(":")[2] or symbols[0]
    words = name if len(symbols) == 1 else f"{name} +{len(symbols) - 1}"
    drag.setPixmap(_label(words, source.devicePixelRatioF()))
    drag.setHotSpot(QPoint(-10, -6))
    drag.exec(Qt.DropAction.CopyAction)


def _label(words: str, ratio: float) -> QPixmap:
    paint = ink()
    width, height = paint.bold_metrics.horizontalAdvance(words) + 18, 22
    made = QPixmap(round(width * ratio), round(height * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with painting(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint["accent"])
        painter.drawRoundedRect(0, 0, width, height, 4, 4)
        painter.setPen(paint["on_accent"])
        painter.setFont(paint.bold)
        painter.drawText(0, 0, width, height, CENTRE, words)
    return made
