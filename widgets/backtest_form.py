"""The back-test's form: what to run, on what, with which parameters and costs. Errors stand under their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.commands import StrategyInfo
from engine.contracts.timeframes import TIMEFRAMES
from widgets.backtest_more import MoreFields
from widgets.flow import Flow
from widgets.form import Field, ListCompleter, choice, line, searchable
from widgets.icons import icon
from widgets.ink import ink
from widgets.texts import tr
from widgets.viewmodels import backtest_form as vm
from widgets.viewmodels import formats


class BacktestForm(QWidget):
    """changed(): any field was edited. `asked()` checks all fields and marks the wrong ones."""

    changed = Signal()

    def __init__(self, now_ms: Callable[[], int] = lambda: 0) -> None:
        super().__init__()
        self.now_ms = now_ms
        self._strategies: dict[str, StrategyInfo] = {}
        self._symbols: dict[str, int] = {}
        self._kept_params: dict[str, str] = {}
        self.strategy, self.symbol = searchable(tr("Strategy")), line(hint="binance-spot:BTCUSDT, ETHUSDT")
        self.timeframe = choice(*((t, t) for t in TIMEFRAMES))
        self.timeframe.setCurrentText("1h")
        self.together = choice((tr("Each by itself"), "each"), (tr("On one account"), "account"))
        self.from_text, self.to_text = line(hint=tr("all there is")), line(hint=tr("now"))
        self.more = MoreFields()
        self.params: dict[str, QLineEdit] = {}
        self._param_fields: dict[str, Field] = {}
        several = tr("MARKET:NAME, or NAME where only one market has it; several with commas")
        self._own: dict[str, Field] = {
            "strategy": Field(tr("Strategy"), self.strategy),
            "symbol": Field(tr("Symbols"), self.symbol, several),
            "timeframe": Field(tr("Timeframe"), self.timeframe),
            "together": Field(tr("Several symbols"), self.together),
            "from": Field(tr("From"), self.from_text, tr("2024-01-31, UTC; empty: all there is")),
            "to": Field(tr("To"), self.to_text, tr("2024-01-31, UTC; empty: up to now")),
        }
        self._build()
        self._wire()

    @property
    def fields(self) -> dict[str, Field]:
        """Every field by name."""
        return {**self._own, **self.more.fields, **self._param_fields}

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(5)
        f = self._own
        grid.addWidget(f["strategy"], 0, 0, 1, 4)
        grid.addWidget(f["symbol"], 1, 0, 1, 3)
        grid.addWidget(f["timeframe"], 1, 3)
        grid.addWidget(f["together"], 2, 0, 1, 4)
        grid.addWidget(f["from"], 3, 0, 1, 2)
        grid.addWidget(f["to"], 3, 2, 1, 2)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        f["together"].hide()
        self._idea = QLabel(wordWrap=True)
        self._idea.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self._idea.hide()
        self._param_grid = QGridLayout()
        self._param_grid.setHorizontalSpacing(6)
        self._param_grid.setVerticalSpacing(5)
        self.fold = QToolButton()
        self.fold.setCheckable(True)
        self.fold.setArrowType(Qt.ArrowType.RightArrow)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setStyleSheet(f"QToolButton {{ color: {ink()['dim'].name()}; text-align: left; padding: 3px 2px; }}")
        self.fold.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.more.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 4, 10, 4)
        box.setSpacing(6)
        box.addLayout(grid)
        box.addWidget(self._ranges())
        box.addWidget(self._idea)
        box.addLayout(self._param_grid)
        box.addWidget(self.fold)
        box.addWidget(self.more)
        box.addStretch(1)
        self._summarise()

    def _wire(self) -> None:
        self.follow = QAction(icon("chart", "accent"), tr("Follow the chart's symbol"), self)
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.symbol.addAction(self.follow, QLineEdit.ActionPosition.TrailingPosition)
        self.follow.toggled.connect(lambda on: self.follow.setIcon(icon("chart", "accent" if on else "faint")))
        self._names = QStringListModel(self)
        completer = ListCompleter(self)
        completer.setModel(self._names)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.symbol.setCompleter(completer)
        self.symbol.textEdited.connect(lambda _t: self.follow.setChecked(False))
        self.symbol.textChanged.connect(lambda _t: self._on_symbols())
        self.strategy.currentIndexChanged.connect(lambda _i: self._on_strategy())
        self.together.currentIndexChanged.connect(lambda _i: self._on_symbols())
        self.fold.toggled.connect(self._on_fold)
        self.more.changed.connect(self._summarise)
        for editor in (self.symbol, self.from_text, self.to_text):
            editor.textChanged.connect(lambda _t: self.changed.emit())

    def _ranges(self) -> Flow:
        row = Flow(spacing=2)
        self.range_buttons: dict[str, QToolButton] = {}
        for title, days in vm.RANGES.items():
            button = QToolButton()
            button.setText(tr(title))
            button.clicked.connect(lambda _on=False, d=days: self.set_range(d))
            row.addWidget(button)
            self.range_buttons[title] = button
        return row

    def _on_fold(self, open_: bool) -> None:
        self.more.setVisible(open_)
        self.fold.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)

    def _summarise(self) -> None:
        text = tr("More: {what}").format(what=vm.summary(self.form()))
        self.fold.setText(text)
        self.fold.setToolTip(text)
        self.changed.emit()

    def _on_symbols(self) -> None:
        several = len(vm.symbols_of(self.symbol.text())) > 1
        self._own["together"].setVisible(several)
        self.more.set_several(several and self.together.currentData() == "account")

    def set_range(self, days: int) -> None:
        """The last `days` days up to now; 0 = all there is."""
        self.from_text.setText(formats.day(self.now_ms() - days * vm.DAY_MS) if days else "")
        self.to_text.setText("")

    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        """Keep the chosen one when it is still there."""
        chosen = self.strategy_id()
        before = {n: e.text() for n, e in self.params.items()}
        self._strategies = {s.id: s for s in strategies}
        self.strategy.blockSignals(True)
        self.strategy.clear()
        for s in sorted(self._strategies.values(), key=lambda s: (s.family, s.title)):
            self.strategy.addItem(f"{s.title}  ({s.id})", s.id)
        self.strategy.blockSignals(False)
        self.choose_strategy(chosen or next(iter(self._strategies), ""))
        if chosen == self.strategy_id():
            self._fill_params(before)

    def choose_strategy(self, name: str) -> None:
        at = self.strategy.findData(name)
        if at >= 0:
            self.strategy.setCurrentIndex(at)
            self._on_strategy()
        elif not self._strategies:
            # the list is still to come
            self.strategy.setEditText(name)

    def strategy_id(self) -> str:
        """The chosen id; what was typed when it is none of the list."""
        at = self.strategy.findText(self.strategy.currentText())
        return str(self.strategy.itemData(at)) if at >= 0 else self.strategy.currentText().strip()

    def set_symbols(self, digits: dict[str, int]) -> None:
        """Known symbols and the decimals of their prices."""
        self._symbols = digits
        self._names.setStringList(list(digits))

    def follow_symbol(self, symbol: str) -> None:
        """The chart shows another symbol: take it over unless the person wrote one."""
        if self.follow.isChecked() and symbol:
            self.symbol.setText(symbol)

    def _on_strategy(self) -> None:
        info = self._strategies.get(self.strategy_id())
        self._own["strategy"].set_error("")
        if info is None:
            return
        self._idea.setText(info.idea)
        self._idea.setVisible(bool(info.idea))
        self._build_params(info)
        self.timeframe.setCurrentText(info.timeframe if info.timeframe in TIMEFRAMES else self.timeframe.currentText())
        at = self.more.direction.findData(info.direction)
        self.more.direction.setCurrentIndex(max(at, 0))

    def _build_params(self, info: StrategyInfo) -> None:
        while self._param_grid.count():
            item = self._param_grid.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.params.clear()
        self._param_fields = {}
        for k, (name, (default, grid)) in enumerate(info.params.items()):
            editor = line(formats.trimmed(default))
            values = ", ".join(formats.trimmed(v) for v in grid)
            tip = tr("Default {value}; searched over {values}").format(value=formats.trimmed(default), values=values)
            made = Field(name, editor, tip if values else "")
            self._param_grid.addWidget(made, k // 4, k % 4)
            self.params[name] = editor
            self._param_fields[f"param:{name}"] = made
        for column in range(4):
            self._param_grid.setColumnStretch(column, 1)

    def _fill_params(self, values: dict[str, str]) -> None:
        for name, text in values.items():
            if name in self.params:
                self.params[name].setText(text)

    def form(self) -> vm.Form:
        """What stands in the fields."""
        made = vm.Form(
            strategy=self.strategy_id(),
            symbol=self.symbol.text(),
            timeframe=self.timeframe.currentText(),
            from_text=self.from_text.text(),
            to_text=self.to_text.text(),
            params={n: e.text() for n, e in self.params.items()},
            together=str(self.together.currentData()),
        )
        self.more.read(made)
        return made

    def fill(self, form: vm.Form) -> None:
        """Put this into the fields."""
        self.choose_strategy(form.strategy)
        self.symbol.setText(form.symbol)
        self.timeframe.setCurrentText(form.timeframe)
        self.from_text.setText(form.from_text)
        self.to_text.setText(form.to_text)
        self.together.setCurrentIndex(max(self.together.findData(form.together), 0))
        self.more.fill(form)
        if self._strategies:
            self._fill_params(form.params)

    def asked(self) -> vm.Asked | None:
        """The runs that were asked for; None when a field is wrong, which is then marked and gets the focus."""
        asked, errors = vm.check(self.form(), self._strategies, self._symbols)
        for name, field in self.fields.items():
            field.set_error(errors.get(name, ""))
        if errors:
            if any(name in self.more.fields for name in errors):
                self.fold.setChecked(True)
            first = next((f for n, f in self.fields.items() if n in errors), None)
            if first is not None:
                first.editor.setFocus()
        return asked
