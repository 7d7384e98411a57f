"""The SQL console: an editor with colours, examples and history, and the answer in a table that can be sent on."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontDatabase,
    QKeyEvent,
    QPainter,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTextEdit,
    QToolButton,
    QWidget,
)

from engine.contracts.commands import SqlResult
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.form import choice
from widgets.icons import icon
from widgets.ink import Ink, ink
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels import sql as vm

_TOKENS = {"keyword": "ma3", "table": "info", "text": "up", "number": "ma2", "comment": "faint", "function": "ma4"}
#: columns that a table is made for at once; an answer with more of them shows the first
MOST_COLUMNS = 60


class Colours(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        for kind, token in _TOKENS.items():
            made = QTextCharFormat()
            made.setForeground(QColor(ink()[token]))
            if kind == "keyword":
                made.setFontWeight(QFont.Weight.DemiBold)
            self._formats[kind] = made

    def highlightBlock(self, text: str) -> None:
        for start, length, kind in vm.tokens(text):
            self.setFormat(start, length, self._formats[kind])


class Editor(QPlainTextEdit):
    """runAsked(): Ctrl+Enter. olderAsked(step): Ctrl+Up, Ctrl+Down through the history."""

    runAsked = Signal()
    olderAsked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        mono.setPixelSize(12)
        self.setFont(mono)
        self.setTabStopDistance(28)
        self.setPlaceholderText(
            tr("SELECT … FROM candles | signals | runs | trades | equity | metrics | walks | promotions")
        )
        self.setAccessibleName(tr("Query"))
        self.colours = Colours(self.document())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.runAsked.emit()
        elif held and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.olderAsked.emit(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def show_place(self, line: int, column: int) -> None:
        """Underline the word at a place, both from 1."""
        block = self.document().findBlockByNumber(line - 1)
        if not block.isValid():
            return
        cursor = QTextCursor(block)
        cursor.movePosition(
            QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.MoveAnchor, min(column - 1, block.length() - 1)
        )
        cursor.movePosition(QTextCursor.MoveOperation.EndOfWord, QTextCursor.MoveMode.KeepAnchor)
        if not cursor.hasSelection():
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor  # type: ignore[attr-defined]
        style = QTextCharFormat()
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        style.setUnderlineColor(QColor(ink()["down"]))
        style.setBackground(ink().mix("down", "panel", 0.2))
        mark.format = style  # type: ignore[attr-defined]
        self.setExtraSelections([mark])

    def selected_or_all(self) -> str:
        """The selection runs alone, as in every console."""
        return (self.textCursor().selectedText().replace("\u2029", "\n") or self.toPlainText()).strip()


class AnswerTable(FastTable):
    """The answer; made anew for each set of columns."""

    def __init__(self, answer: vm.Answer) -> None:
        self.answer = answer
        names = answer.columns[:MOST_COLUMNS]
        columns = [Column(n, 90, RIGHT if answer.numeric[k] else LEFT) for k, n in enumerate(names)]
        super().__init__(columns or [Column("", 90)])
        # before the first answer a lone empty heading would be a line in the void
        self.horizontalHeader().setVisible(bool(columns))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName(tr("Answer"))
        self.sortAsked.connect(self._on_sort)
        letter = ink().metrics.horizontalAdvance("0123456789") / 10
        for k, width in enumerate(answer.widths(letter)[:MOST_COLUMNS]):
            self.horizontalHeader().resizeSection(k, width)
        self.refreshed()

    def row_count(self) -> int:
        return len(self.answer)

    def row_key(self, row: int) -> Hashable:
        return self.answer.order[row]

    def find_key(self, key: Hashable) -> int:
        return self.answer.order.index(key) if key in self.answer.order else -1

    def row_text(self, row: int) -> list[str]:
        return self.answer.cells(row)[:MOST_COLUMNS]

    def row_tip(self, row: int, column: int) -> str:
        text = str(self.answer.rows[self.answer.order[row]][column])
        return text if len(text) > 40 else ""

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        width = self.viewport().width()
        shown = [s for s in slots if s.x < width and s.x + s.width > 0]
        for row in range(first, last):
            cells = self.answer.cells(row)
            for slot in shown:
                text = cells[slot.column]
                token = "faint" if text == "–" else "text"
                if self.answer.numeric[slot.column] and text.startswith("-"):
                    token = "down"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, text)

    def _on_sort(self, column: int, descending: bool) -> None:
        self.answer.sort(column, descending)
        self.refreshed()


class SqlPanel(Panel):
    """runAsked(query, limit, timeout s); cancelAsked(); jumpAsked(Place); marksAsked(); watchAsked(symbols)."""

    runAsked = Signal(str, int, float)
    cancelAsked = Signal()
    jumpAsked = Signal(object)
    marksAsked = Signal()
    watchAsked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("sql", parent)
        self.running = False
        self.history = vm.History()
        self._back = -1
        self.answer = vm.Answer()
        self.table = AnswerTable(self.answer)
        self.editor = Editor()
        self._build()

    def _build(self) -> None:
        self.run_button, self.cancel_button = QPushButton(tr("Run")), QPushButton(tr("Cancel"))
        self.run_button.setProperty("primary", True)
        self.run_button.setToolTip(tr("Run the query, or what is selected of it (Ctrl+Enter)"))
        self.cancel_button.setProperty("outlined", True)
        self.examples, self.older, self.send = QToolButton(), QToolButton(), QToolButton()
        for button, text in ((self.examples, tr("Examples")), (self.older, tr("History")), (self.send, tr("Send to"))):
            button.setText(text + " ▾")
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.limit = choice(*((f"{n:,}", str(n)) for n in (1_000, 10_000, 100_000)))
        self.limit.setCurrentIndex(1)
        self.limit.setMinimumWidth(76)
        self.limit.setToolTip(tr("Most rows"))
        self.timeout = choice(*((formats.duration(s), str(s)) for s in (10, 30, 120, 600)))
        self.timeout.setCurrentIndex(1)
        self.timeout.setMinimumWidth(76)
        self.timeout.setToolTip(tr("Stopped after"))
        self.status = QLabel()
        self.status.setStyleSheet(f"color: {ink()['dim'].name()};")
        for widget in (self.run_button, self.cancel_button, self.examples, self.older, self.limit, self.timeout):
            self.bar.addWidget(widget)
        self.bar.addStretch(1)
        self.bar.addWidget(self.send)
        self.export_button = QToolButton()
        self.export_button.setIcon(icon("export"))
        self.export_button.setToolTip(tr("Save the answer as CSV"))
        self.bar.addWidget(self.export_button)
        self.error = QLabel(wordWrap=True)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.setStyleSheet(
            f"color: {ink()['down'].name()}; background: {ink().mix('down', 'panel', 0.12).name()}; padding: 5px 10px;"
        )
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        mono.setPixelSize(12)
        self.error.setFont(mono)
        self.error.hide()
        self.status.setContentsMargins(10, 2, 10, 3)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setHandleWidth(3)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.editor)
        self.split.addWidget(self.table)
        self.split.setSizes([130, 260])
        self.split.setStretchFactor(1, 1)
        self.column.addWidget(self.error)
        self.set_body(self.split)
        self.column.addWidget(self.status)
        self._menus()
        self._wire()
        self._idle()

    def _menus(self) -> None:
        menu = QMenu(self.examples)
        for title, query in vm.EXAMPLES:
            menu.addAction(tr(title), lambda q=query: self.put(q))
        self.examples.setMenu(menu)
        self._history_menu = QMenu(self.older)
        self._history_menu.aboutToShow.connect(self._fill_history)
        self.older.setMenu(self._history_menu)
        # they stand in the table's menu too, which goes when it is closed: the panel owns them
        self.to_chart = QAction(tr("Chart: jump to the selected row"), self)
        self.to_marks = QAction(tr("Chart: mark the moments of all rows"), self)
        self.to_watch = QAction(tr("Watchlist: a list of these symbols"), self)
        self.to_chart.triggered.connect(lambda: self.jump())
        self.to_marks.triggered.connect(lambda: self.marksAsked.emit())
        self.to_watch.triggered.connect(lambda: self._watch())
        sending = QMenu(self.send)
        sending.addActions([self.to_chart, self.to_marks, self.to_watch])
        sending.aboutToShow.connect(self._look_what_fits)
        self.send.setMenu(sending)

    def _wire(self) -> None:
        self.run_button.clicked.connect(lambda: self.run())
        self.cancel_button.clicked.connect(lambda: self.cancel())
        self.editor.runAsked.connect(self.run)
        self.editor.olderAsked.connect(self._step)
        self.editor.textChanged.connect(lambda: self.editor.setExtraSelections([]))
        self.export_button.clicked.connect(lambda: self.save_csv())

    # history
    def _fill_history(self) -> None:
        self._history_menu.clear()
        for query in self.history.queries[:30]:
            line = " ".join(query.split())
            self._history_menu.addAction(line[:90] + ("…" if len(line) > 90 else ""), lambda q=query: self.put(q))
        if not self.history.queries:
            self._history_menu.addAction(tr("Nothing ran yet")).setEnabled(False)

    def _step(self, step: int) -> None:
        queries = self.history.queries
        if queries:
            self._back = min(max(self._back + step, 0), len(queries) - 1)
            self.put(queries[self._back])

    def put(self, query: str) -> None:
        """Into the editor; what stood there can be had back with Ctrl+Z."""
        cursor = self.editor.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(query)
        self.editor.setFocus()

    # running
    def run(self) -> None:
        query = self.editor.selected_or_all()
        if self.running or not query:
            return
        self.running = True
        self._back = -1
        self.history.add(query)
        self.error.hide()
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.status.setText(tr("Running"))
        self.runAsked.emit(query, int(self.limit.currentData()), float(self.timeout.currentData()))

    def cancel(self) -> None:
        if self.running:
            self.status.setText(tr("Cancelling"))
            self.cancel_button.setEnabled(False)
            self.cancelAsked.emit()

    def _idle(self) -> None:
        self.running = False
        self.run_button.setEnabled(True)
        self.cancel_button.setEnabled(False)

    def show_answer(self, result: SqlResult) -> None:
        self._idle()
        self.answer = vm.Answer(result)
        sizes = self.split.sizes()
        old, self.table = self.table, AnswerTable(self.answer)
        self.split.replaceWidget(1, self.table)
        old.hide()
        old.deleteLater()
        self.split.setSizes(sizes)
        self.table.show()
        self.table.contextAsked.connect(lambda _keys, at: self._menu(at))
        text = tr("{n} rows in {time}").format(n=f"{len(self.answer):,}", time=formats.duration(result.seconds))
        if result.truncated:
            text += tr(", cut at the limit")
        if len(result.columns) > MOST_COLUMNS:
            text += tr(", the first {n} of {all} columns").format(n=MOST_COLUMNS, all=len(result.columns))
        self.status.setText(text)

    def show_error(self, text: str) -> None:
        """The last answer stays."""
        self._idle()
        self.error.setText(text)
        self.error.show()
        self.status.setText("")
        place = vm.place_of(text)
        if place is not None and self.editor.selected_or_all() == self.editor.toPlainText().strip():
            self.editor.show_place(*place)

    def show_cancelled(self) -> None:
        self._idle()
        self.status.setText(tr("Cancelled"))

    # sending on
    def _current_row(self) -> int:
        row = self.table.find_key(self.table.current) if self.table.current is not None else -1
        return row if row >= 0 else (0 if len(self.answer) else -1)

    def _look_what_fits(self) -> None:
        row = self._current_row()
        self.to_chart.setEnabled(row >= 0 and self.answer.place(row) is not None)
        self.to_marks.setEnabled(row >= 0 and bool((place := self.answer.place(row)) and place.ms >= 0))
        self.to_watch.setEnabled(bool(self.answer.symbols()))

    def jump(self) -> None:
        row = self._current_row()
        if row >= 0 and (place := self.answer.place(row)) is not None:
            self.jumpAsked.emit(place)

    def _watch(self) -> None:
        if symbols := self.answer.symbols():
            self.watchAsked.emit(symbols)

    def _menu(self, at: QPoint) -> None:
        self._look_what_fits()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.to_chart, self.to_marks, self.to_watch])
        menu.addSeparator()
        menu.addAction(tr("Copy rows"), self.table.copy)
        menu.addAction(tr("Save as CSV…"), lambda: self.save_csv())
        menu.popup(at)

    def save_csv(self, path: str = "") -> None:
        """Write the answer; asks for the file unless one is given."""
        if not self.answer.columns:
            return
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Save the answer"), "query.csv", "CSV (*.csv)")
        if path:
            with open(path, "w", encoding="utf-8", newline="") as out:
                out.write(self.answer.csv())
            self.status.setText(tr("Written: {path}").format(path=path))
