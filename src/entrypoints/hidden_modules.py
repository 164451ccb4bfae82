"""Modules that libraries load wherever they find them, and that nothing here uses through them.

Together they take as long to load as all that a command does. A module that looks missing is
what each of these libraries expects.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER_USED = (
    "numpy",  # Arrow looks for it, and then for pandas
    "dateutil",  # and for this
    "pyarrow._azurefs",  # Arrow's own clients for storage; they take 5 ms together
    "pyarrow._gcsfs",
    "pyarrow._hdfs",
    "pyarrow._s3fs",
    "httpx._main",  # httpx's own command line, with click and rich
)
_NO_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"


def hide_unused() -> None:
    """Hide what no library is to find in this process; the registry shows it to plug-ins.

    pydantic is told not to look for plug-ins of its own, for which it would read what every
    installed package says of itself.
    """
    for name in _NEVER_USED:
        _hide(name)
    os.environ.setdefault(_NO_PLUGINS, "__all__")


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Modules that are not loaded yet look missing within the context."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        _hide(name)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _hide(name: str) -> None:
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # how a module is hidden
