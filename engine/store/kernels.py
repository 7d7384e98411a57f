"""Kernels of the store: a set of 64-bit keys with open addressing."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _place(table, key):
    """Where the key lies or would lie: linear probing from a mixed start. The table has free places (0)."""
    mixed = key ^ (key >> np.uint64(31))
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    last = np.uint64(table.shape[0] - 1)
    at = mixed & last
    while table[at] != np.uint64(0) and table[at] != key:
        at = (at + np.uint64(1)) & last
    return at


@njit(cache=True, nogil=True)
def add_keys(table, keys, chosen, fresh):
    """Add keys[i] for i in chosen to the set; fresh[i] = it was not there. keys: uint64, never 0; table: uint64[2^k],
    0 = free, with room for all of them. Returns how many were added."""
    added = 0
    for k in range(chosen.shape[0]):
        i = chosen[k]
        at = _place(table, keys[i])
        if table[at] == np.uint64(0):
            table[at] = keys[i]
            fresh[i] = True
            added += 1
        else:
            fresh[i] = False
    return added


@njit(cache=True, nogil=True)
def move_keys(old, table):
    """All keys of one table into a larger one."""
    for i in range(old.shape[0]):
        if old[i] != np.uint64(0):
            table[_place(table, old[i])] = old[i]
