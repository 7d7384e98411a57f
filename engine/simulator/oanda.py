"""OANDA's v20 REST face: accounts, instruments and candles of mid, bid and ask, as documented.

Candles are invented minute by minute (or replayed, where series are given); weekends, daily breaks and quiet minutes
have none. Granularities up to H1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from aiohttp import web

from engine.clock import Clock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.sessions import closed_ranges
from engine.simulator.hashing import mix, uniform
from engine.simulator.simtime import SimTime

OANDA = "oanda"
TOKEN = "simulated-token"
ACCOUNT = "101-001-0000001-001"
_MINUTE = 60_000
_LENGTHS = {"M1": 1, "M2": 2, "M4": 4, "M5": 5, "M10": 10, "M15": 15, "M30": 30, "H1": 60}
_MOST, _DEFAULT, _PER_SECOND = 5_000, 500, 120
#: name -> (type, price, displayPrecision, pipLocation, spread in pips, marginRate)
_LISTED: dict[str, tuple[str, float, int, int, float, str]] = {
    "EUR_USD": ("CURRENCY", 1.09, 5, -4, 1.2, "0.02"),
    "GBP_USD": ("CURRENCY", 1.27, 5, -4, 1.6, "0.05"),
    "USD_JPY": ("CURRENCY", 148.0, 3, -2, 1.4, "0.05"),
    "EUR_GBP": ("CURRENCY", 0.86, 5, -4, 1.5, "0.05"),
    "XAU_USD": ("METAL", 2_650.0, 3, -2, 30.0, "0.05"),
    "BCO_USD": ("CFD", 78.0, 3, -2, 3.0, "0.1"),
    "SPX500_USD": ("CFD", 5_900.0, 1, 0, 0.5, "0.05"),
}
_WAVES = ((0.9, 0.002), (5.3, 0.006), (23.0, 0.015), (91.0, 0.03))


class OandaRest:
    """The HTTP server. series: {name: CANDLE_DTYPE minutes of mid} replayed as they are."""

    def __init__(
        self, time: SimTime, clock: Clock, *, host: str, first_ms: int, seed: int, series: dict[str, np.ndarray]
    ) -> None:
        self._time, self._clock, self._host = time, clock, host
        self._first_ms, self._seed = first_ms, seed
        self._series = series
        self._second, self._used = 0, 0
        self._runner: web.AppRunner | None = None
        self.asked: list[str] = []

    async def start(self, port: int) -> int:
        """Listen; the port that was bound."""
        app = web.Application()
        app.router.add_get("/v3/accounts", self._accounts)
        app.router.add_get("/v3/accounts/{account}/instruments", self._instruments)
        app.router.add_get("/v3/instruments/{name}/candles", self._candles)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # -- endpoints

    async def _accounts(self, request: web.Request) -> web.Response:
        return self._refused(request) or _reply({"accounts": [{"id": ACCOUNT, "tags": []}]})

    async def _instruments(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        if request.match_info["account"] != ACCOUNT:
            return _error(404, "The account specified does not exist")
        listed = [_instrument(name) for name in _LISTED]
        return _reply({"instruments": listed, "lastTransactionID": "1"})

    async def _candles(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        self.asked.append(request.path_qs)
        name, params = request.match_info["name"], request.query
        if name not in _LISTED and name not in self._series:
            return _error(400, "Invalid value specified for 'instrument'")
        granularity, price = params.get("granularity", "S5"), params.get("price", "M")
        if granularity not in _LENGTHS:
            return _error(400, "Invalid value specified for 'granularity'")
        if not price or set(price) - set("MBA"):
            return _error(400, "Invalid value specified for 'price'")
        try:
            start = _moment(params["from"]) if "from" in params else None
            end = _moment(params["to"]) if "to" in params else None
            count = int(params["count"]) if "count" in params else None
        except ValueError:
            return _error(400, "Invalid value specified for 'from'")
        if count is not None and (start is not None and end is not None):
            return _error(400, "'count' cannot be specified when both 'to' and 'from' are specified")
        if count is not None and not 0 < count <= _MOST:
            return _error(400, "Maximum value for 'count' exceeded")
        length = _LENGTHS[granularity] * _MINUTE
        rows = self._rows(name, length, start, end, count)
        if rows is None:
            return _error(400, "Maximum value for 'count' exceeded")
        if params.get("includeFirst") == "false" and rows and rows[0]["ts"] == start:
            rows = rows[1:]
        body = [_candle(row, price, _precision(name), _half_spread(name)) for row in rows]
        return _reply({"instrument": name, "granularity": granularity, "candles": body})

    def _rows(
        self, name: str, length: int, start: int | None, end: int | None, count: int | None
    ) -> list[dict[str, Any]] | None:
        """Bars oldest first, the running one last and marked; None when a range holds more than may be asked."""
        now = self._time.now_ms()
        until = min(end if end is not None else now + 1, now + 1)
        most = count or (_DEFAULT if start is None or end is None else _MOST)
        rows: list[dict[str, Any]] = []
        if start is not None:
            at = max(start, self._first_ms if name not in self._series else start) // length * length
            if name in self._series and len(self._series[name]):
                at = max(at, int(self._series[name]["ts"][0]) // length * length)
            while at < until and len(rows) < most + (end is not None):
                upto = min(at + 2 * 86_400_000 * max(length // _MINUTE, 1), until)
                rows += self._bars(name, length, at, upto, now)
                at = -(-upto // length) * length
        else:
            at = until
            while at > self._first_ms and len(rows) < most:
                low = max(at // length * length - 2 * 86_400_000, self._first_ms)
                rows = self._bars(name, length, low // length * length, at, now) + rows
                at = low // length * length
            return rows[-most:]
        if end is not None and len(rows) > _MOST:
            return None
        return rows[:most]

    def _bars(self, name: str, length: int, from_ms: int, to_ms: int, now: int) -> list[dict[str, Any]]:
        minutes = self._minutes(name, from_ms, to_ms)
        minutes = minutes[minutes["ts"] <= now]
        if not minutes.size:
            return []
        opens = minutes["ts"] // length * length
        first = np.concatenate(([0], np.flatnonzero(np.diff(opens)) + 1))
        last = np.concatenate((first[1:], [opens.size])) - 1
        columns = (
            opens[first], minutes["open"][first], np.maximum.reduceat(minutes["high"], first),
            np.minimum.reduceat(minutes["low"], first), minutes["close"][last],
            np.add.reduceat(minutes["volume"], first),
        )  # fmt: skip
        return [
            {"ts": t, "p": (o, h, low, c), "volume": int(v), "complete": t + length <= now}
            for t, o, h, low, c, v in zip(*(c.tolist() for c in columns))
        ]

    def _minutes(self, name: str, from_ms: int, to_ms: int) -> np.ndarray:
        """Minutes of mid with from_ms <= ts < to_ms."""
        if name in self._series:
            bars = self._series[name]
            return bars[np.searchsorted(bars["ts"], from_ms) : np.searchsorted(bars["ts"], to_ms)]
        low = max(from_ms, self._first_ms)
        number = np.arange(-(-low // _MINUTE), -(-to_ms // _MINUTE), dtype=np.int64)
        key = sum(name.encode()) + 1000 * self._seed
        market = "oanda-forex" if _LISTED[name][0] == "CURRENCY" else "oanda-commodities"
        shut = closed_ranges(market, low, max(to_ms, low))
        at = np.searchsorted(shut[:, 1], number * _MINUTE, side="right")
        inside = at < len(shut)
        closed = np.zeros(number.size, bool)
        closed[inside] = shut[at[inside], 0] <= number[inside] * _MINUTE
        # three minutes in a hundred have no tick
        number = number[~closed & (mix(key, number, 3) % np.uint64(100) >= np.uint64(3))]
        edge = np.stack([_log_price(name, key, number), _log_price(name, key, number + 1)])
        decimals = _precision(name)
        out = np.empty(number.size, CANDLE_DTYPE)
        out["ts"] = number * _MINUTE
        out["open"], out["close"] = np.round(np.exp(edge), decimals)
        far = 1.0 + 0.0001 * uniform(key, number, 7)
        out["high"] = np.round(np.maximum(out["open"], out["close"]) * far, decimals)
        out["low"] = np.round(np.minimum(out["open"], out["close"]) / far, decimals)
        out["volume"] = 1 + (mix(key, number, 9) % np.uint64(60)).astype(np.int64)
        return out

    # -- refusals

    def _refused(self, request: web.Request) -> web.Response | None:
        second = self._clock.now_ns() // 1_000_000_000
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(401, "Insufficient authorization to perform request.")
        return _error(429, "Rate limit violation") if self._used > _PER_SECOND else None


def _log_price(name: str, key: int, minute: np.ndarray) -> np.ndarray:
    out = np.full(minute.size, np.log(_LISTED[name][1]))
    for i, (period, size) in enumerate(_WAVES):
        phase = float(uniform(key, 50 + i)[0])
        out += size * np.sin(2 * np.pi * (minute / (period * 1440) + phase))
    return out + 0.0003 * (uniform(key, minute, 5) - 0.5)


def _precision(name: str) -> int:
    return _LISTED[name][2] if name in _LISTED else 5


def _half_spread(name: str) -> float:
    kind = _LISTED.get(name, _LISTED["EUR_USD"])
    return float(kind[4] * 10.0 ** kind[3] / 2)


def _instrument(name: str) -> dict[str, Any]:
    kind, _, precision, pip, _, margin = _LISTED[name]
    return {
        "name": name, "type": kind, "displayName": name.replace("_", "/"), "pipLocation": pip,
        "displayPrecision": precision, "tradeUnitsPrecision": 0, "minimumTradeSize": "1",
        "maximumTrailingStopDistance": "1.00000", "minimumTrailingStopDistance": "0.00050",
        "maximumPositionSize": "0", "maximumOrderUnits": "100000000", "marginRate": margin,
    }  # fmt: skip


def _candle(row: dict[str, Any], price: str, precision: int, half: float) -> dict[str, Any]:
    stamp = datetime.fromtimestamp(row["ts"] / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")
    made: dict[str, Any] = {"complete": row["complete"], "volume": row["volume"], "time": stamp}
    for letter, name, shift in (("M", "mid", 0.0), ("B", "bid", -half), ("A", "ask", half)):
        if letter in price:
            made[name] = {k: f"{p + shift:.{precision}f}" for k, p in zip("ohlc", row["p"])}
    return made


def _moment(text: str) -> int:
    """ms of RFC 3339 or of seconds with decimals; ValueError when it is neither."""
    if text[4:5] == "-":
        return int(datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp()) * 1000
    return int(float(text) * 1000)


def _reply(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", headers={"RequestID": "1"})


def _error(status: int, text: str) -> web.Response:
    body = msgspec.json.encode({"errorMessage": text})
    return web.Response(status=status, body=body, content_type="application/json", headers={"RequestID": "1"})
