"""An exchange on loopback that speaks the venues' real protocols: the demo's market and the tests' counterpart."""
