"""The REST side of one market: endpoints, parameter checks and request weight as documented."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from engine.clock import Clock
from engine.simulator import history, listing
from engine.simulator.archive import Archive
from engine.simulator.budget import Budget
from engine.simulator.config import SimulatorConfig
from engine.simulator.exchange import Exchange

_SPOT_NAME = "^[\\w\\-._&&[^a-z]]{1,50}$"
_NUMBER = "^[0-9]{1,20}$"
_DEFAULT_ROWS = 500
_MANY = 20
_INFO_PARAMS = frozenset({"symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"})
_KLINES_PARAMS = frozenset({"symbol", "interval", "startTime", "endTime", "timeZone", "limit"})
_TICKER_PARAMS = frozenset({"symbol", "symbols", "type", "symbolStatus"})
_FUTURES_KLINES = ((99, 1), (499, 2), (1000, 5), (10_000, 10))


class Refused(Exception):
    """An error reply of the venue."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


Endpoint = Callable[[dict[str, str]], str]


class Rest:
    """The HTTP server of one market."""

    def __init__(self, exchange: Exchange, config: SimulatorConfig, clock: Clock) -> None:
        self._exchange = exchange
        self._host = config.host
        self.budget = Budget(clock, exchange.dialect.weight_per_min, enforced=config.enforce_limits)
        self._endpoints: dict[str, tuple[Callable[[dict[str, str]], int], Endpoint, frozenset[str]]] = {
            "/ping": (lambda _: 1, lambda _: "{}", frozenset()),
            "/time": (lambda _: 1, self._time, frozenset()),
            "/exchangeInfo": (lambda _: 1 if exchange.dialect.categories else 20, self._info, _INFO_PARAMS),
            "/klines": (self._klines_weight, self._klines, _KLINES_PARAMS),
            "/ticker/24hr": (self._ticker_weight, self._ticker, _TICKER_PARAMS),
            "/ticker/bookTicker": (self._book_weight, self._book, _TICKER_PARAMS),
        }
        self.archive = Archive(exchange)
        #: names that REST no longer knows; the archive keeps their files
        self.delisted: set[str] = set()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> int:
        """Listen; the port that was bound."""
        app = web.Application()
        for name, (weigh, endpoint, known) in self._endpoints.items():
            app.router.add_get(self._exchange.dialect.rest_base + name, self._handler(weigh, endpoint, known))
        app.router.add_get("/data/{file:.*}", self.archive.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _handler(
        self, weigh: Callable[[dict[str, str]], int], endpoint: Endpoint, known: frozenset[str]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            params = dict(request.query)
            status, wait = self.budget.charge(weigh(params))
            if status != 200:
                return self._limited(status, wait)
            try:
                read = sum(name in known for name in params)
                if read < len(params) and not self._exchange.dialect.categories:
                    text = (
                        f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{len(params)}'."
                    )
                    raise Refused(-1104, text + ".")
                return self._reply(endpoint(params))
            except Refused as refused:
                return self._reply(_error(refused.code, refused.text), refused.status)

        return handle

    def _reply(self, text: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
        used = {"X-MBX-USED-WEIGHT": str(self.budget.used), "X-MBX-USED-WEIGHT-1M": str(self.budget.used)}
        return web.Response(
            text=text, status=status, content_type="application/json", charset="UTF-8", headers=used | (headers or {})
        )

    def _limited(self, status: int, wait: int) -> web.Response:
        if status == 418:
            text = (
                f"Way too much request weight used; IP banned until {self.budget.banned_until_ms}. "
                "Please use WebSocket Streams for live updates to avoid bans."
            )
        else:
            text = (
                f"Too much request weight used; current limit is {self.budget.limit} request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API."
            )
        return self._reply(_error(-1003, text), status, {"Retry-After": str(wait)})

    # -- endpoints

    def _time(self, params: dict[str, str]) -> str:
        return f'{{"serverTime":{self._exchange.time.now_ms()}}}'

    def _info(self, params: dict[str, str]) -> str:
        rows = list(range(len(self._exchange.source.symbols)))
        if not self._exchange.dialect.categories:
            named = self._named(params)
            rows = rows if named is None else named
        return _json(listing.exchange_info(self._exchange, rows))

    def _klines(self, params: dict[str, str]) -> str:
        row = self._symbol(_required(params, "symbol"))
        interval = _required(params, "interval")
        if interval not in history.INTERVALS:
            raise Refused(-1120, "Invalid interval.")
        if params.get("timeZone", "0") != "0":
            raise Refused(-1130, "Data sent for parameter 'timeZone' is not valid.")  # only UTC is simulated
        limit = _number(params, "limit")
        if limit == 0:
            raise Refused(-1130, "Data sent for parameter 'limit' is not valid.")
        most = self._exchange.dialect.klines_most
        rows = min(limit or _DEFAULT_ROWS, most)
        return history.rows(
            self._exchange, row, interval, _number(params, "startTime"), _number(params, "endTime"), rows
        )

    def _ticker(self, params: dict[str, str]) -> str:
        rows = self._named(params)
        if rows is not None and "symbol" in params:
            return _json(listing.day_ticker(self._exchange, rows[0]))
        every = range(len(self._exchange.source.symbols))
        return _json([listing.day_ticker(self._exchange, row) for row in (every if rows is None else rows)])

    def _book(self, params: dict[str, str]) -> str:
        rows = self._named(params)
        if rows is not None and "symbol" in params:
            return _json(listing.book_ticker(self._exchange, rows[0]))
        every = range(len(self._exchange.source.symbols))
        return _json([listing.book_ticker(self._exchange, row) for row in (every if rows is None else rows)])

    # -- weights

    def _klines_weight(self, params: dict[str, str]) -> int:
        if not self._exchange.dialect.categories:
            return 2
        text = params.get("limit", "")
        limit = int(text) if text.isascii() and text.isdigit() else _DEFAULT_ROWS
        return next((weight for most, weight in _FUTURES_KLINES if limit <= most), 10)

    def _ticker_weight(self, params: dict[str, str]) -> int:
        if self._exchange.dialect.categories:
            return 1 if "symbol" in params else 40
        if "symbol" in params:
            return 2
        count = params["symbols"].count(",") + 1 if "symbols" in params else 101
        return 2 if count <= _MANY else 40 if count <= 100 else 80

    def _book_weight(self, params: dict[str, str]) -> int:
        return 2 if "symbol" in params else 5 if self._exchange.dialect.categories else 4

    # -- parameters

    def _symbol(self, name: str) -> int:
        if not re.fullmatch(r"[\w\-.]{1,50}", name) or name != name.upper():
            raise Refused(-1100, f"Illegal characters found in parameter 'symbol'; legal range is '{_SPOT_NAME}'.")
        row = self._exchange.source.index.get(name)
        if row is None or name in self.delisted:
            raise Refused(-1121, "Invalid symbol.")
        return row

    def _named(self, params: dict[str, str]) -> list[int] | None:
        """Rows of `symbol` or `symbols`; None when neither was sent."""
        if "symbol" in params and "symbols" in params:
            raise Refused(-1128, "Combination of optional parameters invalid.")
        if "symbol" in params:
            return [self._symbol(_required(params, "symbol"))]
        if "symbols" not in params:
            return None
        try:
            names = msgspec.json.decode(params["symbols"], type=list[str])
        except msgspec.MsgspecError:
            raise Refused(-1100, "Illegal characters found in parameter 'symbols'.") from None
        return [self._symbol(name) for name in names]


def _required(params: dict[str, str], name: str) -> str:
    if name not in params:
        raise Refused(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    if not params[name]:
        raise Refused(-1105, f"Parameter '{name}' was empty.")
    return params[name]


def _number(params: dict[str, str], name: str) -> int | None:
    if name not in params:
        return None
    text = params[name]
    if not text:
        raise Refused(-1105, f"Parameter '{name}' was empty.")
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{_NUMBER}'.")
    return int(text)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _error(code: int, text: str) -> str:
    return _json({"code": code, "msg": text})
