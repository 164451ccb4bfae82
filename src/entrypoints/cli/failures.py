"""Says what went wrong and what to do about it, and finds the exit code."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from typing import Final

import typer

from domain import errors
from entrypoints.cli.exit_codes import FAILED, OK, exit_code
from entrypoints.cli.invocation import Invocation
from entrypoints.cli.output import say
from entrypoints.cli.signals import Stopped
from entrypoints.redaction import Redactor

_ADVICE: Final[Mapping[type[BaseException], str]] = {
    errors.RetryableError: "Try again later: answers that may be kept are not asked for again.",
    errors.NotCachedError: "Run it without --offline first: what may be kept is kept then.",
    errors.RefusedError: "`app doctor` tells which keys are set and whether they look right.",
    errors.StorageError: "`app doctor` looks at the data folder and its disk.",
}

_INGEST = "ingest"


def explained(error: BaseException, own: Invocation) -> int:
    """Print what people need to know of an error; the exit code."""
    error = _innermost(error)
    if own.signals.received is not None and not isinstance(error, Stopped):
        error = Stopped(own.signals.received)  # a library made its own error of it
    if isinstance(error, SystemExit):  # typer's own end, also for a pipe that nobody reads
        if not isinstance(error.__context__, BrokenPipeError):
            return error.code if isinstance(error.code, int) else OK
        error = error.__context__
    if isinstance(error, OSError) and (code := _lost_stdout(error)) is not None:
        return code
    if isinstance(error, typer.TyperException):
        _explain_usage(error)
        return error.exit_code
    redactor = Redactor(own.secrets)
    if isinstance(error, errors.PipelineError):
        say(f"error: {redactor.text(str(error))}", "red")
        for advice in _advice(error):
            say(advice)
    elif isinstance(error, Stopped | KeyboardInterrupt):
        if not own.told:
            say(f"stopped by {error}" if str(error) else "stopped")
    else:
        own.crashed(error)
        words = redactor.text(f"{type(error).__name__}: {error}")
        say(f"error: unexpected {words}", "red")
        say(
            "This is a defect. `--log-level debug` before the command shows where, "
            "`--log-file FILE` keeps it in a file."
        )
    return exit_code(error)


def _innermost(error: BaseException) -> BaseException:
    """The error that people can act on, out of a group."""
    leaves = list(_leaves(error))
    expected = [each for each in leaves if isinstance(each, errors.PipelineError)]
    return (expected or leaves)[0]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _advice(error: BaseException) -> Iterator[str]:
    yield from (_ADVICE[each] for each in type(error).__mro__ if each in _ADVICE)


def _explain_usage(error: typer.TyperException) -> None:
    context = getattr(error, "ctx", None)
    say(f"error: {error.format_message()}", "red")
    if context is None:
        return
    option = getattr(error, "option_name", None)
    if any(option in each.opts for each in context.find_root().command.params):
        say(f"It stands before the command: {context.find_root().info_name} {option} …")
        return
    if option and context.info_name == _INGEST:
        name = option.lstrip("-")
        say(f"Parameters of a source stand after -p: -p {name}=…; `app sources show` lists them.")
    say(f"{context.get_usage()}\n`{context.command_path} --help` says more.")


def _lost_stdout(error: OSError) -> int | None:
    """The exit code if it is stdout that cannot be written to: what could not go is still there."""
    if isinstance(error, BrokenPipeError):
        forget_stdout()
        return OK
    try:
        sys.stdout.flush()
    except OSError:
        forget_stdout()
        say(f"error: stdout cannot be written: {error.strerror}.", "red")
        return FAILED
    return None


def forget_stdout() -> None:
    """Nobody reads on; a flush at exit must not complain about it."""
    import os

    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
