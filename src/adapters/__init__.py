"""The outside world behind the ports: one folder a family, one library an adapter."""
