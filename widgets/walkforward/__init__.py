"""The walk-forward panel: form, ranking, time-line, and everything that is known of one strategy."""
