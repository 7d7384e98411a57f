"""Sans-I/O protocols of the venues: bytes and time in, messages out. `registry.protocol` finds one by its folder."""
