"""What an upstream is spared: slots, limits, pauses, breaker."""
