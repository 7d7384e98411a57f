"""What the legends of the price chart say: the bar under the cursor, the values of each indicator, its signals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.contracts.signals import LONG
from widgets.chart.indicators import Indicator
from widgets.chart.items import group_size
from widgets.chart.legend import Group, Piece
from widgets.chart.pane import Pane
from widgets.chart.styles import CANDLES, NAMES
from widgets.chart.ticks import price_text, value_decimals, volume_text
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.chart.price import PriceStack

#: legend key of the volume
VOLUME_KEY = "volume"


class Readout:
    """Reads a stack; nothing here is kept between two paints."""

    def __init__(self, stack: PriceStack) -> None:
        self._stack = stack

    def price_groups(self) -> list[Group]:
        """Head with the bar's prices, overlays, volume, and the signals of the bar under the cursor."""
        stack = self._stack
        index = stack.legend_index()
        groups = [Group("", self._head(index))]
        start = True
        for indicator in stack.indicators:
            if stack.pane_of(indicator) is stack.price:
                groups.append(Group(indicator.title, self._values(indicator, index), start, indicator.hidden))
                start = False
        groups += stack.compares.groups(index)
        if stack.options.volume == "overlay" and stack.options.volume_mean and index >= 0:
            groups.append(Group("", self._volume_mean(index), start))
        signals = self._signals(index)
        return [*groups, Group("", signals, True)] if signals else groups

    def pane_groups(self, pane: Pane) -> list[Group]:
        """Of a pane that is not the price's."""
        stack, index = self._stack, self._stack.legend_index()
        if pane is stack.volume_pane:
            pieces: list[Piece] = [(tr("Volume"), stack.theme.text)]
            if index >= 0:
                bar = stack.bars.rows(index, index + 1)[0]
                colour = stack.theme.up if bar["close"] >= bar["open"] else stack.theme.down
                pieces.append((volume_text(float(bar["volume"])), colour))
                pieces += self._volume_mean(index)
            return [Group(VOLUME_KEY, pieces)]
        mine = [i for i in stack.indicators if stack.pane_of(i) is pane]
        return [Group(i.title, [(i.title, self._tone(i)), *self._values(i, index)], False, i.hidden) for i in mine]

    def _tone(self, indicator: Indicator) -> str:
        return self._stack.theme.faint if indicator.hidden else self._stack.theme.text

    def _head(self, index: int) -> list[Piece]:
        stack, t = self._stack, self._stack.theme
        # of candles that were imported only the symbol is known
        market, _colon, name = stack.symbol.rpartition(":")
        head: list[Piece] = [(name, t.text), (market, t.dim), (stack.timeframe, t.text)]
        if stack.options.style != CANDLES:
            head.append((tr(NAMES[stack.options.style]), t.dim))
        if index < 0:
            return [p for p in head if p[0]]
        rows = stack.bars.rows(max(0, index - 1), index + 1)
        bar, before = rows[-1], float(rows[0]["close"])
        d = stack.decimals
        close = float(bar["close"])
        base = before if len(rows) > 1 else float(bar["open"])
        change = close - base
        colour = t.up if change >= 0 else t.down
        for letter, field in (("O", "open"), ("H", "high"), ("L", "low"), ("C", "close")):
            head += [(f"{letter} {price_text(float(bar[field]), d)}", colour)]
        percent = f" ({change / base * 100:+.2f} %)" if base else ""
        head += [(f"{'+' if change >= 0 else ''}{price_text(change, d)}{percent}", colour)]
        head += [(tr("Vol {volume}").format(volume=volume_text(float(bar["volume"]))), t.dim)]
        if (size := group_size(stack.time.px_per_bar)) > 1:
            head += [(tr("drawn {n} bars to a candle").format(n=size), t.faint)]
        return [p for p in head if p[0]]

    def _values(self, indicator: Indicator, index: int) -> list[Piece]:
        stack = self._stack
        over = stack.pane_of(indicator) is stack.price
        if indicator.hidden:
            return [(indicator.title, stack.theme.faint)] if over else []
        pieces: list[Piece] = []
        found = [stack.series[o.key].at(index) if o.key in stack.series else math.nan for o in indicator.outputs]
        decimals = stack.decimals if over else value_decimals(found)
        big = max((abs(v) for v in found if math.isfinite(v)), default=0.0) >= 1e5 and not over
        for number, (output, value) in enumerate(zip(indicator.outputs, found, strict=True)):
            text = volume_text(value) if big else price_text(value, decimals)
            colour = stack.colour_of(output.key)
            if output.histogram and math.isfinite(value):
                colour = stack.theme.up if value >= 0 else stack.theme.down
            pieces.append((f"{indicator.title} {text}" if number == 0 and over else text, colour))
        return pieces

    def _volume_mean(self, index: int) -> list[Piece]:
        stack = self._stack
        length = stack.options.volume_mean
        if not length or stack.volume_mean.series is None:
            return []
        value = stack.volume_mean.series.at(index)
        return [(tr("Vol mean {n} {value}").format(n=length, value=volume_text(value)), stack.theme.ma5)]

    def _signals(self, index: int) -> list[Piece]:
        stack = self._stack
        if stack.hovered() is None:
            return []
        found = stack.signals.of_bar(index)
        pieces = [
            (
                f"{s.strategy} {s.side} {s.action}{'' if s.kind == 'confirmed' else f' ({s.kind})'}",
                stack.theme.buy if s.side == LONG else stack.theme.sell,
            )
            for s in found[:4]
        ]
        more = tr("and {n} more").format(n=len(found) - 4)
        return pieces + ([(more, stack.theme.dim)] if len(found) > 4 else [])
