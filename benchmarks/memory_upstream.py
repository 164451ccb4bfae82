"""An upstream that answers from memory after a stated time, its documents on several hosts.

For what nginx cannot show: latency, how many requests are under way at once, and which of them
repeat an earlier one. Linux answers on all of 127.0.0.0/8; elsewhere 127.0.0.2 and the following
addresses have to be added to the loopback interface first.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from static_upstream import Upstream
from upstream_data import DOCUMENTS, generate

_PATIENCE = 30.0  # seconds for an answer or a stop


@dataclass(frozen=True)
class Counts:
    """What was asked since the counting began.

    Attributes:
        requests: answers.
        repeated: those to an address that had been asked before.
        repeated_lists: of these, those for a page of the list or for the collection.
        most_at_once: under way at the same time.
    """

    requests: int
    repeated: int
    repeated_lists: int
    most_at_once: int


@dataclass(frozen=True)
class MemoryUpstream(Upstream):
    """A running one.

    Attributes:
        hosts: addresses that its documents are on.
        counts: what was asked; these questions are left out.
        begin_anew: begins the counting anew.
    """

    hosts: tuple[str, ...]
    counts: Callable[[], Counts]
    begin_anew: Callable[[], Counts]


@contextmanager
def serving_from_memory(
    items: int, *, latency: float = 0.0, hosts: int = 1, cache_control: str = "no-store"
) -> Iterator[MemoryUpstream]:
    """An upstream of so many NFTs in a process of its own; SystemExit where it does not start.

    Args:
        items: NFTs, DOCUMENTS at most.
        latency: seconds before each answer.
        hosts: on which the documents are, from 127.0.0.2 upwards.
        cache_control: of the documents; lists may never be kept.
    """
    if items > DOCUMENTS:
        message = f"This upstream holds {DOCUMENTS:,} NFTs at most."
        raise SystemExit(message)
    generate(items)
    program = str(Path(__file__).with_name("memory_server.py"))
    words = [str(items), str(latency), str(hosts), cache_control]
    process = subprocess.Popen([sys.executable, program, *words], stdout=subprocess.PIPE, text=True)
    try:
        base_url = process.stdout.readline().strip() if process.stdout else ""
        if not base_url:
            message = "The upstream does not answer; its words stand above."
            raise SystemExit(message)

        def counts(path: str = "status") -> Counts:
            with urllib.request.urlopen(f"{base_url}/{path}", timeout=_PATIENCE) as answer:
                return Counts(**json.loads(answer.read()))

        yield MemoryUpstream(
            name=f"own server, {latency * 1e3:.0f} ms before each answer",
            base_url=base_url,
            requests=lambda: counts().requests,
            regular=True,
            hosts=tuple(f"127.0.0.{2 + number}" for number in range(hosts)),
            counts=counts,
            begin_anew=lambda: counts("anew"),
        )
    finally:
        process.terminate()
        process.wait(_PATIENCE)
