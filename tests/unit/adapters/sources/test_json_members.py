import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.json_documents import decode
from adapters.sources.json_members import Members, members_of

_TEXT = st.text(st.sampled_from('ab":\\,{}[] \té'), max_size=6)
_WIDE = {str(number): number for number in range(1_001)}


def _found(body: bytes) -> Members:
    return members_of(body, decode(body))


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', 1),
        (b'{"a":1,"a":2,"a":3}', 2),
        (b'{"a" : 1, "a" : 2}', 1),
        (b'{"a": {"b": {"c": 1, "c": 2}}}', 1),
        (b'[{"a": 1}, {"a": 1}]', 0),
        (b'{"attributes": [{"value": 1}, {"value": 1}], "a": {"value": 1}}', 0),
        (b'{"a": "\\"b\\": 1", "c": "d: \\\\", "e": {"f": [[{"g": 1}]]}}', 0),
        (b'{"a": "b\\":", "a": 1}', 1),
        (b"[]", 0),
        (b"5", 0),
    ],
)
def test_f073_members_of_the_same_name_are_counted(body: bytes, repeated: int) -> None:
    """At any depth, however they are written, and no text is taken for one."""
    assert _found(body) == Members(wide=False, repeated=repeated)


class _Pairs(list[tuple[str, Any]]):
    """An object as its members are written."""


def _written(value: Any) -> str:
    if isinstance(value, _Pairs):
        inner = ", ".join(f"{json.dumps(name)}: {_written(each)}" for name, each in value)
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return json.dumps(value)


_VALUES = st.recursive(
    _TEXT | st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(_TEXT, inner), max_size=4).map(_Pairs)
    ),
    max_leaves=12,
)


def _repeats(value: Any) -> int:
    """Counted by a reader that hands out the members as they are written."""
    count = 0

    def taken(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal count
        count += len(pairs) - len(dict(pairs))
        return dict(pairs)

    json.loads(_written(value), object_pairs_hook=taken)
    return count


@given(_VALUES)
def test_f073_the_count_is_that_of_a_reader_that_sees_all_members(value: Any) -> None:
    """Except that what stands in an object that was itself replaced may count as well."""
    found = _found(_written(value).encode()).repeated
    least = _repeats(value)
    assert (found == 0) == (least == 0)
    assert found >= least


@pytest.mark.parametrize("path", ["{}", '{{"a": {}}}', '[[{{"a": [{}]}}]]'])
def test_f075_a_wide_object_is_found_at_any_depth(path: str) -> None:
    """One member less is not wide, nor are many objects."""
    narrow = {name: 0 for name in _WIDE if name != "0"}
    for wide in (True, False):
        body = path.format(json.dumps(_WIDE if wide else narrow)).encode()
        assert _found(body).wide is wide
    assert not _found(path.format(json.dumps([{"a": 1, "b": 2}] * 5_000)).encode()).wide
