"""Events of a tape as the JSON that is pushed for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from engine.simulator import ticks
from engine.simulator.config import Dialect
from engine.simulator.encode import Templates
from engine.simulator.source import MarketSource

STREAM_KINDS = ("kline_1m", "aggTrade", "miniTicker")
KLINE, TRADE, TICKER = range(3)
#: event kind -> stream kind
STREAM_OF = np.array([KLINE, KLINE, TRADE, TICKER])
#: aggTrade frames leave this long after their trade
_TRADE_DELAY_MS = 3
#: (time, number of the reel, payload, stream kind, symbol row)
Due = tuple[int, int, bytes, int, int]


class Reel:
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


class Payloads:
    """Writes the events of one market."""

    def __init__(self, source: MarketSource, dialect: Dialect) -> None:
        self.source = source
        self.dialect = dialect
        self._templates: list[Templates | None] = [None] * len(source.symbols)

    def templates(self, row: int) -> Templates:
        """Templates of a symbol, made when first needed."""
        made = self._templates[row]
        if made is None:
            made = self._templates[row] = Templates(self.source.symbols[row], self.dialect)
        return made

    def of(self, reel: Reel, chosen: np.ndarray, number: int) -> Iterator[Due]:
        """The chosen events of a reel, in order."""
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
        streams = STREAM_OF[kinds].tolist()
        times, rows = tape.event_time[chosen].tolist(), tape.event_row[chosen].tolist()
        return zip(times, repeat(number), made, streams, rows)

    def _klines(
        self, reel: Reel, place: np.ndarray, when: np.ndarray, row: np.ndarray, at: np.ndarray, kind: np.ndarray,
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
        self, reel: Reel, place: np.ndarray, when: np.ndarray, row: np.ndarray, at: np.ndarray, kind: np.ndarray,
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
            values = (t + _TRADE_DELAY_MS, a, price, *amounts, f, last_id, t, "true" if maker else "false")
            made[p] = (self.templates(r).trade % values).encode()

    def _tickers(
        self, reel: Reel, place: np.ndarray, when: np.ndarray, row: np.ndarray, at: np.ndarray, kind: np.ndarray,
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
