"""Use cases that are imported when they are first made, so that a command loads only its own."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


def use_case(place: str) -> Any:
    """The class at a place, such as "check_source.CheckSource"; imports its module."""
    module, _, name = place.partition(".")
    return getattr(import_module(f"application.{module}"), name)


def made_late(place: str) -> Callable[..., Any]:
    """Makes a use case of its ports.

    mypy cannot follow; a test binds what the container gives to what each of them takes.
    """
    return partial(_made, place)


def _made(place: str, **ports: Any) -> Any:
    return use_case(place)(**ports)
