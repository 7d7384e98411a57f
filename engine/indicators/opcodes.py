"""Numbers of the machine's operations, shared by the compiler and the interpreter kernel."""

from __future__ import annotations

NEG, ABS, SQRT, EXP, LOG, NOT = range(6)
ADD, SUB, MUL, DIV, MIN, MAX, GT, GE, AND, OR = range(10, 20)
WHERE = 20
LAG, RECUR, SUM, EXTREME, SQUARES, RUN, CROSS, EDGE = range(30, 38)
#: two recursions side by side: destinations in dst and c, inputs in a and b
PAIR = 38
STORE_CONDITION, STORE_VALUE = 50, 51

#: state slots before the window of a SUM, EXTREME (boundary, count, prefix) and SQUARES (..., mean, squares)
WINDOW_HEAD, SQUARES_HEAD = 3, 4
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
}
