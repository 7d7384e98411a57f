import json

import pytest

from app import workspace as ws


def test_round_trip(tmp_path):
    kept = ws.Workspace(
        geometry=b"\x00\xff",
        layouts={"Trade": b"state"},
        perspective="Research",
        symbol="binance-spot:BTCUSDT",
        tour_seen=True,
    )
    ws.save(tmp_path, kept)
    assert ws.load(tmp_path) == (kept, "")
    assert ws.peek(tmp_path) == (kept, "")
    assert [p.name for p in tmp_path.iterdir()] == ["window.json"]


def test_nothing_there_is_no_error(tmp_path):
    assert ws.load(tmp_path / "none") == (ws.Workspace(), "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 2, "geometry": "***"}',
        '{"version": 2, "symbol": 5}',
        '{"version": 2, "layouts": [1]}',
    ],
)
def test_garbage_is_set_aside_with_a_reason(tmp_path, text):
    ws.path_in(tmp_path).write_text(text, encoding="utf-8")
    assert ws.peek(tmp_path)[0] == ws.Workspace()
    kept, why = ws.load(tmp_path)
    assert kept == ws.Workspace()
    assert "default layout" in why
    assert "window.json.broken" in why
    assert (tmp_path / "window.json.broken").read_text(encoding="utf-8") == text
    assert not ws.path_in(tmp_path).exists()


def test_binary_garbage_and_huge_files_are_refused(tmp_path):
    ws.path_in(tmp_path).write_bytes(b"\xff\xfe\x00" * 100)
    assert ws.load(tmp_path)[1]
    ws.path_in(tmp_path).write_text(json.dumps({"version": 2, "symbol": "x" * ws.MAX_BYTES}), encoding="utf-8")
    assert "too large" in ws.load(tmp_path)[1]


def test_unknown_keys_of_a_later_build_are_ignored(tmp_path):
    ws.path_in(tmp_path).write_text('{"version": 2, "symbol": "s", "new_thing": 3}', encoding="utf-8")
    assert ws.load(tmp_path) == (ws.Workspace(symbol="s"), "")


def test_the_order_of_names_is_kept(tmp_path):
    heights = {"price": 300, "RSI 14": 90, "ATR 14": 80}
    ws.save(tmp_path, ws.Workspace(parts={"chart": {"heights": heights}}))
    assert list(ws.load(tmp_path)[0].parts["chart"]["heights"]) == list(heights)
