"""Numbers of the operations of a history program, shared by its compiler and its interpreter.

Numbers (float64 registers) and conditions (words of bits) are of two kinds of registers.
"""

from __future__ import annotations

#: numbers from numbers, eight bars at once
ADD, SUB, MUL, DIV, MAX, MIN = range(6)
NEG, ABS, SQRT, FLOOR = range(6, 10)
#: scalar functions
EXP, LOG = 10, 11
#: a condition chooses between two numbers
WHERE = 12
#: conditions from numbers
GT, GE = 13, 14
CROSS, STEP = 16, 17
#: conditions from conditions
AND, OR, NOT, EDGE = 18, 19, 20, 21
#: held on at least one of the last bars; on all of them
RECENT, LASTING = 22, 23
#: outputs
STORE, STORE_EDGE, STORE_VALUE = 24, 25, 26
#: numbers from conditions
VALUE_AT, BARS_SINCE, RUN_LENGTH = 27, 28, 29
#: numbers that carry state
LAG, SUM, EXTREMES, LONG_EXTREME, SQUARES, RECUR, PAIR, AGE = 30, 31, 32, 33, 34, 35, 36, 37
DEVIATION, WEIGHTED, ORDER, ANCHORED, GENERATION, CLOCK = 38, 39, 40, 41, 42, 43
#: a value, or a condition, of longer bars brought down to the lane's own
HOLD, HOLD_CONDITION = 44, 45

#: longest window of an extreme that is found by doubling (longer ones by two stacks); windows found together
DOUBLED, TOGETHER = 256, 4
