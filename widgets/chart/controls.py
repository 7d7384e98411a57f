"""What can be switched on a chart, and how it is kept: style, scale, volume, zone, indicators, heights of panes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contracts.commands import IndicatorInfo, SeriesRequest
from widgets.chart import indicators as ind
from widgets.chart import panes, templates
from widgets.chart.options import ChartOptions, zone_of
from widgets.chart.price import PriceStack
from widgets.chart.strip import Strip
from widgets.chart.ticks import Zone
from widgets.chart.view import LINEAR, LOG

VOLUME_MEAN_BARS = 20
KEPT_VERSION = 1


class ChartControls(QWidget):
    """Base of the chart panel; `stack` and `strip` are made by it before anything here is called."""

    indicatorsChanged = Signal(object)
    #: options or indicators changed: there is something new to keep
    settingsChanged = Signal()

    stack: PriceStack
    strip: Strip

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.templates = templates.SHARED
        self._infos: dict[str, IndicatorInfo] = {}
        self._zone: tzinfo | None = UTC
        self._heights: dict[str, int] = {}

    # options --------------------------------------------------------------------------------------------------------

    @property
    def options(self) -> ChartOptions:
        return self.stack.options

    def change(self, **values: Any) -> None:
        """Set fields of the options and show the chart accordingly."""
        before = self.series_requests()
        for name, value in values.items():
            setattr(self.options, name, value)
        self._show_options()
        self._tell(before)

    def toggle(self, name: str) -> None:
        self.change(**{name: not getattr(self.options, name)})

    def set_style(self, name: str) -> None:
        self.change(style=name)

    def set_mode(self, mode: str) -> None:
        self.change(mode=mode)

    def toggle_mode(self, mode: str) -> None:
        """This mode of the price scale, or the linear one when it is on."""
        self.set_mode(LINEAR if self.options.mode == mode else mode)

    def set_log(self, on: bool) -> None:
        """Logarithmic price scale."""
        if on != (self.options.mode == LOG):
            self.set_mode(LOG if on else LINEAR)

    def set_ribbon(self, on: bool) -> None:
        """The strip at the foot of the price pane that shows where bars are missing, empty or restated."""
        self.change(ribbon=on)

    # other symbols --------------------------------------------------------------------------------------------------

    @property
    def compares(self) -> list[str]:
        """The other symbols on this chart."""
        return list(self.stack.compares.symbols)

    def add_compare(self, symbol: str) -> None:
        """Show the closes of another symbol as a line that begins where the view does."""
        self.set_compares([*self.compares, symbol])

    def remove_compare(self, symbol: str) -> None:
        self.set_compares([s for s in self.compares if s != symbol])

    def set_compares(self, symbols: Iterable[str]) -> None:
        before = self.series_requests()
        self.stack.compares.set_symbols(list(symbols))
        self.stack.refresh()
        self._tell(before)

    def toggle_volume_mean(self) -> None:
        self.change(volume_mean=0 if self.options.volume_mean else VOLUME_MEAN_BARS)

    def toggle_sessions(self) -> None:
        """Off where they are shown, else on."""
        item = next(iter(self.stack._backdrops.values()))
        self.change(sessions="off" if any(s.row >= 0 for s in item.spans) else "on")

    def set_time_zone(self, tz: tzinfo | None = UTC) -> None:
        """The zone of the settings, which a chart follows unless it has its own; None is this computer's."""
        self._zone = tz
        self._show_zone()
        self.stack.refresh()

    def _show_zone(self) -> None:
        market = self.stack.instrument.market if self.stack.instrument else ""
        tz = zone_of(self.options.zone, market, self._zone)
        if tz != self.stack.zone.tz:
            self.stack.zone = Zone(tz)

    def _show_options(self) -> None:
        self._show_zone()
        self.stack.apply_options()
        self.strip.show_options(self.options)
        self.stack.changed()

    def reset_view(self) -> None:
        """Default zoom at the newest bar, all panes, automatic scales."""
        if self.stack.maximised is not None:
            self.stack.maximise(self.stack.maximised)
        self.stack.reset_scales()
        self.stack.fit_time()

    # indicators -----------------------------------------------------------------------------------------------------

    def series_requests(self) -> list[SeriesRequest]:
        """What to ask the engine for with the candles; their names are the keys of Candles.series."""
        return self.stack.requests()

    def set_catalogue(self, infos: Iterable[IndicatorInfo]) -> None:
        """Offer the engine's indicators."""
        self._infos = {i.name: i for i in infos}

    @property
    def catalogue(self) -> Mapping[str, IndicatorInfo]:
        """The engine's indicators by name; empty until it told them."""
        return self._infos

    def toggle_indicator(self, indicator: ind.Indicator) -> None:
        """Add it, or remove it when it is on show; indicatorsChanged tells what to ask for now."""
        have = self.stack.indicators
        left = [i for i in have if i.title != indicator.title]
        self.set_indicators(left if len(left) < len(have) else [*have, indicator])

    def set_indicators(self, indicators: Iterable[ind.Indicator]) -> None:
        """Show these; of two with one title the first. indicatorsChanged is sent where other values are needed."""
        before = self.series_requests()
        alone = {i.title: i for i in reversed(list(indicators))}
        self.stack.set_indicators(list(reversed(alone.values())))
        self.strip.show_count(len(self.stack.indicators))
        self.stack.refresh()
        self._tell(before)

    def replace_indicator(self, title: str, new: ind.Indicator) -> None:
        """Show another one in its place (other parameters or another look)."""
        self.set_indicators([new if i.title == title else i for i in self.stack.indicators])

    def remove_indicator(self, title: str) -> None:
        self.set_indicators([i for i in self.stack.indicators if i.title != title])

    def hide_indicator(self, title: str) -> None:
        """Hide it, or show it again."""
        self.set_indicators([replace(i, hidden=not i.hidden) if i.title == title else i for i in self.stack.indicators])

    def place_indicator(self, title: str, where: str) -> None:
        """where: 'price', '' for a pane of its own, or the title of one whose pane it shall share."""
        self.set_indicators(
            [
                replace(i, overlay=where == "price", host="" if where == "price" else where) if i.title == title else i
                for i in self.stack.indicators
            ]
        )

    def apply_template(self, name: str) -> None:
        self.set_indicators(self.templates.load(name))

    def _tell(self, before: Sequence[SeriesRequest]) -> None:
        requests = self.series_requests()
        if requests != before:
            self.indicatorsChanged.emit(requests)
        self.settingsChanged.emit()

    # kept -----------------------------------------------------------------------------------------------------------

    def keep(self) -> dict[str, Any]:
        """Style, scale, zone, switches, indicators with their look, heights of the panes and the templates, as JSON."""
        return {
            "version": KEPT_VERSION,
            "options": self.options.keep(),
            "indicators": [i.keep() for i in self.stack.indicators],
            "compares": self.compares,
            "heights": self._heights or panes.heights(self.stack, self.stack.pane_names()),
            "templates": self.templates.keep(),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take back what `keep` gave; anything may be missing or wrong in it."""
        self.templates.restore(kept.get("templates"))
        options, rows, heights = kept.get("options"), kept.get("indicators"), kept.get("heights")
        before = self.series_requests()
        if isinstance(options, Mapping):
            self.stack.options = ChartOptions.from_kept(options)
        if isinstance(rows, list):
            found = [i for row in rows if (i := ind.from_kept(row)) is not None]
            self.stack.set_indicators(list({i.title: i for i in found}.values()))
            self.strip.show_count(len(self.stack.indicators))
        if isinstance(others := kept.get("compares"), list):
            self.stack.compares.set_symbols([s for s in others if isinstance(s, str) and ":" in s])
        self._show_options()
        if isinstance(heights, Mapping):
            self._heights = {str(k): int(v) for k, v in heights.items() if isinstance(v, int) and -1 <= v < 10_000}
            self._place_panes()
        self._tell(before)

    def _place_panes(self) -> None:
        """Give the panes the heights that were kept, as soon as there is a height to share."""
        if self._heights and self.isVisible() and self.stack.height() > 100:
            names = {name: pane for pane, name in self.stack.pane_names().items()}
            panes.set_heights(self.stack, names, self._heights)
            self._heights = {}
            self.stack.refresh()
