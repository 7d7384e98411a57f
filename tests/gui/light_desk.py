"""A desk without a window, for parts: the small engine answers at once, and a chart writes down what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from engine.contracts import walkforward as wf
from engine.contracts.errors import PyroError
from tests.gui.fake_engine import NOW, FakeEngine


class Chart:
    """app.charts.ChartLink with its panel, as far as parts use them."""

    def __init__(self) -> None:
        self.symbol, self.timeframe = "", "1m"
        self.bands: list[Any] = []
        self.trades: Any = None
        self.indicators: list[Any] = []
        self.span = (0, 0)
        self.panel = SimpleNamespace(
            symbol="", timeframe="1m", set_bands=self._set_bands, set_trades=self._set_trades, holds=lambda _ms: True,
            show_span=self._show_span, set_indicators=self._set_indicators, stack=SimpleNamespace(indicators=[]),
        )  # fmt: skip

    def show(self, symbol: str, timeframe: str) -> None:
        self.symbol = self.panel.symbol = symbol
        self.timeframe = self.panel.timeframe = timeframe

    def _set_bands(self, bands: Any) -> None:
        self.bands = list(bands)

    def _set_trades(self, rows: Any) -> None:
        self.trades = rows

    def _set_indicators(self, indicators: Any) -> None:
        self.panel.stack.indicators = list(indicators)

    def _show_span(self, a: int, b: int) -> None:
        self.span = (a, b)


class LightDesk:
    """Desk of app.parts.base. said: what the person was told."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.client: FakeEngine | None = self.engine
        self.now = NOW
        self.instruments = {i.symbol: i for i in self.engine.info.instruments}
        self.settings = None
        self.chart = Chart()
        self.said: list[str] = []
        self.jumps: list[tuple[str, str, int]] = []
        self.part_: Any = None

    def now_ms(self) -> int:
        return self.now

    def ask(self, command: Any, then: Callable[[Any], None], failed: Callable[[PyroError], None] | None = None) -> None:
        engine = self.client
        assert engine is not None
        engine.asked.append(command)
        try:
            if type(command) in engine.fail:
                raise engine.fail[type(command)]
            hold, engine.hold_walks = engine.hold_walks, True
            reply = getattr(engine, f"_{type(command).__name__}")(command)
            engine.hold_walks = hold
        except PyroError as error:
            (failed or (lambda e: self.said.append(str(e))))(error)
            return
        then(reply)
        if isinstance(command, wf.RunWalkForward) and not engine.hold_walks:
            engine._whole(command.spec.run_id)

    def spawn(self, work: Any) -> None:
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(work)
        finally:
            loop.close()

    def mark(self, *_names: str) -> None:
        self.part_.refresh()

    def say(self, _level: str, text: str, _details: str = "") -> None:
        self.said.append(text)

    def show(self, _name: str) -> None:
        self.part_.build()

    def jump(self, symbol: str, timeframe: str, ms: int) -> None:
        self.jumps.append((symbol, timeframe, ms))
        self.chart.show(symbol, timeframe)
