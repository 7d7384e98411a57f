"""Own strategies: their files, a text with marks and completion, and what it would have said on the chart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSplitter, QToolButton, QVBoxLayout, QWidget

from engine.contracts.studio import StrategyFiles, TextMark, Tried
from widgets.code_view import CodeView, Mark
from widgets.fast_table import LEFT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink, ink, painting
from widgets.panel import Panel
from widgets.texts import tr
from widgets.throttle import Throttle
from widgets.viewmodels import editor as vm
from widgets.viewmodels.language import LanguageModel

#: ms after the last key before a text is tried; a Python file starts a process for it
TRY_MS, TRY_PYTHON_MS = 250, 900
PROBLEMS = 4


class FileTable(FastTable):
    """Files and drafts; red where one is refused, a dot where something is not saved."""

    def __init__(self, model: vm.EditorModel) -> None:
        self.model_ = model
        self.entries: list[vm.Entry] = []
        super().__init__([Column(tr("Own strategies"), 120, LEFT, stretch=True)])
        self.horizontalHeader().setSectionsClickable(False)
        self.setAccessibleName(tr("Files of own strategies"))

    def reload(self) -> None:
        self.entries = self.model_.entries()
        self.select(self.model_.open.name if self.model_.open else None, scroll=False)
        self.refreshed()

    def row_count(self) -> int:
        return len(self.entries)

    def row_key(self, row: int) -> str:
        return self.entries[row].name

    def row_text(self, row: int) -> list[str]:
        return [self.entries[row].name]

    def row_tip(self, row: int, column: int) -> str:
        entry = self.entries[row]
        live = tr("live: {names}").format(names=entry.live) if entry.live else tr("not live")
        return entry.error or live

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            entry = self.entries[row]
            token = "down" if entry.error else "text" if entry.live or entry.unsaved else "dim"
            for slot in slots:
                painter.setPen(paint[token])
                self.paint_text(painter, slot._replace(x=slot.x + 10, width=slot.width - 10), row, entry.name)
                if entry.unsaved:
                    painter.setBrush(paint["warn"])
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.drawEllipse(slot.x + 5, self.row_top(row) + ROW_HEIGHT // 2 - 3, 6, 6)
                    painter.setBrush(Qt.BrushStyle.NoBrush)


class Elided(QLabel):
    """One line that is cut with an ellipsis where there is no room; a tooltip has it whole."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(self.font())
            painter.setPen(self.palette().windowText().color())
            text = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), LEFT, text)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())


class ProblemRow(QWidget):
    """One mark: a click goes there, the button mends it where the engine knows how."""

    def __init__(self, mark: TextMark, go: Callable[[], None], mend: Callable[[], None]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 6, 0)
        row.setSpacing(6)
        text = QPushButton(f"{mark.line}:{mark.column}   {mark.what} {mark.fix}".strip())
        text.setStyleSheet(f"text-align: left; color: {ink()['down'].name()}; padding: 1px 2px;")
        text.setToolTip(f"{mark.what}\n{mark.fix}".strip())
        text.setMinimumWidth(60)
        text.clicked.connect(lambda _on=False: go())
        row.addWidget(text, 1)
        word = vm.fix_of(mark)
        if word:
            button = QPushButton(tr("Write {word}").format(word=word))
            button.setProperty("outlined", True)
            button.setStyleSheet("padding: 0 8px;")
            button.clicked.connect(lambda _on=False: mend())
            row.addWidget(button)


class EditorPanel(Panel):
    """tryAsked(): the text is another one. openAsked(name), newAsked(python), copyAsked(), saveAsked(name, force),
    renameAsked(name), deleteAsked(name)."""

    tryAsked = Signal()
    openAsked = Signal(str)
    newAsked = Signal(bool)
    copyAsked = Signal()
    saveAsked = Signal(str)
    renameAsked = Signal(str)
    deleteAsked = Signal(str)
    backtestAsked = Signal(str)

    def __init__(self, model: vm.EditorModel, words: LanguageModel, parent: QWidget | None = None) -> None:
        super().__init__("editor", parent)
        self.model = model
        self.files = FileTable(model)
        self.code = CodeView(words)
        self.problems = QVBoxLayout()
        self.problem_rows: list[ProblemRow] = []
        self.said, self.spanned, self.hinted = Elided(), QLabel(), QLabel()
        self._try = Throttle(TRY_MS, self.tryAsked.emit, self)
        self._try_python = Throttle(TRY_PYTHON_MS, self.tryAsked.emit, self)
        self.buttons: dict[str, QToolButton] = {}
        self._build()
        self._wire()
        self.set_loading(tr("Waiting for the engine's files"))

    def _build(self) -> None:
        self.name = QLabel()
        self.name.setFont(ink().bold)
        for what, title, tip in (
            ("new", tr("New"), tr("A new text (a menu offers Python)")),
            ("copy", tr("Copy of …"), tr("Begin with the rules of another strategy")),
            ("save", tr("Save"), tr("Save; it is live within a second (Ctrl+S)")),
            ("rename", tr("Rename"), ""),
            ("delete", tr("Delete"), ""),
            ("backtest", tr("Back-test"), tr("Save it first; then its back-test is set up")),
        ):
            button = QToolButton(text=title, toolTip=tip)
            self.buttons[what] = button
            self.bar.addWidget(button)
        menu = QMenu(self.buttons["new"])
        menu.addAction(tr("In the rules language"), lambda: self.newAsked.emit(False))
        menu.addAction(tr("In Python"), lambda: self.newAsked.emit(True))
        self.buttons["new"].setMenu(menu)
        self.buttons["new"].setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.bar.addStretch(1)
        self.bar.addWidget(self.name)
        for label in (self.said, self.spanned, self.hinted):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setMinimumWidth(40)
        self.spanned.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.hinted.setStyleSheet(f"color: {ink()['info'].name()}; padding: 0 8px;")
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 3)
        foot.addWidget(self.said, 1)
        foot.addWidget(self.spanned)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.code, 1)
        column.addWidget(self.hinted)
        column.addLayout(self.problems)
        column.addLayout(foot)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(3)
        splitter.addWidget(self.files)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([160, 640])
        self.set_body(splitter)
        self.hinted.hide()

    def _wire(self) -> None:
        self.code.edited.connect(self._edited)
        self.code.cursorPositionChanged.connect(self._moved)
        self.files.rowActivated.connect(lambda name: self.openAsked.emit(str(name)))
        self.files.contextAsked.connect(self._menu)
        self.buttons["new"].clicked.connect(lambda: self.newAsked.emit(False))
        self.buttons["copy"].clicked.connect(self.copyAsked)
        for what, signal in (
            ("save", self.saveAsked),
            ("rename", self.renameAsked),
            ("delete", self.deleteAsked),
            ("backtest", self.backtestAsked),
        ):
            self.buttons[what].clicked.connect(
                lambda _on=False, s=signal: self.model.open and s.emit(self.model.open.name)
            )
        save = QShortcut(QKeySequence("Ctrl+S"), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(lambda: self.model.open and self.saveAsked.emit(self.model.open.name))

    def _menu(self, names: list[str], at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = names[0]
        menu.addAction(tr("Open"), lambda: self.openAsked.emit(name))
        menu.addAction(tr("Rename"), lambda: self.renameAsked.emit(name))
        menu.addAction(tr("Delete"), lambda: self.deleteAsked.emit(name))
        menu.popup(at)

    # shown by the part ----------------------------------------------------------------------------------------------
    def set_files(self, found: StrategyFiles) -> None:
        self.model.take_files(found.folder, found.files)
        self.files.setToolTip(found.folder)
        self.refresh_files()

    def refresh_files(self) -> None:
        """The list and what can be done with the open one."""
        self.files.reload()
        draft = self.model.open
        for what in ("save", "rename", "delete", "backtest"):
            self.buttons[what].setEnabled(draft is not None)
        if draft is None:
            self.name.setText("")
            self.code.setEnabled(False)
            self.code.set_text("")
            self._clear()
            hint = tr("Choose a file on the left, or begin a new one above.")
            self.code.setPlaceholderText(hint)
            if self.files.entries:
                self.set_ready()
            else:
                self.set_empty(tr("No strategy of your own yet: press New, or begin with a copy of another one."))
            return
        self.code.setEnabled(True)
        self.set_ready()
        marks = " •" if draft.unsaved else ""
        self.name.setText(f"{draft.name}{marks}")
        self.name.setStyleSheet(f"color: {ink()['warn' if draft.unsaved else 'text'].name()};")
        self.buttons["save"].setEnabled(draft.unsaved or draft.saved is None)

    def show_draft(self, draft: vm.Draft) -> None:
        """Open a text; it is tried at once."""
        self.code.set_text(draft.text, python=draft.language == "python")
        self.code.go_to(draft.line)
        self._clear()
        self.refresh_files()
        self.tryAsked.emit()

    def show_tried(self, tried: Tried, symbol: str) -> None:
        self.model.tried = tried
        self.code.set_marks([Mark(m.line, m.column, m.length, m.what, m.fix) for m in tried.marks])
        self._show_problems(tried.marks)
        colour = "warn" if tried.note else "text"
        self.said.setStyleSheet(f"color: {ink()[colour].name()};")
        self.said.setText(vm.said(tried, symbol) or (tr("not run yet: mend the marks above") if tried.marks else ""))
        self.said.setToolTip(self.said.text())
        self.spanned.setText(vm.span(tried))

    def show_trouble(self, text: str) -> None:
        """The try itself failed."""
        self.said.setStyleSheet(f"color: {ink()['down'].name()};")
        self.said.setText(text)
        self.spanned.setText("")

    def _clear(self) -> None:
        self._show_problems([])
        self.said.setText("")
        self.spanned.setText("")

    def _show_problems(self, marks: list[TextMark]) -> None:
        for old in self.problem_rows:
            self.problems.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.problem_rows = []
        for found in marks[:PROBLEMS]:
            mark = Mark(found.line, found.column, found.length, found.what, found.fix)
            row = ProblemRow(
                found,
                lambda m=mark: self.code.go_to(m.line, m.column),
                lambda m=mark, f=found: self.code.replace_mark(m, vm.fix_of(f)),
            )
            self.problem_rows.append(row)
            self.problems.addWidget(row)

    # typed ----------------------------------------------------------------------------------------------------------
    def _edited(self) -> None:
        draft = self.model.open
        if draft is None or self.code.toPlainText() == draft.text:
            return
        was = draft.unsaved
        draft.text = self.code.toPlainText()
        if draft.unsaved != was:
            self.refresh_files()
        throttle = self._try_python if draft.language == "python" else self._try
        # only after a pause: what is half typed is always wrong
        throttle.after_pause()

    def _moved(self) -> None:
        if self.model.open is not None:
            self.model.open.line = self.code.cursor_line()
        hint = self.code.hint()
        self.hinted.setVisible(hint is not None)
        if hint is not None:
            room = max(self.hinted.width() - 20, 200)
            text = f"{hint.form}   {tr(hint.meaning)}"
            self.hinted.setText(QFontMetrics(self.hinted.font()).elidedText(text, Qt.TextElideMode.ElideRight, room))
