"""A text of rules with colours, line numbers, marks under what is wrong, and what can stand at the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import shiboken6
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from widgets.code_offers import OfferList
from widgets.ink import RIGHT, ink, painting
from widgets.texts import tr
from widgets.viewmodels import language as lang

#: tokens of the theme by kind of word
COLOURS = {
    lang.COMMENT: "faint",
    lang.STRING: "ma5",
    lang.NUMBER: "ma2",
    lang.HEAD: "accent",
    lang.INDICATOR: "ma4",
    lang.FUNCTION: "ma3",
    lang.SERIES: "up",
    lang.PARAM: "warn",
    lang.LOGIC: "sell",
}
MONO = ("JetBrains Mono", "Cascadia Mono", "DejaVu Sans Mono", "Menlo", "Consolas", "monospace")


class Mark(NamedTuple):
    """line, column: from 1; length 0 = to the end of the line."""

    line: int
    column: int
    length: int
    text: str
    fix: str = ""


def mono(pixels: int = 13) -> QFont:
    """The font of texts of rules."""
    font = QFont()
    font.setFamilies(list(MONO))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(pixels)
    return font


class Highlighter(QSyntaxHighlighter):
    """Colours one line at a time."""

    def __init__(self, document: QTextDocument, words: lang.LanguageModel) -> None:
        super().__init__(document)
        self.words, self.params, self.python = words, frozenset[str](), False
        self._formats: dict[str, QTextCharFormat] = {}
        for kind, token in COLOURS.items():
            made = QTextCharFormat()
            made.setForeground(ink()[token])
            if kind == lang.HEAD:
                made.setFontWeight(QFont.Weight.DemiBold)
            if kind == lang.COMMENT:
                made.setFontItalic(True)
            self._formats[kind] = made

    def highlightBlock(self, text: str) -> None:
        for start, length, kind in self.words.tokens(text, self.params, python=self.python):
            self.setFormat(start, length, self._formats[kind])


class _Gutter(QWidget):
    """Line numbers; red where something is wrong."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_gutter(self, event)


class CodeView(QPlainTextEdit):
    """edited(): the text is another one. offerAsked is answered by the words it was given."""

    edited = Signal()

    def __init__(self, words: lang.LanguageModel, *, read_only: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words, self.marks = words, list[Mark]()
        self.setFont(mono())
        self.setTabStopDistance(4 * QFontMetrics(self.font()).horizontalAdvance(" "))
        self.setLineWrapMode(
            QPlainTextEdit.LineWrapMode.WidgetWidth if read_only else QPlainTextEdit.LineWrapMode.NoWrap
        )
        self.setReadOnly(read_only)
        self.setFrameStyle(0)
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {ink()['pane'].name()}; border: 0; border-radius: 0; padding: 2px 0;"
            f" selection-background-color: {ink()['accent_soft'].name()}; }}"
        )
        self.highlighter = Highlighter(self.document(), words)
        self._gutter = _Gutter(self)
        self._gutter.setVisible(not read_only)
        self._offer_list: OfferList | None = None
        self._shown_text = ""
        self.blockCountChanged.connect(lambda _n: self._room())
        self.updateRequest.connect(self._scrolled)
        self.cursorPositionChanged.connect(self._on_cursor)
        self.textChanged.connect(self._on_text)
        self._room()

    # text -----------------------------------------------------------------------------------------------------------
    @property
    def _offers(self) -> OfferList:
        """It lies on the window that the code is in, and goes with a floating one: then there is a new one."""
        if self._offer_list is None or not shiboken6.isValid(self._offer_list):
            self._offer_list = OfferList(self)
            self._offer_list.chosen.connect(self._insert)
        return self._offer_list

    def set_text(self, text: str, *, python: bool = False) -> None:
        """Show another text; what could be undone is forgotten."""
        self.highlighter.python = python
        self.highlighter.params = frozenset(self.words.params(text))
        self.marks = []
        self.setPlainText(text)
        self._offers.hide()
        self._select()

    def recolour(self) -> None:
        """The words are other ones now."""
        self.highlighter.rehighlight()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        self.marks = list(marks)
        self._select()
        self._gutter.update()

    def cursor_line(self) -> int:
        """From 1."""
        return self.textCursor().blockNumber() + 1

    def go_to(self, line: int, column: int = 1) -> None:
        block = self.document().findBlockByNumber(max(line - 1, 0))
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(max(column - 1, 0), max(block.length() - 1, 0)))
        self.setTextCursor(cursor)
        self.centerCursor()
        self.setFocus()

    def replace_mark(self, mark: Mark, text: str) -> None:
        """Type something in place of what a mark is about, as one step that can be undone."""
        cursor = self._cursor_of(mark)
        cursor.insertText(text)

    def _cursor_of(self, mark: Mark) -> QTextCursor:
        block = self.document().findBlockByNumber(min(mark.line, self.blockCount()) - 1)
        last = max(block.length() - 1, 0)
        start = min(max(mark.column - 1, 0), last)
        stop = min(start + mark.length, last) if mark.length else last
        if start == stop:
            start = max(start - 1, 0)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + start)
        cursor.setPosition(block.position() + stop, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _on_text(self) -> None:
        text = self.toPlainText()
        if text == self._shown_text:
            return
        self._shown_text = text
        params = frozenset(self.words.params(text))
        if params != self.highlighter.params:
            self.highlighter.params = params
            self.highlighter.rehighlight()
        self.edited.emit()

    # marks and gutter -----------------------------------------------------------------------------------------------
    def _select(self) -> None:
        paint = ink()
        chosen = []
        if not self.isReadOnly():
            here = QTextEdit.ExtraSelection()
            here.format.setBackground(paint["row"])  # type: ignore[attr-defined]
            here.format.setProperty(QTextCharFormat.Property.FullWidthSelection, True)  # type: ignore[attr-defined]
            here.cursor = self.textCursor()  # type: ignore[attr-defined]
            chosen.append(here)
        for mark in self.marks:
            wrong = QTextEdit.ExtraSelection()
            wrong.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)  # type: ignore[attr-defined]
            wrong.format.setUnderlineColor(paint["down"])  # type: ignore[attr-defined]
            wrong.format.setBackground(paint["down_fill"])  # type: ignore[attr-defined]
            wrong.cursor = self._cursor_of(mark)  # type: ignore[attr-defined]
            chosen.append(wrong)
        self.setExtraSelections(chosen)

    def gutter_width(self) -> int:
        if self.isReadOnly():
            return 0
        digits = len(str(max(self.blockCount(), 10)))
        return 18 + QFontMetrics(self.font()).horizontalAdvance("9") * digits

    def _room(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scrolled(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(area.left(), area.top(), self.gutter_width(), area.height())

    def paint_gutter(self, gutter: QWidget, event: QPaintEvent) -> None:
        paint = ink()
        wrong = {mark.line for mark in self.marks}
        now = self.cursor_line()
        with painting(gutter) as painter:
            painter.fillRect(event.rect(), paint["pane"])
            painter.setFont(self.font())
            block = self.firstVisibleBlock()
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
            while block.isValid() and top <= event.rect().bottom():
                height = self.blockBoundingRect(block).height()
                number = block.blockNumber() + 1
                self._paint_number(painter, number, QRect(0, round(top), gutter.width(), round(height)), wrong, now)
                top += height
                block = block.next()

    def _paint_number(self, painter: QPainter, number: int, box: QRect, wrong: set[int], now: int) -> None:
        paint = ink()
        token = "down" if number in wrong else "dim" if number == now else "faint"
        painter.setPen(paint[token])
        line = QRect(box.left(), box.top(), box.width() - 8, QFontMetrics(self.font()).height())
        painter.drawText(line, RIGHT, str(number))
        if number in wrong:
            painter.fillRect(box.left(), box.top(), 2, box.height(), QColor(paint["down"]))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self._tip(event)
            QToolTip.showText(event.globalPos(), text, self) if text else QToolTip.hideText()
            return True
        return super().event(event)

    def _tip(self, event: QHelpEvent) -> str:
        """What is wrong here, else what the word under the mouse means."""
        at = self.viewport().mapFrom(self, event.pos())
        cursor = self.cursorForPosition(at)
        place, line = cursor.positionInBlock() + 1, cursor.blockNumber() + 1
        for mark in self.marks:
            if mark.line == line and (not mark.length or mark.column - 1 <= place <= mark.column + mark.length):
                return f"{mark.text} {mark.fix}".strip()
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        offer = self.words.about(cursor.selectedText())
        return f"{offer.form}\n{tr(offer.meaning)}" if offer is not None else ""

    # completion -----------------------------------------------------------------------------------------------------
    def _on_cursor(self) -> None:
        self._select()
        self._gutter.update()
        if self._offers.isVisible() and not self.hasFocus():
            self._offers.hide()

    def complete(self, *, asked: bool = False) -> None:
        """Offer what can stand at the cursor. asked: even where nothing is typed yet."""
        cursor = self.textCursor()
        line, column = cursor.block().text(), cursor.positionInBlock()
        typed, offers = self.words.offers(self.toPlainText(), line, column, python=self.highlighter.python)
        written = line[column - typed : column]
        same = len(offers) == 1 and offers[0].insert == written
        if not offers or same or (not asked and typed < 1 and not line[:column].endswith((".", '"', " "))):
            self._offers.hide()
            return
        corner = self.viewport().mapTo(self.window(), self.cursorRect().bottomLeft())
        self._offers.offer(typed, offers, corner, self.cursorRect().height())

    def _insert(self, offer: lang.Offer, typed: int) -> None:
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, typed)
        cursor.insertText(offer.insert)
        if offer.back:
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.MoveAnchor, offer.back)
        self.setTextCursor(cursor)
        self._offers.hide()

    def hint(self) -> lang.Hint | None:
        """The call in which the cursor stands."""
        cursor = self.textCursor()
        return self.words.hint(cursor.block().text(), cursor.positionInBlock())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._offers.isVisible() and self._offers.take_key(event):
            return
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if ctrl and event.key() == Qt.Key.Key_Space:
            self.complete(asked=True)
            return
        if ctrl and event.key() == Qt.Key.Key_Slash:
            self._comment()
            return
        super().keyPressEvent(event)
        letters = event.text()
        if self.isReadOnly() or ctrl:
            return
        shorter = event.key() == Qt.Key.Key_Backspace and self._offers.isVisible()
        if shorter or (letters and (letters.isalnum() or letters in '._ "')):
            self.complete()
        elif letters:
            self._offers.hide()

    def _comment(self) -> None:
        """Put # before the chosen lines, or take it away."""
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart()).blockNumber()
        last = self.document().findBlock(cursor.selectionEnd()).blockNumber()
        blocks = [self.document().findBlockByNumber(n) for n in range(first, last + 1)]
        away = all(b.text().lstrip().startswith("#") for b in blocks if b.text().strip())
        cursor.beginEditBlock()
        for number in range(first, last + 1):
            block = self.document().findBlockByNumber(number)
            edit = QTextCursor(block)
            if away:
                at = block.text().find("#")
                edit.setPosition(block.position() + max(at, 0))
                for _ in range(2 if block.text()[at : at + 2] == "# " else 1):
                    edit.deleteChar()
            else:
                edit.insertText("# ")
        cursor.endEditBlock()

    def focusOutEvent(self, event: QEvent) -> None:  # type: ignore[override]
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self._offers.hide()
