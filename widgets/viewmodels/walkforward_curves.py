"""Curves and tables of one strategy's walk: stitched equity beside buy and hold, its windows, its promotions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from engine.contracts.robustness import Check, Limits, MonteCarloFan
from engine.contracts.walkforward import FoldResult, Promoted, QueueEntry, WalkResult
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.cells import Cell, Row
from widgets.viewmodels.walkforward import share, signed


class Curve(NamedTuple):
    """Day by day out of sample. ms: float64[d + 1]; equity, drawdown, hold: float64[d + 1], multiples of the start,
    drawdown <= 0; hold is nan where the price is not known. borders: ms at which windows begin, the first left out."""

    ms: np.ndarray
    equity: np.ndarray
    drawdown: np.ndarray
    hold: np.ndarray
    borders: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ms)


EMPTY = Curve(np.empty(0), np.empty(0), np.empty(0), np.empty(0), ())


def curve_of(walk: WalkResult, close_ms: np.ndarray | None = None, closes: np.ndarray | None = None) -> Curve:
    """The stitched test parts. close_ms, closes: int64 and float64, when daily bars closed and at what price."""
    days = np.frombuffer(walk.day_ms, "<i8").astype(np.float64)
    if not len(days):
        return EMPTY
    returns = np.nan_to_num(np.frombuffer(walk.returns, "<f8"), nan=0.0)
    equity = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    first = float(walk.folds[0].test_from_ms) if walk.folds else days[0]
    ms = np.concatenate([[min(first, days[0] - 1)], days])
    peak = np.maximum.accumulate(np.maximum(equity, 1e-300))
    hold = np.full(len(ms), np.nan)
    if close_ms is not None and closes is not None and len(close_ms):
        at = np.searchsorted(close_ms, ms, side="right") - 1
        known = at >= 0
        hold[known] = np.asarray(closes, np.float64)[at[known]]
        start = hold[known][0] if known.any() else math.nan
        hold = hold / start if start else np.full(len(ms), np.nan)
    return Curve(ms, equity, equity / peak - 1.0, hold, tuple(f.test_from_ms for f in walk.folds[1:]))


def scaled_train(fold: FoldResult) -> float:
    """The growth of the train part in a time as long as the test part; nan where it is not known."""
    total, length = fold.train.get("total_return", math.nan), fold.train_to_ms - fold.train_from_ms
    if not total > -1 or length <= 0:
        return math.nan
    return math.expm1(math.log1p(total) * (fold.test_to_ms - fold.test_from_ms) / length)


def fold_kind(fold: FoldResult) -> str:
    """'good' or 'bad' by the test part's result, 'none' where nothing was chosen or traded."""
    gain = fold.test.get("total_return", math.nan)
    if fold.chosen < 0 or not math.isfinite(gain) or gain == 0:
        return "none"
    return "good" if gain > 0 else "bad"


FOLD_COLUMNS = (
    (mark("#"), 28), (mark("Test from"), 94), (mark("Chosen"), 130), (mark("Sharpe in"), 66), (mark("Sharpe out"), 78),
    (mark("Return in"), 66), (mark("Return out"), 76), (mark("Eff."), 66), (mark("DD out"), 58), (mark("Trades"), 50),
    (mark("Note"), 90),
)  # fmt: skip


def varying(walk: WalkResult) -> tuple[str, ...]:
    """Names of the parameters that were searched."""
    return tuple(n for n in walk.sets[0] if len({s.get(n) for s in walk.sets}) > 1) if walk.sets else ()


def params_text(params: dict[str, float], names: Sequence[str] = ()) -> str:
    used = [n for n in names if n in params] or list(params)
    return ", ".join(f"{n} {formats.trimmed(params[n])}" for n in used)


def fold_rows(walk: WalkResult) -> list[Row]:
    """The windows of a strategy: what was chosen, and the figures in train beside those in test."""
    names = varying(walk)
    rows = []
    for number, fold in enumerate(walk.folds):
        inside, outside = fold.train, fold.test
        out, fair = outside.get("total_return", math.nan), scaled_train(fold)
        efficiency = out / fair if fair > 0 else math.nan
        chosen = params_text(fold.params, names) if fold.chosen >= 0 else tr("none fit: stayed in cash")
        figures = [
            (formats.number, inside.get("sharpe", math.nan), True),
            (formats.number, outside.get("sharpe", math.nan), True),
            (_gain, inside.get("total_return", math.nan), True),
            (_gain, out, True),
            (share, efficiency, False),
            (_fall, outside.get("max_drawdown", math.nan), False),
            (_count, outside.get("trades", math.nan), False),
        ]
        cells = [
            Cell(str(number + 1), float(number), "dim"),
            Cell(formats.day(fold.test_from_ms), float(fold.test_from_ms), "dim"),
            Cell(chosen, None, "text" if fold.chosen >= 0 else "dim"),
            *(Cell(show(v), v, signed(v) if colour else "text") for show, v, colour in figures),
            Cell(fold.note, None, "dim"),
        ]
        train = f"{formats.day(fold.train_from_ms)} – {formats.day(fold.train_to_ms - 1)}"
        tip = tr("Train {train}: {chosen}, objective {value}\nTest {test}").format(
            train=train,
            chosen=chosen,
            value=formats.number(fold.value, 3),
            test=f"{formats.day(fold.test_from_ms)} – {formats.day(fold.test_to_ms - 1)}",
        )
        rows.append(Row(number, tuple(cells), f"{tip}\n{fold.note}".strip()))
    return rows


def _gain(value: float) -> str:
    return formats.percent(value, 1) if math.isfinite(value) else formats.MISSING


def _fall(value: float) -> str:
    return formats.percent(value, 1, sign=False) if math.isfinite(value) else formats.MISSING


def _count(value: float) -> str:
    return formats.number(value, 0) if math.isfinite(value) else formats.MISSING


#: checks whose values are fractions, shown and edited as per cents
PERCENT = {
    "luck", "net_return", "profitable_windows", "psr", "dsr", "pbo", "max_drawdown", "best_window", "best_trade",
    "efficiency", "stability",
}  # fmt: skip
LIMIT_NAMES = tuple(name for name in Limits.__struct_fields__ if name != "must")


def check_value(name: str, value: float) -> str:
    """A value of the card for a person."""
    if not math.isfinite(value):
        return "n/a"
    if name in ("trades", "windows"):
        return f"{value:,.0f}"
    return share(value, 1) if name in PERCENT else formats.number(value)


def limit_text(name: str, limit: float | None) -> str:
    """A limit as it stands in its editor; "" = not asked."""
    if limit is None:
        return ""
    return f"{limit * 100:.6g} %" if name in PERCENT else f"{limit:.6g}"


def parse_limit(name: str, text: str) -> float | None:
    """What was typed as a limit, None = not asked; ValueError when it is no number."""
    typed = text.replace("%", "").replace(",", "").strip()
    if not typed or typed in ("-", "–"):
        return None
    value = float(typed)
    if not math.isfinite(value):
        raise ValueError(text)
    return value / 100 if name in PERCENT else value


def check_sign(check: Check) -> tuple[str, str]:
    """(sign, colour) of one line of the card."""
    if check.passed is None:
        return "?", "dim"
    return ("✓", "up") if check.passed else ("✗", "down" if check.must else "warn")


LIVE_COLUMNS = (
    (mark("Strategy"), 130), (mark("Symbol"), 84), (mark("TF"), 38), (mark("Parameters"), 130), (mark("Since"), 138),
    (mark("State"), 122), (mark("Sharpe"), 54), (mark("From"), 110),
)  # fmt: skip


def live_rows(promoted: Iterable[Promoted]) -> list[Row]:
    """Promotions, newest first; those that are live first."""
    rows = []
    for p in sorted(promoted, key=lambda p: (p.until_ms > 0, -p.number)):
        live = p.until_ms == 0
        sharpe = p.provenance.get("sharpe", math.nan)
        cells = (
            Cell(p.strategy, p.strategy, "text" if live else "dim"),
            Cell(p.symbol.partition(":")[2] or p.symbol, None, "text" if live else "dim"),
            Cell(p.timeframe, None, "dim"),
            Cell(params_text(p.params) or tr("defaults"), None, "text" if live else "dim"),
            Cell(formats.minute(p.since_ms), float(p.since_ms), "dim"),
            Cell(
                f"● {tr('live')}" if live else tr("until {when}").format(when=formats.day(p.until_ms)),
                float(p.until_ms),
                "up" if live else "dim",
            ),
            Cell(formats.number(sharpe) if math.isfinite(sharpe) else formats.MISSING, sharpe, signed(sharpe)),
            Cell(p.job or tr("by hand"), None, "dim"),
        )
        rows.append(Row(p.number, cells, p.note))
    return rows


QUEUE_COLUMNS = ((mark("Symbol"), 120), (mark("What"), 120), (mark("State"), 90), (mark("Error"), 200))
_QUEUE_TOKENS = {"running": "up", "failed": "down"}


def queue_rows(entries: Iterable[QueueEntry], stopped: bool) -> list[Row]:
    rows = []
    for entry in entries:
        state = tr("held") if stopped and entry.state == "waiting" else tr(entry.state)
        count = len(entry.spec.strategies)
        cells = (
            Cell(entry.spec.symbol),
            Cell(tr("all strategies") if not count else tr("{n} strategies").format(n=count)),
            Cell(state, None, _QUEUE_TOKENS.get(entry.state, "dim")),
            Cell(entry.error, None, "down"),
        )
        rows.append(Row(entry.job, cells, entry.error))
    return rows


def fan_words(fan: MonteCarloFan) -> list[str]:
    """What a fan says, a sentence each."""
    if not fan.equity:
        return [fan.note or tr("Nothing could be drawn.")]
    worst, half, best = fan.final[0], fan.final[len(fan.final) // 2], fan.final[-1]
    low, high = fan.quantiles[0], fan.quantiles[-1]
    lines = [
        tr("{n} paths: the end is between {a} and {b} of the start in {share} of them, {half} in the middle.").format(
            n=f"{fan.paths:,}", a=_times(worst), b=_times(best), share=share(high - low), half=_times(half)
        ),
        tr("{share} of them lose money. What happened ended better than {rank} of them.").format(
            share=share(fan.loss, 1), rank=share(fan.final_rank)
        ),
        tr("Largest drawdown: {a} in the middle, {b} in the worst {share}.").format(
            a=share(fan.drawdown[len(fan.drawdown) // 2], 1), b=share(fan.drawdown[-1], 1), share=share(1 - high)
        ),
    ]
    return [*lines, *([fan.note] if fan.note else [])]


def _times(value: float) -> str:
    return f"{value:,.2f}×"
