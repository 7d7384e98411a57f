"""Replay: the past played again through the real signal engine, with the future unknown.

A session has a clock. Charts named at its start show bars up to that clock only, for as long as it lives: an OpenChart
of theirs is answered from the past, and their Bars go on as the session does. Its signals and alerts are events of
their own, so that none of them can be taken for a live one; nothing of a replay is journaled.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from engine.contracts.commands_base import Command
from engine.contracts.events_base import Delivery, Event
from engine.contracts.signals import Signal, SignalBatch, SignalBlock

#: market seconds a second that the window offers; 0 = as fast as it goes
REPLAY_SPEEDS = (1.0, 10.0, 60.0, 600.0, 3600.0, 0.0)


class ReplayState(Event, frozen=True, kw_only=True, tag="replay_state"):
    """Where a session stands. state: 'loading', 'paused', 'playing', 'ended' (no newer candle is kept), 'stopped' or
    'failed', then text says why.

    ts: the session's clock, ms: bars that close later are unknown. speed: market seconds a second, 0 = as fast as it
    goes. rate: 1-minute bars of one symbol that it really does in a second. first_ms, last_ms: what can be played.
    signals, alerts: given since the start or the last jump; provisional: whether running bars are looked at too.
    """

    topic: ClassVar[str] = "replay"
    delivery: ClassVar[Delivery] = "latest"
    session: str
    state: Literal["loading", "paused", "playing", "ended", "stopped", "failed"]
    ts: int
    speed: float = 60.0
    rate: float = 0.0
    first_ms: int = 0
    last_ms: int = 0
    symbols: list[str] = []
    charts: list[str] = []
    signals: int = 0
    alerts: int = 0
    provisional: bool = True
    text: str = ""

    def key(self) -> object:
        return self.session


class ReplaySignals(Event, frozen=True, kw_only=True, tag="replay_signals"):
    """What the engine would have said. Numbered within the session; their stamps are the session's clock. reset: the
    session has begun or jumped, and earlier ones are void."""

    topic: ClassVar[str] = "replay"
    session: str
    block: SignalBlock
    reset: bool = False

    @property
    def batch(self) -> SignalBatch:
        return self.block.batch


class ReplayAlert(Event, frozen=True, kw_only=True, tag="replay_alert"):
    """An alert that a rule of the settings would have given. more: as in Alert."""

    topic: ClassVar[str] = "replay"
    session: str
    ts: int
    signal: Signal
    rule: str
    sound: bool = False
    desktop: bool = False
    more: int = 0


class StartReplay(Command, frozen=True, kw_only=True, tag="replay_start"):
    """Begin at a moment; bars that open before it are known. symbols: whose signals are wanted, beside those of the
    charts, which come in when they are opened. An earlier session of this client ends. It begins paused.

    BadInput: no candles of a symbol, or none at that moment; another client replays.
    """

    reply: ClassVar[Any] = ReplayState
    at_ms: int
    symbols: list[str] = []
    charts: list[str] = []
    provisional: bool = True


class PlayReplay(Command, frozen=True, kw_only=True, tag="replay_play"):
    """speed: market seconds a second; 0 = as fast as it goes; may be given anew while it plays."""

    reply: ClassVar[Any] = ReplayState
    session: str
    speed: float = 60.0


class PauseReplay(Command, frozen=True, kw_only=True, tag="replay_pause"):
    reply: ClassVar[Any] = ReplayState
    session: str


class StepReplay(Command, frozen=True, kw_only=True, tag="replay_step"):
    """Go on to the close of the running bar of a timeframe, and `bars` - 1 further ones; then it is paused."""

    reply: ClassVar[Any] = ReplayState
    session: str
    timeframe: str = "1m"
    bars: int = 1


class JumpReplay(Command, frozen=True, kw_only=True, tag="replay_jump"):
    """Stand at another moment, earlier or later; charts are to be opened anew."""

    reply: ClassVar[Any] = ReplayState
    session: str
    at_ms: int


class StopReplay(Command, frozen=True, kw_only=True, tag="replay_stop"):
    """End it; its charts are live again when they are opened anew."""

    reply: ClassVar[Any] = ReplayState
    session: str


ReplayCommand = StartReplay | PlayReplay | PauseReplay | StepReplay | JumpReplay | StopReplay


class ReplayChunk(msgspec.Struct, frozen=True, kw_only=True):
    """What a session did between two moments. bars: symbol -> bytes CANDLE_DTYPE, its 1-minute bars that became final;
    running: symbol -> the same of the running minute, one bar or none. next_ms: when the next thing happens, -1 =
    nothing more is kept. reset: whether earlier signals are void."""

    ts: int
    next_ms: int
    block: SignalBlock = SignalBlock()
    bars: dict[str, bytes] = {}
    running: dict[str, bytes] = {}
    minutes: int = 0
    first_ms: int = 0
    last_ms: int = 0


class ReplayBars(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's history up to the session's clock. bars: final ones; forming: 1-minute bars of the one that runs;
    running: the running minute, one bar or none. more: there are older ones. chunk: set when the symbol was new."""

    bars: bytes
    forming: bytes
    running: bytes
    more: bool
    chunk: ReplayChunk | None = None


AnyReplayCommand = StartReplay | PlayReplay | PauseReplay | StepReplay | JumpReplay | StopReplay
