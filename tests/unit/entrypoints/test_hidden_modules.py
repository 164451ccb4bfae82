"""Modules can look missing to libraries that would load them."""

import sys

import pytest

from entrypoints.hidden_modules import hidden


def test_a_hidden_module_looks_missing_for_a_while() -> None:
    """And can be loaded afterwards."""
    with hidden("antigravity"), pytest.raises(ModuleNotFoundError):
        __import__("antigravity")

    assert "antigravity" not in sys.modules


def test_a_module_that_is_loaded_stays() -> None:
    """Somebody uses it already."""
    with hidden("json"):
        assert sys.modules["json"] is not None
    assert "json" in sys.modules
