"""A refresh of the watchlist with 1,000 rows that all change: quotes in, order, repaint of the visible rows, in ms."""

from __future__ import annotations

import os
import statistics
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication

from engine.contracts.dtypes import QUOTE_DTYPE, STATE_LIVE
from engine.contracts.instruments import Instrument
from widgets import theme
from widgets.viewmodels.watchlist import WatchlistModel
from widgets.watchlist import WatchlistPanel

ROWS, REFRESHES, LIMIT_MS = 1_000, 120, 7.0


def run() -> dict[str, Any]:
    """value: median ms of one refresh, the arrival of 1,000 changed quotes included."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.install(app, theme.DARK)
    now = [1_790_000_000_000]
    model = WatchlistModel()
    panel = WatchlistPanel(model, lambda: now[0])
    panel.resize(430, 900)
    model.load([_instrument(k) for k in range(ROWS)])
    rng = np.random.default_rng(5)
    price = np.exp(rng.normal(3, 1.5, ROWS))
    closes = np.cumsum(rng.normal(0, 1, (ROWS, 40)), axis=1).astype("<f4")
    model.apply_sparks(np.arange(ROWS, dtype="<i4").tobytes(), 40, closes.tobytes())
    panel.show()
    panel.reload()
    app.processEvents()
    taken = []
    clock = QElapsedTimer()
    for _ in range(REFRESHES):
        price *= 1 + rng.normal(0, 0.001, ROWS)
        block = _quotes(price, now[0])
        now[0] += 100
        clock.start()
        model.apply_quotes(block, now[0])
        panel.refresh()
        panel.table.viewport().repaint()
        taken.append(clock.nsecsElapsed() / 1e6)
    first, last = panel.table.visible_rows()
    panel.close()
    panel.deleteLater()
    ordered = sorted(taken[20:])
    return {
        "name": "watchlist",
        "value": round(statistics.median(ordered), 2),
        "unit": "ms",
        "limit": LIMIT_MS,
        "p90": round(ordered[int(len(ordered) * 0.9)], 2),
        "rows": ROWS,
        "visible_rows": last - first,
    }


def _instrument(k: int) -> Instrument:
    name = f"{chr(65 + k % 26)}{chr(65 + k // 26 % 26)}{k}USDT"
    return Instrument(market="binance-spot", name=name, base=name[:-4], quote="USDT", tick_size=0.001, lot_size=0.1)


def _quotes(price: np.ndarray, now: int) -> bytes:
    block = np.zeros(ROWS, dtype=QUOTE_DTYPE)
    block["id"], block["last"], block["open24"] = np.arange(ROWS), price, price.mean()
    block["volume24"], block["state"], block["ts"] = price * 1e5, STATE_LIVE, now
    return block.tobytes()
