"""Other symbols on a chart: their closes as lines that begin at the chart's own price at the left edge of the view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.contracts.commands import SeriesRequest
from widgets.chart.items import LineItem
from widgets.chart.legend import Group
from widgets.chart.model import LineSeries
from widgets.chart.ticks import decimals_for, price_text
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.chart.price import PriceStack

#: what the names of their series begin with
PREFIX = "compare "


def series_name(symbol: str) -> str:
    return PREFIX + symbol


def first_value(line: LineSeries, lo: int, hi: int) -> int:
    """Index of the first bar in [lo, hi) that has a value; -1 when none has."""
    hi = min(hi, len(line))
    if hi <= lo or math.isnan(line.extent(lo, hi)[0]):
        return -1
    while hi - lo > 1:
        middle = (lo + hi) // 2
        if math.isnan(line.extent(lo, middle)[0]):
            lo = middle
        else:
            hi = middle
    return lo


class Compares:
    """Those of one price stack. A line is drawn as value * gain, so that it stands at the chart's own close where the
    view begins: in percent it starts at 0. hidden: symbols that are not drawn for now."""

    def __init__(self, stack: PriceStack) -> None:
        self._stack = stack
        self.symbols: list[str] = []
        self.hidden: set[str] = set()
        self._items: dict[str, LineItem] = {}
        self._base = math.nan

    def set_symbols(self, symbols: list[str]) -> None:
        """Show these and no others."""
        stack = self._stack
        for gone in [s for s in self.symbols if s not in symbols]:
            stack.price.drop(self._items.pop(gone))
            stack._colours.pop(series_name(gone), None)
            self.hidden.discard(gone)
        self.symbols = list(dict.fromkeys(symbols))
        for symbol in self.symbols:
            if symbol not in self._items:
                item = LineItem(stack.time, stack.price.yscale, stack._colour(series_name(symbol)), z=6, thin=True)
                self._items[symbol] = item
                stack.price.add(item)
        self.take(stack.series)

    def hide(self, symbol: str) -> None:
        """Hide it, or show it again."""
        self.hidden ^= {symbol}
        self._items[symbol].setVisible(symbol not in self.hidden)

    def requests(self) -> list[SeriesRequest]:
        return [SeriesRequest(name=series_name(s), expression="close", symbol=s) for s in self.symbols]

    def take(self, series: dict[str, LineSeries]) -> None:
        for symbol, item in self._items.items():
            item.series = series.get(series_name(symbol))

    def rebase(self) -> None:
        """Find the gains for what is in view now."""
        time, bars = self._stack.time, self._stack.bars
        lo, hi = max(0, math.floor(time.left + 0.5)), min(len(bars), math.ceil(time.right + 0.5))
        if not self.symbols or hi <= lo:
            return
        self._base = float(bars.column("close", lo, lo + 1)[0])
        for item in self._items.values():
            at = first_value(item.series, lo, hi) if item.series is not None else -1
            value = item.series.at(at) if item.series is not None else math.nan
            item.gain = self._base / value if at >= 0 and value else math.nan

    def extent(self, lo: int, hi: int, low: float, high: float) -> tuple[float, float]:
        """(low, high) widened to what is drawn of the lines in bars [lo, hi)."""
        for symbol, item in self._items.items():
            if item.series is not None and symbol not in self.hidden:
                a, b = item.series.extent(lo, hi)
                low, high = float(np.fmin(low, a * item.gain)), float(np.fmax(high, b * item.gain))
        return low, high

    def groups(self, index: int) -> list[Group]:
        """For the legend: name, price, and the change since the left edge of the view."""
        stack, made = self._stack, []
        for symbol, item in self._items.items():
            value = item.series.at(index) if item.series is not None else math.nan
            change = (value * item.gain / self._base - 1) * 100 if self._base else math.nan
            colour = stack.theme.faint if symbol in self.hidden else stack.colour_of(series_name(symbol))
            market, _, name = symbol.rpartition(":")
            if stack.instrument is None or stack.instrument.name == name:
                name = f"{name} {market}"
            text = f"{price_text(value, decimals_for(value))} ({change:+.2f} %)" if change == change else tr("no price")
            made.append(Group(series_name(symbol), [(name, colour), (text, colour)], not made, symbol in self.hidden))
        return made
