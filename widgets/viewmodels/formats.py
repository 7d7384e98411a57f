"""Numbers and times as a person reads them. One place, so that two panels never round the same number differently."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

from widgets.texts import tr

MISSING = "–"
MINUS = "−"


def price(value: float, decimals: int) -> str:
    """A price with the instrument's own decimals; thousands are grouped from 10,000 on."""
    if math.isnan(value):
        return MISSING
    text = f"{value:,.{decimals}f}" if abs(value) >= 10_000 else f"{value:.{decimals}f}"
    return text.replace("-", MINUS)


def percent(fraction: float, decimals: int = 2, *, sign: bool = True) -> str:
    """0.0123 -> '+1.23 %'."""
    if not math.isfinite(fraction):
        return MISSING
    text = f"{fraction * 100:{'+' if sign else ''}.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS) + " %"


def compact(value: float) -> str:
    """1234567 -> '1.23M'. At most five characters, for narrow columns."""
    if not math.isfinite(value):
        return MISSING
    size = abs(value)
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if size >= limit * 0.9995:
            scaled = value / limit
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f}{unit}".replace("-", MINUS)
    return (f"{value:.0f}" if size >= 100 or value == int(value) else f"{value:.2f}").replace("-", MINUS)


def money(value: float, decimals: int = 2, *, sign: bool = False) -> str:
    if not math.isfinite(value):
        return MISSING
    return f"{value:{'+' if sign else ''},.{decimals}f}".replace("-", MINUS)


def number(value: float, decimals: int = 2) -> str:
    """A plain figure; 'n/a' where it is not defined, since a made-up zero would be read as a result."""
    if math.isnan(value):
        return "n/a"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def trimmed(value: float) -> str:
    """A parameter's value without needless zeros: 14.0 -> '14', 0.5 -> '0.5'."""
    return f"{value:.10g}"


def axis(value: float, show: Callable[[float], str] | None = None) -> str:
    """A tick of an axis: short, and as `show` writes it where that is short enough."""
    if value == 0:
        return "0"
    text = show(value) if show is not None else ""
    if not text or len(text) > 7:
        text = compact(value)
    head, dot, tail = text.partition(".")
    digits = tail.rstrip("%KMBT ") if dot else ""
    unit = tail[len(digits) :]
    kept = digits.rstrip("0")
    return f"{head}.{kept}{unit}" if kept else f"{head}{unit}" if dot else text


def size(count: float) -> str:
    """Bytes: '980 B', '12.4 kB', '1.2 GB'."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return f"{count:.0f} B"


def duration(seconds: float) -> str:
    """'840 ms', '12 s', '3m 20s', '2h 14m', '5d 3h'."""
    if not math.isfinite(seconds) or seconds < 0:
        return MISSING
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86_400}d {whole % 86_400 // 3600}h"


def age(ms: float) -> str:
    """Age of an event in its largest unit: 'now', '12 s', '4 m', '2 h', '3 d'."""
    if ms < 1000:
        return tr("now")
    seconds = ms / 1000
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def milliseconds(ms: float) -> str:
    if not math.isfinite(ms) or ms < 0:
        return MISSING
    return f"{ms:.1f} ms" if ms < 100 else f"{ms:,.0f} ms" if ms < 10_000 else duration(ms / 1000)


def clock(ms: int) -> str:
    """'14:59:00' UTC."""
    return _moment(ms).strftime("%H:%M:%S")


def minute(ms: int) -> str:
    """'2026-11-23 14:59' UTC."""
    return _moment(ms).strftime("%Y-%m-%d %H:%M")


def day(ms: int) -> str:
    return _moment(ms).strftime("%Y-%m-%d")


def parse_day(text: str) -> int:
    """ms since the epoch of an ISO date or time, UTC where no zone is written; ValueError when it is neither."""
    moment = datetime.fromisoformat(text.strip())
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
