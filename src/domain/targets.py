"""Names of targets that become parts of file names."""

import re

from domain.errors import UsageError

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}", re.ASCII)


def check_slug(target: str, what: str) -> str:
    """A slug that is safe as a file name on every system.

    Raises:
        UsageError: anything but letters a-z, digits, `-` and `_`; says what is wrong.
    """
    slug = target.strip().lower()
    if not _SLUG.fullmatch(slug):
        shown = ascii(target[:60])
        message = (
            f"{shown} is not a {what}: use the letters a-z, digits, '-' and '_' "
            "(at most 128), as in the collection's web address."
        )
        raise UsageError(message)
    return slug
