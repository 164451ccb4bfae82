import pytest

from adapters.http.allowance import Allowances
from domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("entry", "host", "port", "expected"),
    [
        ("127.0.0.1", "127.0.0.1", 9, True),
        ("127.0.0.1", "127.0.0.2", 9, False),
        ("10.0.0.0/8", "10.9.8.7", 80, True),
        ("10.0.0.1/8", "10.9.8.7", 80, True),
        ("::1", "::1", 80, True),
        ("fd00::/8", "fd12::1", 80, True),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 80, False),
        ("[::1]", "::1", 80, True),
        ("Files.Internal", "files.internal.", 80, True),
        ("files.internal:8080", "files.internal", 8080, True),
        ("files.internal:8080", "files.internal", 80, False),
        ("files.internal", "evil-files.internal", 80, False),
        (" 127.0.0.1:1 ", "127.0.0.1", 1, True),
        ("", "127.0.0.1", 80, False),
    ],
)
def test_entries_open_what_they_name(entry: str, host: str, port: int, expected: bool) -> None:
    """Hosts, networks, and either with a port."""
    assert Allowances([entry]).covers_host(host, port) is expected


@pytest.mark.parametrize(
    "entry",
    ["http://a.test", "a b", "a.test:0", "a.test:99999", "a:b:c", "*", "[x]", "10.0.0.0/99"],
)
def test_an_entry_that_means_nothing_is_a_configuration_error(entry: str) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigurationError, match="APP_HTTP__ALLOW_PRIVATE"):
        Allowances([entry])
