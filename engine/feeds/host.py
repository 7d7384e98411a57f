"""One host of one venue over HTTP: requests within its budget, tried again with back-off, with clear errors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec

from engine.clock import Clock
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.feed import RestFailure, RestRequest
from engine.feeds.backoff import Backoff, Sleep
from engine.feeds.budget import RestBlocked, RestBudget
from engine.feeds.settings import FeedSettings, on_loopback

SessionFactory = Callable[[], aiohttp.ClientSession]


class Reply(msgspec.Struct, frozen=True):
    """A good answer, and the wall time (ns) at which it was asked for and had."""

    body: bytes
    sent_ns: int
    received_ns: int


class Unreachable(PyroError):
    """The host did not answer, or answered with server errors only. Worth another attempt later."""


class Refused(PyroError):
    """The venue refuses us or the request. Asking again at once will not help."""


class Missing(PyroError):
    """The host has nothing at this address."""


class RestWire(Protocol):
    """What the host's replies mean. Pure."""

    def failure(self, status: int, body: bytes, headers: dict[str, str]) -> RestFailure: ...
    def used_weight(self, headers: dict[str, str]) -> int | None: ...


class RestHost:
    """All requests raise Unreachable, RestBlocked, Refused, Missing, or BadInput for an unknown symbol."""

    def __init__(
        self,
        wire: RestWire,
        base_url: str,
        budget: RestBudget,
        clock: Clock,
        session_factory: SessionFactory | None = None,
        *,
        settings: FeedSettings | None = None,
        sleep: Sleep = asyncio.sleep,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.host = urlsplit(base_url).netloc or base_url
        self.budget = budget
        self.requests = 0
        self.failures = 0
        self._wire = wire
        self._clock = clock
        self._settings = (settings or FeedSettings()).checked()
        self._proxy = None if on_loopback(base_url) else self._settings.proxy or None
        self._sleep = sleep
        self._headers = headers
        self._session: aiohttp.ClientSession | None = None
        self._factory = session_factory or self._new_session

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, request: RestRequest, share: float) -> Reply:
        backoff = Backoff(self._settings.backoff_base_s, self._settings.backoff_cap_s)
        trouble: PyroError | None = None
        for attempt in range(self._settings.rest_attempts):
            await self.budget.spend(request.weight, share)
            outcome = await self._once(request)
            if isinstance(outcome, Reply):
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

    async def _once(self, request: RestRequest) -> Reply | RestFailure | Unreachable:
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
                self.budget.observe(self._wire.used_weight(headers), sent_ns // 1_000_000)
                if reply.status == 200:
                    return Reply(body, sent_ns, self._clock.now_ns())
                return self._wire.failure(reply.status, body, headers)
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
        if failure.kind == "missing":
            return Missing(f"There is no {request.path}.", where=self.host, fix="It may come later, or never was.")
        if failure.kind == "bad_symbol":
            symbol = request.params.get("symbol", "") or request.path
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
            headers=self._headers,
            trust_env=not self._proxy and not on_loopback(self.base_url),
            connector=aiohttp.TCPConnector(limit_per_host=8),
        )


def _short(error: BaseException) -> str:
    with contextlib.suppress(AttributeError):
        inner = error.os_error  # type: ignore[attr-defined]
        if inner.strerror:
            return str(inner.strerror)
    return str(error) or type(error).__name__
