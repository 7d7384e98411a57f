"""The stores of one data folder as commands without an engine and worker processes read them."""

from __future__ import annotations

from typing import Protocol

import msgspec
import numpy as np

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.instruments import Instrument
from engine.contracts.markets import split_symbol
from engine.runtime.facts import INSTRUMENTS_KEY
from engine.runtime.folder import DataFolder
from engine.store.cachefile import mapped
from engine.store.lake_remote import open_lake
from engine.store.recent import history
from engine.store.state import State

#: closes looked at when the tick size of an unlisted symbol is guessed from its prices
GUESS_ROWS = 5_000
#: what Binance's symbols end with, the longer first
_QUOTE_ASSETS = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "BTC", "ETH", "BNB", "EUR", "GBP", "TRY", "BRL", "USD")


class Report(Protocol):
    """Hears how far a task is, 0..1, and what it does now."""

    def __call__(self, fraction: float, step: str = "", /) -> None: ...


class TaskContext:
    """The stores of one data folder, opened when first needed. The state is opened for reading only."""

    def __init__(self, folder: DataFolder, state_url: str = "", lake_folder: str = "") -> None:
        self.folder = folder
        self.lake = open_lake(lake_folder or folder.lake, folder.cache)
        #: as the settings have them
        self.state_url, self.lake_folder = state_url, lake_folder
        #: what a task leaves for the next ones in this process, by name
        self.left: dict[str, object] = {}
        self._state: State | None = None
        self._writer: State | None = None

    @property
    def state(self) -> State:
        if self._state is None:
            if not self.state_url and not self.folder.state.exists():
                State(self.folder.state).close()
            self._state = State(self.state_url or self.folder.state, readonly=True)
        return self._state

    @property
    def written_state(self) -> State:
        """The state for notes on what was asked of a venue, in short transactions beside the engine's."""
        if self._writer is None:
            self._writer = State(self.state_url or self.folder.state)
        return self._writer

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._state is not None:
            self._state.close()
            self._state = None

    def resolve(self, symbol: str) -> str:
        """MARKET:NAME of a symbol that may lack its market; BadInput when it is unknown or stands in several."""
        market_id, name = split_symbol(symbol)
        stored = sorted({s for s, _ in self.lake.names()} | {s for s, _ in self.state.last_final()})
        if market_id:
            if symbol not in stored:
                raise BadInput(
                    f"there are no candles of {symbol}.{did_you_mean(symbol, stored)}",
                    where=str(self.lake.root),
                    fix="See: pyroquant data list; or bring some: pyroquant data import FILE --symbol MARKET:NAME",
                )
            return symbol
        found = [s for s in stored if s.partition(":")[2] == name]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput(f"{name} stands in several markets.", fix=f"Write one of {', '.join(found)}.")
        names = {s.partition(":")[2] for s in stored}
        raise BadInput(f"there are no candles of {name}.{did_you_mean(name, names)}", fix="See: pyroquant data list")

    def instrument(self, symbol: str, bars: np.ndarray) -> Instrument:
        """As the venue listed it; for a symbol that no venue listed, steps read off its prices."""
        market_id, name = split_symbol(symbol)
        listed = self.state.get(INSTRUMENTS_KEY.format(market_id)) or []
        for instrument in msgspec.convert(listed, list[Instrument]):
            if instrument.name == name:
                return instrument
        return guessed_instrument(market_id, name, bars)


def guessed_instrument(market_id: str, name: str, bars: np.ndarray) -> Instrument:
    """Tick size = the coarsest power of ten that all the newest closes stand on; no lot size."""
    closes = np.asarray(bars["close"][-GUESS_ROWS:], float)
    tick = next((10.0**-d for d in range(9) if np.allclose(closes, np.round(closes, d), rtol=0, atol=1e-10)), 1e-8)
    kind = "perpetual" if "futures" in market_id else "spot"
    base, quote = _currencies(name)
    return Instrument(market=market_id, name=name, base=base, quote=quote, tick_size=tick, lot_size=0.0, kind=kind)


def _currencies(name: str) -> tuple[str, str]:
    """(base, quote) of USD_JPY or BTCUSDT; the whole name and '' where it does not tell."""
    base, _, quote = name.partition("_")
    if quote:
        return base, quote
    for quote in _QUOTE_ASSETS:
        if name.endswith(quote) and name != quote:
            return name.removesuffix(quote), quote
    return name, ""


def all_minutes(context: TaskContext, symbol: str) -> np.ndarray:
    """Every final 1-minute bar of a symbol: the lake's by memory map, the newest from the state."""
    stored = mapped(context.lake, context.folder.cache, symbol, "1m")
    recent = context.state.candles(symbol, "1m")
    if not len(recent):
        return stored
    if not len(stored) or recent["ts"][0] > stored["ts"][-1]:
        return np.concatenate([stored, recent]) if len(stored) else recent
    return history(context.state, context.lake, symbol, "1m")
