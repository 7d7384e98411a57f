"""OANDA's REST face, as far as history needs it: instruments and candles of mid, bid and ask."""

from __future__ import annotations

import asyncio
import os

import numpy as np

from engine.clock import Clock
from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import PyroError
from engine.contracts.feed import RestFailure, RestRequest
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from engine.feeds.backoff import Sleep
from engine.feeds.budget import SHARE_WARMUP, RestBudget
from engine.feeds.host import Refused, RestHost
from engine.feeds.settings import FeedSettings
from engine.venues.oanda import constants, rest

TOKEN_VARIABLE = "PYROQUANT_OANDA_TOKEN"
_DTYPE = np.dtype(CANDLE_DTYPE.descr + [(name, "<f8") for name in QUOTE_COLUMNS])
_FIX = f"Put a personal token into the keyring (service pyroquant, name oanda) or into {TOKEN_VARIABLE}."


def oanda_token() -> str:
    """The person's token from the environment or the keyring; PyroError when there is none. It is never logged."""
    found = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not found:
        import keyring
        import keyring.errors

        try:
            found = (keyring.get_password("pyroquant", "oanda") or "").strip()
        except (keyring.errors.KeyringError, OSError):
            found = ""
    if not found:
        raise PyroError("OANDA gives no data without a token, and there is none.", where="oanda", fix=_FIX)
    return found


class OandaClient(RestHost):
    """One OANDA environment (live or practice; tokens are per environment)."""

    def __init__(
        self,
        base_url: str,
        token: str,
        clock: Clock,
        *,
        settings: FeedSettings | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        budget = RestBudget(base_url, constants.REQUESTS_PER_MIN, clock, sleep=sleep)
        super().__init__(rest, base_url, budget, clock, settings=settings, sleep=sleep, headers=rest.headers(token))

    async def instruments(self, market: str) -> list[Instrument]:
        """What the first account of the token lists of this market."""
        accounts = rest.parse_accounts((await self.get(rest.accounts_request(), SHARE_WARMUP)).body)
        if not accounts:
            raise PyroError("This token has no v20 account.", where=self.host, fix="Open one at OANDA.")
        reply = await self.get(rest.instruments_request(accounts[0]), SHARE_WARMUP)
        return rest.parse_instruments(reply.body, market)

    async def candles(self, name: str, timeframe: str, from_ms: int, to_ms: int) -> tuple[np.ndarray, int]:
        """One page: (complete bars from from_ms on with QUOTE_COLUMNS, up to where all is known). Bars without ticks
        are left out by OANDA, so a page may reach over weekends; the newest that ends a page is the running one."""
        request = rest.candles_request(name, timeframe, from_ms, constants.CANDLES_PER_REQUEST)
        bars, running = rest.parse_candles((await self.get(request, SHARE_WARMUP)).body)
        last = bars[-1].ts + timeframe_ms(timeframe) if bars else from_ms
        full = len(bars) + (running >= 0) >= constants.CANDLES_PER_REQUEST
        known = min(last, to_ms) if full else to_ms if running < 0 else min(max(last, running), to_ms)
        inside = [b for b in bars if from_ms <= b.ts < to_ms]
        rows = [(b.ts, *_four(b.mid), float(b.ticks), *_four(b.bid), *_four(b.ask)) for b in inside]
        return np.array(rows, _DTYPE), known

    def _judge(self, failure: RestFailure, request: RestRequest) -> PyroError:
        if failure.kind == "token":
            return Refused(f"OANDA does not accept the token (HTTP {failure.status}).", where=self.host, fix=_FIX)
        return super()._judge(failure, request)


def _four(p: rest.Prices) -> tuple[float, float, float, float]:
    return p.o, p.h, p.l, p.c
