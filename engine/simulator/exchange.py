"""One market: its candles, its clockwork of events, and who listens to what."""

from __future__ import annotations

import numpy as np

from engine.simulator import ticks
from engine.simulator.config import Dialect, SimulatorConfig
from engine.simulator.encode import shutdown, text_frame
from engine.simulator.higher import HigherKlines
from engine.simulator.market_view import Running
from engine.simulator.payloads import KLINE, STREAM_KINDS, STREAM_OF, TICKER, Due, Payloads, Reel
from engine.simulator.simtime import SimTime
from engine.simulator.source import MarketSource
from engine.simulator.subscriber import Subscriber

_ALL_TICKERS = "!miniTicker@arr"
_IDS_A_MINUTE = 3000


class Exchange:
    """Advances through simulated time and hands each event's frame to those who subscribed to it."""

    def __init__(self, dialect: Dialect, config: SimulatorConfig, source: MarketSource, time: SimTime) -> None:
        self.dialect = dialect
        self.source = source
        self.time = time
        self._seed = config.seed
        self._kline_ms = 60_000 // config.updates_per_minute if config.updates_per_minute else dialect.kline_ms
        self._ticker_ms = max(self._kline_ms, dialect.ticker_ms) if config.updates_per_minute else dialect.ticker_ms
        self.subscribers: set[Subscriber] = set()
        self.paused = False
        self._listeners: list[dict[int, list[Subscriber]]] = [{}, {}, {}]
        self._wanted = np.zeros((3, len(source.symbols)), bool)
        self._silent = np.zeros(len(source.symbols), bool)
        self._all_tickers: list[Subscriber] = []
        self._changed: dict[int, bytes] = {}
        self.payloads = Payloads(source, dialect)
        self._higher = HigherKlines(self)
        # ids grow with time and no minute holds more, so that a later start never falls back behind an earlier one
        first = (time.now_ms() // 60_000) * _IDS_A_MINUTE + source.keys % _IDS_A_MINUTE
        self._next_single = first
        self._next_trade = first // 2
        self._tapes: list[Reel] = []
        self._done_ms = time.now_ms()
        self._load(self._done_ms // 60_000)
        for reel in self._tapes:
            reel.skip(self._done_ms)

    # -- subscriptions

    def locate(self, stream: str) -> tuple[int, int] | None:
        """(stream kind, symbol row) of a stream this market pushes; None for one that stays silent."""
        name, _, kind = stream.rpartition("@")
        row = self.source.by_lower.get(name)
        return None if row is None or kind not in STREAM_KINDS else (STREAM_KINDS.index(kind), row)

    def subscribe(self, who: Subscriber, streams: list[str]) -> None:
        for stream in streams:
            if stream in who.streams:
                continue
            who.streams[stream] = None
            if not who.hears:
                continue
            if stream == _ALL_TICKERS:
                self._all_tickers.append(who)
            elif (higher := self._higher.place(stream)) is not None:
                self._higher.add(who, *higher)
            elif (place := self.locate(stream)) is not None:
                self._listeners[place[0]].setdefault(place[1], []).append(who)
        self._refresh()

    def unsubscribe(self, who: Subscriber, streams: list[str]) -> None:
        for stream in streams:
            if stream not in who.streams:
                continue
            del who.streams[stream]
            if not who.hears:
                continue
            if stream == _ALL_TICKERS:
                self._all_tickers.remove(who)
            elif (higher := self._higher.place(stream)) is not None:
                self._higher.remove(who, *higher)
            elif (place := self.locate(stream)) is not None:
                listeners = self._listeners[place[0]][place[1]]
                listeners.remove(who)
                if not listeners:
                    del self._listeners[place[0]][place[1]]
        self._refresh()

    def leave(self, who: Subscriber) -> None:
        """Forget a connection."""
        self.unsubscribe(who, list(who.streams))
        self.subscribers.discard(who)

    def silence(self, name: str, *, on: bool = True) -> None:
        """Stop (or resume) every stream of one symbol."""
        self._silent[self.source.index[name]] = on
        self._refresh()

    def _refresh(self) -> None:
        self._wanted[:] = False
        for kind, rows in enumerate(self._listeners):
            self._wanted[kind, list(rows)] = True
        self._wanted[KLINE, list(self._higher.listeners)] = True
        if self._all_tickers:
            self._wanted[TICKER] = True
        self._wanted &= ~self._silent

    # -- time

    def advance(self, to_ms: int) -> None:
        """Put every event up to and including `to_ms` into the subscribers' queues."""
        while self._done_ms < to_ms:
            minute = self._done_ms // 60_000
            if self._tapes[-1].tape.minute < minute:
                self._load(minute)
            beat = 1000 if self._all_tickers else 60_000
            upto = min(to_ms, (self._done_ms // beat + 1) * beat)
            self._emit(upto)
            if self._changed and upto // 1000 != self._done_ms // 1000:
                self._emit_all_tickers()
            self._done_ms = upto

    def flush(self) -> None:
        for who in list(self.subscribers):
            who.flush()

    def _load(self, minute: int) -> None:
        tape = ticks.tape(self.source, minute, self._seed, self._kline_ms, self._ticker_ms)
        self._tapes = [reel for reel in self._tapes if not reel.finished]
        self._tapes.append(Reel(tape, self._next_trade.copy(), self._next_single.copy()))
        self._next_trade += tape.count
        self._next_single += ticks.singles(tape.count)

    def _emit(self, upto: int) -> None:
        due: list[Due] = []
        for number, reel in enumerate(self._tapes):
            begin, end = reel.take(upto)
            if begin == end:
                continue
            kind, row = reel.tape.event_kind[begin:end], reel.tape.event_row[begin:end]
            wanted = np.nonzero(self._wanted[STREAM_OF[kind], row])[0]
            if len(wanted) and not self.paused:
                due.extend(self.payloads.of(reel, begin + wanted, number))
        if len(self._tapes) > 1:
            due.sort(key=lambda item: item[:2])
        for _, _, payload, stream, which in due:
            self._hand_out(payload, stream, which)

    def _hand_out(self, payload: bytes, stream: int, row: int) -> None:
        combined = raw = b""
        for who in self._listeners[stream].get(row, ()):
            if who.combined:
                if not combined:
                    combined = text_frame(
                        self.payloads.templates(row).wraps[STREAM_KINDS[stream]].encode() + payload + b"}"
                    )
                who.out.append(combined)
            else:
                if not raw:
                    raw = text_frame(payload)
                who.out.append(raw)
        if stream == KLINE and row in self._higher.listeners:
            self._higher.hand_out(row, payload)
        if stream == TICKER and self._all_tickers:
            self._changed[row] = payload

    def _emit_all_tickers(self) -> None:
        body = b"[" + b",".join(self._changed.values()) + b"]"
        self._changed = {}
        for who in self._all_tickers:
            wrapped = b'{"stream":"' + _ALL_TICKERS.encode() + b'","data":' + body + b"}" if who.combined else body
            who.out.append(text_frame(wrapped))

    # -- the present, for REST

    def running(self, row: int) -> Running | None:
        """The open minute's bar of a symbol from the trades so far; None before its first."""
        now = self.time.now_ms()
        tape = next((reel.tape for reel in self._tapes if reel.tape.minute == now // 60_000), None)
        if tape is None:
            return None
        done = int(np.searchsorted(tape.time[row, : tape.count[row]], now, side="right"))
        if not done:
            return None
        at = done - 1
        return Running(
            tape.minute, int(tape.o[row]), int(tape.high[row, at]), int(tape.low[row, at]), int(tape.price[row, at]),
            int(tape.volume[row, at]), int(tape.single[row, at]), float(tape.value[row, at]),
        )  # fmt: skip

    def last_tape(self) -> ticks.Tape:
        """The newest minute's tape."""
        return self._tapes[-1].tape

    # -- faults

    def send_raw(self, payload: bytes) -> None:
        """One text frame with these bytes to every connection, whatever they are."""
        for who in list(self.subscribers):
            who.send(payload)

    def shutdown_notice(self) -> None:
        for who in list(self.subscribers):
            who.send(shutdown(self.time.now_ms(), who.combined))
