"""The feed cockpit's figures: shards as rows, latency as small histograms, freshness as a map of squares."""

from __future__ import annotations

import numpy as np

from engine.contracts.events import LATENCY_MS, ShardHealth
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.watchlist import short_market

COLUMNS = (
    (mark("Shard"), 76, ""),
    (mark("State"), 104, mark("Lamp and word")),
    (mark("Symbols"), 64, ""),
    (mark("Rate"), 62, mark("Frames a second")),
    (mark("Age"), 58, mark("Since the last frame")),
    (
        mark("Latency"),
        96,
        mark("Exchange stamp to receipt, in the last minute: 1 ms to 1 s, and longer"),
    ),
    (mark("p50"), 74, mark("Half of the frames came within this")),
    (mark("p99"), 74, mark("99 of 100 frames came within this")),
    (mark("Reconn."), 58, mark("Connections lost and found again")),
    (mark("Filled"), 56, mark("Symbols whose gap was filled by REST")),
    (mark("Gaps"), 46, mark("Symbols that wait for back-fill")),
    (mark("Dropped"), 60, mark("Frames of connections that were given up")),
    (mark("Bad"), 44, mark("Frames that could not be read")),
)
SHARD, STATE, SYMBOLS, RATE, AGE, LATENCY, P50, P99, RECONNECTS, FILLED, OPEN, DROPPED, BAD = range(13)
_LAMP_WORDS = {"green": mark("ok"), "amber": mark("late"), "red": mark("down"), "grey": mark("not wanted")}

#: upper edges of the map's steps, s since the last update; -1 (never) and older are the last two
STEPS = (2.0, 10.0, 60.0, 300.0)
STEP_WORDS = (mark("under 2 s"), mark("10 s"), mark("1 min"), mark("5 min"), mark("older"), mark("nothing yet"))


def histogram(s: ShardHealth) -> np.ndarray:
    """Counts by bucket, float64[len(LATENCY_MS) + 1]; zeros where the engine gave none."""
    counts = np.frombuffer(s.latency, "<u4")
    return counts.astype(float) if len(counts) == len(LATENCY_MS) + 1 else np.zeros(len(LATENCY_MS) + 1)


def quantile(counts: np.ndarray, share: float) -> str:
    """The bucket edge that this share of the frames came within, as text."""
    total = counts.sum()
    if not total:
        return formats.MISSING
    at = int(np.searchsorted(np.cumsum(counts), share * total))
    if at >= len(LATENCY_MS):
        return f"> {formats.duration(LATENCY_MS[-1] / 1000)}"
    edge = LATENCY_MS[at]
    return f"≤ {edge:.0f} ms" if edge < 1000 else f"≤ {edge / 1000:.0f} s"


def cells(s: ShardHealth) -> list[str]:
    """One shard as text, in the order of COLUMNS; the histogram is painted."""
    counts = histogram(s)
    age = formats.MISSING if s.age_ms < 0 else formats.duration(s.age_ms / 1000)
    return [
        f"{short_market(s.market)} {s.shard}",
        s.state or tr(_LAMP_WORDS[s.lamp]),
        f"{s.symbols:,}",
        f"{s.frames_per_s:,.0f}",
        age,
        "",
        quantile(counts, 0.5),
        quantile(counts, 0.99),
        f"{s.reconnects:,}",
        f"{s.gaps_filled:,}",
        f"{s.gaps_open:,}",
        f"{s.dropped:,}",
        f"{s.malformed:,}",
    ]


def steps(ages: np.ndarray) -> np.ndarray:
    """uint8[n]: place of each symbol in STEP_WORDS."""
    made = np.searchsorted(np.array(STEPS, np.float32), ages, side="right").astype(np.uint8)
    made[ages < 0] = len(STEPS) + 1
    return made


def step_counts(ages: np.ndarray) -> list[tuple[str, int]]:
    """(words, symbols) of each step that occurs, the freshest first."""
    counts = np.bincount(steps(ages), minlength=len(STEP_WORDS)) if len(ages) else np.zeros(len(STEP_WORDS), int)
    return [(tr(word), int(n)) for word, n in zip(STEP_WORDS, counts.tolist(), strict=True) if n]


def grid(count: int, width: int, height: int = 0) -> tuple[int, int]:
    """(columns, side in px) of a map of squares: as large as fits the width in at most 20 rows, 7 to 16 px."""
    if count <= 0 or width < 7:
        return 1, 7
    side = 7
    for size in range(16, 6, -1):
        columns = max(width // size, 1)
        if -(-count // columns) * size <= max(height, 140):
            side = size
            break
    return max(width // side, 1), side


def age_words(age: float) -> str:
    return tr("no update yet") if age < 0 else tr("{age} ago").format(age=formats.duration(age))
