"""Settings, logs, the container, and the doors: command line and sandbox."""
