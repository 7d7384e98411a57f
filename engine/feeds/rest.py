"""A venue's REST face: instruments, server time and klines, within the budget and with clear errors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.clock import Clock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.feed import Kline, RestFailure, RestRequest, VenueProtocol
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import bar_open, timeframe_ms
from engine.feeds.backoff import Backoff, Sleep
from engine.feeds.budget import SHARE_URGENT, RestBlocked, RestBudget
from engine.feeds.servertime import ServerClock
from engine.feeds.settings import FeedSettings, on_loopback

SessionFactory = Callable[[], aiohttp.ClientSession]


class _Reply(msgspec.Struct, frozen=True):
    """A good answer, and the wall time (ns) at which it was asked for and had."""

    body: bytes
    sent_ns: int
    received_ns: int


class Unreachable(PyroError):
    """The host did not answer, or answered with server errors only. Worth another attempt later."""


class Refused(PyroError):
    """The venue refuses us or the request. Asking again at once will not help."""


class RestClient:
    """One host of one venue. All methods raise Unreachable, RestBlocked, Refused, or BadInput for an unknown symbol."""

    def __init__(
        self,
        protocol: VenueProtocol,
        base_url: str,
        budget: RestBudget,
        clock: Clock,
        session_factory: SessionFactory | None = None,
        *,
        settings: FeedSettings | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.protocol = protocol
        self.base_url = base_url.rstrip("/")
        self.host = urlsplit(base_url).netloc or base_url
        self.budget = budget
        self.server_clock = ServerClock(clock)
        self.requests = 0
        self.failures = 0
        self._clock = clock
        self._settings = (settings or FeedSettings()).checked()
        self._proxy = None if on_loopback(base_url) else self._settings.proxy or None
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None
        self._factory = session_factory or self._new_session
        self._asking_time = asyncio.Lock()

    async def instruments(self, market: str) -> list[Instrument]:
        """What the venue lists. The request limit that it states becomes the budget's."""
        reply = await self._get(self.protocol.instruments_request(), SHARE_URGENT)
        found, weight_per_min = self.protocol.parse_instruments(reply.body, market)
        self.budget.set_limit(weight_per_min)
        return found

    async def server_time(self) -> int:
        """Server time in ms; measures the offset that `server_clock` keeps."""
        return await self._measure(SHARE_URGENT)

    async def sync_time(self, share: float = SHARE_URGENT) -> None:
        """Measure the offset if it is due: never measured, old, or forgotten."""
        async with self._asking_time:
            if self.server_clock.due(self._settings.time_refresh_s):
                await self._measure(share)

    async def klines(
        self,
        symbol: str,
        timeframe: str,
        from_ms: int | None = None,
        to_ms: int | None = None,
        limit: int | None = None,
        priority: float = SHARE_URGENT,
    ) -> list[Kline]:
        """Bars with from_ms <= open time < to_ms, oldest first, page by page until complete.

        to_ms None = up to now, the running bar included. limit = at most that many, the oldest; without from_ms the
        newest. `priority` = the share of the budget that this may use. Final only what closed before the request was
        sent, by server time.
        """
        await self.sync_time(priority)
        length = timeframe_ms(timeframe)
        page = self.protocol.limits.klines_per_request
        end = to_ms if to_ms is not None else bar_open(self.server_clock.now_ms(), length) + length
        cursor = from_ms if from_ms is not None else bar_open(end - 1, length) - ((limit or page) - 1) * length
        bars: list[Kline] = []
        while cursor < end and (limit is None or len(bars) < limit):
            ask = min(page, -(-(end - cursor) // length), page if limit is None else limit - len(bars))
            request = self.protocol.klines_request(symbol, timeframe, from_ms=cursor, to_ms=end - 1, limit=ask)
            reply = await self._get(request, priority)
            server_ms = self.server_clock.at_ms(reply.sent_ns)
            rows = self.protocol.parse_klines(symbol, reply.body, server_ms=server_ms)
            fresh = [k for k in rows if cursor <= k.ts < end]
            bars.extend(fresh)
            if not fresh:
                break  # a short page is no end: the venue's holes and rows that cannot be true are missing in it
            cursor = fresh[-1].ts + length
        return bars

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _measure(self, share: float) -> int:
        reply = await self._get(self.protocol.time_request(), share)
        server_ms = self.protocol.parse_time(reply.body)
        self.server_clock.take(server_ms, reply.sent_ns, reply.received_ns)
        self.budget.offset_ms = self.server_clock.offset_ms
        return server_ms

    async def _get(self, request: RestRequest, share: float) -> _Reply:
        backoff = Backoff(self._settings.backoff_base_s, self._settings.backoff_cap_s)
        trouble: PyroError | None = None
        for attempt in range(self._settings.rest_attempts):
            await self.budget.spend(request.weight, share)
            outcome = await self._once(request)
            if isinstance(outcome, _Reply):
                return outcome
            self.failures += 1
            trouble = self._judge(outcome, request) if isinstance(outcome, RestFailure) else outcome
            if isinstance(outcome, RestFailure) and outcome.kind == "rate":
                continue
            if not isinstance(trouble, Unreachable):
                raise trouble
            if attempt + 1 < self._settings.rest_attempts:
                await self._sleep(backoff.next_s())
        assert trouble is not None
        raise trouble

    async def _once(self, request: RestRequest) -> _Reply | RestFailure | Unreachable:
        self.requests += 1
        if self._session is None or self._session.closed:
            self._session = self._factory()
        sent_ns = self._clock.now_ns()
        try:
            async with self._session.get(
                self.base_url + request.path, params=request.params, proxy=self._proxy
            ) as reply:
                body = await reply.read()
                headers = dict(reply.headers)
                self.budget.observe(self.protocol.used_weight(headers), sent_ns // 1_000_000)
                if reply.status == 200:
                    return _Reply(body, sent_ns, self._clock.now_ns())
                return self.protocol.failure(reply.status, body, headers)
        except TimeoutError:
            seconds = f"{self._settings.rest_timeout_s:g} s"
            return self._unreachable(f"The exchange did not answer within {seconds}.")
        except (aiohttp.ClientError, OSError) as error:
            return self._unreachable(f"The exchange cannot be reached ({_short(error)}).")

    def _judge(self, failure: RestFailure, request: RestRequest) -> PyroError:
        """The error for a person; limits and bans are told to the budget."""
        if failure.kind == "server":
            text = f": {failure.text}" if failure.text else ""
            return Unreachable(
                f"The exchange answers with errors (HTTP {failure.status}{text}).",
                where=self.host,
                fix="It is asked again by itself; look at the exchange's status page if this lasts.",
            )
        detail = f"HTTP {failure.status}" + (f", code {failure.code}" if failure.code else "")
        detail += f": {failure.text}" if failure.text else ""
        if failure.kind in ("rate", "banned"):
            banned = failure.kind == "banned"
            (self.budget.ban if banned else self.budget.pause)(failure.retry_after_s)
            return RestBlocked(self.host, self.budget.blocked_until_ms(), banned=banned)
        if failure.kind == "bad_symbol":
            symbol = request.params.get("symbol", "")
            return BadInput(
                f'The exchange does not know "{symbol}" ({detail}).',
                where=self.host,
                fix="It may be delisted or not yet trading; check the name in the instrument list.",
            )
        if failure.kind == "blocked":
            return Refused(
                f"The exchange refuses connections from this place ({detail}).",
                where=self.host,
                fix="Set feeds.proxy, choose the venue's public-data host, or start with --demo.",
            )
        return Refused(
            f"The exchange refused {request.path} ({detail}).", where=self.host, fix="Please report this line."
        )

    def _unreachable(self, what: str) -> Unreachable:
        return Unreachable(
            what, where=self.host, fix="Check the network, set feeds.proxy if you need one, or start with --demo."
        )

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._settings.rest_timeout_s),
            trust_env=not self._proxy and not on_loopback(self.base_url),
            connector=aiohttp.TCPConnector(limit_per_host=8),
        )


def to_candles(bars: list[Kline]) -> NDArray[np.void]:
    """CANDLE_DTYPE[n] of the bars, in their order, running ones included."""
    rows = [(k.ts, k.open, k.high, k.low, k.close, k.volume) for k in bars]
    return np.array(rows, dtype=CANDLE_DTYPE)


def _short(error: BaseException) -> str:
    with contextlib.suppress(AttributeError):
        inner = error.os_error  # type: ignore[attr-defined]
        if inner.strerror:
            return str(inner.strerror)
    return str(error) or type(error).__name__
