"""Errors that say what to do, and header fields."""

import inspect

import pytest

from domain import errors
from domain.errors import NotFoundError, RetryableError, RunLockedError
from domain.headers import Headers

ALL = [each for _, each in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("error", [e for e in ALL if issubclass(e, errors.PipelineError)])
def test_every_error_stands_in_the_tree_of_the_docstring(error: type[Exception]) -> None:
    """The drawing and the classes are the same."""
    assert error.__name__ in (errors.__doc__ or "")
    assert error.__doc__


def test_unknown_names_come_with_the_nearest_known_ones() -> None:
    """At most three, and none that is far off."""
    error = NotFoundError("domain", "ntf", ["nft", "fx", "crypto"], "Known: all.")

    assert "Did you mean nft?" in str(error)
    assert str(error).endswith("Known: all.")
    assert "Did you mean" not in str(NotFoundError("domain", "zzz", ["nft"]))


def test_errors_of_requests_tell_address_and_reason() -> None:
    """Both, and the wait that was asked for."""
    error = RetryableError("HTTP 503", url="https://x.test/a", status=503, retry_after=2.5)

    assert str(error) == "HTTP 503 (https://x.test/a)"
    assert (error.status, error.retry_after) == (503, 2.5)


def test_a_locked_run_names_its_holder() -> None:
    """And says to wait."""
    assert "process 7" in str(RunLockedError("nft", "x", "process 7 on host"))


def test_header_fields_are_found_whatever_their_case() -> None:
    """Repeated fields are joined (RFC 9110 section 5.3), and kept apart on request."""
    headers = Headers([("Vary", "Accept"), ("X-A", "1"), ("VARY", "Origin")])

    assert headers.get("vary") == "Accept, Origin"
    assert headers.get_all("Vary") == ["Accept", "Origin"]
    assert "x-a" in headers
    assert headers.get("none") is None
    assert next(iter(headers)) == ("vary", "Accept")
    assert headers == Headers([("vary", "Accept"), ("x-a", "1"), ("vary", "Origin")])
    assert len({headers, Headers(headers)}) == 1
    assert "Accept" not in repr(headers)
