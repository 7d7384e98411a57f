"""Every setting, declared once: the sections below are what code reads (`settings.feeds.shards_per_market`), and
SETTINGS, the table made of them, is what the dialog, the command line, the file with defaults and the documents read.

Order of precedence: TOML file < environment (PYROQUANT_FEEDS_SHARDS_PER_MARKET=8) < command line
(feeds.shards_per_market=8).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from engine.contracts.alerting import TELEGRAM_API
from engine.contracts.alerts import EXAMPLE
from engine.contracts.markets import MARKETS
from engine.contracts.timeframes import TIMEFRAMES

Value = bool | int | float | str | tuple[str, ...]
Restart = Literal["", "engine", "window"]
T = TypeVar("T", bool, int, float, str, tuple[str, ...])


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting as a table row. kind: bool, int, float, str or list. low, high: inclusive bounds. choices: allowed
    values (of each item of a list). restart: what must be restarted for a change to count ('' = nothing)."""

    key: str
    kind: type
    default: Value
    help: str
    unit: str = ""
    restart: Restart = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        if self.choices:
            return f"{'a list of' if self.kind is tuple else 'one of'} {', '.join(self.choices)}"
        words = {
            bool: "true or false",
            int: "a whole number",
            float: "a number",
            str: "a text",
            tuple: "a list of texts",
        }
        text = words[self.kind]
        if self.low is not None and self.high is not None:
            text += f" from {self.low:g} to {self.high:g}"
        elif self.low is not None:
            text += f" of at least {self.low:g}"
        return text + (f" ({self.unit})" if self.unit else "")

    @property
    def environment(self) -> str:
        """The name of the environment variable that overrides it."""
        return "PYROQUANT_" + self.key.replace(".", "_").upper()


def _s(
    default: T,
    text: str,
    *,
    unit: str = "",
    restart: Restart = "",
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
) -> T:
    """A field of a section with what Setting says about it."""
    about = {"help": text, "unit": unit, "restart": restart, "low": low, "high": high, "choices": tuple(choices)}
    return field(default=default, metadata=about)


@dataclass(frozen=True, kw_only=True)
class General:
    data_folder: str = _s(
        "", "Folder for candles, state and caches; empty = this user's data folder.", restart="engine"
    )
    log_level: str = _s("info", "The least serious line the log keeps.", choices=("debug", "info", "warning", "error"))


@dataclass(frozen=True, kw_only=True)
class Feeds:
    markets: tuple[str, ...] = _s(
        ("binance-futures", "binance-spot"), "Markets watched live.", choices=tuple(MARKETS), restart="engine"
    )
    symbols_per_connection: int = _s(
        30, "Symbols one connection carries at most.", restart="engine", low=1, high=500, unit="symbols"
    )
    shards_per_market: int = _s(
        16, "Connections a market is spread over.", restart="engine", low=1, high=64, unit="connections"
    )
    trades: bool = _s(True, "Extend the running bar by every trade between two candle frames.", restart="engine")
    spot_ws: str = _s("wss://stream.binance.com:9443", "Stream host of Binance spot.", restart="engine")
    spot_rest: str = _s("https://api.binance.com", "REST host of Binance spot.", restart="engine")
    futures_ws: str = _s("wss://fstream.binance.com", "Stream host of Binance futures.", restart="engine")
    futures_rest: str = _s("https://fapi.binance.com", "REST host of Binance futures.", restart="engine")
    archive_url: str = _s("https://data.binance.vision", "Host of Binance's public archive of candles.")
    oanda_rest: str = _s(
        "https://api-fxpractice.oanda.com", "REST host of OANDA; api-fxtrade.oanda.com with a token of a live account."
    )
    proxy: str = _s("", "Proxy for all exchange traffic, as http://host:port; empty = none.", restart="engine")


@dataclass(frozen=True, kw_only=True)
class Candles:
    timeframes: tuple[str, ...] = _s(
        ("1m", "5m", "15m", "1h"), "Timeframes kept live.", choices=TIMEFRAMES, restart="engine"
    )


@dataclass(frozen=True, kw_only=True)
class Indicators:
    periods: tuple[str, ...] = _s(
        ("2", "3", "5", "7", "9", "11", "14", "17", "21", "25", "30", "40", "50", "75", "100", "200"),
        "Periods in bars for which a bank computes an indicator side by side.",
        restart="engine",
    )


@dataclass(frozen=True, kw_only=True)
class Warmup:
    history_bars: int = _s(
        1500,
        "Bars of history every symbol and timeframe starts from.",
        restart="engine",
        low=100,
        high=20_000,
        unit="bars",
    )


@dataclass(frozen=True, kw_only=True)
class Engine:
    keep_running: bool = _s(False, "Leave the engine running when the window that started it closes.")
    idle_minutes: int = _s(
        10, "An engine whose window crashed stops after this long without another.", low=1, high=1440, unit="minutes"
    )


@dataclass(frozen=True, kw_only=True)
class Bus:
    address: str = _s(
        "", "Where windows reach the engine, or a redis:// URL; empty = a local socket.", restart="engine"
    )
    publish_ms: int = _s(50, "Changed rows go out together this often.", restart="engine", low=10, high=1000, unit="ms")


@dataclass(frozen=True, kw_only=True)
class Store:
    state: str = _s("", "Database URL of the state; empty = SQLite in the data folder.", restart="engine")
    lake: str = _s("", "Folder or URL of the candle lake; empty = in the data folder.", restart="engine")


@dataclass(frozen=True, kw_only=True)
class Signals:
    provisional: bool = _s(True, "Show signals of the running bar before it closes.", restart="engine")
    cooldown_bars: int = _s(
        0,
        "Bars after an alert in which the same condition of a strategy does not alert again on a symbol and timeframe; "
        "its signals are journaled and marked quiet.",
        restart="engine",
        low=0,
        high=1000,
        unit="bars",
    )
    cooldowns: tuple[str, ...] = _s(
        (), "The same for single strategies, as rsi_revert=12; they outweigh the number for all.", restart="engine"
    )


#: of settings that the alerts dialog has too
_KEPT = "What the alerts dialog keeps outweighs it."


@dataclass(frozen=True, kw_only=True)
class Alerts:
    rules: tuple[str, ...] = _s(
        (), f"Signals to be told of, a rule each, as {EXAMPLE}; empty = none.", restart="engine"
    )
    per_second: int = _s(
        20, "Alerts a second at most; the others are counted.", restart="engine", low=1, high=1000, unit="alerts"
    )
    telegram_api: str = _s(TELEGRAM_API, "Host of Telegram's bot interface.", restart="engine")
    telegram_chat: str = _s("", f"Chat that a Telegram bot writes to. {_KEPT}", restart="engine")
    mail_host: str = _s("", f"Mail server that alerts go out by. {_KEPT}", restart="engine")
    mail_port: int = _s(587, f"Port of the mail server. {_KEPT}", restart="engine", low=1, high=65_535)
    mail_security: str = _s(
        "starttls", f"How the way to it is closed. {_KEPT}", restart="engine", choices=("starttls", "tls", "none")
    )
    mail_user: str = _s("", f"User at the mail server. {_KEPT}", restart="engine")
    mail_from: str = _s("", f"Sender of mails; empty = the user. {_KEPT}", restart="engine")
    mail_to: str = _s("", f"Receiver of mails. {_KEPT}", restart="engine")


@dataclass(frozen=True, kw_only=True)
class Journal:
    confirmed_days: int = _s(
        30, "Confirmed signals are kept this long.", restart="engine", low=1, high=10_000, unit="days"
    )
    provisional_days: int = _s(
        2, "Provisional and withdrawn signals are kept this long.", restart="engine", low=1, high=10_000, unit="days"
    )


@dataclass(frozen=True, kw_only=True)
class Backtest:
    slippage_bps: float = _s(
        1.0, "Slippage per fill, against the trader.", low=0.0, high=1000.0, unit="basis points of the price"
    )
    fee_taker: float = _s(
        -1.0, "Fee per fill as a fraction of the traded value; -1 = the market's taker fee.", low=-1.0, high=0.1
    )
    cash: float = _s(10_000.0, "Cash a test starts with.", low=1.0, unit="account currency")


@dataclass(frozen=True, kw_only=True)
class Jobs:
    threads: int = _s(
        0, "Threads a walk-forward runs on; 0 = as many as there are cores.", low=0, high=256, unit="threads"
    )
    cluster: str = _s(
        "",
        "Dask scheduler that walk-forwards run on, as tcp://127.0.0.1:8786 or tls://host:8786; empty = here.",
        restart="engine",
    )


@dataclass(frozen=True, kw_only=True)
class Window:
    theme: str = _s("dark", "Colours of the window.", restart="window", choices=("dark", "light"))
    up_down: str = _s(
        "green/red",
        "Colours of rising and falling; blue and orange can be told apart by everybody.",
        restart="window",
        choices=("green/red", "red/green", "blue/orange"),
    )
    language: str = _s("auto", "Language of the window.", restart="window", choices=("auto", "English", "Deutsch"))
    time_zone: str = _s("local", "Zone times are shown in: local, UTC or a name as Europe/London.", restart="window")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, by section. Immutable; `changed` makes another."""

    general: General = General()
    feeds: Feeds = Feeds()
    candles: Candles = Candles()
    indicators: Indicators = Indicators()
    warmup: Warmup = Warmup()
    engine: Engine = Engine()
    bus: Bus = Bus()
    store: Store = Store()
    signals: Signals = Signals()
    alerts: Alerts = Alerts()
    journal: Journal = Journal()
    backtest: Backtest = Backtest()
    jobs: Jobs = Jobs()
    window: Window = Window()

    def get(self, key: str) -> Value:
        """The value of 'section.name', for code that walks the table; KeyError for a key that is not in it."""
        if key not in SETTINGS:
            raise KeyError(key)
        section, _, name = key.partition(".")
        value: Value = getattr(getattr(self, section), name)
        return value

    def changed(self, values: Mapping[str, Value]) -> Settings:
        """A copy with these keys set. The values must have come through settings_load, which checks them."""
        sections: dict[str, dict[str, Value]] = {}
        for key, value in values.items():
            section, _, name = key.partition(".")
            sections.setdefault(section, {})[name] = value
        made = {s: dataclasses.replace(getattr(self, s), **names) for s, names in sections.items()}
        return dataclasses.replace(self, **made)


def _table() -> dict[str, Setting]:
    rows: dict[str, Setting] = {}
    for section in dataclasses.fields(Settings):
        for f in dataclasses.fields(type(section.default)):  # type: ignore[arg-type]
            key = f"{section.name}.{f.name}"
            rows[key] = Setting(key=key, kind=type(f.default), default=f.default, **f.metadata)  # type: ignore[arg-type]
    return rows


#: every setting by key, in the order of the sections.
SETTINGS: dict[str, Setting] = _table()
