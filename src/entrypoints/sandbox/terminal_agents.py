"""The collection `dxterminal`: trading agents, a document of about 1.1 kB each."""

import hashlib
import json
from functools import cache

from entrypoints.sandbox.nft_items import NftItem

CONTRACT = "0x41dc69132cce31fcbf6755c84538ca268520246f"
CHAIN = "base"

_TRAITS = {
    "Strategy": "Momentum,Mean Reversion,Grid,Scalper,Market Maker,Arbitrage,Contrarian,Diamond",
    "Temperament": "Stoic,Anxious,Greedy,Patient,Reckless,Paranoid,Cheerful,Sleepless",
    "Home market": "Majors,Memes,Stables,Perps,Options,Long Tail",
    "Terminal": "Amber,Green,Cyan,Magenta,Bone,Ultraviolet",
    "Signal": "Order Book,Funding,Whale Watch,News Wire,Moon Phase,Gut Feeling",
    "Guild": "Night Desk,Cold Wallet,Liquidity Choir,Basis Brothers,Gas Guild",
    "Keyboard": "Mechanical,Membrane,Brass,Ceramic,None",
    "Snack": "Ramen,Espresso,Sunflower Seeds,Energy Gel,Nothing",
}
_CHOICES = {name: values.split(",") for name, values in _TRAITS.items()}
_FIRST_BLOCK = 1_735_689_600  # 2025-01-01, epoch seconds
_TROUBLE = {250: "gone", 333: "page", 399: "none"}  # by position in each four hundred


def terminal_agent(position: int, seed: int) -> NftItem:
    """The NFT at a position of the list, from 0."""
    identifier = str(position + 1)
    trouble = _TROUBLE.get(position % 400)
    attributes = _attributes(position, seed)
    name = f"DX Terminal #{identifier}"
    document = _document(name, identifier, attributes)
    url: str | None = "{origin}/metadata/dxterminal/" + identifier
    status, traits, content_type = "ok", len(attributes), "application/json"
    body: bytes | None = document
    if trouble == "gone":
        body, status, traits = None, "unreachable", 0
    elif trouble == "page":
        body, status, traits = b"<!doctype html><title>Just a moment</title>", "invalid", 0
        content_type = "text/html; charset=utf-8"
    elif trouble == "none":
        url, body, status, traits = None, None, "none", 0
    return NftItem(
        identifier=identifier,
        contract=CONTRACT,
        chain=CHAIN,
        name=name if position % 31 else "",
        description=_DESCRIPTION if position % 13 else None,
        metadata_url=url,
        document=body,
        status=status,
        traits=traits,
        content_type=content_type,
    )


_DESCRIPTION = (
    "An autonomous trading agent that lives in a terminal. It reads, it trades, it writes home."
)


def _attributes(position: int, seed: int) -> list[dict[str, object]]:
    digest = hashlib.blake2b(f"{seed}:{position}".encode(), digest_size=16).digest()
    found: list[dict[str, object]] = [
        # The square makes low places common and high ones rare, as in real collections.
        {"trait_type": name, "value": values[digest[place] * digest[place] * len(values) >> 16]}
        for place, (name, values) in enumerate(_CHOICES.items())
    ]
    if digest[8] % 2:
        trades = int.from_bytes(digest[9:11])
        found.append({"trait_type": "Trades", "value": trades, "display_type": "number"})
        found.append(
            {
                "trait_type": "Win rate",
                "value": digest[11] * 100 / 255,
                "display_type": "boost_percentage",
                "max_value": 100,
            }
        )
    if digest[12] % 4 == 0:
        born = _FIRST_BLOCK + int.from_bytes(digest[13:16])
        found.append({"trait_type": "Born", "value": born, "display_type": "date"})
        found.append({"trait_type": "Nemesis", "value": f"#{1 + digest[13] * 7}"})
    return found


def _document(name: str, identifier: str, attributes: list[dict[str, object]]) -> bytes:
    value = {
        "name": name,
        "description": _DESCRIPTION,
        "image": f"https://images.invalid/dxterminal/{identifier}.png",
        "animation_url": f"https://images.invalid/dxterminal/{identifier}.html",
        "external_url": f"https://terminal.invalid/agent/{identifier}",
        "attributes": attributes,
    }
    return json.dumps(value).encode()


@cache
def terminal_agents(items: int, seed: int) -> list[NftItem]:
    """The whole collection; made once for each size and seed."""
    return [terminal_agent(position, seed) for position in range(items)]
