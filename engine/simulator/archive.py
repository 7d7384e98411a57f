"""The public archive of one market: a zip and a checksum for every closed month and day, made from its history.

As published: spot files have no header and microseconds from 2025 on, futures files milliseconds and, from May 2022 on,
a header; a daily file is there the next day, a monthly one from the first Monday of the next month.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import zipfile
from collections import OrderedDict
from typing import Literal

import numpy as np
from aiohttp import web

from engine.simulator import history
from engine.simulator.exchange import Exchange

_FILE = re.compile(
    r"/data/(?P<product>spot|futures/um)/(?P<span>monthly|daily)/klines/(?P<name>[^/]+)/(?P<tf>[^/]+)/"
    r"(?P=name)-(?P=tf)-(?P<period>\d{4}-\d\d(-\d\d)?)\.zip(?P<sum>\.CHECKSUM)?"
)
_HEADER = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
_HEADER += "taker_buy_quote_volume,ignore\n"
_DAY_MS = 86_400_000
_US_FROM_MS, _HEADER_FROM_MS = 1_735_689_600_000, 1_651_363_200_000
_KEPT = 8


class Archive:
    """GET /data/... of one market. gone, broken: paths of zips that are absent, or do not fit their checksum."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self.gone: set[str] = set()
        self.broken: set[str] = set()
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        path = request.path
        self.asked.append(path)
        found = _FILE.fullmatch(path)
        zipped = path.removesuffix(".CHECKSUM")
        body = await self._body(zipped, found) if found and zipped not in self.gone else None
        if body is None or found is None:
            text = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"
            return web.Response(status=404, text=text, content_type="application/xml")
        digest = hashlib.sha256(body).hexdigest()
        if zipped in self.broken:
            digest = digest[::-1]
        if found["sum"]:
            return web.Response(text=f"{digest}  {zipped.rpartition('/')[2]}\n", content_type="text/plain")
        return web.Response(body=body, content_type="application/zip")

    async def _body(self, path: str, found: re.Match[str]) -> bytes | None:
        if path not in self._files:
            made = await self._make(found)
            if made is None:
                return None
            self._files[path] = made
            while len(self._files) > _KEPT:
                self._files.popitem(last=False)
        return self._files[path]

    async def _make(self, found: re.Match[str]) -> bytes | None:
        spot = found["product"] == "spot"
        row = self._exchange.source.index.get(found["name"])
        unit: Literal["M", "D"] = "M" if found["span"] == "monthly" else "D"
        if row is None or found["tf"] not in history.INTERVALS or spot == self._exchange.dialect.categories:
            return None
        try:
            begin = np.datetime64(found["period"], unit)
        except ValueError:
            return None
        first, end = (int(t.astype("datetime64[ms]").astype(np.int64)) for t in (begin, begin + 1))
        if len(found["period"]) != (7 if unit == "M" else 10) or self._exchange.time.now_ms() < _published(end, unit):
            return None
        lines: list[str] = []
        for day in range(first, end, _DAY_MS):
            # a day at a time: a month at once would hold up every stream for a moment
            lines += history.lines(self._exchange, row, found["tf"], day, day + _DAY_MS)
            await asyncio.sleep(0)
        if not lines:
            return None
        text = "".join(line[1:-1].replace('"', "") + "\n" for line in lines)
        if spot and first >= _US_FROM_MS:
            text = _in_microseconds(text)
        if not spot and first >= _HEADER_FROM_MS:
            text = _HEADER + text
        packed = io.BytesIO()
        name = f"{found['name']}-{found['tf']}-{found['period']}.csv"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            # a fixed date: the same file has the same checksum at every request
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 1)
        return packed.getvalue()


def _published(end_ms: int, unit: str) -> int:
    """When the file of a period that ends at end_ms is there."""
    if unit == "D":
        return end_ms
    weekday = (end_ms // _DAY_MS + 3) % 7
    return end_ms + (-weekday % 7) * _DAY_MS


def _in_microseconds(text: str) -> str:
    out = []
    for line in text.splitlines():
        cells = line.split(",")
        cells[0], cells[6] = cells[0] + "000", cells[6] + "999"
        out.append(",".join(cells) + "\n")
    return "".join(out)
