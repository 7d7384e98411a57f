"""What to walk, on what and how it is cut; the rest lies folded under "More". Errors stand under their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from engine.contracts.commands import StrategyInfo
from engine.contracts.robustness import Limits
from engine.contracts.timeframes import TIMEFRAMES
from engine.contracts.walkforward import WalkForwardSpec
from widgets.form import Field, choice, line, searchable
from widgets.texts import mark, tr
from widgets.viewmodels import walkforward_form as vm

_MAIN = ("symbol", "strategies", "timeframe", "train", "test", "kind", "objective")
_MORE = (
    "from", "to", "purge", "embargo", "mode", "windows", "test_share", "choice", "method", "samples", "most_sets",
    "min_trades", "direction", "fee", "slippage", "cash", "rounded",
)  # fmt: skip
#: field -> (title, meaning)
_TITLES: dict[str, tuple[str, str]] = {
    "symbol": (mark("Symbol"), mark("MARKET:NAME, or NAME where only one market has it")),
    "strategies": (mark("Strategies"), mark("All, a family, or one; several ids with commas")),
    "timeframe": (mark("Timeframe"), mark("Of the decisions; own: each strategy's own")),
    "train": (mark("Train"), mark("Length of a train part: 12mo, 90d, 26w, 5000bars")),
    "test": (mark("Test"), mark("Length of a test part; the next window begins where it ends")),
    "kind": (mark("Windows"), mark("Rolling: train parts of one length. Anchored: all begin at the start")),
    "objective": (mark("Maximise"), mark("What train parts maximise: a figure, or a formula as sharpe * sqrt(trades)")),
    "from": (mark("From"), mark("2024-01-31, UTC; empty: all there is")),
    "to": (mark("To"), mark("2024-01-31, UTC; empty: up to now")),
    "purge": (mark("Purge"), mark("Left out at the end of each train part, next to its test; shortens train only")),
    "embargo": (mark("Embargo"), mark("Left out at the start of train parts that follow a test")),
    "mode": (mark("Cut"), mark("By lengths, or into so many windows")),
    "windows": (mark("Number"), mark("Windows over the whole range")),
    "test_share": (mark("Test %"), mark("Share of a window that is test")),
    "choice": (mark("Choose"), mark("The best set, or the best neighbourhood of sets")),
    "method": (mark("Search"), mark("All sets of the grids, some at random, or a guided search")),
    "samples": (mark("Samples"), mark("Of a random or guided search")),
    "most_sets": (mark("Most sets"), mark("Of a grid, spread evenly over it; empty: all")),
    "min_trades": (mark("Min. trades"), mark("Fewer in a train part and a set is not chosen there")),
    "direction": (mark("Direction"), ""),
    "fee": (mark("Fee %"), mark("Per fill, in percent of the traded value; empty: the market's taker fee")),
    "slippage": (mark("Slip bp"), mark("Per fill, against the trader, in basis points")),
    "cash": (mark("Cash"), mark("What the account starts with")),
    "rounded": ("", mark("Quantities are rounded to the lot, as in a single back-test: takes much longer")),
}


class WalkFormView(QWidget):
    """changed(): something was edited. more: whether the folded part is open."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._strategies: dict[str, StrategyInfo] = {}
        self._symbols: list[str] = []
        self.more = False
        self._placed: tuple[object, ...] = ()
        self._make()
        self.fields = {name: Field(tr(title), self.editors[name], tr(tip)) for name, (title, tip) in _TITLES.items()}
        for field in self.fields.values():
            # those that are folded away stand in no layout
            field.setParent(self)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 2, 10, 2)
        box.addLayout(self._grid)
        self.show_form(vm.WalkForm())
        self._place()
        for editor in self.editors.values():
            _on_change(editor, self._changed)

    def _make(self) -> None:
        objective = choice(*((tr(title), key) for title, key in vm.OBJECTIVES))
        objective.setEditable(True)
        objective.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.editors: dict[str, QWidget] = {
            "symbol": line(hint="binance-spot:BTCUSDT"),
            "strategies": searchable(tr("All strategies")),
            "timeframe": choice((tr("own"), ""), *((t, t) for t in TIMEFRAMES)),
            "train": line(),
            "test": line(),
            "kind": choice((tr("Rolling"), "rolling"), (tr("Anchored"), "anchored")),
            "objective": objective,
            "from": line(hint=tr("all there is")),
            "to": line(hint=tr("up to now")),
            "purge": line(hint=tr("none")),
            "embargo": line(hint=tr("none")),
            "mode": choice((tr("Lengths"), "advanced"), (tr("Number"), "easy")),
            "windows": line(),
            "test_share": line(),
            "choice": choice((tr("Best"), "best"), (tr("Plateau"), "plateau")),
            "method": choice((tr("Grid"), "grid"), (tr("Random"), "random"), (tr("Guided"), "optuna")),
            "samples": line(),
            "most_sets": line(hint=tr("all")),
            "min_trades": line(),
            "direction": choice((tr("Both"), "both"), (tr("Long"), "long"), (tr("Short"), "short")),
            "fee": line(hint=tr("market's")),
            "slippage": line(),
            "cash": line(),
            "rounded": QCheckBox(tr("Rounded")),
        }
        self._completer = QCompleter()
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        symbol = self.editors["symbol"]
        assert isinstance(symbol, QLineEdit)
        symbol.setCompleter(self._completer)

    def _place(self) -> None:
        """Five columns where it is narrow, nine where there is room."""
        columns = 9 if self.width() >= 700 else 5
        shown = (*_MAIN, *(_MORE if self.more else ()))
        if (columns, shown) == self._placed:
            return
        self._placed = (columns, shown)
        for name, field in self.fields.items():
            self._grid.removeWidget(field)
            field.setVisible(name in shown)
        at = 0
        spans = {"symbol": 2, "strategies": 2 if columns == 9 else 3}
        for name in shown:
            span = spans.get(name, 1)
            if name == "from" and at % columns:
                at += columns - at % columns
            row, column = divmod(at, columns)
            self._grid.addWidget(self.fields[name], row, column, 1, span)
            at += span
        for column in range(9):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def set_more(self, on: bool) -> None:
        self.more = on
        self._place()

    # what it is handed ----------------------------------------------------------------------------------------------
    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        """Keeps what is chosen."""
        chosen = self.strategies_text()
        self._strategies = {s.id: s for s in strategies}
        families: dict[str, int] = {}
        for s in self._strategies.values():
            families[s.family] = families.get(s.family, 0) + 1
        box = self._strategy_box
        box.blockSignals(True)
        box.clear()
        box.addItem(tr("All {n} strategies").format(n=len(self._strategies)), "")
        for family, count in sorted(families.items()):
            box.addItem(tr("Family: {name} ({n})").format(name=family, n=count), vm.FAMILY + family)
        for s in sorted(self._strategies.values(), key=lambda s: s.title.casefold()):
            box.addItem(f"{s.title}  ({s.id})", s.id)
        box.blockSignals(False)
        self.choose_strategies(chosen)

    def set_symbols(self, symbols: Iterable[str]) -> None:
        self._symbols = list(dict.fromkeys(symbols))
        self._completer.setModel(QStringListModel(self._symbols, self._completer))

    @property
    def known(self) -> Mapping[str, StrategyInfo]:
        return self._strategies

    @property
    def symbols(self) -> list[str]:
        return self._symbols

    @property
    def _strategy_box(self) -> QComboBox:
        box = self.editors["strategies"]
        assert isinstance(box, QComboBox)
        return box

    def strategies_text(self) -> str:
        """As WalkForm.strategies: '' = all."""
        box = self._strategy_box
        at = box.findText(box.currentText())
        return str(box.itemData(at) or "") if at >= 0 else box.currentText().strip()

    def choose_strategies(self, text: str) -> None:
        box = self._strategy_box
        at = box.findData(text)
        if at >= 0:
            box.setCurrentIndex(at)
        else:
            box.setCurrentText(text)

    def set_symbol(self, symbol: str) -> None:
        editor = self.editors["symbol"]
        assert isinstance(editor, QLineEdit)
        if editor.text() != symbol:
            editor.setText(symbol)

    # reading and writing --------------------------------------------------------------------------------------------
    def form(self) -> vm.WalkForm:
        """What stands in the fields."""
        texts = {name: _text(editor) for name, editor in self.editors.items() if name not in ("strategies", "rounded")}
        texts["from_text"], texts["to_text"] = texts.pop("from"), texts.pop("to")
        rounded = self.editors["rounded"]
        assert isinstance(rounded, QCheckBox)
        return vm.WalkForm(**texts, strategies=self.strategies_text(), rounded=rounded.isChecked())

    def show_form(self, form: vm.WalkForm) -> None:
        for name, editor in self.editors.items():
            if name == "strategies":
                self.choose_strategies(form.strategies)
            elif isinstance(editor, QCheckBox):
                editor.setChecked(form.rounded)
            else:
                key = {"from": "from_text", "to": "to_text"}.get(name, name)
                _set_text(editor, getattr(form, key))
        self._follow()

    def spec(self, limits: Limits, *, mark_errors: bool = True) -> WalkForwardSpec | None:
        """None when a field is wrong, which is then marked."""
        made, errors = vm.check(self.form(), self._strategies, self._symbols, limits)
        for name, field in self.fields.items():
            field.set_error(errors.get(name, "") if mark_errors else "")
        if errors and mark_errors:
            if any(name in errors for name in _MORE):
                self.set_more(True)
            self.fields[next(iter(errors))].editor.setFocus()
        return made

    def _follow(self) -> None:
        """Fields that mean nothing with what is chosen are greyed out."""
        form = self.form()
        easy, grid = form.mode == "easy", form.method == "grid"
        for name, on in (
            ("train", not easy), ("test", not easy), ("windows", easy), ("test_share", easy), ("samples", not grid),
            ("most_sets", grid), ("embargo", form.kind == "rolling"),
        ):  # fmt: skip
            self.editors[name].setEnabled(on)

    def _changed(self) -> None:
        self._follow()
        self.changed.emit()


def _text(editor: QWidget) -> str:
    if isinstance(editor, QComboBox):
        at = editor.findText(editor.currentText())
        return str(editor.itemData(at) or "") if at >= 0 else editor.currentText().strip()
    assert isinstance(editor, QLineEdit)
    return editor.text().strip()


def _set_text(editor: QWidget, text: str) -> None:
    if isinstance(editor, QComboBox):
        at = editor.findData(text)
        if at >= 0:
            editor.setCurrentIndex(at)
        elif editor.isEditable():
            editor.setCurrentText(text)
    elif isinstance(editor, QLineEdit):
        editor.setText(text)


def _on_change(editor: QWidget, slot: Callable[[], None]) -> None:
    if isinstance(editor, QCheckBox):
        editor.toggled.connect(lambda _on: slot())
    elif isinstance(editor, QComboBox):
        editor.currentTextChanged.connect(lambda _text: slot())
    elif isinstance(editor, QLineEdit):
        editor.textChanged.connect(lambda _text: slot())
