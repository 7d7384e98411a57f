"""Bars as rows -> columns, one pass over the memory."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def columns_of(bars, length, index, columns):
    """bars CANDLE_DTYPE[n] -> index int64[n] = ts // length, columns float64[6, 1, n], the first five of it: open,
    high, low, close, volume.

    ts >= 0. The next bar is nearly always one length on, so hardly any division is made.
    """
    known = -length
    number = -1
    for i in range(bars.shape[0]):
        row = bars[i]
        ahead = row.ts - known
        if ahead >= length:
            if ahead < 2 * length:
                number += 1
                known += length
            else:
                number = row.ts // length
                known = number * length
        elif ahead < 0:
            number = row.ts // length
            known = number * length
        index[i] = number
        columns[0, 0, i] = row.open
        columns[1, 0, i] = row.high
        columns[2, 0, i] = row.low
        columns[3, 0, i] = row.close
        columns[4, 0, i] = row.volume
