"""Klines of intervals above one minute, for those who subscribe to them: the minutes before plus the running one."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from engine.simulator import history
from engine.simulator.encode import quoted, text_frame
from engine.simulator.market_view import MarketView
from engine.simulator.subscriber import Subscriber

_PREFIX = "kline_"


class _Before(msgspec.Struct, frozen=True):
    """The part of a bar that lies before `minute`; open < 0: none."""

    bar: int
    minute: int
    open: float = -1.0
    high: float = 0.0
    low: float = 0.0
    sums: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    n: int = 0


class HigherKlines:
    """Listeners by symbol row and interval."""

    def __init__(self, exchange: MarketView) -> None:
        self._exchange = exchange
        self.listeners: dict[int, dict[str, list[Subscriber]]] = {}
        self._before: dict[tuple[int, str], _Before] = {}

    def place(self, stream: str) -> tuple[int, str] | None:
        """(symbol row, interval) of such a stream, else None."""
        name, _, kind = stream.rpartition("@")
        row = self._exchange.source.by_lower.get(name)
        interval = kind.removeprefix(_PREFIX)
        known = kind.startswith(_PREFIX) and interval in history.INTERVALS and interval != "1m"
        return (row, interval) if known and row is not None else None

    def add(self, who: Subscriber, row: int, interval: str) -> None:
        self.listeners.setdefault(row, {}).setdefault(interval, []).append(who)

    def remove(self, who: Subscriber, row: int, interval: str) -> None:
        intervals = self.listeners[row]
        intervals[interval].remove(who)
        if not intervals[interval]:
            del intervals[interval]
            self._before.pop((row, interval), None)
        if not intervals:
            del self.listeners[row]

    def hand_out(self, row: int, minute_kline: bytes) -> None:
        """Push the higher klines that a 1-minute kline of the symbol changes."""
        event = msgspec.json.decode(minute_kline)
        for interval, listeners in self.listeners[row].items():
            payload = self._payload(row, interval, event)
            name = self._exchange.source.symbols[row].name.lower()
            wrapped = b""
            for who in listeners:
                if who.combined and not wrapped:
                    wrapped = f'{{"stream":{quoted(f"{name}@kline_{interval}")},"data":'.encode() + payload + b"}"
                who.out.append(text_frame(wrapped if who.combined else payload))

    def _payload(self, row: int, interval: str, event: dict[str, Any]) -> bytes:
        k = event["k"]
        bar = int(history.bar_opens(np.array([k["t"]], np.int64), interval)[0])
        end = history.bar_end(bar, interval)
        before = self._up_to(row, interval, bar, k["t"] // 60_000)
        high, low, fresh = float(k["h"]), float(k["l"]), before.open < 0
        v, q, taker, taker_q = (float(k[name]) + more for name, more in zip(("v", "q", "V", "Q"), before.sums))
        final = k["x"] and k["T"] + 1 == end
        template = self._exchange.payloads.templates(row).kline.replace('"i":"1m"', f'"i":"{interval}"')
        return (
            template
            % (event["E"], bar, end - 1, k["f"] - before.n, k["L"], float(k["o"]) if fresh else before.open,
               float(k["c"]),
               high if fresh else max(high, before.high), low if fresh else min(low, before.low), v,
               k["n"] + before.n, "true" if final else "false", q, taker, taker_q)
        ).encode()  # fmt: skip

    def _up_to(self, row: int, interval: str, bar: int, minute: int) -> _Before:
        kept = self._before.get((row, interval))
        if kept is not None and (kept.bar, kept.minute) == (bar, minute):
            return kept
        table = history.minutes(self._exchange, row, bar // 60_000, minute - 1)
        made = _Before(bar, minute)
        if len(table["minute"]):
            scale, lot = self._exchange.source.price_scale[row], self._exchange.source.lot_scale[row]
            v, q, taker, taker_q = (float(table[name].sum()) for name in ("v", "value", "taker", "taker_value"))
            sums = (v / lot, q, taker / lot, taker_q)
            made = _Before(
                bar, minute, float(table["o"][0] / scale), float(table["h"].max() / scale),
                float(table["l"].min() / scale), sums, int(table["n"].sum()),
            )  # fmt: skip
        self._before[row, interval] = made
        return made
