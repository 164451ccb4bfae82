"""Names of what is traded."""

import re

from domain.errors import UsageError


def check_symbol(target: str, form: re.Pattern[str], what: str, example: str) -> str:
    """The symbol in capitals.

    Raises:
        UsageError: it has not the form of one; says how one looks.
    """
    symbol = target.strip().upper()
    if not target.isascii() or not form.fullmatch(symbol):
        message = f"{target[:60]!a} is not a {what}: it looks like {example}."
        raise UsageError(message)
    return symbol
