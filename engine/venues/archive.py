"""Binance's public archive of klines: where a file lies, and what its checksum line says.

data/{spot|futures/um}/{monthly|daily}/klines/{SYMBOL}/{interval}/{SYMBOL}-{interval}-{YYYY-MM[-DD]}.zip, beside it
<file>.CHECKSUM. A monthly file appears on the first Monday of the next month, a daily one the next day
(binance/binance-public-data 5c7f319).
"""

from __future__ import annotations

import re
import urllib.parse

from engine.contracts.errors import BadInput, PyroError
from engine.contracts.feed import RestFailure, RestRequest

HOST = "https://data.binance.vision"
_FOLDERS = {"binance_spot": "spot", "binance_futures": "futures/um"}
#: the first months that the archive has, by venue
FIRST_MONTH = {"binance_spot": "2017-08", "binance_futures": "2019-12"}
_CHECKSUM = re.compile(rb"\s*([0-9a-fA-F]{64})\s")


def has_archive(venue: str) -> bool:
    """Whether the venue publishes one."""
    return venue in _FOLDERS


def path(venue: str, name: str, timeframe: str, period: str) -> str:
    """Path of the zip for a period YYYY-MM or YYYY-MM-DD; the name percent-encoded."""
    if venue not in _FOLDERS:
        raise BadInput("This venue publishes no archive.", where=venue, fix="Leave out --source, or write rest.")
    symbol = urllib.parse.quote(name, safe="")
    span = "monthly" if len(period) == 7 else "daily"
    return f"/data/{_FOLDERS[venue]}/{span}/klines/{symbol}/{timeframe}/{symbol}-{timeframe}-{period}.zip"


def request(file: str, *, checksum: bool = False) -> RestRequest:
    """The zip, or its checksum."""
    return RestRequest(path=file + (".CHECKSUM" if checksum else ""), params={}, weight=1)


def parse_checksum(body: bytes, file: str) -> str:
    """The sha256 in lower case; PyroError when the reply is none."""
    found = _CHECKSUM.match(body + b" ")
    if not found:
        raise PyroError("This is not a checksum.", where=file, fix="It is asked for again at the next download.")
    return found[1].decode().lower()


def failure(status: int, body: bytes, headers: dict[str, str]) -> RestFailure:
    """404 = not there yet, or never traded."""
    kind = "missing" if status == 404 else "server" if status >= 500 or status == 408 else "bad_request"
    if status in (429, 503):
        kind = "rate" if status == 429 else "server"
    wait = next((v for k, v in headers.items() if k.lower() == "retry-after"), "")
    text = body[:120].decode("utf-8", "replace").strip() if kind == "bad_request" else ""
    return RestFailure(
        kind=kind, status=status, code=0, text=text, retry_after_s=float(wait) if wait.isdigit() else 5.0
    )


def used_weight(headers: dict[str, str]) -> int | None:
    """There is no budget."""
    return None
