"""One module a command: it reads its options, asks engine.runtime, and prints."""
