"""Logs go to stderr and a file, in the right form, and no key is ever in them."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from rich.console import Console
from rich.live import Live

from domain.errors import ConfigurationError
from domain.scrubbing import is_secret_name
from domain.terminal_text import printable
from entrypoints.logs import Logs, configure_logs
from entrypoints.redaction import Redactor, hint

CANARY = "canary-0123456789/abc+xyz"


class _Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _structlog_as_it_was() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def _terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    stream = _Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def _pipe(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _log_each_level() -> None:
    logger = structlog.get_logger()
    for level in ("debug", "info", "warning", "error"):
        getattr(logger, level)(f"{level}.happened")


def test_a_pipe_gets_json_lines_from_info_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr is no terminal, machines read it."""
    pipe = _pipe(monkeypatch)
    logs = configure_logs()
    _log_each_level()
    logs.close()

    events = _lines(pipe.getvalue())
    assert [(each["event"], each["level"]) for each in events] == [
        ("info.happened", "info"),
        ("warning.happened", "warning"),
        ("error.happened", "error"),
    ]
    assert events[0]["timestamp"].endswith("Z")


def test_a_terminal_gets_warnings_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """People see what needs them; progress has its own line."""
    terminal = _terminal(monkeypatch)
    logs = configure_logs(colors=False)
    _log_each_level()
    logs.close()

    first, second = terminal.getvalue().splitlines()
    assert "warning.happened" in first
    assert "error.happened" in second
    assert "{" not in first


def test_the_level_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A chosen level holds for stderr and the file alike."""
    terminal = _terminal(monkeypatch)
    logs = configure_logs(level="debug", file=tmp_path / "x.log", colors=False)
    _log_each_level()
    logs.close()

    assert "debug.happened" in terminal.getvalue()
    assert len(_lines((tmp_path / "x.log").read_text())) == 4


def test_the_file_has_info_while_the_terminal_has_warnings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file is for later, and keeps the run's course; its folder is made."""
    terminal = _terminal(monkeypatch)
    logs = configure_logs(file=tmp_path / "logs" / "project.log", colors=False)
    _log_each_level()
    logs.close()

    events = _lines((tmp_path / "logs" / "project.log").read_text())
    assert [each["event"] for each in events] == [
        "info.happened",
        "warning.happened",
        "error.happened",
    ]
    assert "info.happened" not in terminal.getvalue()


def test_the_file_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never grows beyond its size and number of old files."""
    _pipe(monkeypatch)
    logs = configure_logs(file=tmp_path / "x.log")
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            assert (handler.maxBytes, handler.backupCount) == (10_000_000, 5)
            handler.maxBytes = 2_000
    for number in range(200):
        structlog.get_logger().info("event", number=number)
    logs.close()

    files = sorted(each.name for each in tmp_path.iterdir())
    assert files == ["x.log", *(f"x.log.{number}" for number in range(1, 6))]
    assert all(each.stat().st_size <= 2_000 for each in tmp_path.iterdir())


def test_a_log_file_that_cannot_be_opened_is_a_configuration_error(tmp_path: Path) -> None:
    """It says which file."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match=r"file/x\.log cannot be written"):
        configure_logs(file=tmp_path / "file" / "x.log")


def _use_a_key_everywhere() -> None:
    logger = structlog.get_logger()
    logger.warning("known", detail=f"key {CANARY} refused", nested={"a": [(CANARY,)]})
    logger.warning(CANARY)
    logger.warning("headers", headers={"X-Api-Key": "other-secret-1", "Accept": "x"})
    logger.warning("url", url="https://user:other-secret-2@host/path?api_key=other-secret-3&b=1")
    logger.warning("encoded", url="https://host/?x=canary-0123456789%2Fabc%2Bxyz")
    logger.warning("object", path=Path("/keys") / CANARY, error=ValueError(CANARY))
    try:
        int(CANARY)
    except ValueError:
        logger.exception("failed")
    logging.getLogger("httpx").debug("GET https://x/?token=other-secret-4 %s", CANARY)
    logging.getLogger("httpcore.http11").debug(
        "send_request_headers.complete headers=%r",
        [(b"x-api-key", b"other-secret-5"), (b"Authorization", b"Bearer other-secret-6")],
    )
    logging.getLogger("hpack.hpack").debug("Adding (b'x-custom', b'other-secret-7')")
    logging.getLogger("redis").error("Error connecting to redis://:other-secret-8@host/0")


@pytest.mark.parametrize("on_terminal", [True, False])
def test_no_key_reaches_any_output(
    on_terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At level debug, from us and from libraries, in events, exceptions and objects."""
    stream = _Terminal() if on_terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs = configure_logs(level="debug", file=tmp_path / "x.log", secrets={CANARY})
    _use_a_key_everywhere()
    logs.crashed(ValueError(CANARY))
    logs.close()

    for text in (stream.getvalue(), (tmp_path / "x.log").read_text()):
        assert "canary" not in text
        assert "other-secret" not in text
        assert "***" in text
        assert "send_request_headers" in text
        assert "/path?api_key=***&b=1" in text


def test_libraries_are_quiet_below_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only their warnings come through."""
    pipe = _pipe(monkeypatch)
    logs = configure_logs(level="info")
    logging.getLogger("httpx").info("HTTP Request: GET")
    logging.getLogger("redis").warning("slow")
    logs.close()

    assert [each["event"] for each in _lines(pipe.getvalue())] == ["slow"]


def test_repeated_warnings_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The fifth is the last to be shown, the end tells how many more; the file has all."""
    pipe = _pipe(monkeypatch)
    logs = configure_logs(file=tmp_path / "x.log")
    logger = structlog.get_logger()
    for number in range(417):
        logger.warning("item.failed", item=str(number), reason="HTTP 404")
    logger.warning("item.failed", item="x", reason="HTTP 500")
    logs.close()

    shown = _lines(pipe.getvalue())
    assert [each["event"] for each in shown] == ["item.failed"] * 6 + ["… 412 more item.failed"]
    assert shown[-1]["reason"] == "HTTP 404"
    assert len((tmp_path / "x.log").read_text().splitlines()) == 419


def test_many_different_reasons_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile reasons do not make the count grow without end."""
    pipe = _pipe(monkeypatch)
    logs = configure_logs()
    for number in range(1_000):
        structlog.get_logger().warning("item.failed", reason=f"reason {number}")
    logs.close()

    shown = _lines(pipe.getvalue())
    assert len(shown) == 256 + 5 + 1
    assert shown[-1]["event"] == "… 739 more item.failed"


def test_terminal_escapes_are_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name from upstream cannot move the cursor or forge lines."""
    terminal = _terminal(monkeypatch)
    logs = configure_logs(colors=False)
    structlog.get_logger().warning("item.failed", item="\x1b[2Jx\x9b1m\r\u202e")
    logs.close()

    line = terminal.getvalue()
    assert "\x1b" not in line
    assert "\x9b" not in line
    assert r"\x1b[2Jx\x9b1m\x0d\u202e" in line


def test_a_live_line_is_not_torn(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a progress line is shown, log lines go through its console, above it."""
    terminal = _terminal(monkeypatch)
    console = Console(file=terminal, force_terminal=True, width=80)
    logs = configure_logs(colors=False)
    with Live("progress", console=console, auto_refresh=False) as live:
        structlog.get_logger().warning("in.between")
        live.refresh()
    logs.close()

    lines = terminal.getvalue().splitlines()
    assert any("in.between" in line and "progress" not in line for line in lines)


def test_a_defect_leaves_its_traceback_in_the_file_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """People get one line from the command; the file has what a developer needs."""
    terminal = _terminal(monkeypatch)
    logs = configure_logs(file=tmp_path / "x.log")
    try:
        _ = 1 / 0
    except ZeroDivisionError as error:
        logs.crashed(error)
    logs.close()

    assert terminal.getvalue() == ""
    event = json.loads((tmp_path / "x.log").read_text())
    assert event["event"] == "command.crashed"
    assert "ZeroDivisionError" in event["exception"]


def test_a_full_disk_is_one_word_on_stderr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run goes on, and logging's own complaint, which shows the raw event, stays away."""
    pipe = _pipe(monkeypatch)
    logs = configure_logs(level="error", file=Path("/dev/full"), secrets={CANARY})
    for _ in range(3):
        structlog.get_logger().error(CANARY)
    logs.close()

    assert pipe.getvalue().count("the log file cannot be written: No space left on device") == 1
    assert CANARY not in pipe.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:pw@localhost", "redis://***@localhost"),
        ("https://a@b/c", "https://***@b/c"),
        ("mail a@b.example", "mail a@b.example"),
        ("?page=2&X-Amz-Signature=abc&y=1", "?page=2&X-Amz-Signature=***&y=1"),
        ("?monkey=1", "?monkey=1"),
        ("x-api-key: abc, accept: json", "x-api-key: ***, accept: json"),
        ("Authorization: Bearer abc", "Authorization: ***"),
        ('{"api_key": "abc", "name": "x"}', '{"api_key": "***", "name": "x"}'),
        ("set OPENSEA_API_KEY (get one at x)", "set OPENSEA_API_KEY (get one at x)"),
    ],
)
def test_redaction_hides_keys_and_nothing_else(text: str, expected: str) -> None:
    """Patterns find keys that nobody announced."""
    assert Redactor().text(text) == expected


def test_secret_names_are_told_from_others() -> None:
    """Members that hold keys, and members that only sound alike."""
    assert all(map(is_secret_name, ["X-API-Key", "api_key", "authorization", "access_token"]))
    assert not any(map(is_secret_name, ["key", "cache_key", "token_standard", "tokens", "keys"]))


def test_hints_show_only_the_end_of_long_secrets() -> None:
    """Four of twenty characters are safe, four of eight are not."""
    assert hint("12345678901234567890") == "…7890"
    assert hint("1234567890123456789") == "set"


def test_printable_text_keeps_lines_and_letters() -> None:
    """Emoji, tabs and line feeds stay."""
    assert printable("Zürich\t🎉\nx") == "Zürich\t🎉\nx"
    assert printable("a\x00b\x07c") == r"a\x00b\x07c"


def test_configured_logs_are_a_value_to_close() -> None:
    """Closing removes every handler again."""
    before = list(logging.getLogger().handlers)
    logs = configure_logs()

    assert isinstance(logs, Logs)
    logs.close()
    assert logging.getLogger().handlers == before
