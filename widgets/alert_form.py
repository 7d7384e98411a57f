"""The form of one alert rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.alerts import AlertRule
from engine.contracts.errors import BadInput
from engine.contracts.signals import CONFIRMED, ENTRY, EXIT, LONG, PROVISIONAL, SHORT
from widgets.expression_edit import ExpressionEdit
from widgets.flow import Flow
from widgets.ink import ink
from widgets.texts import mark, tr
from widgets.viewmodels import alerts as vm

SIGNALS, SCAN = range(2)


class AlertForm(QWidget):
    """saved(text): the rule as a line, checked as far as the window can. lists: names of one's own; symbols: what each
    holds."""

    saved = Signal(str)

    def __init__(
        self,
        timeframes: Sequence[str],
        strategies: dict[str, str],
        lists: Sequence[str],
        symbols: Callable[[str], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._symbols = symbols
        self._rule = vm.NEW
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("for your eyes"))
        self.what = _choice((tr("Signals of strategies"), SIGNALS), (tr("A filter in the rules language"), SCAN))
        self.where = QComboBox(editable=True)
        self.where.addItem(tr("All symbols"), "*")
        for name in lists:
            self.where.addItem(tr("List: {name}").format(name=name), f"list:{name}")
        self.where.setToolTip(tr("Or write symbols: BTCUSDT|ETHUSDT, binance-spot:*, *USDC"))
        self.timeframe = _choice((tr("All timeframes"), "*"), *((t, t) for t in timeframes))
        self.pages = QStackedWidget()
        self.pages.addWidget(self._signals_page(strategies))
        self.pages.addWidget(self._scan_page())
        self.ways = {way: QCheckBox(tr(words)) for way, words in vm.WAYS.items()}
        self.error = QLabel(wordWrap=True)
        self.error.setStyleSheet(f"color: {ink()['down'].name()};")
        self.save = QPushButton(tr("Save the rule"))
        self.save.setProperty("primary", True)
        self.save.clicked.connect(self._on_save)
        self.what.currentIndexChanged.connect(self._on_what)
        self._lay_out()
        self.put(vm.NEW)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(_label(mark("Name")), self.name)
        form.addRow(_label(mark("Tell me of")), self.what)
        form.addRow(self.pages)
        form.addRow(_label(mark("On")), self.where)
        form.addRow(_label(mark("Timeframe")), self.timeframe)
        ways = Flow(spacing=8)
        for box in self.ways.values():
            ways.addWidget(box)
        form.addRow(_label(mark("By")), ways)
        foot = QHBoxLayout()
        foot.addWidget(self.error, 1)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(foot)

    def _signals_page(self, strategies: dict[str, str]) -> QWidget:
        self.strategy = QComboBox(editable=True)
        self.strategy.addItem(tr("All strategies"), "*")
        for family in sorted(set(strategies.values())):
            self.strategy.addItem(f"▸ {family}", f"family:{family}")
        for name in sorted(strategies):
            self.strategy.addItem(name, name)
        self.strategy.setToolTip(tr("Or write a pattern: rsi_*"))
        self.side = _choice((tr("Long and short"), "*"), (tr("Long"), LONG), (tr("Short"), SHORT))
        self.action = _choice((tr("Entries and exits"), "*"), (tr("Entries"), ENTRY), (tr("Exits"), EXIT))
        both = f"{CONFIRMED}|{PROVISIONAL}"
        self.kind = _choice(
            (tr("Confirmed"), CONFIRMED), (tr("Provisional"), PROVISIONAL), (tr("Confirmed and provisional"), both)
        )
        self.strength = QLineEdit()
        self.strength.setPlaceholderText(tr("any; 1 = a usual move of a bar"))
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_label(mark("Strategy")), self.strategy)
        form.addRow(_label(mark("Side")), self.side)
        form.addRow(_label(mark("Action")), self.action)
        form.addRow(_label(mark("Kind")), self.kind)
        form.addRow(_label(mark("Strength from")), self.strength)
        return page

    def _scan_page(self) -> QWidget:
        self.scan = ExpressionEdit("RSI(14) < 30 and volume > SMA(volume, 20) * 2")
        hint = QLabel(tr("Told when a symbol begins to meet it with a bar's close."), wordWrap=True)
        hint.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_label(mark("Filter")), self.scan)
        form.addRow(hint)
        self.scan.textChanged.connect(lambda _t: self.scan.mark_right())
        return page

    def put(self, rule: AlertRule) -> None:
        """Show a rule."""
        self._rule = rule
        self.name.setText(rule.name)
        self.what.setCurrentIndex(SCAN if rule.scan else SIGNALS)
        self.scan.setText(rule.scan)
        _put(self.strategy, f"family:{rule.family}" if rule.family != "*" else rule.strategy)
        for box, value in ((self.side, rule.side), (self.action, rule.action), (self.kind, rule.kind)):
            _put(box, value)
        _put(self.timeframe, rule.timeframe)
        self.strength.setText("" if rule.strength == -math.inf else f"{rule.strength:g}")
        _put(self.where, f"list:{rule.list}" if rule.list else rule.symbol)
        for way, box in self.ways.items():
            box.setChecked(getattr(rule, way))
        self.refuse("")
        self._on_what()

    def refuse(self, text: str, at: int | None = None) -> None:
        """What is wrong; at: the place in the filter, None elsewhere."""
        self.error.setText(text)
        if at is not None:
            self.scan.mark_wrong(at, text)

    def rule(self) -> AlertRule:
        """What stands in the fields; BadInput where it is no number."""
        where, scan = _value(self.where), self.what.currentData() == SCAN
        given = {way: box.isChecked() for way, box in self.ways.items()}
        named = where.removeprefix("list:") if where.startswith("list:") else ""
        held = list(self._symbols(named)) if named else []
        if named and not held:
            raise BadInput(tr('The list "{name}" is empty.').format(name=named))
        base = AlertRule(
            text="", name=self.name.text().strip(), list=named, off=self._rule.off,
            symbol="|".join(held) if named else where, timeframe=self.timeframe.currentData(), **given,
        )  # fmt: skip
        if scan:
            if not self.scan.text().strip():
                raise BadInput(tr("Write a filter, as RSI(14) < 30."))
            return msgspec.structs.replace(base, scan=self.scan.text().strip())
        strategy = _value(self.strategy)
        family = strategy.removeprefix("family:") if strategy.startswith("family:") else "*"
        return msgspec.structs.replace(
            base, strategy="*" if family != "*" else strategy, family=family, side=self.side.currentData(),
            action=self.action.currentData(), kind=self.kind.currentData(), strength=self._strength(),
        )  # fmt: skip

    def _strength(self) -> float:
        text = self.strength.text().strip().replace(",", ".")
        try:
            return float(text) if text else -math.inf
        except ValueError:
            raise BadInput(tr('"{text}" is not a number.').format(text=text)) from None

    def _on_what(self) -> None:
        scan = self.what.currentData() == SCAN
        self.pages.setCurrentIndex(SCAN if scan else SIGNALS)
        if scan and self.timeframe.currentData() == "*" and self.timeframe.count() > 1:
            self.timeframe.setCurrentIndex(1)

    def _on_save(self) -> None:
        try:
            text = vm.written(self.rule())
        except BadInput as error:
            self.refuse(f"{error.what} {error.fix}".strip())
            return
        self.refuse("")
        self.saved.emit(text)


def _label(text: str) -> QLabel:
    """As wide in all parts of the form."""
    made = QLabel(tr(text))
    made.setMinimumWidth(84)
    return made


def _choice(*items: tuple[str, object]) -> QComboBox:
    box = QComboBox()
    for title, key in items:
        box.addItem(title, key)
    return box


def _put(box: QComboBox, key: str) -> None:
    """Choose an item; in an editable box what is none is written."""
    at = box.findData(key)
    if at >= 0:
        box.setCurrentIndex(at)
    elif box.isEditable():
        box.setEditText(key)
    else:
        box.addItem(key, key)
        box.setCurrentIndex(box.count() - 1)


def _value(box: QComboBox) -> str:
    """The key of the chosen item, or what was written."""
    text = box.currentText().strip()
    at = box.findText(text)
    return str(box.itemData(at)) if at >= 0 else text.replace(" ", "") or "*"
