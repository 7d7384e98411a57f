"""What if: the bar below the chart on the engine. One request is under way, the newest turn waits."""

from __future__ import annotations

import msgspec
import numpy as np

from app.chart_watch import ChartWatch
from app.desk import Desk
from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import JobStarted, RunBacktest
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import Cancelled, PyroError
from engine.contracts.studio import Followed, WhatIf
from widgets.texts import tr
from widgets.throttle import Throttle
from widgets.viewmodels import formats
from widgets.viewmodels.whatif import WhatIfModel
from widgets.whatif import WhatIfBar

#: share of the view by which trades are asked for beyond it
MARGIN = 0.5
SCROLL_MS = 200


class WhatIfLink:
    """Begins with `open`; shows its bar in the chart that was last clicked."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.model = WhatIfModel()
        self.bar: WhatIfBar | None = None
        self.watch: ChartWatch | None = None
        self._busy = False
        self._again = False
        self._moving = False
        self._title = ""
        self._serial = 0
        self._scrolled: Throttle | None = None

    @property
    def active(self) -> bool:
        return self.bar is not None and not self.bar.isHidden()

    def open(self, spec: BacktestSpec, title: str) -> None:
        """Show the levels and numbers of a strategy on the chart, and its run."""
        chart = self.desk.chart
        if chart is None:
            return
        if (chart.symbol, chart.timeframe) != (spec.symbol, spec.timeframe):
            chart.open(spec.symbol, spec.timeframe)
        self._make()
        assert self.bar is not None
        assert self.watch is not None
        self.watch.look()
        layout = chart.panel.layout()
        if layout is not None and layout.indexOf(self.bar) < 0:
            layout.addWidget(self.bar)
        self._title = title
        self._serial += 1
        self._busy = False
        self.model.begin(spec)
        name = spec.symbol.partition(":")[2]
        self.bar.begin(f"{title}  ·  {name} {spec.timeframe}")
        self.bar.show()
        self._send(knobs=True)

    def close(self) -> None:
        """Take bar, levels and trades off the chart."""
        if self.bar is None or self.bar.isHidden():
            return
        self._serial += 1
        self.bar.hide()
        if self.watch is not None and self.watch.link is not None:
            panel = self.watch.link.panel
            panel.set_levels([])
            panel.set_trades(None)

    def lost(self, text: str) -> None:
        if self.active and self.bar is not None:
            self._busy = False
            self.bar.say(text, "warn")

    def connected(self) -> None:
        """The engine is back: the same turn is asked anew."""
        if self.active and self.model.start is not None:
            self._send(knobs=not self.model.knobs)

    def _make(self) -> None:
        if self.bar is not None:
            return
        self.bar = WhatIfBar(self.model)
        self.bar.turned.connect(self._turn)
        self.bar.resetAsked.connect(self._reset)
        self.bar.keepAsked.connect(self._keep)
        self.bar.closed.connect(self.close)
        self.bar.anchorAsked.connect(self._to_anchor)
        self.watch = ChartWatch(self.desk, self.bar)
        self.watch.levelMoved.connect(self._drag)
        self.watch.changed.connect(self._changed)
        self._scrolled = Throttle(SCROLL_MS, self._refill, self.bar)
        self.watch.rangeChanged.connect(self._scrolled.after_pause)

    # turned ---------------------------------------------------------------------------------------------------------
    def _turn(self, key: str, value: float, end: bool) -> None:
        if self.model.turn(key, value):
            self._moving = not end
            self._follow()
        elif end and self._moving:
            self._moving = False
            self._show_levels()

    def _drag(self, key: str, price: float, end: bool) -> None:
        if not self.active or not any(k.key == key for k in self.model.knobs):
            return
        changed = self.model.drag_level(key, price)
        self._moving = not end
        if changed:
            self._follow()
        elif end:
            self._show_levels()

    def _reset(self, key: str) -> None:
        if key:
            self.model.values.pop(key, None)
        else:
            self.model.reset()
        self._moving = False
        self._follow()

    def _follow(self) -> None:
        assert self.bar is not None
        self.bar.show_values()
        self._show_levels()
        self._send()

    def _refill(self) -> None:
        """The view moved: its trades."""
        if self.active and self.model.now is not None and not self._moving:
            self._send()

    def _changed(self) -> None:
        """Another symbol or timeframe is on the chart: the run moves with it."""
        spec, watch = self.model.start, self.watch
        if not self.active or spec is None or watch is None or not watch.symbol:
            return
        if (watch.symbol, watch.timeframe) != (spec.symbol, spec.timeframe):
            moved = msgspec.structs.replace(spec, symbol=watch.symbol, timeframe=watch.timeframe)
            self.open(moved, self._title)

    # asked ----------------------------------------------------------------------------------------------------------
    def _view(self) -> tuple[int | None, int | None]:
        """From where to where trades are wanted."""
        link = self.watch.link if self.watch is not None else None
        if link is None or not link.panel.stack.count():
            return None, None
        stack = link.panel.stack
        lo, hi = stack.time.span(stack.count())
        first, last = stack.bars.ts_at(lo), stack.bars.ts_at(max(lo, hi - 1))
        margin = round((last - first) * MARGIN)
        return first - margin, last + margin

    def _send(self, *, knobs: bool = False) -> None:
        if self.desk.client is None or self.model.start is None:
            return
        if self._busy:
            self._again = True
            return
        self._busy, self._again = True, False
        serial = self._serial
        first, last = self._view()
        ask = WhatIf(spec=self.model.spec(), from_ms=first, to_ms=last, knobs=knobs)
        self.desk.ask(ask, lambda answer: self._answered(serial, answer), lambda error: self._failed(serial, error))

    def _answered(self, serial: int, answer: Followed) -> None:
        if serial != self._serial or self.bar is None:
            return
        self._busy = False
        self.model.take(answer)
        self.bar.show_answer()
        self._show_levels()
        if self.watch is not None and self.watch.link is not None:
            self.watch.link.panel.set_trades(np.frombuffer(answer.trades, TRADE_DTYPE))
        if self._again:
            self._send()

    def _failed(self, serial: int, error: PyroError) -> None:
        if serial != self._serial or self.bar is None:
            return
        self._busy = False
        if not isinstance(error, Cancelled):
            self.bar.say(str(error).splitlines()[0], "down")
        if self._again:
            self._send(knobs=not self.model.knobs)

    def _show_levels(self) -> None:
        if self.watch is None or self.watch.link is None or not self.active:
            return
        from widgets.chart.levels import Level

        levels = [Level(line.key, line.price, line.text, line.token, line.draggable) for line in self.model.lines()]
        self.watch.link.panel.set_levels(levels)

    def _to_anchor(self) -> None:
        spec, anchor = self.model.start, self.model.anchor
        if spec is not None and anchor is not None:
            self.desk.jump(spec.symbol, spec.timeframe, anchor.entry_ts)

    def _keep(self) -> None:
        """The whole run of what is shown, among the runs."""
        spec = self.model.spec()
        turned = ", ".join(
            f"{k.title} {formats.trimmed(self.model.value(k.key))}"
            for k in self.model.knobs
            if self.model.value(k.key) != k.value
        )

        def started(_job: JobStarted) -> None:
            text = tr("{title} ({turned}) is run with every figure and kept among the runs.")
            self.desk.say("info", text.format(title=self._title, turned=turned or tr("as it is")))

        self.desk.ask(RunBacktest(spec=spec), started)
