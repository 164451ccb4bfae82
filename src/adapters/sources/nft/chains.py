"""On which chain an NFT lives."""

import re
from collections import Counter
from collections.abc import Sequence

_ON_OPENSEA = re.compile(r"https://[a-z.]+/(?:assets|item)/([a-z0-9_-]{1,40})/[^/]+/[^/]+/?")

type Contracts = Sequence[Sequence[str | None]]
"""Pairs of address and chain."""


class Chains:
    """Answers for the NFTs of one collection.

    Args:
        contracts: of the collection; none, one or more.
    """

    def __init__(self, contracts: Contracts) -> None:
        known = {(address.lower(), chain) for address, chain in contracts if address and chain}
        homes = Counter(address for address, _ in known)
        self._shared = {address for address, count in homes.items() if count > 1}
        self._of_contract = {a: chain for a, chain in known if a not in self._shared}
        chains = {chain for _, chain in known}
        self._only = chains.pop() if len(chains) == 1 else None

    def placed(
        self, contract: str | None, opensea_url: str | None
    ) -> tuple[str | None, str | None]:
        """The contract as `qualified` has it, and its chain."""
        if contract and (chain := self._of_contract.get(contract.lower())):
            return contract, chain
        chain = self.of(contract, opensea_url)
        return self.qualified(contract, chain), chain

    def of(self, contract: str | None, opensea_url: str | None) -> str | None:
        """The chain; null if neither the contracts nor the NFT's own page tell."""
        if contract and (chain := self._of_contract.get(contract.lower())):
            return chain
        if opensea_url and (match := _ON_OPENSEA.fullmatch(opensea_url)):
            return match[1]
        return self._only

    def qualified(self, contract: str | None, chain: str | None) -> str | None:
        """The contract, with its chain where the address alone means two contracts."""
        if contract and chain and contract.lower() in self._shared:
            return f"{chain}:{contract}"
        return contract
