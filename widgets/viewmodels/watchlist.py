"""The watchlist's rows as arrays: quotes in, a visible order out.

A refresh of a thousand rows has to stay below a few milliseconds, so nothing here loops over rows except at load.
Messages only write into the arrays; `refresh` recomputes the order once per frame, and not at all while it is held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.contracts.dtypes import QUOTE_DTYPE, STATE_GAP, STATE_LIVE, STATE_NO_DATA, STATE_SETTLING, STATE_WARMING
from engine.contracts.instruments import Instrument
from engine.contracts.markets import MARKETS
from engine.contracts.signals import K_CONFIRMED, K_WITHDRAWN, KINDS, SignalBatch
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.watch_lists import WatchLists

SYMBOL, MARKET, LAST, CHANGE, VOLUME, SPREAD, RANGE, SIGNAL, TREND = range(9)
TITLES = (
    mark("Symbol"),
    mark("Mkt"),
    mark("Last"),
    mark("Chg %"),
    mark("Vol"),
    mark("Spread"),
    mark("Range"),
    mark("Signal"),
    mark("Trend"),
)
#: the columns of expressions follow
FIRST_VALUE = len(TITLES)
MOST_VALUES = 12
FLASH_MS = 400
#: a badge is shown this long after its signal; older ones are history and stand in the feed.
BADGE_MS = 30 * 60_000
NO_BADGE, BUY, SELL, EXIT = range(4)
#: of a long entry, long exit, short entry, short exit
_BADGE_OF_SLOT = np.array([BUY, EXIT, SELL, EXIT])
BADGE_NAMES = ("", "BUY", "SELL", "EXIT")
_SHORT = {"binance-futures": "FUT", "binance-spot": "SPOT", "oanda-forex": "FX", "oanda-commodities": "CMDTY"}


#: prefix of `only` for a list of one's own
LIST = "list:"


class ValueColumn(NamedTuple):
    """A column whose values the engine computes. title: '' = the expression itself."""

    expression: str
    timeframe: str
    title: str = ""

    @property
    def heading(self) -> str:
        return self.title or f"{self.expression} {self.timeframe}"


def value_column(kept: Any) -> ValueColumn | None:
    """One that was kept as JSON; None for anything else."""
    if not isinstance(kept, list) or len(kept) != 3 or not all(isinstance(part, str) for part in kept):
        return None
    return ValueColumn(*kept) if kept[0] else None


def short_market(market: str) -> str:
    """A market's name for a narrow column: 'binance-futures' -> 'FUT'."""
    bare = market.removeprefix("demo-")
    return _SHORT.get(bare, bare[:5].upper())


def market_title(market: str) -> str:
    known = MARKETS.get(market)
    return known.title if known else market


class WatchlistModel:
    """Arrays of n rows, row i = the instrument with id i. `order` holds the visible row numbers, top first."""

    def __init__(self) -> None:
        self.sort_column, self.descending = CHANGE, True
        self.text, self.market, self.only = "", "", ""
        self.held = False
        self.starred: set[str] = set()
        self.muted: set[str] = set()
        self.lists = WatchLists()
        self.columns: list[ValueColumn] = []
        #: the text of the filter in the rules language that is in force
        self.scan = ""
        self.load([])

    def load(self, instruments: Sequence[Instrument]) -> None:
        """Start with these instruments; earlier quotes are dropped, stars, filter and sort are kept."""
        n = len(instruments)
        self.symbols = [i.symbol for i in instruments]
        self.names = [i.name for i in instruments]
        self.markets = list(dict.fromkeys(i.market for i in instruments))
        codes = {m: k for k, m in enumerate(self.markets)}
        self.short_markets = [short_market(m) for m in self.markets]
        self.market_code = np.array([codes[i.market] for i in instruments], dtype=np.int16)
        self.decimals = np.array([i.decimals for i in instruments], dtype=np.int16)
        self.row_of = {s: k for k, s in enumerate(self.symbols)}
        self._search = np.array(
            [f"{s} {i.base} {i.quote}".lower() for s, i in zip(self.symbols, instruments)], dtype=str
        )
        self._symbol_rank = _ranks(self.names)
        self._market_rank = _ranks([short_market(i.market) for i in instruments])
        nans = lambda: np.full(n, np.nan)  # noqa: E731
        self.last, self.open24, self.change, self.volume = nans(), nans(), nans(), nans()
        self.high24, self.low24 = nans(), nans()
        self.ts = np.zeros(n, dtype=np.int64)
        self.state = np.full(n, STATE_NO_DATA, dtype=np.uint8)
        self.flash = np.zeros(n, dtype=np.int8)
        self.flash_ms = np.zeros(n, dtype=np.int64)
        self.badge = np.zeros(n, dtype=np.int8)
        self.badge_ms = np.zeros(n, dtype=np.int64)
        self.badge_soft = np.zeros(n, dtype=bool)
        self.badge_why = [""] * n
        self.sparks = np.full((n, 0), np.nan, dtype=np.float32)
        self.spark_version = np.zeros(n, dtype=np.int64)
        self.bid, self.ask = nans(), nans()
        self.values = np.full((len(self.columns), n), np.nan, dtype=np.float32)
        self._scan_values: np.ndarray | None = None
        self.order = np.arange(n)
        self.last_quote_ms = 0
        self.updates = 0
        self._star_mask = self._members(self.starred)
        self._muted_mask = self._members(self.muted)
        self._filter_dirty = self._resort = True

    def __len__(self) -> int:
        return len(self.symbols)

    def apply_quotes(self, rows: bytes, now_ms: int) -> int:
        """Write one batch of QUOTE_DTYPE rows; rows with an id beyond the table are ignored. Returns rows written."""
        batch = np.frombuffer(rows, dtype=QUOTE_DTYPE)
        ids = batch["id"]
        fits = (ids >= 0) & (ids < len(self))
        if not fits.all():
            batch, ids = batch[fits], ids[fits]
        old, new = self.last[ids], batch["last"]
        moved = np.sign(new - old)
        known = np.isfinite(moved) & (moved != 0)
        hit = ids[known]
        self.flash[hit] = moved[known].astype(np.int8)
        self.flash_ms[hit] = now_ms
        self.last[ids] = new
        self.open24[ids] = batch["open24"]
        self.high24[ids], self.low24[ids] = batch["high24"], batch["low24"]
        self.volume[ids] = batch["volume24"]
        self.ts[ids] = batch["ts"]
        self.state[ids] = batch["state"]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.change[ids] = np.where(batch["open24"] > 0, new / batch["open24"] - 1.0, np.nan)
        self.last_quote_ms = now_ms
        self.updates += len(ids)
        return len(ids)

    def apply_spreads(self, ids: bytes, bid: bytes, ask: bytes) -> None:
        """Best prices: ids <i4[n], bid and ask <f8[n], nan unknown."""
        rows, bids, asks = np.frombuffer(ids, "<i4"), np.frombuffer(bid, "<f8"), np.frombuffer(ask, "<f8")
        fits = (rows >= 0) & (rows < len(self))
        self.bid[rows[fits]], self.ask[rows[fits]] = bids[fits], asks[fits]

    @property
    def spread(self) -> np.ndarray:
        """float64[n]: ask over bid as a fraction of their middle."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.bid > 0, (self.ask - self.bid) / ((self.ask + self.bid) / 2), np.nan)

    @property
    def position24(self) -> np.ndarray:
        """float64[n]: where the last price stands between the low (0) and the high (1) of 24 hours."""
        with np.errstate(divide="ignore", invalid="ignore"):
            room = self.high24 - self.low24
            return np.clip(np.where(room > 0, (self.last - self.low24) / room, np.nan), 0.0, 1.0)

    def set_columns(self, columns: Sequence[ValueColumn]) -> None:
        """The columns of expressions; their values come with `apply_values`."""
        old = {c[:2]: v for c, v in zip(self.columns, self.values)}
        self.columns = list(columns)[:MOST_VALUES]
        none = np.full(len(self), np.nan, dtype=np.float32)
        self.values = np.full((len(self.columns), len(self)), np.nan, np.float32)
        for row, column in zip(self.values, self.columns, strict=True):
            row[:] = old.get(column[:2], none)
        if self.sort_column >= FIRST_VALUE + len(self.columns):
            self.set_sort(CHANGE, True)

    def set_scan(self, text: str) -> None:
        """Show only what meets this filter, when its values have come; '' = no such filter."""
        self.scan, self._scan_values = text, None
        self._filter_dirty = self._resort = True

    def apply_values(self, values: np.ndarray) -> None:
        """float32[columns (+ 1 with a scan), n] of the engine, the scan's last."""
        count = len(self.columns)
        if values.shape != (count + bool(self.scan), len(self)):
            return  # of what was asked before
        self.values = values[:count]
        if self.scan:
            before, now = self._scan_values, values[count]
            # under the mouse rows may come and go, as they do for a typed filter; they never change places
            self._filter_dirty |= before is None or not np.array_equal(before == 1, now == 1)
            self._scan_values = now

    @property
    def scanned(self) -> tuple[int, int, int]:
        """(rows that meet the filter, rows that do not, rows without enough history); -1 first: not known yet."""
        if self._scan_values is None:
            return -1, 0, len(self)
        met, unknown = int((self._scan_values == 1).sum()), int(np.isnan(self._scan_values).sum())
        return met, len(self) - met - unknown, unknown

    def apply_sparks(self, ids: bytes, points: int, closes: bytes) -> None:
        """Write the trend lines: ids <i4[n], closes <f4[n, points]."""
        rows = np.frombuffer(ids, dtype="<i4")
        values = np.frombuffer(closes, dtype="<f4").reshape(len(rows), points)
        fits = (rows >= 0) & (rows < len(self))
        rows, values = rows[fits], values[fits]
        if self.sparks.shape[1] != points:
            self.sparks = np.full((len(self), points), np.nan, dtype=np.float32)
            self.spark_version += 1
        self.sparks[rows] = values
        self.spark_version[rows] += 1

    def apply_signals(self, batch: SignalBatch) -> None:
        """The newest signal of a symbol is its badge; a withdrawn one takes its badge away."""
        number = np.array([self.row_of.get(s, -1) for s in batch.symbols] or [-1])
        row = number[batch.rows["symbol"]]
        mine = row >= 0
        row, cells = row[mine], batch.rows[mine]
        withdrawn = cells["kind"] == K_WITHDRAWN
        # the last place of each row's badges and withdrawals: a later one wins, within a batch as between batches
        shown, taken = np.full(len(self), -1), np.full(len(self), -1)
        place = np.arange(len(cells))
        stamp = cells["emitted_ns"] // 1_000_000
        shows = ~withdrawn & (stamp >= self.badge_ms[row])
        shown[row[shows]], taken[row[withdrawn]] = place[shows], place[withdrawn]
        changed = np.flatnonzero(shown >= 0)
        at = shown[changed]
        self.badge[changed] = _BADGE_OF_SLOT[cells["slot"][at]]
        self.badge_ms[changed] = stamp[at]
        self.badge_soft[changed] = cells["kind"][at] != K_CONFIRMED
        for row_, cell in zip(changed.tolist(), cells[at], strict=True):
            name, timeframe = batch.strategies[cell["strategy"]][0], batch.timeframes[cell["timeframe"]]
            self.badge_why[row_] = f"{name} {timeframe} {KINDS[cell['kind']]}"
        self.badge[(taken > shown) & self.badge_soft] = NO_BADGE
        if self.only == "signals":
            self._filter_dirty = True

    def set_filter(self, text: str) -> None:
        self.text = text.strip().lower()
        self._filter_dirty = self._resort = True

    def set_market(self, market: str) -> None:
        """Show one market only; '' = all."""
        self.market = market
        self._filter_dirty = self._resort = True

    def set_only(self, only: str) -> None:
        """'' = all rows, 'stars' = starred ones, 'signals' = those with a badge, 'list:NAME' = those of a list."""
        self.only = only
        self._filter_dirty = self._resort = True

    def set_sort(self, column: int, descending: bool) -> None:
        self.sort_column, self.descending = column, descending
        self._filter_dirty = self._resort = True

    def toggle_star(self, symbol: str) -> bool:
        """Star or un-star; returns whether it is starred now."""
        self.starred ^= {symbol}
        on = symbol in self.starred
        if symbol in self.row_of:
            self._star_mask[self.row_of[symbol]] = on
        self._filter_dirty = True
        return on

    def set_muted(self, symbols: Sequence[str], on: bool) -> None:
        """Muted symbols have no badge, and the window tells of none of their signals."""
        self.muted = self.muted | set(symbols) if on else self.muted - set(symbols)
        self._muted_mask = self._members(self.muted)
        self._filter_dirty = True

    def lists_changed(self) -> None:
        """`lists` holds something else now."""
        if self.only.startswith(LIST) and self.only.removeprefix(LIST) not in self.lists:
            self.only = ""
        self._filter_dirty = True

    def _members(self, symbols: set[str]) -> np.ndarray:
        return np.array([s in symbols for s in self.symbols], dtype=bool)

    def badge_fresh(self, now_ms: int) -> np.ndarray:
        """bool[n]: rows whose badge is recent enough to show."""
        return (self.badge != NO_BADGE) & (now_ms - self.badge_ms < BADGE_MS) & ~self._muted_mask

    def mask(self, now_ms: int) -> np.ndarray:
        """bool[n]: rows that pass market, chip and text filter."""
        keep = np.ones(len(self), dtype=bool)
        if self.market and self.market in self.markets:
            keep &= self.market_code == self.markets.index(self.market)
        if self.only == "stars":
            keep &= self._star_mask
        elif self.only == "signals":
            keep &= self.badge_fresh(now_ms)
        elif self.only.startswith(LIST):
            keep &= self._members(set(self.lists.get(self.only.removeprefix(LIST))))
        if self.scan:
            keep &= self._scan_values == 1 if self._scan_values is not None else False
        for word in self.text.split():
            keep &= np.char.find(self._search, word) >= 0
        return keep

    def refresh(self, now_ms: int) -> bool:
        """Recompute `order`; while held only when a filter or the sort column changed. True when the order changed."""
        if self.held and not self._filter_dirty:
            return False
        resorted, self._resort = self._resort, False
        self._filter_dirty = False
        rows = np.flatnonzero(self.mask(now_ms))
        order = self._held_order(rows, now_ms) if self.held and not resorted else rows[self._sorted(rows, now_ms)]
        changed = len(order) != len(self.order) or not np.array_equal(order, self.order)
        self.order = order
        return changed

    def _held_order(self, rows: np.ndarray, now_ms: int) -> np.ndarray:
        """What is shown stays in its order; rows that come now stand below, in theirs."""
        kept = self.order[np.isin(self.order, rows)]
        new = rows[~np.isin(rows, kept)]
        return np.concatenate([kept, new[self._sorted(new, now_ms)]])

    def _sorted(self, rows: np.ndarray, now_ms: int) -> np.ndarray:
        values = self._sort_values(now_ms)[rows].astype(np.float64)
        if self.descending:
            values = -values
        # a row without a value goes last in either direction; ties keep the symbols' order, so rows do not jitter
        return np.lexsort((self._symbol_rank[rows], np.where(np.isnan(values), np.inf, values)))

    def _sort_values(self, now_ms: int) -> np.ndarray:
        if self.sort_column == SYMBOL:
            return self._symbol_rank
        if self.sort_column == MARKET:
            return self._market_rank
        if self.sort_column == SIGNAL:
            return np.where(self.badge_fresh(now_ms), self.badge_ms, np.nan)
        if self.sort_column >= FIRST_VALUE:
            at = self.sort_column - FIRST_VALUE
            return self.values[at] if at < len(self.values) else self.change
        if self.sort_column in (SPREAD, RANGE):
            return self.spread if self.sort_column == SPREAD else self.position24
        return {LAST: self.last, VOLUME: self.volume}.get(self.sort_column, self.change)

    def counts(self, now_ms: int) -> dict[str, int]:
        """Numbers for the chips: '' = all, each market id, 'stars', 'signals'."""
        per_market = np.bincount(self.market_code, minlength=len(self.markets)) if len(self) else []
        found = {"": len(self), **{m: int(c) for m, c in zip(self.markets, per_market)}}
        found["stars"] = int(self._star_mask.sum())
        found["signals"] = int(self.badge_fresh(now_ms).sum())
        for name in self.lists:
            found[LIST + name] = sum(s in self.row_of for s in self.lists.get(name))
        return found

    def state_counts(self) -> tuple[int, int, int, int, int]:
        """(live, settling, warming, filling a gap, without data)."""
        per_state = np.bincount(self.state, minlength=5)
        live, settling, warming, gap, none = (
            int(per_state[s]) for s in (STATE_LIVE, STATE_SETTLING, STATE_WARMING, STATE_GAP, STATE_NO_DATA)
        )
        return live, settling, warming, gap, none

    def explain_empty(self, now_ms: int) -> str:
        """Why no row is visible, naming the filter that removes them; '' when there are rows."""
        if len(self.order):
            return ""
        if not len(self):
            return tr("No symbols yet: waiting for the engine's list.")
        if self.scan and self._scan_values is None:
            return tr("The engine is looking through all symbols.")
        guilty = [reason for what, reason in self._reasons() if self._passes_without(what, now_ms)]
        if guilty:
            return guilty[0]
        return tr("The filters together leave nothing: {what}.").format(what=self._in_force())

    def _reasons(self) -> list[tuple[str, str]]:
        """Each filter in force: its attribute, and what is said when it alone removes everything."""
        found = []
        if self.text:
            found.append(("text", tr('Nothing matches "{text}".').format(text=self.text)))
        if self.scan:
            unknown = self.scanned[2]
            said = tr("No symbol here meets the filter now: {scan}").format(scan=self.scan)
            if unknown:
                said += "\n" + tr("{n} symbols do not have enough history yet.").format(n=f"{unknown:,}")
            found.append(("scan", said))
        if self.only:
            found.append(("only", self._only_reason()))
        if self.market:
            found.append(("market", tr("No symbols in this market.")))
        return found

    def _only_reason(self) -> str:
        if self.only == "stars":
            return tr("No starred symbol here. Press S on a row to star it.")
        if self.only == "signals":
            return tr("No symbol has had a signal in the last 30 minutes.")
        name = self.only.removeprefix(LIST)
        if not self.lists.get(name):
            return tr('The list "{name}" is empty. Drag rows onto its name.').format(name=name)
        return tr('None of the list "{name}" is here.').format(name=name)

    def _passes_without(self, what: str, now_ms: int) -> bool:
        kept = getattr(self, what)
        setattr(self, what, "")
        found = bool(self.mask(now_ms).any())
        setattr(self, what, kept)
        return found

    def _in_force(self) -> str:
        only = {"stars": tr("starred"), "signals": tr("with a signal")}.get(self.only, self.only.removeprefix(LIST))
        market = market_title(self.market) if self.market else ""
        return ", ".join(t for t in (self.text and f'"{self.text}"', self.scan, only, market) if t)

    # what is kept ---------------------------------------------------------------------------------------------------
    def keep(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "market": self.market,
            "only": self.only,
            "sort": self.sort_column,
            "descending": self.descending,
            "stars": sorted(self.starred),
            "muted": sorted(self.muted),
            "lists": self.lists.keep(),
            "columns": [list(c) for c in self.columns],
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """What `keep` gave; what is missing or wrong stays as it is."""
        for name in ("market", "only"):
            if isinstance(kept.get(name), str):
                setattr(self, name, kept[name])
        self.starred = _texts(kept.get("stars")) or self.starred
        self.muted = _texts(kept.get("muted")) or self.muted
        self.lists.restore(kept.get("lists"))
        found = kept.get("columns")
        self.set_columns([c for k in (found if isinstance(found, list) else []) if (c := value_column(k)) is not None])
        column = kept.get("sort")
        if isinstance(column, int) and 0 <= column < FIRST_VALUE + len(self.columns):
            self.set_sort(column, bool(kept.get("descending", True)))
        self._star_mask, self._muted_mask = self._members(self.starred), self._members(self.muted)
        self.lists_changed()

    def neighbour(self, symbol: str, step: int) -> str:
        """The symbol `step` rows below (or above) in the visible order, held at both ends; '' when nothing is shown."""
        if not len(self.order):
            return ""
        at = self.position(symbol)
        if at < 0:
            return self.symbols[int(self.order[0 if step > 0 else -1])]
        return self.symbols[int(self.order[min(max(at + step, 0), len(self.order) - 1)])]

    def position(self, symbol: str) -> int:
        """Place of a symbol in the visible order, -1 when it is filtered away or unknown."""
        row = self.row_of.get(symbol, -1)
        found = np.flatnonzero(self.order == row)
        return int(found[0]) if len(found) else -1


def _ranks(texts: list[str]) -> np.ndarray:
    ordered = {t: k for k, t in enumerate(sorted(set(texts)))}
    return np.array([ordered[t] for t in texts], dtype=np.int64)


def _texts(found: Any) -> set[str]:
    return {t for t in found if isinstance(t, str)} if isinstance(found, list) else set()


def value_text(value: float, column: ValueColumn) -> str:
    """A computed value as a person reads it: conditions come as 1 and 0."""
    size = abs(value)
    if not np.isfinite(value):
        return formats.MISSING
    if size >= 100_000:
        return formats.compact(value)
    digits = 0 if value == int(value) and size >= 1000 else 1 if size >= 1000 else 2 if size >= 1 else 4
    return f"{value:.{digits}f}".replace("-", formats.MINUS)
