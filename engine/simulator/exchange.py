"""One market: its candles, its clockwork of events, and who listens to what."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from engine.simulator import ticks
from engine.simulator.config import Dialect, SimulatorConfig
from engine.simulator.encode import Templates, shutdown, text_frame
from engine.simulator.simtime import SimTime
from engine.simulator.source import MarketSource
from engine.simulator.subscriber import Subscriber

_KINDS = ("kline_1m", "aggTrade", "miniTicker")
_KLINE, _TRADE, _TICKER = range(3)
#: event kind -> stream kind
_STREAM_OF = np.array([_KLINE, _KLINE, _TRADE, _TICKER])
_ALL_TICKERS = "!miniTicker@arr"
_FIRST_ID = 1_000_000


class Running(msgspec.Struct, frozen=True):
    """The bar of the present minute so far, in ticks and lots; value in the quote currency."""

    minute: int
    o: int
    h: int
    l: int  # noqa: E741 - as everywhere on the wire
    c: int
    v: int
    n: int
    value: float


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
        self._templates: list[Templates | None] = [None] * len(source.symbols)
        first = _FIRST_ID + (source.keys % 1_000_000)
        self._next_single = first * 2
        self._next_trade = first.copy()
        self._tapes: list[_Reel] = []
        self._done_ms = time.now_ms()
        self._load(self._done_ms // 60_000)
        for reel in self._tapes:
            reel.skip(self._done_ms)

    # -- subscriptions

    def locate(self, stream: str) -> tuple[int, int] | None:
        """(stream kind, symbol row) of a stream this market pushes; None for one that stays silent."""
        name, _, kind = stream.rpartition("@")
        row = self.source.by_lower.get(name)
        return None if row is None or kind not in _KINDS else (_KINDS.index(kind), row)

    def subscribe(self, who: Subscriber, streams: list[str]) -> None:
        for stream in streams:
            if stream in who.streams:
                continue
            who.streams[stream] = None
            if not who.hears:
                continue
            if stream == _ALL_TICKERS:
                self._all_tickers.append(who)
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
        if self._all_tickers:
            self._wanted[_TICKER] = True
        self._wanted &= ~self._silent

    # -- time

    def advance(self, to_ms: int) -> None:
        """Put every event up to and including `to_ms` into the subscribers' queues."""
        while self._done_ms < to_ms:
            minute = self._done_ms // 60_000
            if self._tapes[-1].tape.minute < minute:
                self._load(minute)
            upto = min(to_ms, (minute + 1) * 60_000)
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
        self._tapes.append(_Reel(tape, self._next_trade.copy(), self._next_single.copy()))
        self._next_trade += tape.count
        self._next_single += ticks.singles(tape.count)

    def _emit(self, upto: int) -> None:
        due: list[tuple[int, int, bytes, int, int]] = []
        for number, reel in enumerate(self._tapes):
            begin, end = reel.take(upto)
            if begin == end:
                continue
            kind, row = reel.tape.event_kind[begin:end], reel.tape.event_row[begin:end]
            wanted = np.nonzero(self._wanted[_STREAM_OF[kind], row])[0]
            if len(wanted) and not self.paused:
                self._collect(reel, begin + wanted, number, due)
        if len(self._tapes) > 1:
            due.sort(key=lambda item: item[:2])
        for _, _, payload, stream, which in due:
            self._hand_out(payload, stream, which)

    def _hand_out(self, payload: bytes, stream: int, row: int) -> None:
        combined = raw = b""
        for who in self._listeners[stream].get(row, ()):
            if who.combined:
                if not combined:
                    combined = text_frame(self.templates(row).wraps[_KINDS[stream]].encode() + payload + b"}")
                who.out.append(combined)
            else:
                if not raw:
                    raw = text_frame(payload)
                who.out.append(raw)
        if stream == _TICKER and self._all_tickers:
            self._changed[row] = payload

    def _emit_all_tickers(self) -> None:
        body = b"[" + b",".join(self._changed.values()) + b"]"
        self._changed = {}
        for who in self._all_tickers:
            wrapped = b'{"stream":"' + _ALL_TICKERS.encode() + b'","data":' + body + b"}" if who.combined else body
            who.out.append(text_frame(wrapped))

    # -- payloads

    def templates(self, row: int) -> Templates:
        """Templates of a symbol, made when first needed."""
        made = self._templates[row]
        if made is None:
            made = self._templates[row] = Templates(self.source.symbols[row], self.dialect)
        return made

    def _collect(self, reel: _Reel, chosen: np.ndarray, number: int, due: list[Any]) -> None:
        """Append (time, reel, payload, stream kind, row) of the chosen events, in order."""
        tape = reel.tape
        kinds = tape.event_kind[chosen]
        made: list[bytes] = [b""] * len(chosen)
        for kinds_of, write in (
            ((ticks.RUNNING, ticks.FINAL), self._klines),
            ((ticks.TRADE,), self._trades),
            ((ticks.TICKER,), self._tickers),
        ):
            place = np.nonzero(np.isin(kinds, kinds_of))[0]
            if len(place):
                at = chosen[place]
                write(reel, place, tape.event_time[at], tape.event_row[at], tape.event_at[at], kinds[place], made)
        streams = _STREAM_OF[kinds].tolist()
        for when, payload, stream, row in zip(
            tape.event_time[chosen].tolist(), made, streams, tape.event_row[chosen].tolist()
        ):
            due.append((when, number, payload, stream, row))

    def _klines(
        self, reel: _Reel, place: np.ndarray, when: np.ndarray, row: np.ndarray, at: np.ndarray, kind: np.ndarray,
        made: list[bytes],
    ) -> None:  # fmt: skip
        tape, source = reel.tape, self.source
        final = kind == ticks.FINAL
        scale, lot = source.price_scale[row], source.lot_scale[row]
        n = tape.single[row, at]
        first = reel.first_single[row]
        share = ticks.taker_share(source.keys[row], tape.minute)
        lots = np.where(final, tape.v[row], tape.volume[row, at])
        typical = (tape.o[row] + tape.h[row] + tape.l[row] + tape.c[row]) * 0.25
        value = np.where(final, typical * lots / (scale * lot), tape.value[row, at])
        columns = (
            place, when, row, first, first + n - 1, tape.o[row] / scale,
            np.where(final, tape.c[row], tape.price[row, at]) / scale,
            np.where(final, tape.h[row], tape.high[row, at]) / scale,
            np.where(final, tape.l[row], tape.low[row, at]) / scale,
            lots / lot, n, final, value, np.floor(lots * share) / lot, value * share,
        )  # fmt: skip
        start = tape.minute * 60_000
        for p, e, r, f, last, o, c, h, low, v, count, x, q, taker, taker_value in zip(*(c.tolist() for c in columns)):
            made[p] = (
                self.templates(r).kline
                % (e, start, start + 59_999, f, last, o, c, h, low, v, count, "true" if x else "false", q, taker,
                   taker_value)
            ).encode()  # fmt: skip

    def _trades(
        self, reel: _Reel, place: np.ndarray, when: np.ndarray, row: np.ndarray, at: np.ndarray, kind: np.ndarray,
        made: list[bytes],
    ) -> None:  # fmt: skip
        tape, source = reel.tape, self.source
        last = reel.first_single[row] + tape.single[row, at] - 1
        before = np.where(at > 0, tape.single[row, np.maximum(at - 1, 0)], 0)
        columns = (
            place, when, row, reel.first_trade[row] + at, tape.price[row, at] / source.price_scale[row],
            tape.quantity[row, at] / source.lot_scale[row], reel.first_single[row] + before, last, tape.maker[row, at],
        )  # fmt: skip
        normal = self.dialect.categories
        for p, t, r, a, price, quantity, f, last_id, maker in zip(*(c.tolist() for c in columns)):
            amounts = (quantity, quantity) if normal else (quantity,)
            values = (t + 3, a, price, *amounts, f, last_id, t, "true" if maker else "false")
            made[p] = (self.templates(r).trade % values).encode()

    def _tickers(
        self, reel: _Reel, place: np.ndarray, when: np.ndarray, row: np.ndarray, at: np.ndarray, kind: np.ndarray,
        made: list[bytes],
    ) -> None:  # fmt: skip
        tape, source = reel.tape, self.source
        scale, lot = source.price_scale[row], source.lot_scale[row]
        opened = np.where(tape.day_open[row] > 0, tape.day_open[row], tape.o[row])
        columns = (
            place, when, row, tape.price[row, at] / scale, opened / scale,
            np.maximum(tape.day_high[row], tape.high[row, at]) / scale,
            np.minimum(tape.day_low[row], tape.low[row, at]) / scale,
            (tape.day_volume[row] + tape.volume[row, at]) / lot, tape.day_value[row] + tape.value[row, at],
        )  # fmt: skip
        for p, e, r, c, o, h, low, v, q in zip(*(c.tolist() for c in columns)):
            made[p] = (self.templates(r).ticker % (e, c, o, h, low, v, q)).encode()

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


class _Reel:
    """A tape being played: how far it is, and the ids its first trades have."""

    def __init__(self, tape: ticks.Tape, first_trade: np.ndarray, first_single: np.ndarray) -> None:
        self.tape = tape
        self.first_trade = first_trade
        self.first_single = first_single
        self._next = 0

    @property
    def finished(self) -> bool:
        return self._next >= len(self.tape.event_time)

    def take(self, upto: int) -> tuple[int, int]:
        """[begin, end) of the events up to `upto` that were not taken yet."""
        begin = self._next
        self._next = int(np.searchsorted(self.tape.event_time, upto, side="right"))
        return begin, self._next

    def skip(self, upto: int) -> None:
        self.take(upto)
