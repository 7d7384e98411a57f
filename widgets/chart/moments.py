"""Moments as people write them: 2021-05-19, 2021-05-19 13:30, yesterday, -30d. No Qt."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from engine.contracts.errors import BadInput
from widgets.chart.ticks import DAY, HOUR, MINUTE, MONTHS, Zone
from widgets.texts import mark, tr

EXAMPLES = mark("2021-05-19, 2021-05-19 13:30, 19 May 2021, yesterday, -30d, -6h")
_UNITS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "mo": 30 * DAY, "y": 365 * DAY}
_AGO = re.compile(r"-\s*(\d{1,6})\s*(m|min|h|d|w|mo|y)")
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[ t]+(\d{1,2}):(\d{2}))?")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(\d{1,2}):(\d{2}))?")
_WORDS = re.compile(r"(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{4})(?:\s+(\d{1,2}):(\d{2}))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


def parse_moment(text: str, zone: Zone, now_ms: int) -> int:
    """The moment in ms, written by the clock of `zone`. BadInput for what is none."""
    said = " ".join(text.strip().lower().split())
    if found := _AGO.fullmatch(said):
        return now_ms - int(found[1]) * _UNITS[found[2]]
    today = zone.local(now_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    if said in ("today", "yesterday"):
        return _utc(zone, today - timedelta(days=said == "yesterday"))
    if said in ("now", "latest"):
        return now_ms
    try:
        if found := _CLOCK.fullmatch(said):
            return _utc(zone, today.replace(hour=int(found[1]), minute=int(found[2])))
        if found := _ISO.fullmatch(said):
            y, month, day, hour, minute = (int(g) if g else 0 for g in found.groups())
            return _utc(zone, datetime(y, month or 1, day or 1, hour, minute))  # noqa: DTZ001
        if found := _DOTS.fullmatch(said):
            day, month, y, hour, minute = (int(g) if g else 0 for g in found.groups())
            return _utc(zone, datetime(y, month, day, hour, minute))  # noqa: DTZ001
        if (found := _WORDS.fullmatch(said)) and found[2].title() in MONTHS:
            month = MONTHS.index(found[2].title()) + 1
            hour, minute = int(found[4] or 0), int(found[5] or 0)
            return _utc(zone, datetime(int(found[3]), month, int(found[1]), hour, minute))  # noqa: DTZ001
    except ValueError:
        raise BadInput(tr("{text} is no day of the calendar.").format(text=text.strip())) from None
    raise BadInput(
        tr("{text} is not understood.").format(text=text.strip() or tr("Nothing")),
        fix=tr("Write one of: {examples}").format(examples=tr(EXAMPLES)),
    )


def _utc(zone: Zone, local: datetime) -> int:
    return zone.to_utc((local - _EPOCH) // timedelta(milliseconds=1))
