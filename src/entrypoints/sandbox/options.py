"""What a sandbox serves, and what it does wrong on purpose."""

from dataclasses import dataclass

FAULTS = {
    "cursor-loop": "the third list page names the second one as the next",
    "dead-hosts": "every metadata document answers 503, each time",
    "expired-key": "the first instant key is refused with 401",
    "flaky": "every twentieth metadata document answers 503 the first time",
    "list-down": "list pages after the second answer 503",
    "no-batches": "OpenSea has no batches of NFTs: 404",
    "server-errors": "every list page answers 500 the first time",
    "small-batches": "batches of more than 30 NFTs are refused with 400",
    "shifting": "an NFT is added at the head of the list before each further page: one comes again",
    "slow": "metadata takes 200 ms more",
    "throttle": "four requests in the first forty are answered 429 with Retry-After: 1",
    "truncate": "the second list page is cut off the first time, with status 200",
}
"""Names for `--faults`, with their meaning."""


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """A sandbox; the same options give the same data.

    Attributes:
        items: NFTs in the collection `dxterminal`.
        latency_ms: milliseconds before each answer.
        faults: names of FAULTS.
        rate_limit: API requests in any second before 429; None for no limit.
        pairs: further pairs of Binance, M0001USDT and on.

    Raises:
        ValueError: an unknown fault.
    """

    items: int = 36_600
    seed: int = 1
    latency_ms: int = 0
    faults: tuple[str, ...] = ()
    rate_limit: int | None = None
    pairs: int = 0

    def __post_init__(self) -> None:
        unknown = sorted(set(self.faults) - set(FAULTS))
        if unknown:
            message = f"Unknown fault {', '.join(unknown)}; there are {', '.join(FAULTS)}."
            raise ValueError(message)
