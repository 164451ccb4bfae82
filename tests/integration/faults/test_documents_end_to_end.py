"""Odd documents and lists, from the socket to the published tables."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.app_process import AppProcess
from tests.support.recording_server import Answer, Answers, recording_server

CAFE = '{"name": "Café", "attributes": [{"trait_type": "Né", "value": "à"}]}'
WIDE = json.dumps({str(number): number for number in range(1_001)})
JSON = "application/json"
DOCUMENTS = {
    "plain": (JSON, b'{"name": "Plain"}', "ok"),
    "f074-128-levels": (JSON, b'{"a": ' + b"[" * 127 + b"]" * 127 + b"}", "ok"),
    "f074-129-levels": (JSON, b'{"a": ' + b"[" * 128 + b"]" * 128 + b"}", "invalid"),
    "f074-100000-levels": (JSON, b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "invalid"),
    "f074-100000-objects": (JSON, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "invalid"),
    "f078-latin-1-named": (f"{JSON}; charset=ISO-8859-1", CAFE.encode("latin-1"), "ok"),
    "f078-latin-1-unnamed": (JSON, CAFE.encode("latin-1"), "invalid"),
    "f078-utf-16-named": (f"{JSON}; charset=utf-16", CAFE.encode("utf-16"), "ok"),
    "f078-utf-16-unnamed": (JSON, CAFE.encode("utf-16"), "invalid"),
    "f078-marked": (JSON, b"\xef\xbb\xbf" + CAFE.encode(), "ok"),
    "f073-repeated": (JSON, b'{"name": "First", "name": "Last"}', "ok"),
    "f075-wide": (JSON, f'{{"a": [{{"b": {WIDE}}}]}}'.encode(), "invalid"),
}


def _api(pages: dict[str, tuple[list[dict[str, str]], str | None]], link: str = "") -> Answers:
    """A collection whose pages are named by their cursors; "" is the first."""

    def answers(path: str, _received: str) -> Answer:
        parts = urlsplit(path)
        if parts.path.startswith("/documents/"):
            media_type, body, _ = DOCUMENTS[parts.path.removeprefix("/documents/")]
            return 200, {"Content-Type": media_type}, body
        if not parts.path.endswith("/nfts"):
            return 200, {}, b'{"collection": "things"}'
        cursor = parse_qs(parts.query).get("next", [""])[0]
        nfts, following = pages[cursor]
        fields = {"Link": f'<{link}>; rel="next"'} if link else {}
        return 200, fields, json.dumps({"nfts": nfts, "next": following}).encode()

    return answers


def test_f073_f074_f075_f078_odd_documents_cost_their_own_nft_alone(tmp_path: Path) -> None:
    """Each NFT is published, with the status that fits; the run goes on to its end."""
    pages: dict[str, tuple[list[dict[str, str]], str | None]] = {}
    with recording_server(_api(pages)) as server:
        nfts = [
            {
                "identifier": name,
                "contract": "0xaa",
                "metadata_url": f"{server.url}/documents/{name}",
            }
            for name in DOCUMENTS
        ]
        pages[""] = (nfts, None)
        app = AppProcess(tmp_path, server.url)
        summary = app.ingest("things", expected=6)

    rows = {row["identifier"]: row for row in app.rows("select * from nfts")}
    assert {name: row["metadata_status"] for name, row in rows.items()} == {
        name: status for name, (_, _, status) in DOCUMENTS.items()
    }
    assert summary["state"] == "partial"
    for name in ("f078-latin-1-named", "f078-utf-16-named", "f078-marked"):
        assert (rows[name]["name"], rows[name]["trait_count"]) == ("Café", 1)
    assert rows["f073-repeated"]["name"] == "Last"
    assert b"the last one of a name counts" in app.run("runs", summary["run_id"]).stdout


@pytest.mark.parametrize("form", ["{url}/next", "//{host}/next", "{url}/api/v2/collection/x/nfts"])
def test_f092_a_next_page_on_another_host_is_not_asked_there(tmp_path: Path, form: str) -> None:
    """Neither what the body nor what a Link field names: a cursor is a parameter, no address."""
    with recording_server(lambda _path, _received: (200, {}, b'{"nfts": []}')) as other:
        cursor = form.format(url=other.url, host=urlsplit(other.url).netloc)
        pages: dict[str, tuple[list[dict[str, str]], str | None]] = {
            "": ([{"identifier": "1", "contract": "0xaa"}], cursor),
            cursor: ([{"identifier": "2", "contract": "0xaa"}], None),
        }
        with recording_server(_api(pages, link=f"{other.url}/linked")) as server:
            app = AppProcess(tmp_path, server.url)
            summary = app.ingest("things")

    assert other.received == []
    assert summary["rows"]["nft.nfts"]["published"] == 2
