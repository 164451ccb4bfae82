"""What the container works out by itself."""

import inspect
import resource
from functools import partial
from typing import Any

import pytest
from dependency_injector import providers

from application.ingest_targets import MEMBERS
from entrypoints import container
from entrypoints.container import Container
from entrypoints.use_cases import use_case


@pytest.mark.parametrize(
    ("open_files", "members"),
    [(256, 28), (1024, MEMBERS), (100, 1), (resource.RLIM_INFINITY, MEMBERS)],
)
def test_targets_under_way_fit_into_the_open_files(
    open_files: int, members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has two; a system that allows few has fewer targets under way."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (open_files, open_files))

    assert container._members() == members


USE_CASES: dict[str, providers.Factory[Any]] = {
    name: provider
    for name, provider in Container.providers.items()
    if isinstance(provider, providers.Factory) and isinstance(provider.provides, partial)
}


def test_the_use_cases_are_those_that_are_loaded_late() -> None:
    """Else the test below could look at nothing."""
    assert {"ingest_target", "ingest_targets", "query_catalog", "put_in_order"} <= set(USE_CASES)


@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_gets_what_it_takes(name: str) -> None:
    """Its class is there, and every port that it wants is given under its own name."""
    provider = USE_CASES[name]
    made = provider.provides
    assert isinstance(made, partial)
    taken = inspect.signature(use_case(*made.args))

    taken.bind(**provider.kwargs)
