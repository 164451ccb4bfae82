"""The benchmark's static upstream: the same for everyone, and shaped like the real one."""

import json
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from benchmarks import upstream_data

_ITEMS = 450


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(upstream_data, "_DATA", tmp_path)
    return upstream_data.generate(_ITEMS)


def _files(folder: Path) -> dict[str, tuple[bytes, float]]:
    answers = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime) for path in answers
    }


def test_the_same_size_gives_the_same_bytes_and_file_times(
    generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ETag and Last-Modified are those of every other machine."""
    monkeypatch.setattr(upstream_data, "_DATA", tmp_path / "again")
    assert _files(upstream_data.generate(_ITEMS)) == _files(generated)


def test_complete_data_is_reused(generated: Path) -> None:
    """A second call touches nothing."""
    marker = generated / "metadata" / "1"
    marker.write_text("kept")
    upstream_data.generate(_ITEMS)
    assert marker.read_text() == "kept"


def test_half_made_data_is_made_again(generated: Path) -> None:
    """An interrupted generation leaves no marker, and its files do not survive."""
    for marker in generated.glob("complete*"):
        marker.unlink()
    (generated / "metadata" / "1").write_text("{")
    upstream_data.generate(_ITEMS)
    assert json.loads((generated / "metadata" / "1").read_bytes())["attributes"]


def test_the_cursors_lead_to_every_nft_once(generated: Path) -> None:
    """Pages of two hundred; the last one has no cursor."""
    starts = {upstream_data.cursor(start): start for start in range(0, _ITEMS, upstream_data.PAGE)}
    found: list[str] = []
    start: int | None = 0
    while start is not None:
        page = json.loads((generated / "pages" / str(start)).read_bytes())
        found += [nft["identifier"] for nft in page["nfts"]]
        start = starts[page["next"]] if "next" in page else None
    assert found == [str(number) for number in range(1, _ITEMS + 1)]


def test_documents_are_like_real_ones(generated: Path) -> None:
    """About 1.2 kB, 8 to 12 attributes, a numeric one in about half of them."""
    bodies = [(generated / "metadata" / str(n)).read_bytes() for n in range(1, _ITEMS + 1)]
    attributes: list[list[dict[str, Any]]] = [json.loads(body)["attributes"] for body in bodies]
    numeric = [any("max_value" in each for each in found) for found in attributes]
    assert 1_100 < mean(map(len, bodies)) < 1_300
    assert {len(found) for found in attributes} <= set(range(8, 13))
    assert 0.4 < mean(numeric) < 0.6


def test_more_nfts_than_documents_show_these_again_at_other_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Identifiers and addresses are all different; the traits are those of the documents shown."""
    monkeypatch.setattr(upstream_data, "_DATA", tmp_path)
    monkeypatch.setattr(upstream_data, "DOCUMENTS", 150)
    folder = upstream_data.generate(_ITEMS - 50)
    listed = [
        nft
        for start in range(0, _ITEMS - 50, upstream_data.PAGE)
        for nft in json.loads((folder / "pages" / str(start)).read_bytes())["nfts"]
    ]
    assert len({nft["identifier"] for nft in listed}) == _ITEMS - 50
    addresses = [nft["metadata_url"].removeprefix(upstream_data.ORIGIN) for nft in listed]
    assert len(set(addresses)) == _ITEMS - 50
    assert addresses[149:151] == ["/metadata/150", "/again/1/metadata/1"]
    documents = [folder / "metadata" / address.rpartition("/")[2] for address in addresses]
    traits = [len(json.loads(path.read_bytes())["attributes"]) for path in documents]
    assert upstream_data.trait_rows(_ITEMS - 50) == sum(traits)


def test_making_the_larger_data_again_spares_the_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They belong to the smaller size, and are only pointed to."""
    monkeypatch.setattr(upstream_data, "_DATA", tmp_path)
    monkeypatch.setattr(upstream_data, "DOCUMENTS", 150)
    folder = upstream_data.generate(200)
    for marker in folder.glob("complete*"):
        marker.unlink()
    (tmp_path / "150" / "metadata" / "1").write_text("kept")
    upstream_data.generate(200)
    assert (folder / "metadata" / "1").read_text() == "kept"
