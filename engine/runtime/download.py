"""Getting history into the lake: only what is missing, from archives and REST, several symbols at once, stoppable and
killable at any moment. What the venue was asked for and does not have is remembered and not asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from engine.clock import SYSTEM_CLOCK, Clock, iso
from engine.contracts.data import SOURCES, DownloadData
from engine.contracts.errors import BadInput, Cancelled, PyroError, did_you_mean
from engine.contracts.markets import split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.feeds.budget import RestBlocked
from engine.feeds.host import Missing, Refused, Unreachable
from engine.runtime.download_symbol import SymbolDone, SymbolDownload
from engine.runtime.kept import Report, TaskContext
from engine.runtime.sites import History
from engine.runtime.worker_wire import Sites

#: symbols that are fetched side by side
AT_ONCE = 4


class DownloadReport(msgspec.Struct, frozen=True, kw_only=True):
    symbols: list[SymbolDone]
    written: int
    requests: int
    seconds: float

    @property
    def failed(self) -> list[SymbolDone]:
        return [s for s in self.symbols if s.error]


def download(
    ask: DownloadData,
    context: TaskContext,
    sites: Sites,
    report: Report,
    stopped: Callable[[], bool],
    *,
    only: dict[str, list[tuple[int, int]]] | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> DownloadReport:
    """Fetch what the lake lacks. Cancelled keeps what was fetched; a symbol that fails stops no other. PyroError when
    the disk is full, the venue has banned us, or nothing at all could be had.

    only: by symbol the ranges (ms) to fetch whether there are bars or not, instead of what is missing (repair).
    """
    _checked(ask)
    # opened here, before threads ask for it side by side
    _ = context.written_state, context.state
    history = History(sites, context, clock)
    return asyncio.run(_Download(ask, context, history, report, stopped, only, clock).run())


def _checked(ask: DownloadData) -> None:
    timeframe_ms(ask.timeframe)
    if ask.source not in SOURCES:
        raise BadInput(
            f'"{ask.source}" is not a source.{did_you_mean(ask.source, SOURCES)}', fix=f"Use {', '.join(SOURCES)}."
        )
    if ask.from_ms is not None and ask.to_ms is not None and ask.from_ms >= ask.to_ms:
        raise BadInput(
            f"The range from {iso(ask.from_ms)} to {iso(ask.to_ms)} is empty.", fix="The end must be after the start."
        )
    if not ask.symbols:
        raise BadInput("No symbol is named.", fix="Write MARKET:NAME, as binance-spot:BTCUSDT.")
    for symbol in ask.symbols:
        if not split_symbol(symbol)[0]:
            raise BadInput(f'"{symbol}" names no market.', fix="Write MARKET:NAME, as binance-spot:BTCUSDT.")


class _Download:
    def __init__(
        self,
        ask: DownloadData,
        context: TaskContext,
        history: History,
        report: Report,
        stopped: Callable[[], bool],
        only: dict[str, list[tuple[int, int]]] | None,
        clock: Clock,
    ) -> None:
        self.ask, self.context, self.history = ask, context, history
        self._report, self._stopped, self.only, self.clock = report, stopped, only or {}, clock
        self.step = timeframe_ms(ask.timeframe)
        self._total = self._done = self._begun = 0
        self._shown = 0.0
        self._room = asyncio.Semaphore(AT_ONCE)
        # the state takes one writer at a time, the lake one a series
        self.state_turn = asyncio.Lock()

    async def run(self) -> DownloadReport:
        began = self.clock.monotonic_ns()
        work = asyncio.ensure_future(self._all())
        watch = asyncio.ensure_future(self._watch(work))
        try:
            symbols = await work
        except asyncio.CancelledError:
            raise Cancelled(
                "The download was cancelled.", fix="What was fetched is in the lake; the same command goes on."
            ) from None
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await self.history.close()
        return DownloadReport(
            symbols=symbols,
            written=sum(s.written for s in symbols),
            requests=self.history.requests,
            seconds=(self.clock.monotonic_ns() - began) / 1e9,
        )

    async def _watch(self, work: asyncio.Future[list[SymbolDone]]) -> None:
        # Cancel comes from another thread or process as an answer to be asked for, not as an event
        while not self._stopped():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        work.cancel()

    async def _all(self) -> list[SymbolDone]:
        names = list(dict.fromkeys(self.ask.symbols))
        tasks = [asyncio.create_task(self._one(symbol)) for symbol in names]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, symbol: str) -> SymbolDone:
        async with self._room:
            job = SymbolDownload(self, symbol)
            try:
                await job.run()
            except PyroError as error:
                if _concerns_all(error):
                    raise
                return msgspec.structs.replace(job.done(), error=str(error))
            return job.done()

    def begins(self, bars: int) -> None:
        self._total += bars
        self._begun += 1

    def advance(self, bars: int, words: str) -> None:
        """Symbols whose turn has not come count like those that have begun; what was shown never goes back."""
        self._done += bars
        whole = self._total * len(set(self.ask.symbols)) / max(self._begun, 1)
        self._shown = max(self._shown, min(self._done / max(whole, 1.0), 1.0))
        self._report(self._shown, words)


def _concerns_all(error: PyroError) -> bool:
    """A full disk stops all; a symbol that the venue does not know, or a host out of reach, only what needs it."""
    return not isinstance(error, (BadInput, Unreachable, Refused, Missing, RestBlocked)) and "no room" in error.what
