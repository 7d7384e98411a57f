"""OANDA v20: accounts, instruments and candles. The live stream is not spoken yet, so the registry does not list it."""
