"""structlog without rich, which it loads for tracebacks that our logs write as plain text."""

from entrypoints.hidden_modules import hidden

with hidden("rich"):
    import structlog
    from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["EventDict", "Processor", "WrappedLogger", "structlog"]
