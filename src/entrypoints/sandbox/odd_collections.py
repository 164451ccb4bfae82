"""Small collections that hold what real ones hold: odd shapes, odd addresses, dead hosts."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from entrypoints.sandbox.nft_items import NftItem

ETHEREUM = "ethereum"
FIRST_CONTRACT = "0x1111111111111111111111111111111111111111"
SECOND_CONTRACT = "0x2222222222222222222222222222222222222222"
CID = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"
_MANY_TRAITS = 51  # of these a batch answer says null
_MANY_TRAITS_AT = 7
_NOT_IN_BATCHES = (8, 28)
_NO_DOCUMENT = object()


def two_contracts() -> list[NftItem]:
    """The same ids under two contracts."""
    return [
        _with_document(
            "two-contracts",
            str(number),
            {"name": f"Twin {number}", "attributes": [_trait("Side", contract[-1])]},
            traits=1,
            contract=contract,
            path=f"{contract[-1]}-{number}",
        )
        for contract in (FIRST_CONTRACT, SECOND_CONTRACT)
        for number in range(1, 31)
    ]


def onchain_words() -> list[NftItem]:
    """Documents inside the address: base64, raw and percent-encoded."""
    found = []
    for number in range(1, 41):
        document = json.dumps(
            {
                "name": f"Word {number}",
                "attributes": [_trait("Length", number), _trait("Ink", "é")],
            },
            ensure_ascii=False,
        )
        form = (
            "data:application/json;base64," + base64.b64encode(document.encode()).decode(),
            "data:application/json;utf8," + document,
            "data:application/json;charset=utf-8," + quote(document),
        )[number % 3]
        found.append(
            _item(str(number), form, traits=2, name=f"Word {number}", contract=_contract(5))
        )
    return found


def erc1155_items() -> list[NftItem]:
    """One address for all, with the id to be filled in as 64 hexadecimal digits."""
    return [
        NftItem(
            identifier=identifier,
            contract=_contract(6),
            chain=ETHEREUM,
            name=None,
            description=None,
            metadata_url="{origin}/metadata/erc1155-items/{id}.json",
            document=_json({"name": f"Item {identifier}", "attributes": [_trait("Kind", "Sword")]}),
            traits=1,
            token_standard="erc1155",
        )
        for identifier in (*map(str, range(1, 25)), str(2**200 + 7))
    ]


def pinned_words() -> list[NftItem]:
    """`ipfs://` addresses; the sandbox is a gateway for them."""
    return [
        _item(
            str(number),
            f"ipfs://{CID}/{number}",
            traits=1,
            contract=_contract(7),
            document=_json({"name": f"Pin {number}", "attributes": [_trait("Depth", number)]}),
        )
        for number in range(1, 21)
    ]


def listed_traits() -> list[NftItem]:
    """The list answer carries the traits; no document needs to be asked for."""
    return [
        NftItem(
            identifier=str(number),
            contract=_contract(8),
            chain=ETHEREUM,
            name=f"Listed {number}",
            description=None,
            metadata_url=f"{{origin}}/metadata/listed-traits/{number}",
            document=None,
            traits=2,
            listed_traits=[_trait("Row", number), _trait("Shelf", "upper")],
        )
        for number in range(1, 11)
    ]


def dead_hosts() -> list[NftItem]:
    """Four of five documents are gone."""
    found = []
    for number in range(1, 31):
        alive = number % 5 == 0
        document = _json({"name": f"Ghost {number}", "attributes": [_trait("Pulse", "yes")]})
        found.append(
            _item(
                str(number),
                f"{{origin}}/metadata/dead-hosts/{number}",
                traits=1 if alive else 0,
                contract=_contract(4),
                document=document if alive else None,
                status="ok" if alive else "unreachable",
            )
        )
    return found


def rescued_hosts() -> list[NftItem]:
    """All documents are gone; OpenSea has read most of them before, a few not for its batches."""
    found = []
    for number in range(1, 31):
        count = _MANY_TRAITS if number == _MANY_TRAITS_AT else 2
        traits = [_trait(f"Pulse {each}", number * each) for each in range(count)]
        is_known = number % 6 != 0
        item = _item(
            str(number),
            f"{{origin}}/metadata/rescued-hosts/{number}",
            traits=count if is_known else 0,
            status="ok" if is_known else "unreachable",
            contract=_contract(3),
            known=_json({"name": f"Spectre {number}", "attributes": traits}) if is_known else None,
            in_batch=number not in _NOT_IN_BATCHES,
        )
        found.append(item)
    return found


def odd_shapes() -> list[NftItem]:
    """Every shape of `attributes` that real documents hold, and documents that are none."""
    shapes: Sequence[tuple[Any, int, str]] = (
        ({"attributes": [_trait("Colour", "red"), _trait("Colour", "blue")]}, 2, "ok"),
        ({"attributes": {"Colour": "red", "Power": "12345678901234567890"}}, 2, "ok"),
        ({"attributes": [[_trait("Colour", "red"), _trait("Size", 3)]]}, 2, "ok"),
        ({"attributes": ["shiny", "old"]}, 2, "ok"),
        ({"attributes": [_trait("Depth", -12.5), _trait("Big", 10**40)]}, 2, "ok"),
        ({"attributes": [{**_trait("Born", 1633123738000), "display_type": "date"}]}, 1, "ok"),
        ({"attributes": [{**_trait("Born", 1633123738), "display_type": "date"}]}, 1, "ok"),
        ({"properties": {"number": 7, "name": "seven"}}, 2, "ok"),
        ({"name": "No traits", "attributes": []}, 0, "ok"),
        ({"name": "No traits", "attributes": None}, 0, "ok"),
        ({"name": "Neither"}, 0, "ok"),
        ({"attributes": [_trait("Alive", True), _trait("Nothing", None)]}, 2, "ok"),
        (b"<html><body>Too many requests</body></html>", 0, "invalid"),
        (b'{"name": "cut', 0, "invalid"),
        (b"", 0, "invalid"),
        (b"[1, 2, 3]", 0, "invalid"),
        (b'\xef\xbb\xbf{"attributes": {"Mark": "bom"}}', 1, "ok"),
        (_NO_DOCUMENT, 0, "unreachable"),
    )
    found = []
    for number, (document, traits, status) in enumerate(shapes, 1):
        body = document if isinstance(document, bytes) else _json(document)
        if document is _NO_DOCUMENT:
            body = None
        url = f"{{origin}}/metadata/odd-shapes/{number}"
        found.append(
            _item(
                str(number), url, traits=traits, document=body, status=status, contract=_contract(9)
            )
        )
    found.append(_item(str(len(shapes) + 1), None, traits=0, status="none", contract=_contract(9)))
    found.append(
        _item(
            str(len(shapes) + 2),
            "javascript:alert(1)",
            traits=0,
            status="invalid",
            contract=_contract(9),
        )
    )
    return found


COLLECTIONS: dict[str, Callable[[], list[NftItem]]] = {
    "dead-hosts": dead_hosts,
    "empty-collection": list,
    "erc1155-items": erc1155_items,
    "listed-traits": listed_traits,
    "odd-shapes": odd_shapes,
    "onchain-words": onchain_words,
    "pinned-words": pinned_words,
    "rescued-hosts": rescued_hosts,
    "two-contracts": two_contracts,
}


def _contract(digit: int) -> str:
    """Each collection has one of its own, but for `two-contracts`."""
    return f"0x{str(digit) * 40}"


def _trait(name: str, value: object) -> dict[str, Any]:
    return {"trait_type": name, "value": value}


def _json(value: object) -> bytes | None:
    return None if value is _NO_DOCUMENT else json.dumps(value).encode()


def _item(
    identifier: str,
    metadata_url: str | None,
    *,
    traits: int,
    document: bytes | None = None,
    status: str = "ok",
    name: str | None = None,
    contract: str,
    known: bytes | None = None,
    in_batch: bool = True,
) -> NftItem:
    return NftItem(
        identifier=identifier,
        contract=contract,
        chain=ETHEREUM,
        name=name,
        description=None,
        metadata_url=metadata_url,
        document=document,
        status=status,
        traits=traits,
        known=known,
        in_batch=in_batch,
    )


def _with_document(
    slug: str, identifier: str, document: dict[str, Any], *, traits: int, contract: str, path: str
) -> NftItem:
    return NftItem(
        identifier=identifier,
        contract=contract,
        chain=ETHEREUM,
        name=document["name"],
        description=None,
        metadata_url=f"{{origin}}/metadata/{slug}/{path}",
        document=_json(document),
        traits=traits,
    )
