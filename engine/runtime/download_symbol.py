"""One symbol of a download: what is missing of it, the files and pages that fill it, and what is remembered of it."""

from __future__ import annotations

import asyncio
from typing import Protocol

import msgspec
import numpy as np

from engine.clock import Clock, iso, now_ms
from engine.contracts.data import DownloadData
from engine.contracts.errors import BadInput
from engine.contracts.markets import market, split_symbol
from engine.contracts.sessions import closed_ranges, joined, without
from engine.contracts.timeframes import MINUTE_MS, bar_open
from engine.feeds.archive import UnsoundFile
from engine.feeds.download import Piece, bridged, holes_in, month_start, plan
from engine.feeds.host import Missing, Unreachable
from engine.runtime.kept import TaskContext
from engine.runtime.sites import History
from engine.store.bars import newest_wins
from engine.venues import archive as archive_paths

#: bars by REST between two writes: at most these are fetched anew after a kill
WRITE_BARS = 20_000
#: REST may show the newest bars late: what is missing there is not taken as empty
FRESH_MS = 10 * MINUTE_MS
#: ranges asked of a venue that leaves out bars without a tick, by symbol and timeframe: list of (from, to), ms
ASKED_KEY = "asked:{}:{}"
#: the archive's files that were taken in, by symbol and timeframe: {period: [sha256, bars that came of it]}
FILES_KEY = "archive:{}:{}"
#: ranges closer than this are asked for as one where bars without a tick do not exist anyway (a long weekend)
_BRIDGE_MS = 4 * 1440 * MINUTE_MS


class SymbolDone(msgspec.Struct, frozen=True, kw_only=True):
    """missing: bars there were to fetch when it began (session pauses left out); written: new or changed in the lake.
    empty: bars that the venue has not, in `holes` places. error: why it is not complete."""

    symbol: str
    first_ms: int = 0
    last_ms: int = 0
    missing: int = 0
    written: int = 0
    files: int = 0
    empty: int = 0
    holes: int = 0
    notes: list[str] = []
    error: str = ""


class Whole(Protocol):
    """The download that symbols are part of. state_turn: the state takes one writer at a time."""

    ask: DownloadData
    context: TaskContext
    history: History
    clock: Clock
    step: int
    only: dict[str, list[tuple[int, int]]]
    state_turn: asyncio.Lock

    def begins(self, bars: int) -> None: ...
    def advance(self, bars: int, words: str) -> None: ...


class SymbolDownload:
    """One symbol of a download."""

    def __init__(self, whole: Whole, symbol: str) -> None:
        self._whole, self.symbol = whole, symbol
        self._ask, self._context = whole.ask, whole.context
        self._timeframe, self._step = whole.ask.timeframe, whole.step
        self._first = self._last = self._missing = self._written = self._files = self._empty = self._holes = 0
        self._tried: set[str] = set()
        self._notes: list[str] = []
        self._unlisted: BadInput | None = None

    def done(self) -> SymbolDone:
        return SymbolDone(
            symbol=self.symbol, first_ms=self._first, last_ms=self._last, missing=self._missing,
            written=self._written, files=self._files, empty=self._empty, holes=self._holes, notes=self._notes,
        )  # fmt: skip

    async def run(self) -> None:
        market_id, self._name = split_symbol(self.symbol)
        self._market = market(market_id)
        self._source = self._whole.history.of(market_id)
        archive = self._source.archive is not None and self._ask.source != "rest"
        rest = self._ask.source != "archive"
        if not archive and not rest:
            raise BadInput(f"{self._market.title} publishes no archive.", where=self.symbol, fix="Use --source rest.")
        forced = self._whole.only.get(self.symbol)
        missing = joined(np.array(forced), 0, 1 << 62) if forced else await self._lacking(rest=rest)
        self._missing = self._bars(missing)
        self._whole.begins(self._missing)
        if forced:
            await self._all_rows(missing)
            return
        if self._unlisted is not None:
            await self._months_only(missing, self._unlisted)
        else:
            await self._fill(missing, archive=archive, rest=rest)
        if self._written:
            await asyncio.to_thread(self._context.lake.compact, self.symbol, self._timeframe)

    async def _months_only(self, missing: np.ndarray, error: BadInput) -> None:
        """A symbol that the exchange no longer lists: its monthly files, the last of which holds the last days."""
        for piece in plan(missing, self._step, now_ms(self._whole.clock), archive=True, rest=False):
            if len(piece.period) == 7:
                await self._file(piece, rest=False)
        if not self._files and not self._context.lake.has(self.symbol, self._timeframe):
            raise error
        self._notes.append("The exchange no longer lists it: all that its archive has of it is here.")

    async def _fill(self, missing: np.ndarray, *, archive: bool, rest: bool) -> None:
        """Months, then the days of months that are not there, then rows: planned anew after each round, since a file
        may hold less than its period."""
        for _ in range(3):
            pieces = plan(missing, self._step, now_ms(self._whole.clock), archive=archive, rest=rest, tried=self._tried)
            files = [p for p in pieces if p.period]
            if not files:
                break
            try:
                for piece in files:
                    await self._file(piece, rest=rest)
            except Unreachable as error:
                if not rest:
                    raise
                self._notes.append(f"The archive is out of reach, rows were asked for instead. {error.what}")
                archive = False
            missing = await asyncio.to_thread(self._still, missing)
        if rest:
            await self._all_rows(missing)

    async def _all_rows(self, missing: np.ndarray) -> None:
        # a page of such a venue reaches over pauses: asking for each session alone would fetch most bars twice
        ranges = bridged(missing, _BRIDGE_MS) if self._source.leaves_out else missing
        for low, high in ranges.tolist():
            await self._rows(Piece("", low, high))

    async def _lacking(self, *, rest: bool) -> np.ndarray:
        """What to fetch: the range asked for less what is stored, closed, or known to be empty."""
        now = now_ms(self._whole.clock)
        end = bar_open(min(self._ask.to_ms or now, now), self._step)
        start = self._ask.from_ms
        if start is None:
            start = await self._begin(rest=rest)
        start = -(-start // self._step) * self._step
        self._first, self._last = start, max(end - self._step, start)
        if start >= end:
            return np.empty((0, 2), np.int64)
        return await asyncio.to_thread(self._still, np.array([(start, end)], np.int64))

    async def _begin(self, *, rest: bool) -> int:
        if rest:
            try:
                first = await self._source.first_open(self._name, self._timeframe)
            except BadInput as error:
                if self._source.archive is None or self._ask.source == "rest":
                    raise
                # delisted, or never listed: the archive tells which
                self._unlisted = error
                return month_start(archive_paths.FIRST_MONTH[self._market.venue])
            if first is None:
                raise BadInput(f"The exchange has no bars of {self._name}.", where=self.symbol)
            return first
        return month_start(archive_paths.FIRST_MONTH[self._market.venue])

    def _still(self, ranges: np.ndarray) -> np.ndarray:
        """What of the ranges is not stored, closed or known to be empty."""
        low, high = int(ranges[0, 0]), int(ranges[-1, 1])
        stored = self._context.lake.read_columns(self.symbol, self._timeframe, ["ts"], low, high)["ts"]
        recent = self._context.state.candles(self.symbol, self._timeframe, from_ms=low, to_ms=high)["ts"]
        ts = np.unique(np.concatenate([stored, recent])) if recent.size else stored
        found = holes_in(ts, low, high, self._step)
        found = without(found, without(np.array([(low, high)], np.int64), ranges))
        # a long hole where bars were fetched once is no quiet time: what was there has been removed since
        long = found[found[:, 1] - found[:, 0] > _BRIDGE_MS]
        asked = without(joined(np.array(self._asked(), np.int64).reshape(-1, 2), low, high), long)
        empty = np.array(self._context.state.empty_ranges(self.symbol, self._timeframe), np.int64).reshape(-1, 2)
        found = without(found, closed_ranges(self._market.id, low, high))
        found = without(found, joined(np.concatenate([empty, asked]), low, high))
        return found[(found[:, 1] - found[:, 0]) >= self._step]

    def _stored(self, piece: Piece) -> int:
        """Bars of a piece that are in the lake."""
        return self._context.lake.read_columns(self.symbol, self._timeframe, ["ts"], piece.from_ms, piece.to_ms)[
            "ts"
        ].size

    def _asked(self) -> list[tuple[int, int]]:
        kept = self._context.written_state.get(ASKED_KEY.format(self.symbol, self._timeframe)) or []
        return [(int(a), int(b)) for a, b in kept]

    # one piece

    async def _file(self, piece: Piece, *, rest: bool) -> None:
        self._tried.add(piece.period)
        client = self._source.archive
        assert client is not None
        key = FILES_KEY.format(self.symbol, self._timeframe)
        kept = dict(self._context.written_state.get(key) or {})
        known, came = kept.get(piece.period, ("", 0))
        if known and await asyncio.to_thread(self._stored, piece) < came:
            known = ""  # what it brought is no longer here
        try:
            file = await client.fetch(self._market.venue, self._name, self._timeframe, piece.period, known)
        except Missing:
            return
        except UnsoundFile as error:
            if not rest:
                raise
            self._notes.append(f"{piece.period} was left out of the archive: {error.what}")
            return
        if file is None:
            return
        inside = file.bars[(file.bars["ts"] >= self._first) & (file.bars["ts"] <= self._last)]
        await self._write(inside)
        self._files += 1
        async with self._whole.state_turn:
            await asyncio.to_thread(
                self._context.written_state.put, key, kept | {piece.period: (file.sha256, inside.size)}
            )
        self._whole.advance(inside.size, f"{self.symbol} {piece.period}")

    async def _rows(self, piece: Piece) -> None:
        """A range by REST, page by page, written in blocks; what was fetched is written even when it is cut off."""
        block: list[np.ndarray] = []
        begun = at = piece.from_ms
        try:
            while at < piece.to_ms:
                bars, known = await self._source.page(self._name, self._timeframe, at, piece.to_ms)
                if bars.size:
                    block.append(bars)
                self._whole.advance((known - at) // self._step, f"{self.symbol} {iso(at)[:10]}")
                at = max(known, at + self._step)
                if sum(b.size for b in block) >= WRITE_BARS:
                    held, block, span, begun = block, [], (begun, at), at
                    async with self._whole.state_turn:
                        await asyncio.to_thread(self._keep, held, *span)
        finally:
            if at > begun:
                # not awaited: what was fetched is kept also when the task is cancelled, and cancelled again
                self._keep(block, begun, at)

    def _keep(self, blocks: list[np.ndarray], from_ms: int, to_ms: int) -> None:
        bars = newest_wins(blocks)
        if bars.size:
            self._written += self._context.lake.write(self.symbol, self._timeframe, bars)
        settled = min(to_ms, now_ms(self._whole.clock) - FRESH_MS)
        if settled > from_ms:
            self._note(bars["ts"], from_ms, settled)

    def _note(self, ts: np.ndarray, from_ms: int, to_ms: int) -> None:
        """Remember what the venue does not have of a range that it was asked for."""
        state = self._context.written_state
        if self._source.leaves_out:
            ranges = joined(np.array([*self._asked(), (from_ms, to_ms)], np.int64), 0, 1 << 62)
            state.put(ASKED_KEY.format(self.symbol, self._timeframe), ranges.tolist())
            return
        for low, high in holes_in(ts, from_ms, to_ms // self._step * self._step, self._step).tolist():
            state.mark_empty(self.symbol, self._timeframe, low, high)
            self._holes += 1
            self._empty += (high - low) // self._step

    async def _write(self, bars: np.ndarray) -> None:
        if bars.size:
            self._written += await asyncio.to_thread(self._context.lake.write, self.symbol, self._timeframe, bars)

    def _bars(self, ranges: np.ndarray) -> int:
        return int(((ranges[:, 1] - ranges[:, 0]) // self._step).sum()) if len(ranges) else 0
