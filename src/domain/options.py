"""A source's own parameters, as given on the command line."""

from collections.abc import Mapping

from domain.errors import NotFoundError
from domain.sources import Options, Source

LIMIT = "limit"
"""The option that carries `--limit`: every source ends its lists at that many items."""


def check_options(source: Source, given: Mapping[str, str], limit: int | None) -> Options:
    """The source's defaults overlaid with what was given.

    Raises:
        NotFoundError: a parameter that the source does not have.
    """
    options = {parameter.name: parameter.default for parameter in source.parameters}
    for name in given:
        if name not in options:
            hint = f"`app sources show {source.name}` lists them."
            what = f"parameter of {source.name}"
            raise NotFoundError(what, name, options, hint)
    if limit is not None:
        options[LIMIT] = str(limit)
    return {**options, **given}
