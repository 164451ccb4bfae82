"""The image and the compose file hold to what they promise; no engine is needed to see it."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_image_runs_without_privileges() -> None:
    """The last stage ends as a user that is not root."""
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]

    assert re.search(r"^USER app$", last_stage, re.MULTILINE)


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    """Each COPY source stands in the repository and passes .dockerignore."""
    ignore = (ROOT / ".dockerignore").read_text().split()
    allowed = {line[1:] for line in ignore if line[0] == "!"}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.removeprefix("./") in allowed, source


def test_every_package_of_the_image_is_checked_by_hash() -> None:
    """Both lock files pin versions with hashes and name no host."""
    assert DOCKERFILE.count("--require-hashes") == 2
    for name in ("requirements.lock", "requirements-build.lock"):
        text = (ROOT / name).read_text()
        packages = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert len(packages) <= text.count("--hash=sha256:")
        assert "://" not in text


def test_the_lock_covers_what_the_project_needs() -> None:
    """Every dependency of pyproject.toml is pinned in requirements.lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = set(
        re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    wanted = {re.split(r"[\[<>=; ]", each, maxsplit=1)[0] for each in project["dependencies"]}

    assert wanted <= pinned


def test_compose_waits_for_a_healthy_redis_and_holds_no_key() -> None:
    """The app starts after Redis answers; keys come from the environment."""
    app, redis = COMPOSE["services"]["app"], COMPOSE["services"]["redis"]

    assert redis["healthcheck"]["test"] == ["CMD", "redis-cli", "ping"]
    assert app["depends_on"]["redis"]["condition"] == "service_healthy"
    assert app["environment"]["OPENSEA_API_KEY"] == "${OPENSEA_API_KEY:-}"
    mounted = {each.split(":")[0] for each in [*app["volumes"], *redis["volumes"]]}
    assert mounted == set(COMPOSE["volumes"])
