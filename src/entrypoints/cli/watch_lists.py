"""Watch lists: targets by one name."""

from collections.abc import Mapping, Sequence

from domain.errors import NotFoundError

_MARK = "@"


def listed_targets(targets: Sequence[str], lists: Mapping[str, Sequence[str]]) -> list[str]:
    """The targets in their order, each once; `@majors` is all that the list `majors` has.

    Raises:
        NotFoundError: no such list, with suggestions.
    """
    found: dict[str, None] = {}
    for target in targets:
        name = target.removeprefix(_MARK)
        if name == target:
            found[target] = None
        elif name in lists:
            found.update(dict.fromkeys(lists[name]))
        else:
            hint = f'Write it into app.toml: [lists], then {name or "majors"} = ["…", "…"].'
            known = [f"{_MARK}{each}" for each in lists]
            raise NotFoundError(what="watch list", name=target, known=known, hint=hint)
    return list(found)
