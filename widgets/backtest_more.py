"""The folded part of the back-test's form: sizing, costs and account, each with its default; what a choice does not
need is not shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.form import Field, choice, line
from widgets.ink import ink
from widgets.texts import mark, tr
from widgets.viewmodels.backtest_form import Form

#: field of the form -> (label, tip, hint)
_LINES: dict[str, tuple[str, str, str]] = {
    "size": (mark("Size"), mark("Fraction of the equity, or an amount of the account's currency, by the mode"), "1"),
    "cash": (mark("Cash"), mark("What the account starts with"), "10000"),
    "cap": (mark("Cap"), mark("Most that a trade may be worth, as a fraction of the equity"), "1"),
    "bars": (mark("Vol. bars"), mark("Bars that the volatility is measured over"), "100"),
    "min_trades": (mark("Kelly after"), mark("Closed trades before the Kelly fraction is used"), "20"),
    "start": (mark("Until then"), mark("Fraction of the equity until there are so many trades"), "0.1"),
    "leverage": (mark("Leverage"), mark("Isolated margin with liquidation; empty: none"), mark("none")),
    "maintenance": (mark("Maint. %"), mark("Maintenance margin; empty: the venue's brackets"), mark("venue's")),
    "pyramiding": (mark("Entries"), mark("Most entries of one side that add up to one position"), "1"),
    "account": (mark("Account"), mark("Currency of the account; empty: found from the symbol"), mark("auto")),
    "fee": (
        mark("Fee %"),
        mark("Per fill, in percent of the traded value; empty: the market's taker fee"),
        mark("market's"),
    ),
    "maker_fee": (
        mark("Maker %"),
        mark("Per fill of a limit order that rested; empty: the market's"),
        mark("market's"),
    ),
    "slippage": (mark("Slip bp"), mark("Per fill, against the trader, in basis points of the price"), "1"),
    "ticks": (mark("Slip ticks"), mark("Per fill, against the trader, in ticks; adds up with the others"), "0"),
    "range": (mark("Slip range"), mark("Share of the fill minute's high-low range: 0.1 is a tenth"), "0"),
    "spread": (
        mark("Spread bp"),
        mark("Whole spread, half of it per fill; empty: that of the series, else none"),
        mark("auto"),
    ),
    "funding": (mark("Funding %"), mark("Per 8 h where a perpetual's history has none; empty: 0.01"), "0.01"),
    "financing_long": (mark("Long % p.a."), mark("Interest of a long position a year; empty: -2.5"), "-2.5"),
    "financing_short": (mark("Short % p.a."), mark("Interest of a short position a year; empty: -2.5"), "-2.5"),
    "positions": (mark("Positions"), mark("Open at once over all symbols; 0: as many as there are"), "0"),
    "gross_cap": (mark("Gross cap"), mark("Most that all positions may be worth, as a fraction of the equity"), "1"),
    "symbol_cap": (mark("Symbol cap"), mark("Most that one symbol's positions may be worth, as a fraction"), "1"),
}
#: heading -> its fields, in order
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        mark("Sizing"),
        ("sizing", "size", "cash", "cap", "bars", "min_trades", "start", "leverage", "maintenance", "pyramiding"),
    ),
    (
        mark("Costs"),
        (
            "fee", "slippage", "spread", "funding", "ticks", "range", "maker", "maker_fee", "financing",
            "financing_long", "financing_short",
        ),
    ),
    (mark("Account"), ("direction", "account", "positions", "gross_cap", "symbol_cap")),
)  # fmt: skip


class MoreFields(QWidget):
    """changed(): any field was edited."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.direction = choice((tr("Both"), "both"), (tr("Long"), "long"), (tr("Short"), "short"))
        self.sizing = choice(
            (tr("Fraction of equity"), "fraction"),
            (tr("Amount"), "amount"),
            (tr("Volatility target"), "volatility"),
            (tr("Risk to the stop"), "risk"),
            (tr("Kelly"), "kelly"),
        )
        self.maker = choice((tr("None"), "none"), (tr("Entries"), "entries"), (tr("Entries, targets"), "targets"))
        self.financing = choice((tr("No"), "no"), (tr("Yes"), "yes"))
        self.lines: dict[str, QLineEdit] = {}
        self.fields: dict[str, Field] = {
            "direction": Field(tr("Direction"), self.direction),
            "sizing": Field(tr("Size by"), self.sizing),
            "maker": Field(tr("Maker fills"), self.maker, tr("Which fills pay the maker fee and have no slippage")),
            "financing": Field(tr("Financing"), self.financing, tr("Charge interest at 17:00 New York")),
        }
        default = Form()
        for name, (label, tip, hint) in _LINES.items():
            text = getattr(default, f"{name}_text", getattr(default, name, ""))
            editor = line(text, tr(hint))
            editor.textChanged.connect(lambda _t: self.changed.emit())
            self.lines[name] = editor
            self.fields[name] = Field(tr(label), editor, tr(tip))
        for field in self.fields.values():
            field.setParent(self)
        self.several = False
        self._columns = 0
        self._grids: list[tuple[QLabel, QGridLayout, tuple[str, ...]]] = []
        self._build()
        for box in (self.direction, self.sizing, self.maker, self.financing):
            box.currentIndexChanged.connect(lambda _i: (self._place(), self.changed.emit()))

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(4)
        for title, names in _GROUPS:
            label = QLabel(tr(title))
            label.setStyleSheet(f"color: {ink()['text'].name()}; font-weight: 600; font-size: 11px;")
            grid = QGridLayout()
            grid.setHorizontalSpacing(6)
            grid.setVerticalSpacing(5)
            column.addWidget(label)
            column.addLayout(grid)
            self._grids.append((label, grid, names))
        self._place()

    def _hidden(self) -> set[str]:
        """Fields that the choices above do not need."""
        gone: set[str] = set()
        mode = self.sizing.currentData()
        if mode in ("fraction", "amount"):
            gone.add("cap")
        if mode != "volatility":
            gone.add("bars")
        if mode != "kelly":
            gone |= {"min_trades", "start"}
        if not self.lines["leverage"].text().strip():
            gone.add("maintenance")
        if self.maker.currentData() == "none":
            gone.add("maker_fee")
        if self.financing.currentData() == "no":
            gone |= {"financing_long", "financing_short"}
        if not self.several:
            gone |= {"positions", "gross_cap", "symbol_cap"}
        return gone

    def set_several(self, several: bool) -> None:
        """Show what only a portfolio has."""
        if several != self.several:
            self.several = several
            self._place()

    def _place(self) -> None:
        columns = 5 if self.width() >= 560 else 4 if self.width() >= 380 else 3
        gone = self._hidden()
        self._columns = columns
        for _label, grid, names in self._grids:
            at = 0
            for name in names:
                field = self.fields[name]
                grid.removeWidget(field)
                field.setVisible(name not in gone)
                if name in gone:
                    continue
                span = 2 if name == "sizing" else 1
                if at % columns + span > columns:
                    at += columns - at % columns
                grid.addWidget(field, at // columns, at % columns, 1, span)
                at += span
            for column in range(5):
                grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wanted = 5 if self.width() >= 560 else 4 if self.width() >= 380 else 3
        if wanted != self._columns:
            self._place()

    def read(self, form: Form) -> None:
        """Write what stands here into the form."""
        for name, editor in self.lines.items():
            key = f"{name}_text" if hasattr(form, f"{name}_text") else name
            setattr(form, key, editor.text())
        for name, box in self._choices():
            setattr(form, name, str(box.currentData()))

    def fill(self, form: Form) -> None:
        for name, editor in self.lines.items():
            editor.setText(getattr(form, f"{name}_text", getattr(form, name, "")))
        for name, box in self._choices():
            box.setCurrentIndex(max(box.findData(getattr(form, name)), 0))
        self._place()

    def _choices(self) -> list[tuple[str, QComboBox]]:
        return [
            ("direction", self.direction),
            ("sizing", self.sizing),
            ("maker", self.maker),
            ("financing", self.financing),
        ]
