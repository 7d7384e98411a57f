import random
import weakref
from dataclasses import dataclass

from engine.contracts.signals import Signal, SignalBatch
from widgets.viewmodels import signals as sg


def make(
    seq, symbol="binance-spot:BTCUSDT", kind="confirmed", side="long", action="entry", bar=0, strategy="rsi", **extra
):
    return Signal(
        strategy=strategy,
        version="abcdef123456",
        params="n=14",
        symbol=symbol,
        timeframe="5m",
        bar_ts=bar * 60_000,
        side=side,
        action=action,
        kind=kind,
        price=100.5,
        event_ms=0,
        received_ns=0,
        emitted_ns=seq * 1_000_000_000,
        seq=seq,
        **extra,
    )


def put(m, signals):
    m.append(SignalBatch.of(signals))


def seqs(m):
    m.refresh()
    return [m.signal(k).seq for k in range(len(m.rows))]


def test_newest_first_and_bounded():
    m = sg.SignalModel(capacity=4)
    put(m, [make(k, bar=k) for k in range(1, 8)])
    assert seqs(m) == [7, 6, 5, 4]


def test_batches_do_not_pile_up_while_nobody_looks():
    m = sg.SignalModel()
    rows = []
    for k in range(1, 1001):
        batch = SignalBatch.of([make(k, bar=k)])
        rows.append(weakref.ref(batch.rows))
        m.append(batch)
    del batch
    assert sum(ref() is not None for ref in rows) <= sg.MOST_WAITING
    assert seqs(m) == list(range(1000, 0, -1))


def test_few_batches_of_many_rows_do_not_pile_up_either():
    m = sg.SignalModel(capacity=2_000)
    rows = []
    for k in range(20):
        batch = SignalBatch.of([make(k * 1_000 + r, bar=k * 1_000 + r) for r in range(1, 1_001)])
        rows.append(weakref.ref(batch.rows))
        m.append(batch)
    del batch
    assert sum(ref() is not None for ref in rows) < sg.MOST_WAITING_ROWS // 1_000
    assert seqs(m) == list(range(20_000, 18_000, -1))


def test_a_page_read_again_adds_nothing():
    m = sg.SignalModel()
    put(m, [make(1), make(2, bar=1)])
    m.refresh()
    put(m, [make(1), make(2, bar=1), make(3, bar=2)])
    assert seqs(m) == [3, 2, 1]


def test_withdrawn_strikes_its_provisional_row_and_adds_none():
    m = sg.SignalModel()
    put(m, [make(1, kind="provisional"), make(2, kind="withdrawn")])
    assert seqs(m) == [1]
    assert m.kind_of(0) == sg.IS_WITHDRAWN


def test_confirmed_marks_its_provisional_row_as_held():
    m = sg.SignalModel()
    put(m, [make(1, kind="provisional"), make(2)])
    assert seqs(m) == [2, 1]
    assert [m.kind_of(0), m.kind_of(1)] == [sg.IS_CONFIRMED, sg.IS_KEPT]


def test_withdrawn_without_its_provisional_row_is_shown_alone():
    m = sg.SignalModel()
    put(m, [make(5, kind="withdrawn")])
    assert seqs(m) == [5]
    assert m.kind_of(0) == sg.IS_WITHDRAWN


def test_withdrawal_of_a_row_that_has_left_the_ring_is_a_row_of_its_own():
    m = sg.SignalModel(capacity=2)
    put(m, [make(1, kind="provisional"), make(2, bar=1), make(3, bar=2), make(4, kind="withdrawn")])
    assert seqs(m) == [4, 3]
    assert m.kind_of(1) == sg.IS_CONFIRMED


def test_frozen_list_keeps_its_rows_and_counts_what_waits():
    m = sg.SignalModel()
    put(m, [make(1), make(2, bar=1)])
    m.refresh()
    m.freeze()
    put(m, [make(3, bar=2), make(4, bar=3)])
    assert seqs(m) == [2, 1]
    assert m.waiting == 2
    m.thaw()
    assert seqs(m) == [4, 3, 2, 1]
    assert m.waiting == 0


def test_filters():
    m = sg.SignalModel()
    put(
        m,
        [
            make(1, "oanda-forex:EUR_USD"),
            make(2, action="exit", bar=1),
            make(3, kind="provisional", bar=2, strategy="macd"),
        ],
    )
    m.set_filter(market="oanda-forex")
    assert seqs(m) == [1]
    m.set_filter(market="", kinds="entries")
    assert seqs(m) == [3, 1]
    m.set_filter(kinds="confirmed")
    assert seqs(m) == [2, 1]
    m.set_filter(kinds="", text="MACD")
    assert seqs(m) == [3]
    m.set_filter(text="nothing")
    assert seqs(m) == []
    assert "3 signals" in m.explain_empty()
    m.set_filter(text="", market="no-such-market")
    assert seqs(m) == []


@dataclass
class Case:
    side: str
    action: str
    word: str


def test_side_words():
    for case in (
        Case("long", "entry", "BUY"),
        Case("short", "entry", "SELL"),
        Case("long", "exit", "EXIT L"),
        Case("short", "exit", "EXIT S"),
    ):
        assert sg.side_word(make(1, side=case.side, action=case.action)) == case.word


def test_marks_stand_beside_the_kind():
    assert sg.kind_words(make(1, late=True, settling=True), sg.IS_CONFIRMED) == "confirmed · late · settling"


def test_short_kind_for_the_column():
    assert sg.kind_short(make(1, late=True), sg.IS_CONFIRMED) == "late"
    assert sg.kind_short(make(1, settling=True), sg.IS_PROVISIONAL) == "provisional*"
    assert sg.kind_short(make(1), sg.IS_KEPT) == "held to close"


def test_text_of_a_row():
    cells = sg.columns_text(make(3), sg.IS_CONFIRMED, 2, 10_000)
    assert cells == ["00:00:03", "BTCUSDT", "SPOT", "5m", "BUY", "rsi", "confirmed", "100.50", "", "", "7 s"]
    assert "abcdef12" in sg.tooltip(make(3), 0, 2)


def test_a_page_that_comes_after_newer_ones_is_put_in_its_place():
    m = sg.SignalModel(capacity=6)
    put(m, [make(1, kind="provisional"), make(2, kind="provisional", bar=1), make(3, kind="withdrawn", bar=1)])
    m.refresh()
    put(m, [make(8, bar=8), make(9, bar=9)])
    m.refill(SignalBatch.of([make(4, bar=4), make(5), make(6, bar=6), make(8, bar=8)]))
    assert seqs(m) == [9, 8, 6, 5, 4, 2]
    assert [m.kind_of(k) for k in range(6)] == [sg.IS_CONFIRMED] * 5 + [sg.IS_WITHDRAWN]
    assert m.last_seq == 9
    put(m, [make(10, bar=10)])
    assert seqs(m) == [10, 9, 8, 6, 5, 4]


def test_a_restated_bar_marks_its_row():
    m = sg.SignalModel()
    put(m, [make(1), make(2, bar=1)])
    m.refresh()
    put(m, [make(1, revised=True)])
    assert seqs(m) == [2, 1]
    assert [m.signal(k).revised for k in range(2)] == [False, True]


def test_equals_one_at_a_time():
    """Random batches through the ring against a list that is kept by hand."""
    rng = random.Random(4)
    for _ in range(5):
        m, rows, open_ = sg.SignalModel(64), [], {}
        seq = 0
        for _ in range(60):
            batch = []
            for _ in range(rng.randrange(6)):
                seq += 1
                key = (rng.randrange(3), rng.choice(["long", "short"]), f"binance-spot:{rng.randrange(3)}")
                if key not in open_:
                    open_[key] = seq
                    batch.append(make(seq, key[2], "provisional", key[1], bar=key[0]))
                elif open_[key] >= 0:
                    kind = rng.choice(["confirmed", "withdrawn"])
                    batch.append(make(seq, key[2], kind, key[1], bar=key[0]))
                    open_[key] = -1
            put(m, batch)
            for s in batch:
                of = [r for r in rows if r[0].key[:-1] == s.key[:-1]]
                if of and s.kind != "provisional":
                    of[0][1] = sg.IS_WITHDRAWN if s.kind == "withdrawn" else sg.IS_KEPT
                if s.kind != "withdrawn" or not of:
                    rows.append([s, {"provisional": sg.IS_PROVISIONAL, "confirmed": sg.IS_CONFIRMED}.get(s.kind, 2)])
            m.refresh()
            shown = [(m.signal(k).seq, m.kind_of(k)) for k in range(len(m.rows))]
            wanted = [(s.seq, kind) for s, kind in reversed(rows)]
            assert shown == wanted
