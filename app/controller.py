"""Wires everything: what panels ask goes to the engine, what the engine answers goes to the panels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app import trace
from app import workspace as ws
from app.actions import ActionTable, Spec
from app.alerts import AlertTeller
from app.bridge import Bridge
from app.crash import CrashHandler
from app.docks import DockHost
from app.frame.frame import Frame
from app.layouts import LAYOUTS
from app.main_window import TITLE, MainWindow
from app.options import WindowOptions
from app.parts import PARTS
from app.parts.backtest import BacktestPart
from app.parts.base import Part
from app.parts.chart import ChartPart
from app.parts.health import HealthPart
from app.parts.watchlist import WatchlistPart
from app.session import RESTART, Client, Session
from engine.contracts.commands import (
    Command,
    EngineInfo,
    StrategyInfo,
)
from engine.contracts.errors import PyroError
from engine.contracts.events import Alert, Bars, JobProgress, Notice
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import TIMEFRAMES
from widgets.banner import DemoBanner, NoticeBar
from widgets.key_names import native
from widgets.palette import Palette
from widgets.texts import tr
from widgets.toasts import Toasts
from widgets.viewmodels import formats
from widgets.viewmodels import palette as pal

if TYPE_CHECKING:
    from app.charts import ChartLink

#: s between two looks at whether there is something to save
AUTOSAVE_S = 15


class Controller:
    """Made once the panels' modules are loaded. `finished` is set when the window may go."""

    def __init__(self, window: MainWindow, options: WindowOptions, crash: CrashHandler) -> None:
        self.window, self.options, self.crash = window, options, crash
        self.now_ms = options.now_ms
        self.kept, self._kept_problem = ws.load(options.config_folder)
        self.finished = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self.settings = options.settings
        self.instruments: dict[str, Instrument] = {}
        self._seconds = self._updates = 0
        self._offline = self._quitting = self._was_up = False
        self.demo, self.connection_bar = DemoBanner(), NoticeBar()
        self.toasts = Toasts(window, window.status)
        self.say = self.toasts.say
        self.demo.hide()
        for bar in (self.demo, self.connection_bar):
            window.add_bar(bar)
        self.parts: dict[str, Part] = {kind.name: kind(self) for kind in PARTS}
        self.parts["strategies"].listeners.append(self._take_strategies)  # type: ignore[attr-defined]
        for name, part in self.parts.items():
            part.remember(self.kept.parts.get(name))
        self.bridge = Bridge(self.parts, self._on_second, window)
        self.mark = self.bridge.mark
        self.session = Session(
            options.connect, self._on_up, self._on_down, lambda: self.now_ms() / 1000, options.back_off
        )
        self.alerts = AlertTeller(
            lambda symbol: self.instruments[symbol].decimals if symbol in self.instruments else 2,
            self.jump,
            lambda text: self.toasts.say("info", text),
            window,
        )
        self.palette_model = pal.PaletteModel()
        self.palette = Palette(self.palette_model, window)
        self.frame = Frame(self)
        options.on_compiling = self.frame.show_compiling
        self.actions = ActionTable(window, self._handlers(), self._specs(), self.kept.shortcuts)
        self.docks = self._build_docks()
        self._wire()
        self._restore()

    # construction ---------------------------------------------------------------------------------------------------
    def _build_docks(self) -> DockHost:
        host = DockHost(self.window.body, lambda: self.bridge.mark_all())
        for name, part in self.parts.items():
            host.add(name, tr(part.title), part.slot, part.icon, part.kin)
        self.window.put_docks(host.widget)
        return host

    def _wire(self) -> None:
        w = self.window
        w.top.modeAsked.connect(self.actions.run)
        w.top.commandAsked.connect(lambda: self.palette.open_with(""))
        w.top.workspaceAsked.connect(self.frame.show_workspace)
        w.closing.connect(lambda: self.spawn(self.quit()))
        self.palette.chosen.connect(self._on_chosen)
        self.connection_bar.actionAsked.connect(self._on_connection_action)
        # failures may come from other threads; the timer-free hop is a queued call on the loop
        self.crash.listen(lambda text, details: self._loop.call_soon_threadsafe(self._on_failure, text, details))
        w.top.load_icons()

    def _restore(self) -> None:
        self.frame.begin()
        for part in self.parts.values():
            if part.eager:
                part.build()
        if self._kept_problem:
            self.toasts.say("warning", self._kept_problem)

    def install_chart(self) -> None:
        """Load the chart library (the slowest import of the window) and put the charts into their place."""
        self.charts.install((self.kept.symbol, self.kept.timeframe))

    def start(self) -> None:
        self.bridge.start()
        self.session.start()

    # connection -----------------------------------------------------------------------------------------------------
    def _on_up(self, client: Client) -> None:
        self._was_up = True
        info = client.info
        self.instruments.clear()
        self.instruments.update({i.symbol: i for i in info.instruments})
        self._say_offline(info)
        self.demo.setVisible(info.demo)
        self.window.setWindowTitle(f"{TITLE} · {'DEMO' if info.demo else info.state}")
        for part in self.parts.values():
            part.attach(client)
        client.on(JobProgress, self._on_job)
        if trace.wanted():
            self._trace_candle(client)
        client.on(Notice, self._on_notice)
        client.on(Alert, self.alerts.tell)
        self._load_palette()
        self.bridge.mark_all()

    def _trace_candle(self, client: Client) -> None:
        """Note when the first live candle is on a chart; the chart repaints at most 40 ms after its bars came."""

        def came(_event: Bars) -> None:
            off()
            self._loop.call_later(0.05, trace.reached, "candle")

        off = client.on(Bars, came)

    def _say_offline(self, info: EngineInfo) -> None:
        """No venue is in reach: say so, and offer the demo market; nothing of it starts by itself."""
        self._offline = info.state == "offline"
        if not self._offline:
            self.connection_bar.dismiss()
            return
        text = tr("Offline: no exchange can be reached. No candles yet.")
        if info.instruments:
            text = tr(
                "Offline: no exchange can be reached. Kept candles and back-tests work; live data comes by itself."
            )
        self.connection_bar.say("warning", text, info.note, tr("Start the demo market"), closable=False)

    def _on_connection_action(self) -> None:
        if self._offline:
            self._offline = False
            self.options.demo = True
            self.connection_bar.say("info", tr("Starting the demo market"), closable=False)
            self.spawn(self.session.restart_engine())
        else:
            self.session.retry_now()

    def _on_down(self, reason: str, pause: float) -> None:
        when = formats.clock(self.now_ms())
        # an engine out of reach of its venues knows no instruments, and can be lost all the same
        first = not self._was_up
        self._offline = False
        health = self._health
        health.model.lose(reason)
        if not first:
            for part in self.parts.values():
                part.lose(tr("Stale since {when} UTC: the engine is gone").format(when=when))
        health.refresh()
        self.window.status.job.setText("")
        if reason == RESTART:
            self.connection_bar.say("info", tr("The engine is being started again"), closable=False)
            self.window.status.show_connection("amber", tr("Restarting the engine"))
            return
        words = tr("Engine not reached") if first else tr("Engine lost")
        text = tr("{words}: restarting in {time} ({reason})")
        text = text.format(words=words, time=formats.duration(pause), reason=tr(reason))
        self.connection_bar.say("error", text, reason, tr("Retry now"), closable=False)
        self.window.status.show_connection("red", f"{words}: {tr(reason)}")

    def _on_second(self, frame_ms: float) -> None:
        now, status = self.now_ms(), self.window.status
        watch = self._watch.model
        live, settling, warming, _gap, _none = watch.state_counts()
        rate, self._updates = max(watch.updates - self._updates, 0), watch.updates
        if live + settling and self.chart is not None and self.chart.panel.symbol:
            self.frame.first_tour()
        health = self._health.model
        health.frame_ms, pulse = frame_ms, health.pulse
        if self._offline and pulse is not None and pulse.state == "live":
            self._offline = False
            self.connection_bar.dismiss()
            self.window.setWindowTitle(f"{TITLE} · live")
        if not health.lost:
            status.show_connection(*health.overall(now))
        status.show_counts(rate, live, settling, warming, len(watch))
        status.show_clock(now, frame_ms, self.frame.watchdog.take(), self.frame.watchdog.alarms)
        self._autosave()

    def _on_notice(self, notice: Notice) -> None:
        self.toasts.say(notice.level, notice.text, notice.code)

    def _on_failure(self, text: str, details: str) -> None:
        self.toasts.say("error", tr("Something went wrong: {text}").format(text=text), details)

    def open_symbol(self, symbol: str) -> None:
        if self.chart is not None:
            self.chart.open(symbol)

    def jump(self, symbol: str, timeframe: str, ms: int) -> None:
        if self.chart is not None:
            self.chart.open(symbol, timeframe, int(ms))

    def chart_changed(self, symbol: str, timeframe: str) -> None:
        name = symbol.partition(":")[2] or symbol
        self.docks.set_title("chart", f"{name} · {timeframe}")
        for part in self.parts.values():
            if part.made:
                part.charted(symbol, timeframe)

    @property
    def _health(self) -> HealthPart:
        found = self.parts["health"]
        assert isinstance(found, HealthPart)
        return found

    @property
    def _research(self) -> BacktestPart:
        found = self.parts["backtest"]
        assert isinstance(found, BacktestPart)
        return found

    def _take_strategies(self, found: list[StrategyInfo]) -> None:
        self._research.take_strategies(found)
        self._load_palette()

    def choose_backtest(self, name: str) -> None:
        self._research.choose(strategy=name)

    def _on_job(self, event: JobProgress) -> None:
        busy = event.state in ("queued", "running")
        self.window.status.job.setText(f"{event.title} {event.fraction:.0%}" if busy else "")

    def retry(self) -> None:
        self.session.retry_now()

    def open_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.options.data_folder / "logs")))

    def _load_palette(self) -> None:
        watch = self._watch.model
        entries = [pal.Entry(pal.TIMEFRAME, t, t, tr("Timeframe")) for t in TIMEFRAMES]
        for symbol, name, code in zip(watch.symbols, watch.names, watch.market_code.tolist()):
            entries.append(pal.Entry(pal.SYMBOL, symbol, name, watch.short_markets[code], symbol))
        for spec in self.actions.specs:
            if not spec.hidden:
                entries.append(pal.Entry(pal.COMMAND, spec.id, tr(spec.title), ", ".join(map(native, spec.keys))))
        for part in self.parts.values():
            entries += part.found()
        self.palette_model.load(entries)

    def _on_chosen(self, entry: pal.Entry) -> None:
        if entry.kind in (pal.SYMBOL, pal.TIMEFRAME) and self.chart is not None:
            what = (entry.key, "") if entry.kind == pal.SYMBOL else (self.chart.symbol, entry.key)
            self.chart.open(*what)
            # who typed one types the next, or a timeframe
            self.chart.panel.setFocus()
        elif entry.kind == pal.COMMAND:
            self.actions.run(entry.key)
        else:
            any(part.chosen(entry) for part in self.parts.values())

    def _handlers(self) -> dict[str, Callable[[], object]]:
        shown = tuple(self.parts)
        made: dict[str, Callable[[], object]] = {f"show_{name}": (lambda n=name: self.docks.show(n)) for name in shown}
        for part in self.parts.values():
            made |= part.handlers()
        made |= {f"perspective_{n.lower()}": (lambda n=n: self.frame.show_workspace(n)) for n in LAYOUTS}
        return (
            made
            | self.frame.handlers()
            | {
                "palette": lambda: self.palette.open_with(""),
                "close_panel": lambda: self.docks.close_focused(),
                "full_screen": self._full_screen,
                "quit": self.window.close,
                "reload": lambda: self.chart and self.chart.reload(),
                "restart_engine": lambda: self.spawn(self.session.restart_engine()),
                "copy_error": lambda: self.toasts.copy(),
            }
        )

    def _full_screen(self) -> None:
        self.window.showNormal() if self.window.isFullScreen() else self.window.showFullScreen()

    def _autosave(self) -> None:
        """A crash loses nothing: what the window remembers is written soon after it changed."""
        self._seconds += 1
        if self._seconds % AUTOSAVE_S == 0:
            try:
                self.save()
            except OSError as error:
                self.crash.exception(error, "The layout could not be saved")

    # end
    def save(self) -> None:
        """Write what the window remembers."""
        if self.frame.workspaces is not None:
            self.frame.workspaces.save()
        self.kept.geometry = bytes(self.window.saveGeometry().data())
        self.kept.maximised = self.window.isMaximized()
        if self.chart is not None:
            self.kept.symbol, self.kept.timeframe = self.chart.symbol, self.chart.timeframe
        self.kept.parts = {name: part.kept() for name, part in self.parts.items()}
        ws.save(self.options.config_folder, self.kept)

    @property
    def _watch(self) -> WatchlistPart:
        found = self.parts["watchlist"]
        assert isinstance(found, WatchlistPart)
        return found

    def _specs(self) -> list[Spec]:
        return [*Frame.SPECS, *(s for p in self.parts.values() for s in p.specs())]

    # what parts use of it, see app.desk
    @property
    def client(self) -> Client | None:
        return self.session.client

    @property
    def config_folder(self) -> Path:
        return self.options.config_folder

    @property
    def charts(self) -> ChartPart:
        found = self.parts["chart"]
        assert isinstance(found, ChartPart)
        return found

    @property
    def chart(self) -> ChartLink | None:
        return self.charts.active

    def linked_charts(self) -> list[ChartLink]:
        return self.charts.linked(self.chart) if self.chart is not None else []

    def find(self, text: str) -> None:
        self.palette.open_with(text)

    def pick_symbol(self, title: str, then: Callable[[str], object]) -> None:
        self.palette.pick_symbol(title, then)

    def notify(self, title: str, text: str, symbol: str, ms: int) -> None:
        self.alerts.notify(title, text, symbol, ms)
        self.say("info", f"{title}\n{text}", action=tr("Show"), do=lambda: self.jump(symbol, "", ms))

    def part(self, name: str) -> Part:
        return self.parts[name]

    def ask(
        self, command: Command, then: Callable[[Any], None], failed: Callable[[PyroError], None] | None = None
    ) -> None:
        async def send() -> None:
            try:
                reply = await self.session.ask(command)
            except PyroError as error:
                if failed is None:
                    raise
                failed(error)
            else:
                then(reply)

        self.spawn(send())

    def say_error(self, error: PyroError) -> None:
        self.toasts.say("error", "\n".join(t for t in (error.what, error.fix) if t), str(error))

    def show(self, name: str) -> None:
        self.docks.show(name)

    def run(self, action: str) -> None:
        self.actions.run(action)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine; what it raises is shown, never lost."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, PyroError):
            self.say_error(error)
        elif error is not None:
            self.crash.exception(error)

    async def quit(self) -> None:
        """Save, stop the engine when it is ours, and let the window go."""
        if self._quitting:
            return
        # asked again meanwhile, it would save a window without its panels
        self._quitting = True
        self.window.status.show_connection("grey", tr("Closing"))
        try:
            self.save()
        except OSError as error:
            self.crash.exception(error, "The layout could not be saved")
        self.bridge.stop()
        self.frame.close()
        self.alerts.close()
        await self.session.stop(keep_engine=self.options.keep_engine)
        here = asyncio.current_task()
        for task in [t for t in self._tasks if t is not here]:
            task.cancel()
        self.window.allow_close()
        self.docks.close()
        self.finished.set()
