"""Which languages a request wants (RFC 9110 section 12.5.4)."""

import re
from functools import lru_cache

_QUALITY = re.compile(r"q=(?:1(?:\.0{0,3})?|(0(?:\.\d{0,3})?))", re.ASCII | re.IGNORECASE)


def normalised_languages(field: str) -> str:
    """An Accept-Language whose spelling says no more than its meaning: case, order, white space."""
    return ",".join(sorted(f"{tag};q={quality:g}" for tag, quality in _wanted(field)))


def best_language(field: str) -> str | None:
    """The one language that is wanted more than all others, in lower case; None for a tie."""
    wanted = sorted(_wanted(field), key=lambda each: -each[1])
    if not wanted or wanted[0][1] <= 0 or wanted[0][0] == "*":
        return None
    tied = len(wanted) > 1 and wanted[1][1] == wanted[0][1]
    return None if tied else wanted[0][0]


@lru_cache(maxsize=256)
def _wanted(field: str) -> tuple[tuple[str, float], ...]:
    """Language ranges with their weights; a weight that cannot be read is a name of its own."""
    found = []
    for member in field.split(","):
        tag, *parameters = (part.strip().lower() for part in member.split(";"))
        quality = 1.0
        for parameter in parameters:
            weight = _QUALITY.fullmatch("".join(parameter.split()))
            if weight is None:
                tag = f"{tag};{parameter}"
            else:
                quality = float(weight[1]) if weight[1] else 1.0
        if tag:
            found.append((tag, quality))
    return tuple(found)
