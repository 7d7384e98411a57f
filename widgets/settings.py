"""The settings dialog, made from the declared settings: a page a section, a field a setting, with its help, unit,
default and what must be restarted for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.errors import BadInput
from engine.contracts.settings import SETTINGS, Setting, Settings, Value
from engine.contracts.settings_load import parse_value
from widgets.form import choice, line
from widgets.ink import ink
from widgets.texts import mark, tr

#: section -> its heading
HEADINGS = {
    "general": mark("General"),
    "feeds": mark("Feeds"),
    "candles": mark("Candles"),
    "indicators": mark("Indicators"),
    "warmup": mark("Warm-up"),
    "engine": mark("Engine"),
    "bus": mark("Connection"),
    "store": mark("Storage"),
    "signals": mark("Signals"),
    "alerts": mark("Alerts"),
    "journal": mark("Journal"),
    "backtest": mark("Back-test"),
    "jobs": mark("Jobs"),
    "window": mark("Window"),
}
RESTARTS = {"engine": mark("after a restart of the engine"), "window": mark("after a restart of the window")}


class Row(QWidget):
    """One setting: name, editor, help, and what is wrong with it."""

    def __init__(self, setting: Setting, value: Value, forced: str, changed: Callable[[], None]) -> None:
        super().__init__()
        self.setting, self._first = setting, value
        paint = ink()
        name = tr(setting.key.partition(".")[2].replace("_", " ").capitalize())
        title = QLabel(name)
        title.setFont(paint.bold)
        self.editor = self._editor(value)
        self.editor.setAccessibleName(name)
        self.editor.setEnabled(not forced)
        about = [tr(setting.help)]
        if setting.unit:
            about.append(tr("In {unit}.").format(unit=tr(setting.unit)))
        if setting.restart:
            about.append(tr("Counts {when}.").format(when=tr(RESTARTS[setting.restart])))
        if forced:
            about.append(tr("Set by {what} for this run.").format(what=forced))
        help_text = QLabel(" ".join(about), wordWrap=True)
        help_text.setStyleSheet(f"color: {paint['dim'].name()};")
        self.error = QLabel(wordWrap=True)
        self.error.setStyleSheet(f"color: {paint['down'].name()};")
        self.error.hide()
        self.back = QPushButton(tr("Default"))
        self.back.setToolTip(tr("Back to {value}").format(value=words(setting.default) or tr("empty")))
        self.back.clicked.connect(lambda: self.show_value(setting.default))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.back)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 10)
        box.setSpacing(3)
        box.addLayout(head)
        for widget in (self.editor, help_text, self.error):
            box.addWidget(widget)
        self._changed = changed
        self._check()

    def _editor(self, value: Value) -> QWidget:
        if self.setting.kind is bool:
            made = QCheckBox(tr("on"))
            made.setChecked(bool(value))
            made.toggled.connect(lambda _on: self._edited())
            return made
        if self.setting.kind is str and self.setting.choices:
            box = choice(*((tr(c), c) for c in self.setting.choices))
            box.setCurrentIndex(max(0, box.findData(value)))
            box.currentIndexChanged.connect(lambda _at: self._edited())
            return box
        field = line(words(value), tr("empty"))
        field.textChanged.connect(lambda _text: self._edited())
        return field

    def text(self) -> str:
        if isinstance(self.editor, QCheckBox):
            return "true" if self.editor.isChecked() else "false"
        if isinstance(self.editor, QComboBox):
            return str(self.editor.currentData())
        assert isinstance(self.editor, QLineEdit)
        return self.editor.text()

    def show_value(self, value: Value) -> None:
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        elif isinstance(self.editor, QComboBox):
            self.editor.setCurrentIndex(max(0, self.editor.findData(value)))
        elif isinstance(self.editor, QLineEdit):
            self.editor.setText(words(value))

    def value(self) -> Value:
        """What is written; BadInput where it is not allowed."""
        return parse_value(self.setting, self.text(), "")

    @property
    def is_changed(self) -> bool:
        return self.text() != words(self._first)

    def _edited(self) -> None:
        self._check()
        self._changed()

    def _check(self) -> None:
        wrong = ""
        try:
            if self.is_changed:
                self.value()
        except BadInput as error:
            wrong = str(error)
        self.error.setText(wrong)
        self.error.setVisible(bool(wrong))
        self.back.setVisible(self.text() != words(self.setting.default) and self.editor.isEnabled())


def words(value: Value) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


class SettingsDialog(QDialog):
    """save(values) is called with what was changed; it raises PyroError where that cannot be kept.

    settings: those of the file. forced: key -> what outweighs the file in this run (environment, command line).
    """

    def __init__(
        self,
        settings: Settings,
        forced: Mapping[str, str],
        save: Callable[[dict[str, Value]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 620)
        self._save = save
        self.rows = {k: Row(s, settings.get(k), forced.get(k, ""), self._edited) for k, s in SETTINGS.items()}
        self.search = line("", tr("Search the settings"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.sections = QListWidget()
        self.sections.setFixedWidth(170)
        self.sections.setStyleSheet("QListWidget::item { padding: 5px 8px; }")
        self.pages = QStackedWidget()
        for section in dict.fromkeys(key.partition(".")[0] for key in SETTINGS):
            self.sections.addItem(tr(HEADINGS.get(section, section.capitalize())))
            self.pages.addWidget(self._page(section))
        self.sections.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.sections.setCurrentRow(0)
        self.note = QLabel(wordWrap=True)
        self.ok, self.cancel = QPushButton(tr("Save")), QPushButton(tr("Cancel"))
        self.ok.setProperty("primary", True)
        self.ok.setDefault(True)
        self.cancel.setProperty("outlined", True)
        self.ok.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._lay_out()
        self._edited()

    def _lay_out(self) -> None:
        middle, below = QHBoxLayout(), QHBoxLayout()
        middle.addWidget(self.sections)
        middle.addWidget(self.pages, 1)
        below.addWidget(self.note, 1)
        below.addWidget(self.cancel)
        below.addWidget(self.ok)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addLayout(middle, 1)
        column.addLayout(below)

    def _page(self, section: str) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 8, 20, 8)
        for key, row in self.rows.items():
            if key.partition(".")[0] == section:
                column.addWidget(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        return area

    def show_section(self, section: str) -> None:
        names = list(dict.fromkeys(key.partition(".")[0] for key in SETTINGS))
        self.sections.setCurrentRow(names.index(section))

    def changed(self) -> dict[str, Row]:
        return {k: r for k, r in self.rows.items() if r.is_changed}

    def accept(self) -> None:
        """Save what was changed; a value that is not allowed keeps the dialog open on it."""
        values: dict[str, Value] = {}
        for key, row in self.changed().items():
            try:
                values[key] = row.value()
            except BadInput:
                self.show_section(key.partition(".")[0])
                row.editor.setFocus()
                return
        if values:
            self._save(values)
        super().accept()

    def _edited(self) -> None:
        if not hasattr(self, "ok"):
            return
        changed = self.changed()
        self.ok.setEnabled(bool(changed) and not any(r.error.text() for r in changed.values()))
        waits = sorted({r.setting.restart for r in changed.values() if r.setting.restart})
        said = [tr("{n} changed.").format(n=len(changed))] if changed else []
        said += [tr("Counts {when}.").format(when=tr(RESTARTS[w])) for w in waits]
        self.note.setText(" ".join(said))

    def _filter(self, text: str) -> None:
        """Show the settings that hold all of the words, and the first section that has one."""
        wanted = text.lower().split()
        sections = list(dict.fromkeys(key.partition(".")[0] for key in SETTINGS))
        hits = dict.fromkeys(sections, 0)
        for key, row in self.rows.items():
            fits = all(w in f"{key} {tr(row.setting.help)}".lower() for w in wanted)
            row.setVisible(fits)
            hits[key.partition(".")[0]] += fits
        for at, section in enumerate(sections):
            self.sections.item(at).setHidden(not hits[section])
        if self.sections.currentItem() is not None and self.sections.currentItem().isHidden():
            shown = [at for at, s in enumerate(sections) if hits[s]]
            if shown:
                self.sections.setCurrentRow(shown[0])
