"""Logs: structlog to stderr and, where one is named, to a file; stdout is for data alone."""

import contextlib
import logging
import sys
from collections.abc import Iterable, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from domain.errors import ConfigurationError
from domain.terminal_text import printable
from entrypoints.plain_structlog import EventDict, Processor, WrappedLogger, structlog
from entrypoints.redaction import Redactor
from entrypoints.repeats import RepeatFilter

_OWN = "app"
_CHATTY = ("hpack", "h2", "asyncio", "fakeredis")  # hpack spells out header values at DEBUG
_FILE_BYTES, _FILES = 10_000_000, 5
_SHORT_TIME = "%H:%M:%S"


class Logs:
    """The configured log; `close` it when the command ends."""

    def __init__(
        self, handlers: Sequence[logging.Handler], repeats: RepeatFilter, debug: bool
    ) -> None:
        self._handlers = handlers
        self._repeats = repeats
        self._debug = debug
        self._level_before = logging.getLogger().level

    def crashed(self, error: BaseException) -> None:
        """Keep the traceback of a defect: in the file, and on stderr at level debug."""
        exc_info = (type(error), error, error.__traceback__)
        record = logging.LogRecord(
            _OWN, logging.ERROR, __file__, 0, "command.crashed", None, exc_info
        )
        for handler in self._handlers:
            if self._debug or isinstance(handler, _LogFile):
                handler.handle(record)

    def close(self) -> None:
        """Say how many repeated warnings were held back, and let go of the file."""
        logger = structlog.get_logger()
        for (level, event, reason), count in self._repeats.held_back():
            what = {"reason": reason} if reason else {}
            logger.log(_number(level), "… %d more %s", count, event, **what)
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        logging.getLogger().setLevel(self._level_before)


def configure_logs(
    *,
    level: str | None = None,
    file: Path | None = None,
    secrets: Iterable[str] = (),
    colors: bool = True,
    cache_loggers: bool = False,
) -> Logs:
    """Send all logs, those of libraries too, through one chain that ends with redaction.

    Args:
        level: least level; None for warning on a terminal, info elsewhere and in the file.
        file: gets JSON lines, rotated at 10 MB, five old ones kept.
        secrets: texts that must not appear.
        colors: on a terminal.
        cache_loggers: faster, but a later configuration does not reach loggers already used.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    terminal = sys.stderr.isatty()
    least = _number(level or ("warning" if terminal else "info"))
    redactor = Redactor(secrets)
    stderr, repeats = _StderrHandler(least), RepeatFilter()
    stderr.addFilter(repeats)
    stderr.setFormatter(_for_people(redactor, colors) if terminal else _for_machines(redactor))
    handlers: list[logging.Handler] = [stderr]
    if file is not None:
        log_file = _open(file)
        log_file.setLevel(_number(level or "info"))
        log_file.setFormatter(_for_machines(redactor))
        handlers.append(log_file)
        least = min(least, log_file.level)
    logs = Logs(handlers, repeats, least == logging.DEBUG)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if least == logging.DEBUG else logging.WARNING)
    logging.getLogger(_OWN).setLevel(least)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in handlers:
        root.addHandler(handler)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: logging.getLogger(_OWN),
        cache_logger_on_first_use=cache_loggers,
    )
    return logs


def _for_people(redactor: Redactor, colors: bool) -> logging.Formatter:
    renderer = structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0, pad_level=False)
    return _formatter(_SHORT_TIME, [_printable, _redacted(redactor), renderer])


def _for_machines(redactor: Redactor) -> logging.Formatter:
    return _formatter("iso", [_redacted(redactor), structlog.processors.JSONRenderer()])


def _formatter(time: str, last: Sequence[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(time, utc=time == "iso"),
            structlog.processors.format_exc_info,
            *last,
        ],
    )


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        printable(name): value if isinstance(value, bool | int | float) else printable(str(value))
        for name, value in event.items()
    }


def _redacted(redactor: Redactor) -> Processor:
    def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        redacted: EventDict = redactor.value(event)
        return redacted

    return redact


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _open(file: Path) -> "_LogFile":
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _LogFile(
            file,
            maxBytes=_FILE_BYTES,
            backupCount=_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as error:
        message = f"The log file {file} cannot be written: {error.strerror}."
        raise ConfigurationError(message) from error


class _StderrHandler(logging.StreamHandler[IO[str]]):
    """Writes to whatever stderr is at the moment: a live progress line takes its place."""

    def __init__(self, level: int) -> None:
        logging.Handler.__init__(self, level)

    @property
    def stream(self) -> IO[str]:
        """The current stderr."""
        return sys.stderr

    @stream.setter
    def stream(self, value: IO[str]) -> None:
        raise AttributeError(value)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """Nobody reads stderr any more; the run goes on."""


class _LogFile(RotatingFileHandler):
    """Says once that it cannot write; logging's own complaint would show the unredacted event."""

    _complained = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  # logging's name
        """Complain once, on stderr."""
        if not self._complained:
            self._complained = True
            reason = sys.exception()
            words = getattr(reason, "strerror", None) or type(reason).__name__
            sys.stderr.write(f"warning: the log file cannot be written: {words}\n")

    def close(self) -> None:
        """What is still buffered may not fit on the disk either."""
        with contextlib.suppress(OSError):
            super().close()
