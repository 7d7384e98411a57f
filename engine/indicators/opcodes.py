"""Numbers of the machine's operations, shared by the compiler and the interpreter kernel."""

from __future__ import annotations

NEG, ABS, SQRT, EXP, LOG, NOT, FLOOR = range(7)
ADD, SUB, MUL, DIV, MIN, MAX, GT, GE, AND, OR = range(10, 20)
WHERE = 20
CLOCK = 21
LAG, RECUR, SUM, EXTREME, SQUARES, RUN, CROSS, EDGE = range(30, 38)
#: two recursions side by side: destinations in dst and c, inputs in a and b
PAIR = 38
#: windows: weighted sum, age of an extreme, rank, quantile, mean distance from a level
WEIGHTED, AGE, RANK, QUANTILE, DEVIATION = range(60, 65)
#: events
ANCHORED, VALUE_AT, BARS_SINCE, RUN_LENGTH = range(70, 74)
#: recursions in two generations
ADAPTIVE, FILTER2, RATCHET, RATCHET_SIDE, SAR, SAR_SIDE, REVERSAL, REVERSAL_EXTREME = range(80, 88)
#: a value of longer bars, brought down to the lane's own
HOLD = 90
STORE_CONDITION, STORE_VALUE = 50, 51

#: slots of a frame: number of the bucket, how much of it is known, its columns; columns of `Program.sections`
FRAME_SLOTS = 8
SECTION_FRAME, SECTION_FROM, SECTION_TO, SECTION_STATE, SECTION_INPUTS_FROM, SECTION_INPUTS_TO = range(6)

#: what a CLOCK says, and when its trading day ends
CLOCKS = {
    "minute": 0,
    "hour": 1,
    "weekday": 2,
    "day": 3,
    "month": 4,
    "days_left": 5,
    "day_number": 6,
    "week_number": 7,
    "tokyo": 8,
    "london": 9,
    "new_york": 10,
}
DAYS = {"utc": 0, "new_york": 1}

#: state slots before the window of a SUM, EXTREME (boundary, count, prefix) and SQUARES (..., mean, squares)
WINDOW_HEAD, SQUARES_HEAD = 3, 4
#: slots before the buffer of a WEIGHTED (boundary, count, p, q) and the ring of an AGE (oldest, whole, age, best)
WEIGHTED_HEAD, AGE_HEAD = 4, 4
#: slots of a RECUR: boundary, old value, old count, young value, young count
RECUR_SLOTS = 5

BY_NAME = {
    "add": ADD,
    "sub": SUB,
    "mul": MUL,
    "div": DIV,
    "neg": NEG,
    "abs": ABS,
    "min": MIN,
    "max": MAX,
    "sqrt": SQRT,
    "exp": EXP,
    "log": LOG,
    "gt": GT,
    "ge": GE,
    "and": AND,
    "or": OR,
    "not": NOT,
    "where": WHERE,
    "lag": LAG,
    "recur": RECUR,
    "sum": SUM,
    "extreme": EXTREME,
    "squares": SQUARES,
    "run": RUN,
    "cross": CROSS,
    "edge": EDGE,
    "floor": FLOOR,
    "clock": CLOCK,
    "weighted": WEIGHTED,
    "age": AGE,
    "rank": RANK,
    "quantile": QUANTILE,
    "deviation": DEVIATION,
    "anchored": ANCHORED,
    "value_at": VALUE_AT,
    "bars_since": BARS_SINCE,
    "run_length": RUN_LENGTH,
    "adaptive": ADAPTIVE,
    "filter2": FILTER2,
    "ratchet": RATCHET,
    "ratchet_side": RATCHET_SIDE,
    "sar": SAR,
    "sar_side": SAR_SIDE,
    "reversal": REVERSAL,
    "reversal_extreme": REVERSAL_EXTREME,
    "hold": HOLD,
}
