"""The back-test's form: what to run, on what, with which parameters and costs. Errors stand under their fields."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import StrategyInfo
from engine.contracts.timeframes import TIMEFRAMES
from widgets.flow import FlowLayout
from widgets.form import Field, choice, line, searchable
from widgets.ink import ink
from widgets.viewmodels import backtest as vm
from widgets.viewmodels import formats


class BacktestForm(QWidget):
    """changed(): any field was edited. `spec()` checks all fields and marks the wrong ones."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._strategies: dict[str, StrategyInfo] = {}
        self._symbols: dict[str, int] = {}
        self.strategy, self.symbol = searchable("Strategy"), line(hint="binance-spot:BTCUSDT")
        self.timeframe = choice(*((t, t) for t in TIMEFRAMES))
        self.timeframe.setCurrentText("1h")
        self.direction = choice(("Both", "both"), ("Long", "long"), ("Short", "short"))
        self.from_text, self.to_text = line(hint="all there is"), line(hint="now")
        self.fee, self.slippage = line(hint="market's"), line("1")
        self.sizing = choice(("Fraction", "fraction"), ("Amount", "amount"))
        self.size, self.cash = line("1"), line("10000")
        self.fields: dict[str, Field] = {
            "strategy": Field("Strategy", self.strategy),
            "symbol": Field("Symbol", self.symbol, "MARKET:NAME, or NAME where only one market has it"),
            "timeframe": Field("Timeframe", self.timeframe),
            "direction": Field("Direction", self.direction),
            "from": Field("From", self.from_text, "2024-01-31, UTC; empty: all there is"),
            "to": Field("To", self.to_text, "2024-01-31, UTC; empty: up to now"),
            "fee": Field("Fee %", self.fee, "Per fill, in percent of the traded value; empty: the market's taker fee"),
            "slippage": Field("Slip bp", self.slippage, "Per fill, against the trader, in basis points"),
            "sizing": Field("Size by", self.sizing),
            "size": Field("Size", self.size, "A fraction of equity, or an amount of the account's currency"),
            "cash": Field("Cash", self.cash, "What the account starts with"),
        }
        self.params: dict[str, QLineEdit] = {}
        self._build()
        self.strategy.currentIndexChanged.connect(lambda _i: self._on_strategy())

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(5)
        f = self.fields
        grid.addWidget(f["strategy"], 0, 0, 1, 4)
        for place, name in enumerate(("symbol", "timeframe", "direction")):
            grid.addWidget(f[name], 1, (0, 2, 3)[place], 1, 2 if place == 0 else 1)
        grid.addWidget(f["from"], 2, 0, 1, 2)
        grid.addWidget(f["to"], 2, 2, 1, 2)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        self._idea = QLabel(wordWrap=True)
        self._idea.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self._idea.hide()
        self._param_grid = QGridLayout()
        self._param_grid.setHorizontalSpacing(6)
        self._param_grid.setVerticalSpacing(5)
        self._money = QGridLayout()
        self._money.setHorizontalSpacing(6)
        self._money.setVerticalSpacing(5)
        self._money_columns = 0
        self._place_money()
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 4, 10, 4)
        box.setSpacing(6)
        box.addLayout(grid)
        box.addLayout(self._ranges())
        box.addWidget(self._idea)
        box.addLayout(self._param_grid)
        box.addLayout(self._money)
        box.addStretch(1)

    def _place_money(self) -> None:
        """Sizing and costs in one row where there is room, else in two."""
        columns = 6 if self.width() >= 400 else 3
        if columns == self._money_columns:
            return
        self._money_columns = columns
        at = 0
        for name in ("sizing", "size", "cash", "fee", "slippage"):
            span = 2 if name == "sizing" and columns == 6 else 1
            self._money.addWidget(self.fields[name], at // columns, at % columns, 1, span)
            at += span
        for column in range(6):
            self._money.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_money()

    def _ranges(self) -> FlowLayout:
        row = FlowLayout(spacing=2)
        self.range_buttons: dict[str, QToolButton] = {}
        for title, days in vm.RANGES.items():
            button = QToolButton()
            button.setText(title)
            button.clicked.connect(lambda _on=False, d=days: self.set_range(d))
            row.addWidget(button)
            self.range_buttons[title] = button
        return row

    now_ms = staticmethod(lambda: 0)

    def set_range(self, days: int) -> None:
        """The last `days` days up to now; 0 = all there is."""
        self.from_text.setText(formats.day(self.now_ms() - days * vm.DAY_MS) if days else "")
        self.to_text.setText("")

    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        """Keep the chosen one when it is still there."""
        chosen = self.strategy_id()
        self._strategies = {s.id: s for s in strategies}
        self.strategy.blockSignals(True)
        self.strategy.clear()
        for s in sorted(self._strategies.values(), key=lambda s: (s.family, s.title)):
            self.strategy.addItem(f"{s.title}  ({s.id})", s.id)
        self.strategy.blockSignals(False)
        self.choose_strategy(chosen or next(iter(self._strategies), ""))

    def choose_strategy(self, name: str) -> None:
        at = self.strategy.findData(name)
        if at >= 0:
            self.strategy.setCurrentIndex(at)
            self._on_strategy()

    def strategy_id(self) -> str:
        """The chosen id; what was typed when it is none of the list."""
        at = self.strategy.findText(self.strategy.currentText())
        return str(self.strategy.itemData(at)) if at >= 0 else self.strategy.currentText().strip()

    def set_symbols(self, digits: dict[str, int]) -> None:
        self._symbols = digits

    def _on_strategy(self) -> None:
        info = self._strategies.get(self.strategy_id())
        self.fields["strategy"].set_error("")
        if info is None:
            return
        self._idea.setText(info.idea)
        self._idea.setVisible(bool(info.idea))
        self._build_params(info)
        self.timeframe.setCurrentText(info.timeframe if info.timeframe in TIMEFRAMES else self.timeframe.currentText())
        at = self.direction.findData(info.direction)
        self.direction.setCurrentIndex(max(at, 0))

    def _build_params(self, info: StrategyInfo) -> None:
        while self._param_grid.count():
            item = self._param_grid.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.params.clear()
        self.fields = {k: v for k, v in self.fields.items() if not k.startswith("param:")}
        for k, (name, (default, grid)) in enumerate(info.params.items()):
            editor = line(formats.trimmed(default))
            values = ", ".join(formats.trimmed(v) for v in grid)
            made = Field(name, editor, f"Default {formats.trimmed(default)}; searched over {values}" if values else "")
            self._param_grid.addWidget(made, k // 4, k % 4)
            self.params[name] = editor
            self.fields[f"param:{name}"] = made
        for column in range(4):
            self._param_grid.setColumnStretch(column, 1)

    def form(self) -> vm.Form:
        """What stands in the fields."""
        return vm.Form(
            strategy=self.strategy_id(),
            symbol=self.symbol.text(),
            timeframe=self.timeframe.currentText(),
            from_text=self.from_text.text(),
            to_text=self.to_text.text(),
            params={n: e.text() for n, e in self.params.items()},
            fee_text=self.fee.text(),
            slippage_text=self.slippage.text(),
            sizing=str(self.sizing.currentData()),
            size_text=self.size.text(),
            cash_text=self.cash.text(),
            direction=str(self.direction.currentData()),
        )

    def spec(self) -> BacktestSpec | None:
        """The run that was asked for; None when a field is wrong, which is then marked and gets the focus."""
        spec, errors = vm.check(self.form(), self._strategies, self._symbols)
        for name, field in self.fields.items():
            field.set_error(errors.get(name, ""))
        if errors:
            first = next((f for n, f in self.fields.items() if n in errors), None)
            if first is not None:
                first.editor.setFocus()
        return spec
