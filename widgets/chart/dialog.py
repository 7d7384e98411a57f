"""The dialog to find indicators and put them on a chart, and to save and load sets of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.commands import IndicatorInfo
from widgets import theme as look
from widgets.chart import catalogue
from widgets.chart import indicators as ind
from widgets.icons import icon
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.chart.panel import ChartPanel

_INFO = Qt.ItemDataRole.UserRole


class IndicatorDialog(QDialog):
    """Search at the left, what it is at the right, what is on the chart below it. Everything acts at once."""

    def __init__(self, panel: ChartPanel) -> None:
        super().__init__(panel)
        self.panel = panel
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Indicators"))
        self.resize(820, 520)
        self.setStyleSheet(f"QDialog {{ background: {panel.theme.panel}; }}")
        self.search, self.family, self.list = QLineEdit(self), QComboBox(self), QTreeWidget(self)
        self.head, self.about, self.formula = QLabel(self), QLabel(self), QLabel(self)
        self.add_button = QPushButton(tr("Add to the chart"), self)
        self.active = QListWidget(self)
        self.template = QComboBox(self)
        self._lay_out()
        self._fill_families()
        self.search.textChanged.connect(self._fill)
        self.family.currentIndexChanged.connect(self._fill)
        self.list.currentItemChanged.connect(lambda *_: self._describe())
        self.list.itemActivated.connect(lambda *_: self.add())
        self.add_button.clicked.connect(self.add)
        self.search.installEventFilter(self)
        panel.settingsChanged.connect(self._fill_active)
        self._fill()
        self._fill_active()
        self._fill_templates()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    # construction ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self.panel.theme
        self.search.setPlaceholderText(tr("Search by name, idea or formula"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Search indicators"))
        self.list.setUniformRowHeights(True)
        self.list.setRootIsDecorated(False)
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setStyleSheet("QTreeWidget::item { height: 24px; }")
        for column, mode in enumerate(
            (QHeaderView.ResizeMode.Stretch, *2 * (QHeaderView.ResizeMode.ResizeToContents,))
        ):
            self.list.header().setSectionResizeMode(column, mode)
        self.list.header().setStretchLastSection(False)
        left = QVBoxLayout()
        row = QHBoxLayout()
        row.addWidget(self.search, 1)
        row.addWidget(self.family)
        left.addLayout(row)
        left.addWidget(self.list, 1)
        self.head.setFont(look.font(15, bold=True))
        self.head.setWordWrap(True)
        self.about.setStyleSheet(f"color: {theme.dim};")
        self.about.setWordWrap(True)
        self.formula.setWordWrap(True)
        self.formula.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.formula.setStyleSheet(
            f"background: {theme.background}; border: 1px solid {theme.border}; border-radius: 4px; padding: 8px;"
        )
        self.add_button.setProperty("primary", True)
        self.add_button.setDefault(True)
        right = QVBoxLayout()
        for widget in (self.head, self.about, self.formula):
            right.addWidget(widget)
        right.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        right.addStretch(1)
        title = QLabel(tr("On this chart"), self)
        title.setFont(look.font(12, bold=True))
        right.addWidget(title)
        self.active.setMinimumHeight(150)
        right.addWidget(self.active, 2)
        right.addLayout(self._template_row())
        both = QHBoxLayout(self)
        both.setContentsMargins(14, 14, 14, 14)
        both.setSpacing(14)
        both.addLayout(left, 5)
        both.addLayout(right, 4)

    def _template_row(self) -> QHBoxLayout:
        self.template.setEditable(True)
        self.template.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.template.setAccessibleName(tr("Template"))
        edit = self.template.lineEdit()
        assert edit is not None
        edit.setPlaceholderText(tr("Name of a set"))
        row = QHBoxLayout()
        row.addWidget(self.template, 1)
        self.save_button, self.load_button = QPushButton(tr("Save set"), self), QPushButton(tr("Load set"), self)
        self.drop_button = self._tool("close", tr("Delete this set"))
        for button, act in (
            (self.save_button, self._save),
            (self.load_button, self._load),
            (self.drop_button, self._delete),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(act)
            row.addWidget(button)
        for button in (self.save_button, self.load_button):
            button.setAutoDefault(False)
        edit.textChanged.connect(lambda _text: self._enable())
        return row

    def _tool(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    # the catalogue --------------------------------------------------------------------------------------------------

    def _fill_families(self) -> None:
        infos = self.panel.catalogue.values()
        self.family.addItem(tr("All {n}").format(n=len(self.panel.catalogue)), "")
        for name, count in catalogue.families(infos):
            self.family.addItem(f"{name.capitalize()} ({count})", name)

    def _fill(self) -> None:
        self.list.clear()
        dim = QBrush(QColor(self.panel.theme.dim))
        found = catalogue.search(self.panel.catalogue.values(), self.search.text(), self.family.currentData() or "")
        for info in found:
            item = QTreeWidgetItem([info.title, info.name, info.family])
            item.setData(0, _INFO, info.name)
            item.setToolTip(0, info.formula)
            for column in (1, 2):
                item.setForeground(column, dim)
            self.list.addTopLevelItem(item)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        self._describe()

    def info(self) -> IndicatorInfo | None:
        """The one that is chosen in the list."""
        item = self.list.currentItem()
        return self.panel.catalogue.get(item.data(0, _INFO)) if item is not None else None

    def _describe(self) -> None:
        info = self.info()
        self.add_button.setEnabled(info is not None)
        for label in (self.about, self.formula):
            label.setVisible(info is not None)
        if info is None:
            empty = tr("The engine has not told its indicators yet.") if not self.panel.catalogue else ""
            self.head.setText(empty or tr("Nothing is called that. Clear the search to see all."))
            return
        self.head.setText(f"{info.title} ({info.name})")
        where = tr("over the price") if info.scale == "overlay" else tr("in its own pane")
        words = tr("{family}, {where}. First value after {n} bars.")
        self.about.setText(words.format(family=info.family.capitalize(), where=where, n=info.warmup))
        self.formula.setText(info.formula)

    def add(self) -> None:
        """Put the chosen one on the chart with its default parameters; one that is there is given other colours by
        its own settings, so that nothing is added twice."""
        info = self.info()
        if info is None:
            return
        made = ind.from_info(info)
        have = self.panel.stack.indicators
        if all(i.title != made.title for i in have):
            self.panel.set_indicators([*have, made])

    # what is on the chart -------------------------------------------------------------------------------------------

    def _fill_active(self) -> None:
        self.active.clear()
        stack = self.panel.stack
        for indicator in stack.indicators:
            item = QListWidgetItem()
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(6, 0, 4, 0)
            line.setSpacing(2)
            swatch = QLabel(row)
            swatch.setFixedSize(10, 10)
            swatch.setStyleSheet(f"background: {stack.colour_of(indicator.outputs[0].key)}; border-radius: 5px;")
            name = QLabel(indicator.title, row)
            if indicator.hidden:
                name.setStyleSheet(f"color: {self.panel.theme.faint};")
            line.addWidget(swatch)
            line.addSpacing(6)
            line.addWidget(name, 1)
            title = indicator.title
            for symbol, tip, act in (
                ("eye_off" if indicator.hidden else "eye", tr("Hide or show"), self.panel.hide_indicator),
                ("settings", tr("Settings"), self.panel.open_settings),
                ("close", tr("Remove"), self.panel.remove_indicator),
            ):
                button = self._tool(symbol, tip)
                button.clicked.connect(partial(self._act, act, title), Qt.ConnectionType.QueuedConnection)
                line.addWidget(button)
            item.setSizeHint(row.sizeHint())
            self.active.addItem(item)
            self.active.setItemWidget(item, row)
        self._enable()

    @staticmethod
    def _act(act: Callable[[str], object], title: str) -> None:
        # queued: the button that was clicked goes with its row, and must be done with its click first
        act(title)

    # templates ------------------------------------------------------------------------------------------------------

    def _fill_templates(self, name: str = "") -> None:
        self.template.clear()
        self.template.addItems(self.panel.templates.names())
        self.template.setEditText(name)
        self._enable()

    def _enable(self) -> None:
        name = " ".join(self.template.currentText().split())
        known = name in self.panel.templates.names()
        self.save_button.setEnabled(bool(name) and bool(self.panel.stack.indicators))
        self.load_button.setEnabled(known)
        self.drop_button.setEnabled(known)

    def _save(self) -> None:
        name = self.panel.templates.save(self.template.currentText(), self.panel.stack.indicators)
        self.panel.settingsChanged.emit()
        self._fill_templates(name)

    def _load(self) -> None:
        self.panel.apply_template(" ".join(self.template.currentText().split()))

    def _delete(self) -> None:
        self.panel.templates.drop(" ".join(self.template.currentText().split()))
        self.panel.settingsChanged.emit()
        self._fill_templates()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the search field move in the list."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in steps:
            now = self.list.currentItem()
            row = (self.list.indexOfTopLevelItem(now) if now is not None else -1) + steps[Qt.Key(event.key())]
            item = self.list.topLevelItem(min(max(row, 0), self.list.topLevelItemCount() - 1))
            if item is not None:
                self.list.setCurrentItem(item)
            return True
        return super().eventFilter(watched, event)
