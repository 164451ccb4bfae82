"""Page results in a response cache."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.http import kept_page_results
from adapters.http.code_stamp import code_stamp
from adapters.http.fetch_counters import FetchCounters
from adapters.http.kept_page_results import KeptPageResults
from application.ports.page_results import PageResults
from application.ports.response_cache import PurgeFilter
from domain.page_results import AnswerRows, PageResult
from domain.record_block import RecordBlock
from domain.schema import Field, Kind, ListOf, Schema, StructOf
from domain.sources import Source
from domain.tables import TableSpec
from tests.contracts.page_results_contract import AT, REQUEST, PageResultsContract, whole_page
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.sample_source import SAMPLE


class Kept:
    """Over one store; each call opens it as another run would."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cache = FakeResponseCache(self.clock)
        self.counters = FetchCounters()

    def open(self, **other: Any) -> KeptPageResults:
        usual = {
            "cache": self.cache,
            "source": SAMPLE,
            "partition": "one",
            "base_url": "https://sample.test",
            "hosts": {},
            "counters": self.counters,
            "clock": self.clock,
            "refresh": False,
        }
        return KeptPageResults(**{**usual, **other})


@pytest.fixture
def kept() -> Kept:
    return Kept()


class TestKeptPageResults(PageResultsContract):
    @pytest.fixture
    def clock(self, kept: Kept) -> FakeClock:
        return kept.clock

    @pytest.fixture
    def results(self, kept: Kept) -> PageResults:
        return kept.open()


def _recalled(kept: Kept, **other: Any) -> PageResult | None:
    asyncio.run(kept.open().keep(whole_page()))
    return asyncio.run(kept.open(**other).recall("k"))


def test_its_answers_count_as_found(kept: Kept) -> None:
    """By host, since nobody will be asked for them; what is not found counts for nothing."""
    assert _recalled(kept) is not None
    assert asyncio.run(kept.open().recall("other")) is None

    counted = kept.counters.snapshot()
    assert (counted.cache_hits, counted.carried) == (3, 3)
    assert counted.cached_hosts == {"sample.test": 2, "far.test": 1}


@pytest.mark.parametrize(
    "other",
    [
        {"partition": "two"},
        {"base_url": "https://mirror.test"},
        {"source": replace(SAMPLE, name="other")},
    ],
)
def test_it_is_not_anybody_elses(kept: Kept, other: dict[str, Any]) -> None:
    """Whoever asks with another key, or elsewhere, finds nothing."""
    assert kept.open(**other).key([REQUEST], "1") != kept.open().key([REQUEST], "1")


def test_a_full_refresh_finds_nothing(kept: Kept) -> None:
    """It asks for everything anew."""
    assert _recalled(kept, refresh=True) is None


@pytest.mark.parametrize("context", [{"name": "\ud800"}, {"number": 2**64}])
def test_what_cannot_be_written_down_has_no_key(kept: Kept, context: dict[str, Any]) -> None:
    """Its page is read as ever."""
    assert kept.open().key([replace(REQUEST, context=context)], "1") is None


def test_a_full_refresh_keeps_what_it_finds(kept: Kept) -> None:
    """In place of what was there."""
    asyncio.run(kept.open(refresh=True).keep(whole_page()))
    assert asyncio.run(kept.open().recall("k")) is not None


BLOCK = [
    AnswerRows(AT, RecordBlock(("1",), [[0, 1], ["red", None]])),
    AnswerRows(AT, RecordBlock(("2",), [[7], ["blue"]])),
]


def test_blocks_come_back_as_blocks(kept: Kept) -> None:
    """Their records need not be made for that."""
    asyncio.run(kept.open().keep(replace(whole_page(), result=PageResult({"details": BLOCK}))))
    found = asyncio.run(kept.open().recall("k"))

    assert found is not None
    assert found.rows == {"items": [], "details": BLOCK}
    assert {type(each.records) for each in found.rows["details"]} == {RecordBlock}


def test_blocks_among_records_come_back_as_records(kept: Kept) -> None:
    """And so do blocks that begin with different numbers of columns."""
    others: list[AnswerRows] = [
        AnswerRows(AT, [("3", 0, "green")]),
        AnswerRows(AT, RecordBlock(("4", 5), [["grey", "black"]])),
    ]
    for other in others:
        rows = {"details": [*BLOCK, other]}
        asyncio.run(kept.open().keep(replace(whole_page(), result=PageResult(rows))))
        found = asyncio.run(kept.open().recall("k"))

        assert found is not None
        assert found.rows["details"] == rows["details"]


def _with_rows(common: int, answers: Any) -> bytes:
    rows = [(0, []), (common, answers)]
    return msgspec.msgpack.encode((rows, PageResult({}), {}))


@pytest.mark.parametrize(
    "damaged",
    [
        lambda body: body[:-1],
        lambda body: b"",
        lambda body: msgspec.msgpack.encode([]),
        lambda body: body.replace(b"\xa2ok", b"\xc4\x02ok"),  # bytes where text belongs
        lambda body: _with_rows(1, [(AT, (("1",), [[0, 1], ["red"]]))]),
        lambda body: _with_rows(1, [(AT, (("1",), [[0, 1]]))]),
        lambda body: _with_rows(1, [(AT, ((1,), [[0], ["red"]]))]),
        lambda body: _with_rows(1, [(AT, (("1",), [["0"], ["red"]]))]),
        lambda body: _with_rows(3, [(AT, (("1", 0, "red"), []))]),
        lambda body: _with_rows(-1, []),
        lambda body: _with_rows(0, [(AT, [("1", 0)])]),
    ],
)
def test_what_does_not_fit_the_tables_is_a_miss(kept: Kept, damaged: Any) -> None:
    """An entry of another making, or of somebody who shares the store."""
    asyncio.run(kept.open().keep(whole_page()))
    ((key, variants),) = kept.cache.entries.items()
    entry = variants[""]
    kept.cache.entries[key] = {"": entry._replace(body=damaged(entry.body))}

    assert asyncio.run(kept.open().recall("k")) is None
    assert kept.counters.cache_hits == 0


@pytest.mark.parametrize("value", ["\ud800", 2**64, object()])
def test_what_cannot_be_written_down_is_not_kept(kept: Kept, value: Any) -> None:
    """It is read again the next time."""
    rows = {"items": [AnswerRows(AT, [("1", value, "ok")])]}
    asyncio.run(kept.open().keep(replace(whole_page(), result=PageResult(rows))))

    assert kept.cache.entries == {}


def test_every_type_of_a_column_comes_back_as_it_was(kept: Kept) -> None:
    """Lists, structs, moments and dates too."""
    inner = StructOf((Field("a", Kind.INTEGER), Field("b", ListOf(Kind.STRING))))
    kinds = (*Kind, ListOf(inner), inner)
    schema = Schema(tuple(Field(f"c{n}", kind) for n, kind in enumerate(kinds)))
    source: Source = replace(SAMPLE, tables=(TableSpec("wide", schema, key=("c0",)),))
    values: dict[Any, Any] = {
        Kind.STRING: "text",
        Kind.INTEGER: -5,
        Kind.NUMBER: 1.5,
        Kind.BOOLEAN: True,
        Kind.TIMESTAMP: AT,
        Kind.DATE: AT.date(),
    }
    record = (*(values[kind] for kind in Kind), [(1, ["x"]), None], (None, None))
    rows = {"wide": [AnswerRows(AT, [record, (None,) * len(kinds)])]}
    page = replace(whole_page(), result=PageResult(rows))
    asyncio.run(kept.open(source=source).keep(page))
    found = asyncio.run(kept.open(source=source).recall("k"))

    assert found is not None
    assert found.rows == rows
    assert [type(each) for each in found.rows["wide"][0].records[0]] == [*map(type, record)]


def test_it_is_as_old_as_its_oldest_answer(kept: Kept) -> None:
    """Purging what is older than that takes it away, and so does purging any address."""
    asyncio.run(kept.open().keep(whole_page()))
    age = kept.clock.timestamp() - AT.timestamp()
    older = PurgeFilter(older_than=timedelta(seconds=age + 1))
    as_old = PurgeFilter(older_than=timedelta(seconds=age - 1))
    far = PurgeFilter(url_prefix="https://far.test/")

    assert [asyncio.run(kept.cache.count(which)) for which in (older, as_old, far)] == [0, 1, 1]


def test_addresses_are_kept_without_secrets(kept: Kept) -> None:
    """As those of answers are."""
    page = replace(whole_page(), address="/things/1?api_key=hush")
    asyncio.run(kept.open().keep(page))
    ((entry,),) = (variants.values() for variants in kept.cache.entries.values())

    assert entry.url == "derived:/things/1?api_key=***"
    assert b"hush" not in entry.body


def test_edited_code_reads_all_pages_anew(tmp_path: Path) -> None:
    """Also where the version of the program is the same."""
    module = tmp_path / "nft" / "walk.py"
    module.parent.mkdir()
    stamps = set()
    for text in ("a = 1\n", "a = 12\n"):
        module.write_text(text)
        code_stamp.cache_clear()
        stamps.add(code_stamp(tmp_path))
    (tmp_path / "other.py").touch()
    (tmp_path / "notes.txt").touch()
    code_stamp.cache_clear()
    stamps.add(code_stamp(tmp_path))
    code_stamp.cache_clear()

    assert len(stamps) == 3
    assert code_stamp(tmp_path) in stamps


def test_code_that_cannot_be_looked_at_has_no_stamp(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing is kept: nobody could tell whether it is still read in the same way."""
    assert code_stamp(tmp_path / "missing") is None
    monkeypatch.setattr(kept_page_results, "code_stamp", lambda: None)

    assert kept.open().key([REQUEST], "1") is None
