"""A replay as a person reads it: where its clock stands, what it does, and what it said."""

from __future__ import annotations

from engine.contracts.replay import REPLAY_SPEEDS, ReplayAlert, ReplaySignals, ReplayState
from engine.contracts.timeframes import timeframe_ms
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.signals import SignalModel, side_word

#: alerts whose signals are marked in the list
MOST_ALERTS = 200


class ReplayModel:
    """state: None while there is none. signals: what the session said, in the feed's own model. resume: what a
    replay that was lost can go on from, (moment, symbols)."""

    def __init__(self) -> None:
        self.state: ReplayState | None = None
        self.signals = SignalModel(20_000)
        self.alerts: list[ReplayAlert] = []
        self.resume: tuple[int, list[str]] | None = None
        self.timeframe = "1m"
        self.busy = False

    @property
    def on(self) -> bool:
        return self.state is not None and self.state.state not in ("stopped",)

    @property
    def playing(self) -> bool:
        return self.state is not None and self.state.state == "playing"

    @property
    def session(self) -> str:
        return self.state.session if self.state is not None else ""

    def begin(self, state: ReplayState) -> None:
        """A session of our own has begun."""
        self.state, self.resume = state, None

    def apply(self, state: ReplayState) -> bool:
        """What the engine tells; False for a session that is not ours."""
        if state.session != self.session:
            return False
        self.state = None if state.state == "stopped" else state
        return True

    def take(self, event: ReplaySignals) -> bool:
        if event.session != self.session:
            return False
        if event.reset:
            self.forget_signals()
        self.signals.append(event.batch)
        return True

    def hear(self, alert: ReplayAlert) -> bool:
        if alert.session != self.session:
            return False
        self.alerts = [*self.alerts, alert][-MOST_ALERTS:]
        return True

    def forget_signals(self) -> None:
        """The filter stays."""
        old = self.signals
        self.signals = SignalModel(old.capacity)
        self.signals.filter = old.filter
        self.alerts = []

    def lose(self) -> None:
        """The engine is gone and the session with it; where it stood is kept."""
        if self.state is not None:
            self.resume = (self.state.ts, list(self.state.symbols))
        self.state = None

    def clock(self) -> str:
        """The session's clock, '' while there is none."""
        return f"{formats.minute(self.state.ts)}:{self.state.ts // 1000 % 60:02d}" if self.state else ""

    def status(self) -> str:
        """One line on what it does."""
        s = self.state
        if s is None:
            return ""
        if s.state == "failed":
            return s.text
        names = ", ".join(symbol.partition(":")[2] or symbol for symbol in s.symbols)
        words = {
            "loading": tr("warming the engine with what came before"),
            "paused": tr("paused"),
            "ended": tr("at the end: no newer candle is kept"),
            "playing": tr("{rate} bars a second").format(rate=formats.number(s.rate, 0 if s.rate >= 10 else 1)),
        }[s.state]
        counts = tr("{signals} signals, {alerts} alerts").format(signals=f"{s.signals:,}", alerts=f"{s.alerts:,}")
        return " · ".join((names, words, counts))

    def fraction(self) -> float:
        """How far the clock is through what is kept."""
        s = self.state
        if s is None or s.last_ms <= s.first_ms:
            return 0.0
        return min(max((s.ts - s.first_ms) / (s.last_ms - s.first_ms), 0.0), 1.0)


def speed_text(speed: float) -> str:
    """'60×'; 'Max' for 0."""
    return f"{speed:,.0f}×" if speed else tr("Max")


def speed_tip(speed: float, timeframe: str) -> str:
    """What a speed means on the chart's timeframe."""
    if not speed:
        return tr("As fast as the engine computes it")
    seconds = timeframe_ms(timeframe) / 1000 / speed
    per = formats.number(1 / seconds, 0 if seconds <= 0.1 else 1) if seconds < 1 else ""
    if per:
        return tr("{n} bars of {timeframe} a second").format(n=per, timeframe=timeframe)
    return tr("A bar of {timeframe} every {seconds}").format(timeframe=timeframe, seconds=formats.duration(seconds))


def parse_moment(text: str) -> int:
    """ms of '2023-11-14', '2023-11-14 22:00' or any ISO time, UTC; ValueError with what may be written."""
    try:
        return formats.parse_day(text)
    except ValueError:
        raise ValueError(tr("Write a date such as 2023-11-14 or 2023-11-14 22:00 (UTC)")) from None


def alert_words(alert: ReplayAlert) -> str:
    """An alert of the past, which says that it is one."""
    s = alert.signal
    name = s.symbol.partition(":")[2] or s.symbol
    text = tr("Replay, {when}: {side} {name} {timeframe}, {strategy} at {price}").format(
        when=formats.minute(alert.ts), side=side_word(s), name=name, timeframe=s.timeframe, strategy=s.strategy,
        price=f"{s.price:.10g}",
    )  # fmt: skip
    return tr("{text}, and {n} more of this rule").format(text=text, n=f"{alert.more:,}") if alert.more else text


SPEEDS = REPLAY_SPEEDS
