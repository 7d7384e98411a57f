"""Publish/subscribe and commands between processes: typed messages over a loopback socket with a token."""
