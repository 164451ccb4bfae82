"""What the sources of candles have in common."""
