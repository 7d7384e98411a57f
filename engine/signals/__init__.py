"""candles -> indicators -> rules -> signals: the one path for live, replay and back-test."""
