"""The guards themselves: each kind of leak fails the test that makes it, and an ordinary test passes."""

from __future__ import annotations

import logging

import pytest

CONFTEST = "from tests.conftest import *  # noqa: F403\n"
LEAKS = {
    "thread": (
        "from threading import Event, Thread\ndef test_it():\n"
        "    Thread(target=Event().wait, daemon=True, name='thread-1').start()"
    ),
    "socket": "import socket\ndef test_it():\n    global s\n    s = socket.create_server(('127.0.0.1', 0))",
    "widget": "def test_it(qapp):\n    global w\n    from PySide6.QtWidgets import QLabel\n    w = QLabel('x')",
    "timer": (
        "def test_it(qapp):\n    from PySide6.QtCore import QTimer\n    t = QTimer(qapp)\n    t.start(60_000)\n"
        "def test_next():\n    pass"
    ),
    "task": "import asyncio\nasync def test_it():\n    asyncio.get_running_loop().create_task(asyncio.sleep(60))",
    "log": "import logging\ndef test_it(expected_log):\n    logging.getLogger('x').warning('boo')",
}
CLEAN = """
import asyncio, logging, threading

def test_thread():
    t = threading.Thread(target=lambda: None); t.start(); t.join()

async def test_task():
    await asyncio.create_task(asyncio.sleep(0))

def test_widget(qtbot):
    from PySide6.QtWidgets import QLabel
    qtbot.addWidget(QLabel("x"))

def test_log(expected_log):
    expected_log.add("disk")
    logging.getLogger("x").warning("the disk is full")
    logging.getLogger("x").info("nothing")
"""


def run(pytester: pytest.Pytester, text: str) -> pytest.RunResult:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(text)
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\nasyncio_mode = 'auto'\n")
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", timeout=60)


@pytest.mark.parametrize("kind", LEAKS)
def test_each_leak_fails(pytester, kind, monkeypatch, request):
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))
    result = run(pytester, LEAKS[kind])
    result.stdout.fnmatch_lines(["*left behind: *" + kind + "*" if kind != "log" else "*unexpected log lines: x: boo*"])
    assert result.ret == 1


def test_clean_tests_pass(pytester, monkeypatch, request):
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))
    run(pytester, CLEAN).assert_outcomes(passed=4)


def test_long_tests_wait_for_the_option(pytester, monkeypatch, request):
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))
    text = "import pytest\n@pytest.mark.long\ndef test_it():\n    pass"
    run(pytester, text).assert_outcomes(skipped=1)
    assert pytester.runpytest_subprocess("-q", "--long", timeout=60).ret == 0


def test_stray_records_are_warnings_without_an_expected_part():
    from tests.leaks import stray_records

    make = logging.LogRecord
    records = [make("a", logging.WARNING, "", 0, "one", (), None), make("b", logging.INFO, "", 0, "two", (), None)]
    assert stray_records(records, {"other"}) == ["a: one"]
    assert stray_records(records, {"on"}) == []
