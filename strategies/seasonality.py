"""Seasonality and session: the hour, the weekday, the month. Hours are UTC; days are the market's trading days."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    SMA,
    Strategy,
    abs_,
    becomes,
    close,
    day,
    day_high,
    day_low,
    days_left,
    high,
    highest,
    hour,
    log,
    low,
    lowest,
    max_,
    mean,
    minute,
    month,
    param,
    prev_day_close,
    prev_day_open,
    run_length,
    stdev,
    tf,
    time_between,
    value_at,
    week_high,
    week_low,
    weekday,
)

_evening = time_between(20, 21)
_daily_range = tf("1d", mean(high - low, 5))


def _asian_box() -> Strategy:
    w = param("w", 0.6, grid=[0.4, 0.5, 0.6, 0.8])
    t = param("t", 1, grid=[0.75, 1, 1.5, 2])
    box = day_high - day_low
    ready = time_between(7, 8) & (box < w * _daily_range)
    return Strategy(
        id="asian_box",
        title="Asian box, London break",
        family="seasonality",
        idea="Where the range until 07:00 is small beside a usual day, stop orders at both its ends until noon.",
        source="practice",
        timeframe="15m",
        long_entry=ready,
        long_entry_stop=day_high,
        long_exit=_evening,
        short_entry=ready,
        short_entry_stop=day_low,
        short_exit=_evening,
        entry_valid=16,
        stop=box,
        target=t * box,
    )


def _first_half_hour() -> Strategy:
    k = param("k", 1, grid=[0, 1, 2, 4])
    start = param("start", 18, grid=[17, 18, 18.5, 19])
    last_close = value_at(becomes(hour >= 20), close[1], 500)
    move = value_at(becomes((hour >= 14) & (hour < 20)), close[1] - last_close, 500)
    last_hours = (minute >= 60 * start) & (hour < 20)
    return Strategy(
        id="first_half_hour",
        title="First half-hour predicts the last",
        family="seasonality",
        idea="The move from last evening to half an hour into the New York day is followed in its last hours.",
        source="Gao, Han, Li & Zhou 2018",
        timeframe="15m",
        long_entry=last_hours & (move > k * ATR(14)),
        long_exit=_evening,
        short_entry=last_hours & (move < -k * ATR(14)),
        short_exit=_evening,
    )


def _turn_of_month() -> Strategy:
    d = param("d", 3, grid=[1, 2, 3, 4])
    e = param("e", 3, grid=[2, 3, 4, 5])
    return Strategy(
        id="turn_of_month",
        title="Turn of the month",
        family="seasonality",
        idea="Long from the evening of the d-th last day of the month to the evening of day e of the next.",
        source="Ariel 1987; Lakonishok & Smidt 1988",
        timeframe="1h",
        direction="long",
        long_entry=(days_left < d) & (hour >= 19),
        long_exit=(day >= e) & (day < 15) & (hour >= 19),
    )


def _weekday_tilt() -> Strategy:
    w = param("w", 1, grid=[1, 2, 3, 4, 5])
    h0 = param("h0", 8, grid=[0, 8])
    side = param("side", 1, grid=[1, -1])
    at = (weekday >= w) & (weekday <= w) & (hour >= h0) & (hour < h0 + 2)
    return Strategy(
        id="weekday_tilt",
        title="Weekday tilt after a down day",
        family="seasonality",
        idea="On one weekday go against the day before (side 1) or with it (side -1) and hold 24 bars.",
        source="French 1980 (weekday effect); rule: practice",
        timeframe="1h",
        long_entry=at & (side * (prev_day_close - prev_day_open) < 0),
        short_entry=at & (side * (prev_day_close - prev_day_open) > 0),
        time_stop=24,
    )


def _home_hours() -> Strategy:
    start = param("start", 7, grid=[6, 7, 8, 9])
    length = param("length", 6, grid=[4, 5, 6, 7])
    home = (minute >= 60 * start) & (minute < 60 * (start + length)) & (weekday < 6)
    away = (minute >= 60 * (start + 7)) & (minute < 60 * (start + 7 + length)) & (weekday < 6)
    return Strategy(
        id="home_hours",
        title="Drift of the home hours",
        family="seasonality",
        idea="Short the base currency in Europe's working hours, long in America's, seven hours later; flat elsewhere.",
        source="Breedon & Ranaldo 2013",
        timeframe="15m",
        long_entry=away,
        long_exit=~away,
        short_entry=home,
        short_exit=~home,
    )


def _same_slot() -> Strategy:
    s = param("s", 1, grid=[1, 2, 3, 4])
    k = param("k", 2.5, grid=[1.5, 2, 2.5, 3])
    moved = log(close / close[s])
    day_1 = moved[24 - s]
    day_2 = day_1[24]
    day_3 = day_2[24]
    day_4 = day_3[24]
    mean_move = 0.2 * (day_1 + day_2 + day_3 + day_4 + day_4[24])
    return Strategy(
        id="same_slot",
        title="Same slot on earlier days",
        family="seasonality",
        idea="On the last five days price went one way in the bars that come now: hold that way through them.",
        source="Heston, Korajczyk & Sadka 2010 (there across stocks)",
        timeframe="1h",
        long_entry=mean_move > k * 0.4472 * stdev(moved, 50),
        short_entry=mean_move < -k * 0.4472 * stdev(moved, 50),
        time_stop=s,
    )


def _overnight_fade() -> Strategy:
    a = param("a", 0.1, grid=[0.05, 0.1, 0.15, 0.2])
    b = param("b", 0.6, grid=[0.3, 0.4, 0.6, 0.9])
    gap, opening = close - prev_day_close, time_between(8, 8.5)
    return Strategy(
        id="overnight_fade",
        title="Overnight gap fade",
        family="seasonality",
        idea="London opens away from yesterday's close, neither near nor far: fade it to that close until noon.",
        source="practice (opening gap fade; the night's move in place of a gap)",
        timeframe="15m",
        long_entry=opening & (-gap > a * _daily_range) & (-gap < b * _daily_range),
        long_exit=time_between(12, 13),
        short_entry=opening & (gap > a * _daily_range) & (gap < b * _daily_range),
        short_exit=time_between(12, 13),
        long_stop=-gap,
        short_stop=gap,
        long_target=-gap,
        short_target=gap,
    )


def _momentum_pinball() -> Strategy:
    x = param("x", 30, grid=[20, 25, 30, 35])
    first = param("first", 4, grid=[2, 4, 6, 8])
    turn = close - 2 * close[1] + close[2]
    daily = tf("1d", 100 * mean(max_(turn, 0), 3) / mean(abs_(turn), 3))
    ready = run_length(hour >= 7, 20) >= first
    return Strategy(
        id="momentum_pinball",
        title="Momentum Pinball",
        family="seasonality",
        idea="The RSI of yesterday's change is low: buy by stop over the first bars of the London morning.",
        source="Connors & Raschke 1995; RSI with plain means (Cutler)",
        timeframe="15m",
        long_entry=ready & (hour < 12) & (daily < x),
        long_entry_stop=highest(high, first),
        long_exit=_evening,
        short_entry=ready & (hour < 12) & (daily > 100 - x),
        short_entry_stop=lowest(low, first),
        short_exit=_evening,
        entry_valid=16,
        stop=highest(high, first) - lowest(low, first),
    )


def _winter_half() -> Strategy:
    begin = param("begin", 11, grid=[9, 10, 11, 12])
    n = param("n", 100, grid=[50, 100, 150, 200])
    winter = (month >= begin) | (month < begin - 6)
    return Strategy(
        id="winter_half",
        title="Winter half-year with a trend check",
        family="seasonality",
        idea="Long in the winter half-year while price is over its average, flat otherwise.",
        source="Bouman & Jacobsen 2002; trend check: practice",
        timeframe="1h",
        direction="long",
        long_entry=winter & (low > SMA(n)),
        long_exit=~winter | (close < SMA(n)),
    )


def _monday_range() -> Strategy:
    k = param("k", 0.25, grid=[0, 0.25, 0.5, 1])
    t = param("t", 1, grid=[0.5, 1, 1.5, 2])
    tuesday = becomes((weekday >= 2) & (weekday <= 5))
    top, bottom = value_at(tuesday, week_high[1], 1500), value_at(tuesday, week_low[1], 1500)
    open_days = (weekday >= 2) & (weekday <= 4)
    return Strategy(
        id="monday_range",
        title="Monday's range break",
        family="seasonality",
        idea="From Tuesday to Thursday a close outside the range of Monday is traded for a multiple of that range.",
        source="practice (weekend range of crypto markets)",
        timeframe="1h",
        long_entry=open_days & (close > top + k * ATR(14)),
        long_exit=weekday >= 5,
        short_entry=open_days & (close < bottom - k * ATR(14)),
        short_exit=weekday >= 5,
        stop=0.5 * (top - bottom),
        target=t * (top - bottom),
    )


STRATEGIES = (
    _asian_box(),
    _first_half_hour(),
    _turn_of_month(),
    _weekday_tilt(),
    _home_hours(),
    _same_slot(),
    _overnight_fade(),
    _momentum_pinball(),
    _winter_half(),
    _monday_range(),
)
