"""Small parts of forms: a labelled field with its error below, and a searchable choice."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.ink import ink


class Field(QWidget):
    """Label above, editor, and one line for what is wrong with it."""

    def __init__(self, title: str, editor: QWidget, tip: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._label, self._error = QLabel(title), QLabel(wordWrap=True)
        self._label.setBuddy(editor)
        self._label.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self._error.setStyleSheet(f"color: {ink()['down'].name()}; font-size: 11px;")
        self._error.hide()
        editor.setAccessibleName(title)
        self.setToolTip(tip)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        for widget in (self._label, editor, self._error):
            box.addWidget(widget)
        box.addStretch(1)

    @property
    def error(self) -> str:
        return "" if self._error.isHidden() else self._error.text()

    def set_error(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self.editor.setProperty("wrong", bool(text))
        self.editor.setStyleSheet(f"border: 1px solid {ink()['down'].name()};" if text else "")


def line(text: str = "", hint: str = "") -> QLineEdit:
    made = QLineEdit(text)
    made.setPlaceholderText(hint)
    made.setMinimumWidth(40)
    return made


class _WheelGuard(QObject):
    """A wheel over a closed choice scrolls the form; it must not change a value unseen."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False


def choice(*items: tuple[str, str]) -> QComboBox:
    """A fixed choice of (title, value)."""
    made = QComboBox()
    for title, value in items:
        made.addItem(title, value)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(1)
    made.setMinimumWidth(44)
    made.installEventFilter(_WheelGuard(made))
    return made


def searchable(hint: str) -> QComboBox:
    """A choice one can type into; any part of an entry finds it."""
    made = choice()
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    editor = made.lineEdit()
    if editor is not None:
        editor.setPlaceholderText(hint)
        editor.setStyleSheet("border: 0; padding: 0; background: transparent;")
    completer = made.completer()
    if completer is not None:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    return made


class ListCompleter(QCompleter):
    """Completes the last of several names with commas."""

    def splitPath(self, path: str) -> list[str]:
        return [path.replace(";", ",").rpartition(",")[2].strip()]

    def pathFromIndex(self, index: object) -> str:  # type: ignore[override]
        editor = self.widget()
        chosen = str(super().pathFromIndex(index))  # type: ignore[arg-type]
        before = editor.text().replace(";", ",").rpartition(",")[0] if isinstance(editor, QLineEdit) else ""
        return f"{before}, {chosen}" if before else chosen
