"""The collection `dxterminal`: trading agents, a document of about 1.1 kB each."""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import overload

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
_DESCRIPTION = (
    "An autonomous trading agent that lives in a terminal. It reads, it trades, it writes home. "
    "Feed it prices and it will tell you what they mean; leave it alone and it will tell you "
    "anyway, in green letters, at four in the morning."
)


class TerminalAgents(Sequence[NftItem]):
    """The whole collection; an agent is made when it is first asked for."""

    def __init__(self, items: int, seed: int) -> None:
        self._made: list[NftItem | None] = [None] * items
        self._seed = seed

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> NftItem: ...

    @overload
    def __getitem__(self, index: slice) -> list[NftItem]: ...

    def __getitem__(self, index: int | slice) -> NftItem | list[NftItem]:
        positions = range(len(self._made))[index]
        if isinstance(positions, range):
            return [self._agent(position) for position in positions]
        return self._agent(positions)

    def _agent(self, position: int) -> NftItem:
        agent = self._made[position]
        if agent is None:
            trouble = _TROUBLE.get(position % 400)
            agent = self._made[position] = terminal_agent(position, self._seed, trouble)
        return agent


@cache
def terminal_agents(items: int, seed: int) -> TerminalAgents:
    """The collection; one for each size and seed."""
    return TerminalAgents(items, seed)


def terminal_agent(position: int, seed: int, trouble: str | None = None) -> NftItem:
    """The NFT at a position of the list, from 0.

    Args:
        position: its identifier is one more.
        seed: another one gives other traits.
        trouble: "gone" (404), "page" (HTML in place of JSON) or "none" (no address).
    """
    identifier = str(position + 1)
    attributes = _attributes(position, seed)
    name = f"DX Terminal #{identifier}"
    url: str | None = "{origin}/metadata/dxterminal/" + identifier
    status, traits, content_type = "ok", len(attributes), "application/json"
    body: bytes | None = _document(name, identifier, attributes)
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
        "dna": hashlib.blake2b(identifier.encode(), digest_size=20).hexdigest(),
        "edition": int(identifier),
        "attributes": attributes,
    }
    return json.dumps(value).encode()
