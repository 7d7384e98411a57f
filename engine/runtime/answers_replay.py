"""What an engine answers about replays: one session at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from engine.bus.server import Peer
from engine.contracts.alerts import AlertRule
from engine.contracts.commands import Candles, Command, OpenChart
from engine.contracts.errors import BadInput
from engine.contracts.replay import (
    JumpReplay,
    PauseReplay,
    PlayReplay,
    ReplayState,
    StartReplay,
    StepReplay,
    StopReplay,
)
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.parts import EngineParts
from engine.runtime.replay import ReplaySession


class ReplayAnswers:
    """The session belongs to the client that began it, and ends with it."""

    def __init__(
        self, engine: EngineParts, release: Callable[[str], object], rules: Callable[[], list[AlertRule]]
    ) -> None:
        """release: a chart of this id is no longer live. rules: of the alerts, as they are now."""
        self._engine, self._release, self._rules = engine, release, rules
        self._session: ReplaySession | None = None
        self.methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            StartReplay: self._start,
            PlayReplay: self._play,
            PauseReplay: self._pause,
            StepReplay: self._step,
            JumpReplay: self._jump,
            StopReplay: self._stop,
        }

    async def chart(self, command: Command, peer: Peer) -> Candles | None:
        """The answer to a command that asks for bars of a chart of the past; None where it is live, or another one."""
        session = self._session
        if session is None or session.peer is not peer or not isinstance(command, OpenChart):
            return None
        return await session.open_chart(command) if command.chart in session.charts else None

    def left(self, peer: Peer) -> Awaitable[object] | None:
        """A client has gone, and its replay with it: what is left to be done."""
        session = self._session
        if session is None or session.peer is not peer:
            return None
        self._session = None
        return session.close()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _start(self, command: StartReplay, peer: Peer) -> ReplayState:
        if self._session is not None and self._session.peer is not peer:
            raise BadInput("Another window of this engine replays.", fix="End its replay first.")
        if not command.symbols:
            raise BadInput("A replay needs a symbol.", fix="Open a chart first.")
        await self.close()
        session = self._session = ReplaySession(self._engine, peer, command, self._rules())
        try:
            begun = await session.begin(command.at_ms)
        except BaseException:
            # charts that were given to it go on live
            if self._session is session:
                await self.close()
            raise
        for chart in command.charts:
            self._release(chart)
        return begun

    def _mine(self, session: str) -> ReplaySession:
        if self._session is None or self._session.id != session:
            raise BadInput("This replay has ended.", where=session, fix="Begin one anew.")
        return self._session

    async def _play(self, command: PlayReplay, peer: Peer) -> ReplayState:
        return await self._mine(command.session).play(command.speed)

    async def _pause(self, command: PauseReplay, peer: Peer) -> ReplayState:
        return await self._mine(command.session).pause()

    async def _step(self, command: StepReplay, peer: Peer) -> ReplayState:
        timeframe_ms(command.timeframe)
        return await self._mine(command.session).step(command.timeframe, command.bars)

    async def _jump(self, command: JumpReplay, peer: Peer) -> ReplayState:
        return await self._mine(command.session).begin(command.at_ms)

    async def _stop(self, command: StopReplay, peer: Peer) -> ReplayState:
        session = self._mine(command.session)
        self._session = None
        return await session.close()
