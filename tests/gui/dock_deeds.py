"""`python -m tests.gui.dock_deeds SEED`: eighty random things done to the docks; says "survived" at the end."""

from __future__ import annotations

import os
import random
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QWidget

from app.docks import DockHost
from app.layouts import LAYOUTS

NAMES = (
    "backtest",
    "chart",
    "data",
    "health",
    "jobs",
    "log",
    "runs",
    "signals",
    "sql",
    "strategies",
    "walkforward",
    "watchlist",
    "why",
)


def main(seed: int) -> None:
    app = QApplication([])
    window, body = QMainWindow(), QWidget()
    window.setCentralWidget(body)
    window.resize(1600, 900)
    window.show()
    host = DockHost(body)
    for name in NAMES:
        host.add(name, name, QLabel(name), "chart")
    host.arrange("Trade")
    dice, kept, current = random.Random(seed), {}, "Trade"
    for _ in range(80):
        deed, name = dice.choice(("show", "close", "float", "switch", "arrange")), dice.choice(NAMES)
        if deed == "show":
            host.show(name)
            assert host.is_visible(name), name
        elif deed == "close":
            host._docks[name].closeDockWidget()
        elif deed == "float":
            host._docks[name].setFloating()
        elif deed == "arrange":
            host.arrange(dice.choice(list(LAYOUTS)))
        else:
            kept[current], current = host.save(), dice.choice(list(LAYOUTS))
            if not (current in kept and host.restore(kept[current])):
                host.arrange(current)
        QTest.qWait(2)
    host.arrange("Trade")
    assert host.is_visible("chart")
    assert app is not None
    print("survived", flush=True)
    # as the window does: the process ends without taking the docks apart
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
