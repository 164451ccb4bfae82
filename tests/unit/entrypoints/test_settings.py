"""Settings come from four layers, say where they came from, and never show a key."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigurationError
from entrypoints.settings import Settings
from entrypoints.settings_entries import entries, source_entries
from entrypoints.settings_layers import LoadedSettings, load_settings

CANARY = "canary-0123456789abcdefghij-wxyz"


@pytest.fixture(autouse=True)
def _empty_folder_and_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test starts with nothing set."""
    for name in os.environ:
        if name.upper().startswith("APP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_hold_where_nothing_is_set() -> None:
    """An empty folder and environment give the documented defaults."""
    settings = load_settings().settings

    assert settings.data_dir == Path("output")
    assert settings.redis_url is None
    assert settings.opensea.auto_key is True
    assert settings.http.concurrency == 64
    assert settings.http.timeout == 30.0
    assert settings.cache.max_bytes == 2 * 1024**3
    assert settings.log_level is None
    assert dict(settings.keys) == {}


LAYERS = {
    "flag": "from-flag",
    "environment": "from-environment",
    ".env": "from-dotenv",
    "app.toml": "from-toml",
}


@pytest.mark.parametrize("highest", range(5))
def test_higher_layers_win(highest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags win over the environment, `.env`, `app.toml` and the default, in this order."""
    given_layers = list(LAYERS)[highest:]
    if "environment" in given_layers:
        monkeypatch.setenv("APP_DATA_DIR", LAYERS["environment"])
    if ".env" in given_layers:
        Path(".env").write_text(f"APP_DATA_DIR={LAYERS['.env']}\n")
    if "app.toml" in given_layers:
        Path("app.toml").write_text(f'data_dir = "{LAYERS["app.toml"]}"\n')
    flags = {"data_dir": LAYERS["flag"]} if "flag" in given_layers else {"data_dir": None}

    loaded = load_settings(flags)

    winner = given_layers[0] if given_layers else "default"
    assert loaded.origin(("data_dir",)) == winner
    assert loaded.settings.data_dir == Path(LAYERS.get(winner, "output"))


def test_layers_mix_within_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of one member leaves the group's other members to lower layers."""
    monkeypatch.setenv("APP_HTTP__CONCURRENCY", "7")
    Path("app.toml").write_text('[http]\nconcurrency = 9\ntimeout = 5\nallow_private = ["a", "b"]')

    loaded = load_settings()

    assert (loaded.settings.http.concurrency, loaded.settings.http.timeout) == (7, 5.0)
    assert loaded.settings.http.allow_private == ("a", "b")
    assert loaded.origin(("http", "concurrency")) == "environment"
    assert loaded.origin(("http", "timeout")) == "app.toml"


def test_every_kind_of_value_is_read_from_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists, sizes, flags, levels, sources and unprefixed keys come as text."""
    variables = {
        "APP_HTTP__ALLOW_PRIVATE": " 10.0.0.0/8, localhost:8080,",
        "APP_CACHE__MAX_BYTES": "500MB",
        "APP_OPENSEA__AUTO_KEY": "false",
        "APP_LOG_LEVEL": "DEBUG",
        "APP_SOURCES__OPENSEA__BASE_URL": "http://127.0.0.1:8080/",
        "OPENSEA_API_KEY": CANARY,
        "TIINGO_API_KEY": "",
        "REDIS_URL": "redis://:pass%2Fword@localhost/0",
        "APP_DATA_DIR": "~/data",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = load_settings().settings

    assert settings.http.allow_private == ("10.0.0.0/8", "localhost:8080")
    assert settings.cache.max_bytes == 500_000_000
    assert settings.opensea.auto_key is False
    assert settings.log_level == "debug"
    assert settings.sources["opensea"].base_url == "http://127.0.0.1:8080"
    assert dict(settings.keys) == {"OPENSEA_API_KEY": CANARY}
    assert settings.secrets == {CANARY, "pass%2Fword", "pass/word"}
    assert settings.data_dir == Path.home() / "data"


def _complaint(**flags: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(flags)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("APP_DATADIR", "APP_DATA_DIR"),
        ("APP_HTTP__CONCURENCY", "APP_HTTP__CONCURRENCY"),
        ("APP_SOURCES__OPENSEA__BASEURL", "APP_SOURCES__OPENSEA__BASE_URL"),
        ("APP_LOGLEVEL", "APP_LOG_LEVEL"),
        ("APP_QQQQ", None),
    ],
)
@pytest.mark.parametrize("layer", ["environment", ".env"])
def test_unknown_variables_are_refused(
    layer: str, name: str, meant: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt variable is an error that names the nearest right one."""
    if layer == "environment":
        monkeypatch.setenv(name, CANARY)
    else:
        Path(".env").write_text(f"{name}={CANARY}\n")

    complaint = _complaint()

    assert name in complaint
    assert f"({layer})" in complaint
    assert (f"Did you mean {meant}?" if meant else "app config show") in complaint
    assert CANARY not in complaint


def test_variables_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only names that begin with APP_ are ours."""
    monkeypatch.setenv("DATABASE_URL", "x")
    Path(".env").write_text("DATABASE_URL=x\nMY_APP_THING=1\n")

    assert load_settings().settings.data_dir == Path("output")


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('data_dirr = "x"', "data_dir?"),
        ("[http]\nconcurency = 3", "http.concurrency?"),
        ('[sources.opensea]\nbaseurl = "http://x"', "sources.opensea.base_url?"),
        ("[htpp]\nconcurrency = 3", "http.concurrency?"),
        ('[qqq]\nzzz = "x"', "app config show"),
        ("data_dir = ", "not valid TOML"),
        ("http = 3", "http cannot be set like this"),
        ("x = " + "[" * 5000, "not valid TOML"),
        ("# " + "x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_bad_toml_is_refused(toml: str, told: str) -> None:
    """Unknown members, broken syntax, wrong shapes and huge files all say what is wrong."""
    Path("app.toml").write_text(toml)

    complaint = _complaint()

    assert "app.toml" in complaint or told.startswith("http cannot")
    assert told in complaint


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("APP_HTTP__CONCURRENCY", "many", "a whole number from 1 to 1024"),
        ("APP_HTTP__CONCURRENCY", "-3", "a whole number from 1 to 1024"),
        ("APP_HTTP__CONCURRENCY", "1025", "a whole number from 1 to 1024"),
        ("APP_HTTP__TIMEOUT", "nan", "seconds from 0.1 to 3600"),
        ("APP_HTTP__CONTACT", "a\nb", "printable ASCII"),
        ("APP_LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("APP_OPENSEA__AUTO_KEY", "perhaps", "true or false"),
        ("APP_CACHE__MAX_BYTES", "5 apples", "a size of at least 1 MB"),
        ("APP_SOURCES__OPENSEA__BASE_URL", "ftp://x", "an address as https://host/path"),
        ("APP_SOURCES__OPENSEA__BASE_URL", "https://u:p@x", "an address as https://host/path"),
        ("APP_DATA_DIR", "s3://key:secret@bucket/x", "a bucket and a prefix as s3://bucket"),
        ("APP_DATA_DIR", "gs://bucket/prefix", "a folder, or a bucket and a prefix"),
        ("APP_S3__MAX_BYTES", "7 B", "a size of at least 1 MB"),
        ("OPENSEA_API_KEY", f"{CANARY}\n{CANARY}", "a key"),
    ],
)
def test_wrong_values_name_the_variable_and_what_is_expected(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message helps without repeating the value, which may be secret."""
    monkeypatch.setenv(name, value)

    complaint = _complaint()

    assert complaint.startswith(f"{name} (environment) is not ")
    assert expected in complaint
    assert value not in complaint
    assert CANARY not in complaint


def test_wrong_values_are_named_as_their_layer_spells_them() -> None:
    """A flag is named with dashes, a TOML member with its group."""
    Path("app.toml").write_text("[http]\ntimeout = 0")

    assert _complaint(log_level="loud").splitlines() == [
        "http.timeout (app.toml) is not seconds from 0.1 to 3600.",
        "--log-level (flag) is not debug, info, warning or error.",
    ]


def test_another_config_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """--config wins over APP_CONFIG; either replaces `app.toml`, and must exist."""
    Path("app.toml").write_text('data_dir = "default"')
    other, flagged = tmp_path / "other.toml", tmp_path / "flagged.toml"
    other.write_text('data_dir = "other"')
    flagged.write_text('data_dir = "flagged"')
    monkeypatch.setenv("APP_CONFIG", str(other))

    assert load_settings().settings.data_dir == Path("other")
    assert load_settings(config=flagged).settings.data_dir == Path("flagged")
    with pytest.raises(ConfigurationError, match=r"no configuration file.*missing.toml"):
        load_settings(config=Path("missing.toml"))


def test_unreadable_files_are_refused() -> None:
    """A folder named `.env`, or bytes that are no text, are told apart from an absent file."""
    Path("app.toml").write_bytes(b"data_dir = '\xff'")
    assert "not UTF-8" in _complaint()
    Path("app.toml").unlink()
    Path(".env").mkdir()
    assert ".env is not a file" in _complaint()


@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o644, True), (0o640, True)])
def test_a_key_in_a_file_that_others_can_read_is_noticed(mode: int, *, exposed: bool) -> None:
    """Only files that hold a key are watched, and only their mode matters."""
    Path(".env").write_text(f"OPENSEA_API_KEY={CANARY}\n")
    Path(".env").chmod(mode)
    Path("app.toml").write_text('data_dir = "x"')

    assert load_settings().exposed == ((Path(".env"),) if exposed else ())


def _loaded_with_keys(monkeypatch: pytest.MonkeyPatch) -> LoadedSettings:
    for name in ("OPENSEA_API_KEY", "TIINGO_API_KEY", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("REDIS_URL", f"redis://user:{CANARY}@localhost:6379/0")
    return load_settings()


def test_no_representation_shows_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """`repr`, `str` and the JSON dump hide secrets."""
    settings = _loaded_with_keys(monkeypatch).settings

    for text in (repr(settings), str(settings), settings.model_dump_json(), f"{settings!a}"):
        assert CANARY not in text
        assert "wxyz" not in text


def test_keys_are_shown_by_their_end_only_when_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long key shows four characters, a short one only that it is set, a URL no password."""
    _loaded_with_keys(monkeypatch)
    monkeypatch.setenv("GITHUB_TOKEN", "short")
    settings = load_settings().settings
    shown = {entry.variable: entry.shown(settings) for entry in entries(settings)}

    assert shown["OPENSEA_API_KEY"] == "…wxyz"
    assert shown["GITHUB_TOKEN"] == "set"
    assert shown["REDIS_URL"] == "redis://***@localhost:6379/0"


def test_settings_made_directly_read_nothing_from_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is not given has its default, whatever the environment says."""
    monkeypatch.setenv("APP_HTTP__CONCURRENCY", "7")
    monkeypatch.setenv("OPENSEA_API_KEY", CANARY)
    Path("app.toml").write_text("nonsense")

    settings = Settings(data_dir=Path("x"))

    assert settings.http.concurrency == 64
    assert dict(settings.keys) == {}


def test_settings_cannot_be_changed() -> None:
    """They are a value."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().data_dir = Path("x")  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"XDG_STATE_HOME": "/state"}, "/state"), ({"XDG_STATE_HOME": "state"}, "~/.local/state")],
)
def test_state_lives_where_the_system_wants_it(
    variables: Mapping[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XDG_STATE_HOME counts when it is absolute."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    folder = Path(expected).expanduser() / "automated-data-pipeline"
    assert load_settings().settings.state_dir == folder


def test_every_setting_says_what_it_means() -> None:
    """`app config show` and the error messages have words for all of them."""
    for entry in [*entries(), *source_entries("opensea")]:
        assert entry.meaning, entry.name
        assert entry.expects, entry.name
        assert entry.variable.isupper()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda children: st.dictionaries(
            st.sampled_from(["data_dir", "http", "sources", "opensea", "concurrency", "x"]),
            children,
            max_size=3,
        ),
        max_leaves=8,
    )
)
def test_any_flag_value_is_a_setting_or_a_configuration_error(value: object) -> None:
    """Nothing but ConfigurationError leaves the loader."""
    with contextlib.suppress(ConfigurationError):
        load_settings({"data_dir": value, "http": value, "log_level": value})
