"""Processes: the engine, its workers, the client that finds them. Nothing else starts a process or a thread pool."""
