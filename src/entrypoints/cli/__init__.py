"""The command line: one command a file; nothing heavy is imported before a command runs."""

from entrypoints.cli.program import app, main

__all__ = ["app", "main"]
