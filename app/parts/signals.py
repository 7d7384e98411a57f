"""The signal feed on the engine: the journal and what comes, reasons, a replay's signals, and the alerts dialog."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from app.actions import Spec
from app.parts.base import Part
from app.parts.watchlist import WatchlistPart
from app.session import Client
from engine.contracts.alerting import (
    AlertChannels,
    AlertSetup,
    Delivery,
    GetAlerts,
    KeepSecret,
    SetAlertRules,
    TestAlert,
)
from engine.contracts.alerts import AlertRule
from engine.contracts.commands import Explain, ListSignals, ListStrategies, StrategyList
from engine.contracts.errors import PyroError
from engine.contracts.events import Gap, Signals
from engine.contracts.signals import Signal, SignalBatch
from engine.contracts.walkforward import ListPromoted, PromotedList
from engine.contracts.watch import SetWatch, WatchItem, WatchReply
from engine.contracts.why import Why
from widgets.alerts import AlertsDialog
from widgets.signals import SignalsPanel
from widgets.texts import mark, tr
from widgets.viewmodels import alerts as rules
from widgets.viewmodels.signal_text import why_words
from widgets.viewmodels.signals import SignalModel

#: signals read from the journal when the window opens
FIRST_PAGE = 2_000


class SignalsPart(Part):
    """What other parts may use: model, show_replay, new_alert."""

    name = "signals"
    title = mark("Signals")
    icon = "signals"
    eager = True
    keys = ("Alt+3",)
    actions = (
        Spec("alerts", mark("Alerts: rules and channels"), ("Ctrl+Shift+A",), "Market", "bell"),
        Spec("new_alert", mark("Alerts: new rule"), (), "Market", "bell"),
        Spec("export_signals", mark("Signals: export as CSV"), (), "Market", "export"),
    )

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self.model = SignalModel()
        self._replay: SignalModel | None = None
        self._dialog: AlertsDialog | None = None
        self._families: dict[str, str] = {}

    @property
    def widget(self) -> SignalsPanel:
        """The panel; made if need be."""
        return self.build()  # type: ignore[return-value]

    @property
    def _watch(self) -> WatchlistPart:
        return self.desk.part("watchlist")  # type: ignore[return-value]

    def make(self) -> SignalsPanel:
        panel = SignalsPanel(self.model, self.desk.now_ms, self._decimals, last=self._last)
        panel.jumpRequested.connect(self.desk.jump)
        panel.reasonAsked.connect(self._reason)
        panel.alertAsked.connect(self._alert_like)
        panel.alertsAsked.connect(self.open_alerts)
        self._watch.on_lists.append(self._lists_changed)
        self._watch.on_muted.append(self._muted_changed)
        return panel

    def connected(self, client: Client) -> None:
        panel = self.widget
        self.listen(Signals, lambda event: self._take(event.batch))
        self.listen(Gap, self._gap)
        panel.table.dimmed = False
        panel.set_timeframes(list(client.info.timeframes))
        self._lists_changed()
        self._muted_changed()
        # as of now: what comes from here on may come before the page
        self.desk.spawn(self._read(client, self.model.last_seq))
        self.desk.ask(ListStrategies(), self._strategies, self._no_list)
        self.desk.ask(ListPromoted(), self._promoted, lambda _error: None)

    def lost(self, text: str) -> None:
        super().lost(text)
        self.widget.table.dimmed = True

    def refresh(self) -> None:
        self.widget.refresh()

    # used by others ----
    def show_replay(self, batch: SignalBatch | None) -> None:
        """A replay's signals instead of the journal's, as they come; None: the journal's again. Numbers that begin anew
        are those of another replay, or of a jump."""
        if batch is None:
            self._replay = None
            if self.widget.model is not self.model:
                self.widget.show_model(self.model, "")
            return
        again = self._replay is not None and len(batch) and int(batch.rows["seq"].min()) <= self._replay.last_seq
        if self._replay is None or again:
            self._replay = SignalModel()
            self.widget.show_model(self._replay, tr("REPLAY: these signals are not in the journal"))
        self._replay.append(batch)
        self.desk.mark(self.name)

    def new_alert(self, scan: str = "", timeframe: str = "") -> None:
        """Open the dialog with a new rule, of a filter where one is given."""
        self._show_dialog().begin(rules.of_scan(scan, timeframe) if scan else rules.NEW)

    def open_alerts(self) -> None:
        self._show_dialog()

    # the engine's signals ----
    def _take(self, batch: SignalBatch) -> None:
        self.model.append(batch)
        self.desk.mark(self.name)

    def _gap(self, gap: Gap) -> None:
        if gap.of == Signals.topic and self.desk.client is not None:
            self.desk.spawn(self._read(self.desk.client, self.model.last_seq))

    async def _read(self, client: Client, after: int = 0) -> None:
        """The journal's newest, or what came after a number, joined with what is shown; newer ones may be first."""
        model = self.model
        try:
            limit = model.capacity if after else FIRST_PAGE
            page = (await client.ask(ListSignals(limit=limit, after=after or None))).batch
            if len(page) >= model.capacity:
                page = (await client.ask(ListSignals(limit=model.capacity))).batch
        except PyroError as error:
            self._no_list(error)
            return
        model.refill(page)
        self._watch.take_signals(page)
        self.desk.mark(self.name)

    def _no_list(self, error: PyroError) -> None:
        self.desk.say("warning", tr("A list could not be read: {error}").format(error=error))

    def _strategies(self, reply: StrategyList) -> None:
        self._families = {s.id: s.family for s in reply.strategies}
        self.model.own = frozenset(s.id for s in reply.strategies if s.own)
        self.widget.set_strategies(self._families)

    def _promoted(self, reply: PromotedList) -> None:
        self.model.promoted = frozenset(
            (p.strategy, _params_text(p.params), p.symbol, p.timeframe) for p in reply.promoted
        )
        self.model.touch()

    def _decimals(self, symbol: str) -> int:
        found = self.desk.instruments.get(symbol)
        return found.decimals if found is not None else 2

    def _last(self, symbol: str) -> float:
        watch = self._watch.model
        row = watch.row_of.get(symbol, -1)
        return float(watch.last[row]) if row >= 0 else float("nan")

    def _lists_changed(self) -> None:
        watch = self._watch.model
        self.widget.set_markets(watch.markets, list(watch.lists), watch.lists.get)
        if self.desk.client is not None:
            self.desk.ask(GetAlerts(), self._renew_lists, lambda _error: None)

    def _renew_lists(self, setup: AlertSetup) -> None:
        """Rules that name a list are about what it holds now."""
        renewed = rules.with_lists(setup.rules, self._watch.model.lists.get)
        if renewed != setup.rules:
            self.desk.ask(SetAlertRules(rules=renewed), self._show_setup)

    def _muted_changed(self) -> None:
        self.model.muted = frozenset(self._watch.model.muted)
        self.model.touch()
        self.desk.mark(self.name)

    def _reason(self, key: Hashable, s: Signal) -> None:
        params = dict(p.split("=", 1) for p in s.params.split(",") if "=" in p)
        try:
            values = {name: float(value) for name, value in params.items()}
        except ValueError:
            values = {}
        ask = Explain(strategy=s.strategy, symbol=s.symbol, timeframe=s.timeframe, at_ms=s.bar_ts, params=values)

        def answered(why: Why) -> None:
            self.widget.set_reason(key, why_words(why))

        if self.desk.client is not None and s.strategy in self._families:
            self.desk.ask(ask, answered, lambda error: self.widget.set_reason(key, error.what))

    # alerts ----
    def _alert_like(self, s: Signal) -> None:
        self._show_dialog().begin(rules.of_signal(s.strategy, s.symbol, s.timeframe, s.side, s.action))

    def _show_dialog(self) -> AlertsDialog:
        if self._dialog is not None:
            self._dialog.close()
            self._dialog.deleteLater()
        client, lists = self.desk.client, self._watch.model.lists
        timeframes = list(client.info.timeframes) if client is not None else ["1m", "5m", "15m", "1h"]
        dialog = self._dialog = AlertsDialog(timeframes, self._families, list(lists), lists.get, self.desk.window)
        dialog.rulesChanged.connect(self._set_rules)
        dialog.secretGiven.connect(self._keep_secret)
        dialog.testAsked.connect(lambda channel: self.desk.ask(TestAlert(channel=channel), self._tested))
        dialog.show()
        if client is not None:
            self.desk.ask(GetAlerts(), self._show_setup)
        return dialog

    def _show_setup(self, setup: AlertSetup) -> None:
        if self._dialog is not None:
            self._dialog.show_setup(setup)

    def _set_rules(self, texts: list[str], channels: AlertChannels | None) -> None:
        def refused(error: PyroError) -> None:
            if self._dialog is not None:
                self._dialog.refused(f"{error.what.splitlines()[0]} {error.fix}".strip())
            self.desk.ask(GetAlerts(), self._show_setup)

        scan = next((r for t in reversed(texts) if (r := rules.read(t)) is not None and r.scan), None)
        if scan is not None and channels is None:
            self._check_scan(scan, lambda: self.desk.ask(SetAlertRules(rules=texts), self._show_setup, refused))
        else:
            self.desk.ask(SetAlertRules(rules=texts, channels=channels), self._show_setup, refused)

    def _check_scan(self, rule: AlertRule, then: Callable[[], None]) -> None:
        """The place of what is wrong in a filter, before the rules are handed over."""

        def answered(reply: WatchReply) -> None:
            if not reply.problems:
                then()
            elif self._dialog is not None:
                found = reply.problems[0]
                self._dialog.refused(f"{found.what} {found.fix}".strip(), found.at)

        item = WatchItem(expression=rule.scan, timeframe=rule.timeframe, condition=True)
        self.desk.ask(SetWatch(view="", items=[item]), answered)

    def _keep_secret(self, channel: str, value: str) -> None:
        def failed(error: PyroError) -> None:
            if self._dialog is not None:
                self._dialog.channels.say(channel, f"{error.what} {error.fix}".strip())

        self.desk.ask(KeepSecret(channel=channel, value=value), lambda _ok: None, failed)  # type: ignore[arg-type]

    def _tested(self, done: Delivery) -> None:
        if self._dialog is not None:
            self._dialog.tested(done)
            self.desk.ask(GetAlerts(), self._show_setup)

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "alerts": self.open_alerts,
            "new_alert": self.new_alert,
            "export_signals": lambda: self.widget.export(),
        }

    def keep(self) -> dict[str, Any]:
        return {"grouped": self.model.grouped, "kinds": self.model.filter.kinds}

    def restore(self, kept: Mapping[str, Any]) -> None:
        panel = self.widget
        panel.group.setChecked(kept.get("grouped") is not False)
        panel.kinds.setCurrentIndex(max(panel.kinds.findData(kept.get("kinds")), 0))


def _params_text(params: Mapping[str, float]) -> str:
    """As signals carry them: 'a=1,b=2', sorted by name."""
    whole = {name: int(value) if float(value).is_integer() else value for name, value in params.items()}
    return ",".join(f"{name}={whole[name]!r}" for name in sorted(whole))
