"""One table of a declaration, read strictly: complaints name the file, the line and the field."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Self

from domain.errors import ConfigurationError


class Section:
    """Hands out its members once each; `end` refuses those that nobody asked for.

    Args:
        values: the decoded table.
        path: how it is reached from the top of the file; empty for the top.
        file: name of the file, for complaints.
        text: the file's text, in which lines are looked up.
    """

    def __init__(self, values: Mapping[str, Any], path: str, file: str, text: str) -> None:
        self._values = values
        self._path = path
        self._file = file
        self._text = text
        self._known: dict[str, None] = {}

    def fail(self, name: str, complaint: str) -> ConfigurationError:
        """What is wrong with a member, and where it stands."""
        field = f"{self._path}.{name}" if self._path else name
        return ConfigurationError(f"{self._file}:{self._line(name)}: {field}: {complaint}")

    def unknown(self, name: str, value: str, known: Iterable[str]) -> ConfigurationError:
        """A word that is none of those that a member may have, and the nearest of them."""
        return self.fail(name, f"unknown: {value!r}. {_nearest(value, tuple(sorted(known)))}")

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without a default it must be there, and not be empty."""
        value = str(self._get(name, str, "a text", default))
        if default is None and not value:
            raise self.fail(name, "must not be empty.")
        return value

    def name(self, name: str, form: re.Pattern[str], reserved: Collection[str] = ()) -> str:
        """A name that stands in SQL and on the command line."""
        value = self.text(name)
        if not form.fullmatch(value):
            raise self.fail(name, f"{value!r} is no name: it must match {form.pattern}.")
        if value.lower() in reserved:
            raise self.fail(name, f"{value!r} means something else: choose another name.")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number from 0 on."""
        value = int(self._get(name, int, "a whole number", default))
        if value < 0:
            raise self.fail(name, "must not be negative.")
        return value

    def formula(self, name: str, default: int) -> str:
        """A whole number, or a text with a formula."""
        return str(self._get(name, (int, str), "a whole number or a formula in a text", default))

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        return bool(self._get(name, bool, "true or false", default))

    def choice(self, name: str, among: tuple[str, ...], default: str | None = None) -> str:
        """One of some words."""
        value = self.text(name, default)
        if value not in among:
            raise self.unknown(name, value, among)
        return value

    def texts(self, name: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings; a string alone is a list of one."""
        value = self._get(name, (str, list), "a text or a list of texts", default)
        each = (value,) if isinstance(value, str) else tuple(value)
        if default is None and not each:
            raise self.fail(name, "must not be empty.")
        if not all(isinstance(one, str) for one in each):
            raise self.fail(name, "must be a text or a list of texts.")
        return each

    def pattern(self, name: str, default: str | None = None) -> re.Pattern[str]:
        """A regular expression."""
        try:
            return re.compile(self.text(name, default), re.ASCII)
        except re.error as exc:
            raise self.fail(name, f"is no regular expression: {exc}.") from exc

    def mapping(self, name: str) -> dict[str, str]:
        """A table of strings; empty when it is not there."""
        values: Mapping[str, Any] = self._get(name, dict, "a table", {})
        for key, value in values.items():
            if not isinstance(value, str):
                raise self.fail(name, f"{key} must be a text.")
        return dict(values)

    def section(self, name: str) -> Self:
        """A table below this one; an empty one when it is not there."""
        return self._below(self._get(name, dict, "a table", {}), name)

    def sections(self, name: str) -> list[Self]:
        """A list of tables."""
        values = self._get(name, list, "a list of tables", ())
        if not all(isinstance(each, dict) for each in values):
            raise self.fail(name, "must be a list of tables.")
        return [self._below(each, f"{name}[{number}]") for number, each in enumerate(values)]

    def only(self, names: Collection[str]) -> None:
        """Refuse members that are none of these, before one is missed that they were meant for."""
        for name in self._values:
            if name not in names:
                raise self.fail(name, f"unknown. {_nearest(name, tuple(names))}")

    def end(self) -> None:
        """Refuse members that nobody asked for."""
        for name in self._values:
            if name not in self._known:
                raise self.fail(name, f"unknown. {_nearest(name, tuple(self._known))}")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def _below(self, values: Mapping[str, Any], name: str) -> Self:
        path = f"{self._path}.{name}" if self._path else name
        return type(self)(values, path, self._file, self._text)

    def _get(self, name: str, kind: Any, what: str, default: Any) -> Any:
        self._known[name] = None
        value = self._values.get(name, default)
        if value is None:
            raise self.fail(name, f"is missing; it must be {what}.")
        if value is not default and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            raise self.fail(name, f"must be {what}.")
        return value

    def _line(self, name: str) -> int:
        """The line of a member, or that of its table, as near as the text tells."""
        lines = self._text.splitlines()
        begin = self._header_line(lines)
        member = re.compile(rf'\s*"?{re.escape(name)}"?\s*=|\s*\[+[\w.]*\b{re.escape(name)}\]+')
        for number, line in enumerate(lines[begin:], begin + 1):
            if member.match(line):
                return number
            if begin and number > begin + 1 and line.startswith("["):
                break
        return max(begin, 1)

    def _header_line(self, lines: list[str]) -> int:
        if not self._path:
            return 0
        number = [int(found) for found in re.findall(r"\[(\d+)\]", self._path)]
        name = re.sub(r"\[\d+\]", "", self._path)
        header = re.compile(rf"\s*\[+{re.escape(name)}\]+")
        found = [at for at, line in enumerate(lines, 1) if header.match(line)]
        wanted = number[-1] if number else 0
        return found[wanted] if wanted < len(found) else 0


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
