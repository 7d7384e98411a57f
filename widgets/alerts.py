"""The dialog of alerts: rules, the channels that the engine sends them by, and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.alerting import AlertChannels, AlertSetup, Delivery
from engine.contracts.alerts import AlertRule, rule_text
from widgets.alert_channels import ChannelsPage
from widgets.alert_form import AlertForm
from widgets.icons import icon
from widgets.ink import ink
from widgets.texts import tr
from widgets.viewmodels import alerts as vm
from widgets.viewmodels import formats


class AlertsDialog(QDialog):
    """rulesChanged(list of lines, AlertChannels | None): use these. secretGiven(channel, value), testAsked(channel)."""

    rulesChanged = Signal(object, object)
    secretGiven = Signal(str, str)
    testAsked = Signal(str)

    def __init__(
        self,
        timeframes: Sequence[str],
        strategies: dict[str, str],
        lists: Sequence[str],
        symbols: Callable[[str], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Alerts"))
        self.resize(860, 540)
        self.setup: AlertSetup | None = None
        #: the number of the rule that stands in the form, -1 a new one
        self.editing = -1
        self.form = AlertForm(timeframes, strategies, lists, symbols)
        self.form.saved.connect(self._on_saved)
        self.channels = ChannelsPage()
        self.channels.channelsChanged.connect(self._on_channels)
        self.channels.secretGiven.connect(self.secretGiven)
        self.channels.testAsked.connect(self.testAsked)
        self.sent = QTableWidget(0, 4)
        self.sent.setHorizontalHeaderLabels([tr("Time"), tr("Channel"), tr("Result"), tr("What")])
        self.sent.horizontalHeader().setStretchLastSection(True)
        self.sent.verticalHeader().hide()
        self.sent.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.tabs = QTabWidget()
        self.tabs.addTab(self._rules_page(), tr("Rules"))
        self.tabs.addTab(self.channels, tr("Channels"))
        self.tabs.addTab(self.sent, tr("Sent"))
        column = QVBoxLayout(self)
        column.addWidget(self.tabs, 1)
        self.foot = QLabel(tr("Waiting for the engine"))
        self.foot.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        column.addWidget(self.foot)

    def _rules_page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        left = QVBoxLayout()
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setAccessibleName(tr("Alert rules"))
        self.list.currentRowChanged.connect(self._on_row)
        self.list.itemChanged.connect(self._on_checked)
        self.new, self.remove = QPushButton(icon("bell"), tr("New rule")), QPushButton(tr("Delete"))
        self.new.clicked.connect(lambda: self.begin(vm.NEW))
        self.remove.clicked.connect(self._on_remove)
        buttons = QHBoxLayout()
        for button in (self.new, self.remove):
            button.setProperty("outlined", True)
            buttons.addWidget(button)
        left.addWidget(self.list, 1)
        left.addLayout(buttons)
        row.addLayout(left, 2)
        row.addWidget(self.form, 3)
        return page

    # what the engine has ----
    def show_setup(self, setup: AlertSetup) -> None:
        """The engine's rules, channels and log."""
        self.setup = setup
        self.list.blockSignals(True)
        self.list.clear()
        for text in setup.rules:
            self.list.addItem(_item(text, fixed=False))
        for text in setup.fixed:
            self.list.addItem(_item(text, fixed=True))
        if 0 <= self.editing < len(setup.rules):
            self.list.setCurrentRow(self.editing)
        self.list.blockSignals(False)
        self.channels.show_setup(setup)
        self._show_log(setup)

    def begin(self, rule: AlertRule) -> None:
        """A new rule in the form."""
        self.tabs.setCurrentIndex(0)
        self.editing = -1
        self.list.setCurrentRow(-1)
        self.form.put(rule)
        self.form.name.setFocus()

    def refused(self, what: str, at: int | None = None) -> None:
        """The engine cannot use the rule in the form."""
        self.form.refuse(what, at)

    def tested(self, done: Delivery) -> None:
        self.channels.tested(done)

    def _show_log(self, setup: AlertSetup) -> None:
        self.sent.setRowCount(len(setup.log))
        for row, done in enumerate(reversed(setup.log)):
            result = tr("sent") if done.ok else tr("failed after {n} tries").format(n=done.tries)
            cells = (formats.clock(done.ts), done.channel, result, done.text)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if not done.ok and column == 2:
                    item.setForeground(ink()["down"])
                self.sent.setItem(row, column, item)
        waiting, dropped = sum(setup.waiting.values()), sum(setup.dropped.values())
        parts = [tr("{n} rules").format(n=len(setup.rules) + len(setup.fixed))]
        parts += [tr("{n} waiting to be sent").format(n=waiting)] if waiting else []
        parts += [tr("{n} dropped, too many at once").format(n=dropped)] if dropped else []
        self.foot.setText(" · ".join(parts))

    # what a person does ----
    def _rules(self) -> list[str]:
        return list(self.setup.rules) if self.setup is not None else []

    def _on_row(self, row: int) -> None:
        if self.setup is None or row < 0:
            return
        fixed = row >= len(self.setup.rules)
        text = self.setup.fixed[row - len(self.setup.rules)] if fixed else self.setup.rules[row]
        rule = vm.read(text)
        self.editing = -1 if fixed else row
        if rule is not None:
            self.form.put(rule)
        self.remove.setEnabled(not fixed)

    def _on_saved(self, text: str) -> None:
        rules = self._rules()
        if 0 <= self.editing < len(rules):
            rules[self.editing] = text
        else:
            rules.append(text)
            self.editing = len(rules) - 1
        self.rulesChanged.emit(rules, None)

    def _on_remove(self) -> None:
        rules, row = self._rules(), self.list.currentRow()
        if 0 <= row < len(rules):
            del rules[row]
            self.editing = -1
            self.form.put(vm.NEW)
            self.rulesChanged.emit(rules, None)

    def _on_checked(self, item: QListWidgetItem) -> None:
        rules, row = self._rules(), self.list.row(item)
        rule = vm.read(rules[row]) if 0 <= row < len(rules) else None
        if rule is not None:
            off = item.checkState() != Qt.CheckState.Checked
            rules[row] = rule_text(msgspec.structs.replace(rule, off=off))
            self.rulesChanged.emit(rules, None)

    def _on_channels(self, channels: AlertChannels) -> None:
        self.rulesChanged.emit(self._rules(), channels)


def _item(text: str, *, fixed: bool) -> QListWidgetItem:
    rule = vm.read(text)
    if rule is None:
        return QListWidgetItem(text)
    words = vm.title(rule) + (f"\n{vm.summary(rule)}" if rule.name else "") + f"\n→ {vm.ways(rule) or tr('nothing')}"
    item = QListWidgetItem(words + ("\n" + tr("from the settings file") if fixed else ""))
    item.setToolTip(text)
    if fixed:
        item.setForeground(ink()["dim"])
    else:
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked if rule.off else Qt.CheckState.Checked)
    return item
