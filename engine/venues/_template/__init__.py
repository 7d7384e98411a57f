"""A venue to copy: a complete small protocol of an imaginary exchange with the same file set as the real ones.

Copy the folder, put the venue's facts into constants, its names into streams, its frames into decode and its REST into
rest; protocol stays as it is but for the imports. Then add the folder's name to registry.VENUES. Rules: no I/O, no
system time, never raise on a frame, prices parsed once, a time outside 2009..2099 or a price <= 0 is Malformed.
"""
