"""The command palette: a frame over the window, one line to type in, the best matches below."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets.icons import icon, pixmap
from widgets.ink import LEFT, RIGHT, ink
from widgets.texts import tr
from widgets.viewmodels.palette import Entry, Match, PaletteModel

_ICONS = {"symbol": "chart", "command": "play", "strategy": "strategies", "timeframe": "live", "layout": "layout"}
_ROW = 26


class _Matches(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.found: list[Match] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.found[index.row()].entry.title
        return None

    def take(self, found: list[Match]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()


class _Row(QStyledItemDelegate):
    """Icon, title with the matched letters bright, hint at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        assert isinstance(model, _Matches)
        match, paint = model.found[index.row()], ink()
        box: QRect = option.rect  # type: ignore[attr-defined]
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(box, paint["accent_soft"])
        painter.drawPixmap(
            box.x() + 10,
            box.y() + 5,
            pixmap(_ICONS.get(match.entry.kind, "play"), "dim", 16, painter.device().devicePixelRatioF()),
        )
        painter.setFont(paint.font)
        hint_w = paint.metrics.horizontalAdvance(match.entry.hint)
        painter.setPen(paint["dim"])
        painter.drawText(box.adjusted(0, 0, -12, 0), RIGHT, match.entry.hint)
        x, end = box.x() + 36, box.right() - hint_w - 24
        title = paint.metrics.elidedText(match.entry.title, Qt.TextElideMode.ElideRight, max(end - x, 40))
        hits = set(match.places)
        # runs of equal brightness are drawn in one call each, so kerning inside a run is kept
        start = 0
        for k in range(1, len(title) + 1):
            if k == len(title) or (k in hits) != (start in hits):
                run = title[start:k]
                bright = start in hits or not hits
                painter.setFont(paint.bold if start in hits else paint.font)
                painter.setPen(paint["text"] if bright else paint.mix("text", "dim", 0.4))
                painter.drawText(QRect(x, box.y(), box.width(), box.height()), LEFT, run)
                x += painter.fontMetrics().horizontalAdvance(run)
                start = k


class Palette(QFrame):
    """chosen(entry). Opens with `open_with`, closes with Escape, a choice, or a click elsewhere. Closed by a key or a
    choice it gives the keyboard back to the widget that had it, before `chosen`."""

    chosen = Signal(object)

    def __init__(self, model: PaletteModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = model
        self.setObjectName("palette")
        self.setStyleSheet(
            f"QFrame#palette {{ background: {ink()['raised'].name()}; border: 1px solid {ink()['grid_strong'].name()};"
            f" border-radius: 8px; }} QListView {{ background: {ink()['raised'].name()}; }}"
        )
        self.line = QLineEdit()
        self._then: Callable[[str], object] | None = None
        self._before: QWidget | None = None
        self.line.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.line.setFixedHeight(32)
        self.list = QListView()
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._matches = _Matches(self)
        self.list.setModel(self._matches)
        self._foot = QLabel()
        self._foot.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px; padding: 2px 4px;")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 6)
        box.setSpacing(6)
        for widget in (self.line, self.list, self._foot):
            box.addWidget(widget)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(36)
        shadow.setOffset(0, 10)
        shadow.setColor(Qt.GlobalColor.black)
        self.setGraphicsEffect(shadow)
        self.line.textChanged.connect(self._search)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.line.installEventFilter(self)
        parent.installEventFilter(self)
        self.hide()

    def open_with(self, text: str = "") -> None:
        """Show it, with this text typed already."""
        self._then = None
        self.line.setPlaceholderText(tr("Symbol, command, strategy or timeframe"))
        self._open(text)

    def pick_symbol(self, prompt: str, then: Callable[[str], object]) -> None:
        """Show it for a symbol, which is handed to `then` and to nobody else."""
        self._then = then
        self.line.setPlaceholderText(prompt)
        self._open("")

    def _open(self, text: str) -> None:
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.line.setText(text)
        self._search(text)
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def found(self) -> list[Match]:
        return self._matches.found

    def _place(self) -> None:
        area = self.parentWidget().size()
        width = min(620, area.width() - 40)
        height = min(440, area.height() - 80)
        self.setGeometry((area.width() - width) // 2, 58, width, height)

    def _search(self, text: str) -> None:
        self._matches.take(self.model.search(text if self._then is None else f":{text.removeprefix(':')}"))
        if self._matches.found:
            self.list.setCurrentIndex(self._matches.index(0))
        if not self._matches.found:
            said = tr('Nothing matches "{text}" among {n} entries').format(text=text, n=f"{len(self.model):,}")
        elif self._then is not None:
            said = tr("Enter choose · Esc close")
        else:
            said = tr("Enter open · Esc close · > commands only · : symbols only")
        self._foot.setText(said)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.found):
            entry: Entry = self.found[row].entry
            self.model.chosen(entry)
            self.close_palette()
            then, self._then = self._then, None
            if then is not None:
                then(entry.key)
            else:
                self.chosen.emit(entry)

    def close_palette(self) -> None:
        if self.isVisible():
            self.hide()
            before, self._before = self._before, None
            there = before is not None and shiboken6.isValid(before) and before.isVisible()
            (before if there else self.parentWidget()).setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parentWidget():
            if event.type() == QEvent.Type.Resize and self.isVisible():
                self._place()
            return False
        if event.type() == QEvent.Type.FocusOut and not self.underMouse():
            self.hide()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(Qt.Key(event.key()))
        return False

    def _on_key(self, key: Qt.Key) -> bool:
        at, count = self.list.currentIndex().row(), len(self.found)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(at)
        elif key in steps and count:
            self.list.setCurrentIndex(self._matches.index(min(max(at + steps[key], 0), count - 1)))
        else:
            return False
        return True
