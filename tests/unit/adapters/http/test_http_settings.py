import pytest

from adapters.http.http_settings import HttpSettings, default_user_agent
from domain.errors import ConfigurationError
from tests.fakes.sample_source import SAMPLE


def test_a_source_s_base_url_can_be_replaced() -> None:
    """For mirrors, tests and the sandbox."""
    assert HttpSettings().base_url(SAMPLE) == "https://sample.invalid"
    settings = HttpSettings(base_urls={"sample": "http://127.0.0.1:8123/"})
    assert settings.base_url(SAMPLE) == "http://127.0.0.1:8123"


@pytest.mark.parametrize("url", ["", "ftp://a.test", "a.test", "file:///etc/passwd"])
def test_a_base_url_must_be_http(url: str) -> None:
    """A wrong setting is said at once."""
    with pytest.raises(ConfigurationError, match="sample"):
        HttpSettings(base_urls={"sample": url}).base_url(SAMPLE)


def test_the_user_agent_names_the_product_and_a_contact() -> None:
    """RFC 9110 section 10.1.5."""
    assert default_user_agent().startswith("automated-data-pipeline/")
    assert default_user_agent("mailto:me@a.test").endswith(" (+mailto:me@a.test)")
