"""Opens a container for a command, and closes what it opened."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import typer

from domain.errors import ConfigurationError, NotFoundError
from entrypoints.cli.beginning import begin
from entrypoints.cli.invocation import Invocation, invocation
from entrypoints.container import Container, close_container, container_of
from entrypoints.settings import Settings


@asynccontextmanager
async def open_container(own: Invocation, settings: Settings) -> AsyncGenerator[Container]:
    """A container of these settings; leaving the context closes the response cache.

    Raises:
        ConfigurationError: a setting names a source that does not exist.
    """
    container = (own.container_factory or container_of)(settings)
    try:
        _check_sources(container, settings)
        yield container
    finally:
        await close_container(container)


def run_with[T](
    own: Invocation, settings: Settings, work: Callable[[Container], Coroutine[Any, Any, T]]
) -> T:
    """Run a coroutine over a container of these settings; a signal cancels it."""

    async def main() -> T:
        async with open_container(own, settings) as container:
            return await work(container)

    return own.signals.run(main)


def run[T](context: typer.Context, work: Callable[[Container], Coroutine[Any, Any, T]]) -> T:
    """Begin the command, then run a coroutine over the container of its settings."""
    return run_with(invocation(context), begin(context).settings, work)


def _check_sources(container: Container, settings: Settings) -> None:
    """A misspelt source would leave its traffic where it was not meant to go."""
    for name in settings.sources:
        try:
            container.registry().origin(name)
        except NotFoundError as error:
            message = f"APP_SOURCES__{name.upper()}__BASE_URL: {error}"
            raise ConfigurationError(message) from None
