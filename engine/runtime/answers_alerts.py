"""Alerts of one engine: the rules in force, what they are sent by, and the commands that change them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from engine.bus.server import Peer
from engine.contracts.alerting import (
    SECRETS,
    AlertChannels,
    AlertSetup,
    Delivery,
    GetAlerts,
    KeepSecret,
    SetAlertRules,
    TestAlert,
)
from engine.contracts.alerts import AlertRule, parse_rule
from engine.contracts.commands_base import Command, Ok
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Notice
from engine.contracts.watch import WatchItem
from engine.runtime.alert_send import AlertSender
from engine.runtime.alerts import AlertBoard
from engine.runtime.parts import EngineParts
from engine.runtime.secrets import keep_secret, secret
from engine.runtime.watch import WatchBoard

log = logging.getLogger(__name__)
RULES_KEY, CHANNELS_KEY = "alerts.rules", "alerts.channels"
MOST_RULES = 200


class AlertDesk:
    """Rules come from the settings, which need a restart, and from the state, where the window's are kept; both are in
    force. Channels are those of the state once there are any, else those of the settings."""

    def __init__(self, engine: EngineParts, watch: WatchBoard) -> None:
        self._engine = engine
        self._watch = watch
        self._rules: list[str] = []
        self._board: AlertBoard | None = None
        self.sender = AlertSender(engine.hub, engine.clock, engine.config.alert_channels)
        self.methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            GetAlerts: self._get,
            SetAlertRules: self._set,
            KeepSecret: self._keep,
            TestAlert: self._test,
        }

    async def open(self, families: Mapping[str, str]) -> AlertBoard:
        """Read what is kept, when the state is there; the board hears of signals from then on."""
        e = self._engine
        kept = await e.storage.run(e.state.get, RULES_KEY) or []
        channels = await e.storage.run(e.state.get, CHANNELS_KEY)
        if channels is not None:
            try:
                self.sender.channels = msgspec.convert(channels, AlertChannels)
            except msgspec.ValidationError as error:
                log.warning("the kept alert channels cannot be used: %s", error)
        self._board = AlertBoard([], families, e.hub, e.clock, e.config.alerts_per_second, self.sender.send)
        self._watch.on_hits = self._board.hear_scans
        for text in kept:
            try:
                self._use([*self._rules, text])
                self._rules.append(text)
            except BadInput as error:
                e.hub.publish(Notice(level="warning", code="alerts", text=f"An alert rule is left out: {error}"))
                log.warning("an alert rule is left out: %s", error)
        if not kept:
            self._start_with_settings()
        return self._board

    def close(self) -> None:
        if self._board is not None:
            self._board.close()

    def _start_with_settings(self) -> None:
        try:
            self._use([])
        except BadInput as error:
            log.error("the alert rules of the settings cannot be used: %s", error)
            self._engine.hub.publish(Notice(level="error", code="alerts", text=str(error)))

    def _use(self, texts: Sequence[str]) -> None:
        """The rules of the settings and these; BadInput leaves those in force as they are."""
        rules: list[AlertRule] = [parse_rule(text) for text in (*self._engine.config.alerts, *texts)]
        scans = {(r.scan, r.timeframe) for r in rules if r.scan and not r.off}
        self._watch.set_scans([WatchItem(expression=s, timeframe=t, condition=True) for s, t in sorted(scans)])
        if self._board is not None:
            self._board.set_rules(rules)

    def rules(self) -> list[AlertRule]:
        """Those in force."""
        return [parse_rule(text) for text in (*self._engine.config.alerts, *self._rules)]

    async def _get(self, command: GetAlerts, peer: Peer) -> AlertSetup:
        return await self._setup()

    async def _set(self, command: SetAlertRules, peer: Peer) -> AlertSetup:
        e = self._engine
        if len(command.rules) > MOST_RULES:
            raise BadInput(f"{len(command.rules)} rules are more than {MOST_RULES}.", fix="Remove some.")
        if self._board is None:
            raise PyroError("The engine is still starting.", fix="Try again in a moment.")
        self._use(command.rules)
        self._rules = list(command.rules)
        await e.storage.run(e.state.put, RULES_KEY, self._rules)
        if command.channels is not None:
            self.sender.channels = command.channels
            await e.storage.run(e.state.put, CHANNELS_KEY, msgspec.to_builtins(command.channels))
        return await self._setup()

    async def _keep(self, command: KeepSecret, peer: Peer) -> Ok:
        await asyncio.to_thread(keep_secret, command.channel, command.value)
        return Ok(text="Kept in the keyring." if command.value else "Removed from the keyring.")

    async def _test(self, command: TestAlert, peer: Peer) -> Delivery:
        return await self.sender.test(command.channel)

    async def _setup(self) -> AlertSetup:
        known = await asyncio.to_thread(lambda: {channel: bool(secret(channel)) for channel in SECRETS})
        return AlertSetup(
            rules=list(self._rules),
            fixed=list(self._engine.config.alerts),
            channels=self.sender.channels,
            secrets=known,
            log=list(self.sender.log)[-50:],
            waiting=self.sender.waiting,
            dropped=dict(self.sender.dropped),
        )
