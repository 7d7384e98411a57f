"""The rules of a bar as numba kernels. resample() is the batch side, apply_ticks() and fill_row() the live side; both
add the minutes of a bucket one after the other from its first, so they agree bit for bit at every prefix."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.candles import types as t_
from engine.contracts.dtypes import KLINE_FINAL, KLINE_RUNNING, TRADE

MINUTE = 60_000
#: below this a float times a power of ten still names its whole number of steps without doubt
_EXACT = 2.0**51


@njit(cache=True, nogil=True)
def round_to_step(x, k, p):
    """x to the nearest multiple of the step k / p (both whole numbers, p a power of ten), half to even.

    count * k / p divides two exact integers, so the result is the float nearest to the decimal: a decimal on the step
    survives unchanged. k = 0 means no step. Beyond 2**51 steps of 1/p a float cannot resolve the step; x is kept.
    """
    if k == 0.0:
        return x
    scaled = x * p
    if abs(scaled) >= _EXACT:
        return x
    return np.rint(scaled / k) * k / p


@njit(cache=True, nogil=True)
def resample(ts, open_, high, low, close, volume, length):
    """Bars of `length` ms from 1-minute bars (n, ts strictly increasing on whole minutes).

    Returns (ts, open, high, low, close, volume, complete, closed_at), one entry a bucket that has a minute. complete:
    its last minute is there or a minute of a later bucket is. closed_at: index of the minute whose final closes the
    bar, n where incomplete. Volume is summed in order from the bucket's first minute.
    """
    n = len(ts)
    m = 0
    end = -1
    for i in range(n):
        if i == 0 or ts[i] >= end:
            end = ts[i] - ts[i] % length + length
            m += 1
    r_ts = np.empty(m, np.int64)
    r = np.empty((5, m), np.float64)
    complete = np.ones(m, np.bool_)
    closed_at = np.empty(m, np.int64)
    j = -1
    for i in range(n):
        if j < 0 or ts[i] >= end:
            if j >= 0 and closed_at[j] == n:
                closed_at[j] = i
            j += 1
            r_ts[j] = ts[i] - ts[i] % length
            end = r_ts[j] + length
            closed_at[j] = n
            r[0, j] = open_[i]
            r[1, j] = high[i]
            r[2, j] = low[i]
            r[3, j] = close[i]
            r[4, j] = volume[i]
        else:
            r[1, j] = max(r[1, j], high[i])
            r[2, j] = min(r[2, j], low[i])
            r[3, j] = close[i]
            r[4, j] += volume[i]
        if ts[i] + MINUTE == end:
            closed_at[j] = i
    if m > 0:
        complete[m - 1] = closed_at[m - 1] < n
    return r_ts, r[0], r[1], r[2], r[3], r[4], complete, closed_at


@njit(cache=True, nogil=True)
def first_disorder(ts):
    """Index of the first entry that is not above its predecessor, -1 when strictly increasing."""
    for i in range(1, len(ts)):
        if ts[i] <= ts[i - 1]:
            return i
    return -1


@njit(cache=True, nogil=True)
def _valid(o, h, lo, c, v):
    return o > 0.0 and h > 0.0 and lo > 0.0 and c > 0.0 and v >= 0.0 and o + h + lo + c + v < math.inf


@njit(cache=True, nogil=True)
def _rounded(s, m):
    """Open, high, low, close on the tick size, volume on the lot size."""
    return (
        round_to_step(m.open, s.price_k, s.price_p),
        round_to_step(m.high, s.price_k, s.price_p),
        round_to_step(m.low, s.price_k, s.price_p),
        round_to_step(m.close, s.price_k, s.price_p),
        round_to_step(m.volume, s.lot_k, s.lot_p),
    )


@njit(cache=True, nogil=True)
def _start(bar, ts, o, h, lo, c, v):
    bar.ts = ts
    bar.open = o
    bar.high = h
    bar.low = lo
    bar.close = c
    bar.volume = v


@njit(cache=True, nogil=True)
def _extend(bar, h, lo, c, v):
    bar.high = max(bar.high, h)
    bar.low = min(bar.low, lo)
    bar.close = c
    bar.volume += v


@njit(cache=True, nogil=True)
def _emit(b, r, tf, bar, event, recv, flags, minute, phase):
    """Append a closed bar. The key orders the block by minute, then phase (bars that a hole had kept open, regular
    ones, revisions), then the longest timeframe first."""
    i = b.counters[t_.C_CLOSED]
    o = b.out[i]
    o.row = r
    o.tf = tf
    o.ts = bar.ts
    o.open = bar.open
    o.high = bar.high
    o.low = bar.low
    o.close = bar.close
    o.volume = bar.volume
    o.event_ms = event
    o.recv_ns = recv
    o.flags = flags
    place = 0
    for j in range(len(b.order)):
        if b.order[j] == tf:
            place = j
    b.keys[i] = (minute // MINUTE) * 64 + phase * 16 + place
    b.counters[t_.C_CLOSED] = i + 1


@njit(cache=True, nogil=True)
def _release(b, r, ts, o, h, lo, c, v, event, recv, flags, stored_event, emit):
    """The next final minute of a row, in order: into the ring, into every forming bar, and out what it closes."""
    s = b.rows[r]
    for tf in range(len(b.lengths)):
        bar = b.forming[r, tf]
        bucket = ts - ts % b.lengths[tf]
        if bar.ts != t_.NONE and bar.ts != bucket:
            if emit:
                _emit(b, r, tf, bar, event, recv, flags, ts, 0)
            bar.ts = t_.NONE
        if bar.ts == t_.NONE:
            _start(bar, bucket, o, h, lo, c, v)
        else:
            _extend(bar, h, lo, c, v)
        if ts + MINUTE == bucket + b.lengths[tf]:
            if emit:
                _emit(b, r, tf, bar, event, recv, flags, ts, 1)
            bar.ts = t_.NONE
    slot = b.ring[r, (ts // MINUTE) % b.ring.shape[1]]
    _start(slot, ts, o, h, lo, c, v)
    slot.event_ms = stored_event
    if s.first_ts == t_.NONE:
        s.first_ts = ts
    s.last_ts = ts
    s.next_ts = max(s.next_ts, ts + MINUTE)
    s.seen_to = max(s.seen_to, ts + MINUTE)
    if s.run_ts <= ts:
        s.run_ts = t_.NONE
    s.dirty = 1


@njit(cache=True, nogil=True)
def _restate(b, r, ts, o, h, lo, c, v, event, recv, flags, stored_event):
    """A final at or before the newest one. Equal: a duplicate. Different and not older: a revision of every timeframe's
    bar it belongs to, rebuilt from the ring. Before the ring: too old to judge."""
    s = b.rows[r]
    size = b.ring.shape[1]
    ring_from = s.last_ts - (size - 1) * MINUTE
    slot = b.ring[r, (ts // MINUTE) % size]
    if ts < max(ring_from, s.first_ts) or (slot.ts == ts and stored_event < slot.event_ms):
        b.counters[t_.C_STALE] += 1
        return
    same = slot.open == o and slot.high == h and slot.low == lo and slot.close == c and slot.volume == v
    if slot.ts == ts and same:
        b.counters[t_.C_DUPLICATES] += 1
        slot.event_ms = stored_event
        return
    _start(slot, ts, o, h, lo, c, v)
    slot.event_ms = stored_event
    b.counters[t_.C_REVISIONS] += 1
    s.dirty = 1
    for tf in range(len(b.lengths)):
        bucket = ts - ts % b.lengths[tf]
        if bucket < ring_from and s.first_ts < ring_from:
            b.counters[t_.C_UNREBUILT] += 1
        else:
            _rebuild(b, r, tf, bucket, event, recv, flags)


@njit(cache=True, nogil=True)
def _rebuild(b, r, tf, bucket, event, recv, flags):
    """One bar again from the ring: the forming one in place, a closed one as a revision."""
    s = b.rows[r]
    bar = b.forming[r, tf]
    ts, o, h, lo, c, v = bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume
    bar.ts = t_.NONE
    for minute in range(bucket, min(bucket + b.lengths[tf], s.last_ts + MINUTE), MINUTE):
        m = b.ring[r, (minute // MINUTE) % b.ring.shape[1]]
        if m.ts == minute:
            if bar.ts == t_.NONE:
                _start(bar, bucket, m.open, m.high, m.low, m.close, m.volume)
            else:
                _extend(bar, m.high, m.low, m.close, m.volume)
    if ts != bucket:
        _emit(b, r, tf, bar, event, recv, flags | t_.REVISION, s.last_ts, 2)
        _start(bar, ts, o, h, lo, c, v)


@njit(cache=True, nogil=True)
def _hold(b, r, ts, o, h, lo, c, v, event, recv):
    """Keep a final behind the gap, sorted by ts, the newer one of two for the same minute. A full hold is emptied: the
    gap stays and its fill brings these bars too, since seen_to remembers that they exist."""
    s = b.rows[r]
    held = b.held[r]
    i = s.held
    while i > 0 and held[i - 1].ts >= ts:
        i -= 1
    if i < s.held and held[i].ts == ts:
        if event < held[i].event_ms:
            b.counters[t_.C_STALE] += 1
            return
    elif s.held == len(held):
        b.counters[t_.C_OVERFLOW] += s.held + 1
        b.counters[t_.C_HELD] -= s.held
        s.held = 0
        return
    else:
        for j in range(s.held, i, -1):
            held[j] = held[j - 1]
        s.held += 1
        b.counters[t_.C_HELD] += 1
    _start(held[i], ts, o, h, lo, c, v)
    held[i].event_ms = event
    held[i].recv_ns = recv


@njit(cache=True, nogil=True)
def _drop_held(b, r, count):
    s = b.rows[r]
    held = b.held[r]
    for j in range(count, s.held):
        held[j - count] = held[j]
    s.held -= count
    b.counters[t_.C_HELD] -= count


@njit(cache=True, nogil=True)
def _release_held(b, r, before):
    """Release the held minutes that open before `before`; a minute missing between them is a hole."""
    s = b.rows[r]
    done = 0
    while done < s.held and b.held[r, done].ts < before:
        m = b.held[r, done]
        if m.ts > s.last_ts:
            if s.next_ts != t_.NONE and m.ts > s.next_ts:
                b.counters[t_.C_HOLES] += (m.ts - s.next_ts) // MINUTE
            o, h, lo, c, v, event = m.open, m.high, m.low, m.close, m.volume, m.event_ms
            _release(b, r, m.ts, o, h, lo, c, v, event, m.recv_ns, t_.HELD, event, True)
        done += 1
    _drop_held(b, r, done)


@njit(cache=True, nogil=True)
def _release_ready(b, r):
    """Release held minutes as long as each is the next one; nothing while the row is marked."""
    s = b.rows[r]
    while s.marked == 0 and s.held > 0 and (s.next_ts == t_.NONE or b.held[r, 0].ts <= s.next_ts):
        _release_held(b, r, b.held[r, 0].ts + 1)


@njit(cache=True, nogil=True)
def _set_running(s, ts, o, h, lo, c, v, last_id, event):
    s.run_ts = ts
    s.run_open = o
    s.run_high = h
    s.run_low = lo
    s.run_close = c
    s.run_volume = v
    s.run_id = last_id
    s.run_event = event
    s.dirty = 1


@njit(cache=True, nogil=True)
def _apply_final(b, r, ts, o, h, lo, c, v, t):
    s = b.rows[r]
    if ts <= s.last_ts:
        _restate(b, r, ts, o, h, lo, c, v, t.event_ms, t.recv_ns, 0, t.event_ms)
        return
    if s.marked == 0 and (s.next_ts == t_.NONE or ts <= s.next_ts):
        _release(b, r, ts, o, h, lo, c, v, t.event_ms, t.recv_ns, 0, t.event_ms, True)
        _release_ready(b, r)
        return
    if s.marked == 0 and s.held == 0:
        b.counters[t_.C_GAPS] += 1
    s.seen_to = max(s.seen_to, ts + MINUTE)
    if ts >= s.run_ts:
        _set_running(s, ts, o, h, lo, c, v, t.last_id, t.event_ms)
    _hold(b, r, ts, o, h, lo, c, v, t.event_ms, t.recv_ns)


@njit(cache=True, nogil=True)
def _apply_running(b, r, ts, o, h, lo, c, v, t):
    s = b.rows[r]
    if ts < s.next_ts or ts < s.run_ts or (ts == s.run_ts and t.event_ms < s.run_event):
        b.counters[t_.C_STALE] += 1
        return
    _set_running(s, ts, o, h, lo, c, v, t.last_id, t.event_ms)
    s.seen_to = max(s.seen_to, ts)


@njit(cache=True, nogil=True)
def _apply_trade(b, r, ts, o, h, lo, c, v, t):
    """Trades above the last id extend the minute; where an aggregate straddles that id its prices count but not its
    volume (the next kline brings it). Without ids the exchange's stamp decides."""
    s = b.rows[r]
    if ts < s.next_ts or ts < s.run_ts:
        b.counters[t_.C_STALE] += 1
        return
    s.seen_to = max(s.seen_to, ts)
    if ts > s.run_ts:
        _set_running(s, ts, o, h, lo, c, v, t.last_id, t_.NONE)
        return
    known = s.run_id != t_.NONE and t.last_id != t_.NONE
    if (known and t.last_id <= s.run_id) or (not known and t.event_ms <= s.run_event):
        b.counters[t_.C_STALE] += 1
        return
    s.run_high = max(s.run_high, h)
    s.run_low = min(s.run_low, lo)
    s.run_close = c
    if not known or t.first_id > s.run_id:
        s.run_volume += v
    s.run_id = max(s.run_id, t.last_id)
    s.dirty = 1


@njit(cache=True, nogil=True)
def apply_ticks(b, ticks):
    """Apply TICK_DTYPE rows in order. The output block must have room for 2 k (ticks + held) more entries."""
    for i in range(len(ticks)):
        t = ticks[i]
        b.counters[t_.C_TICKS] += 1
        r = t.row
        ts = t.ts - t.ts % MINUTE
        misplaced = ts < 0 or (t.event_ms > 0 and ts > t.event_ms) or r < 0 or r >= len(b.rows) or t.kind > TRADE
        if misplaced or not _valid(t.open, t.high, t.low, t.close, t.volume):
            b.counters[t_.C_INVALID] += 1
            continue
        o, h, lo, c, v = _rounded(b.rows[r], t)
        if t.kind == KLINE_FINAL:
            _apply_final(b, r, ts, o, h, lo, c, v, t)
        elif t.kind == KLINE_RUNNING:
            _apply_running(b, r, ts, o, h, lo, c, v, t)
        else:
            _apply_trade(b, r, ts, o, h, lo, c, v, t)


@njit(cache=True, nogil=True)
def fill_row(b, r, candles, checked_to):
    """REST's answer for one row: final CANDLE_DTYPE minutes, ts increasing; every minute before checked_to that is
    neither among them nor held does not exist. Then what was held is released."""
    s = b.rows[r]
    for i in range(len(candles)):
        m = candles[i]
        if not _valid(m.open, m.high, m.low, m.close, m.volume):
            b.counters[t_.C_INVALID] += 1
            continue
        ts = m.ts - m.ts % MINUTE
        o, h, lo, c, v = _rounded(s, m)
        close_ms = ts + MINUTE
        stored = max(close_ms, checked_to)
        _release_held(b, r, ts)
        if ts <= s.last_ts:
            _restate(b, r, ts, o, h, lo, c, v, close_ms, 0, t_.BACKFILLED, stored)
            continue
        if s.next_ts != t_.NONE and ts > s.next_ts:
            b.counters[t_.C_HOLES] += (ts - s.next_ts) // MINUTE
        _release(b, r, ts, o, h, lo, c, v, close_ms, 0, t_.BACKFILLED, stored, True)
        b.counters[t_.C_BACKFILLED] += 1
        if s.held > 0 and b.held[r, 0].ts == ts:
            _drop_held(b, r, 1)
    border = checked_to - checked_to % MINUTE
    _release_held(b, r, border)
    if s.next_ts != t_.NONE and border > s.next_ts:
        b.counters[t_.C_HOLES] += (border - s.next_ts) // MINUTE
        s.next_ts = border
    if s.run_ts < s.next_ts:
        s.run_ts = t_.NONE
    if s.asked:
        s.marked = 0
        s.asked = 0
    _release_ready(b, r)


@njit(cache=True, nogil=True)
def seed_row(b, r, candles):
    """History of one row, as it is stored: nothing is given out, the forming bars are left as the live book would."""
    s = b.rows[r]
    s.next_ts = t_.NONE
    s.last_ts = t_.NONE
    s.first_ts = t_.NONE
    # a question asked while there was no history names no start: what is missing after this history is asked anew
    s.asked = 0
    for i in range(b.ring.shape[1]):
        b.ring[r, i].ts = t_.NONE
    for tf in range(len(b.lengths)):
        b.forming[r, tf].ts = t_.NONE
    for i in range(len(candles)):
        m = candles[i]
        ts = m.ts - m.ts % MINUTE
        _release(b, r, ts, m.open, m.high, m.low, m.close, m.volume, ts + MINUTE, 0, 0, ts + MINUTE, False)
    _release_ready(b, r)


@njit(cache=True, nogil=True)
def wanted(b, server_ms, settle_ms, out):
    """Rows that need REST, into out (FILL_DTYPE[n]); returns how many. A mark on a row whose next minute is not over
    yet needs nothing: klines are cumulative, so no bar is missing, and it is lifted."""
    now = server_ms - server_ms % MINUTE
    to_ms = server_ms - settle_ms
    to_ms -= to_ms % MINUTE
    count = 0
    for r in range(len(b.rows)):
        s = b.rows[r]
        if s.asked:
            continue
        if s.marked and s.next_ts != t_.NONE and s.next_ts >= now:
            s.marked = 0
            _release_ready(b, r)
        limit = to_ms if s.marked else min(to_ms, s.seen_to)
        if (s.marked and s.next_ts == t_.NONE) or (s.next_ts != t_.NONE and s.next_ts < limit):
            s.asked = 1
            out[count].row = r
            out[count].from_ms = s.next_ts
            out[count].to_ms = to_ms
            count += 1
    return count


@njit(cache=True, nogil=True)
def running_bars(b, lanes, out):
    """Running bars of lanes = row * k + tf into out (CANDLE_DTYPE): the closed minutes of the bucket and the running
    minute; ts -1 and nan where there is none."""
    k = len(b.lengths)
    for i in range(len(lanes)):
        r = lanes[i] // k
        tf = lanes[i] % k
        s = b.rows[r]
        bar = b.forming[r, tf]
        bucket = bar.ts if s.run_ts == t_.NONE else s.run_ts - s.run_ts % b.lengths[tf]
        o, h, lo, c, v = bar.open, bar.high, bar.low, bar.close, bar.volume
        if bucket == t_.NONE:
            o, h, lo, c, v = math.nan, math.nan, math.nan, math.nan, math.nan
        elif bar.ts != bucket:
            o, h, lo, c, v = s.run_open, s.run_high, s.run_low, s.run_close, s.run_volume
        elif s.run_ts != t_.NONE:
            h, lo, c, v = max(h, s.run_high), min(lo, s.run_low), s.run_close, v + s.run_volume
        row = out[i]
        row.ts = bucket
        row.open = o
        row.high = h
        row.low = lo
        row.close = c
        row.volume = v
