"""Metadata hosts: plain documents, ids in hexadecimal, and an IPFS gateway."""

import re
from collections import Counter

from entrypoints.sandbox.answers import Answer, DocumentAnswers
from entrypoints.sandbox.collections import DXTERMINAL, collection_items
from entrypoints.sandbox.nft_items import NftItem
from entrypoints.sandbox.odd_collections import CID, FIRST_CONTRACT
from entrypoints.sandbox.options import SandboxOptions

_GONE = Answer(404, b"Not found", [(b"content-type", b"text/plain")])
_UNAVAILABLE = Answer(503, b"Try again", [(b"content-type", b"text/plain")])
_DECIMAL_ID = re.compile(r"[0-9]{1,12}")
_HEX_ID = re.compile(r"([0-9a-f]{64})\.json")


class MetadataRoutes:
    """Answers below `/metadata` and `/ipfs`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._documents = DocumentAnswers()
        self._by_name: dict[str, dict[str, NftItem]] = {}
        self._asked: Counter[str] = Counter()

    def answer(self, path: str, headers: dict[bytes, bytes]) -> Answer:
        """One request."""
        area, slug, name = [*path.removeprefix("/").split("/", 2), "", ""][:3]
        if area == "ipfs":
            slug = "pinned-words" if slug == CID else ""
        item = self._item(slug, name)
        if item is None or item.document is None:
            return _GONE
        if "dead-hosts" in self._options.faults:
            return _UNAVAILABLE
        if "flaky" in self._options.faults and int(item.identifier) % 20 == 0:
            self._asked[path] += 1
            if self._asked[path] == 1:
                return _UNAVAILABLE
        return self._documents.answer(item.document, item.content_type, headers)

    def _item(self, slug: str, name: str) -> NftItem | None:
        items = collection_items(self._options, slug)
        if items is None:
            return None
        if slug == DXTERMINAL:
            position = int(name) - 1 if _DECIMAL_ID.fullmatch(name) else -1
            return items[position] if 0 <= position < len(items) else None
        if slug not in self._by_name:
            self._by_name[slug] = {_name(slug, item): item for item in items}
        match = _HEX_ID.fullmatch(name)
        return self._by_name[slug].get(str(int(match[1], 16)) if match else name)


def _name(slug: str, item: NftItem) -> str:
    if slug != "two-contracts":
        return item.identifier
    return f"{'1' if item.contract == FIRST_CONTRACT else '2'}-{item.identifier}"
