"""Canned DNS answers."""

import socket
from collections import Counter
from collections.abc import Mapping, Sequence

from adapters.http.name_resolver import NameResolver
from domain.errors import PermanentError


class FakeNameResolver(NameResolver):
    """Answers names from a table, each list of a name in turn; numbers as the system reads them."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = answers
        self.asked: Counter[str] = Counter()

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        name = host.rstrip(".").lower()
        turn = self.asked[name]
        self.asked[name] += 1
        if name in self._answers:
            answers = self._answers[name]
            return answers[min(turn, len(answers) - 1)]
        try:
            found = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        except (socket.gaierror, UnicodeError) as exc:
            message = "there is no such host"
            raise PermanentError(message, url=host) from exc
        return [str(address[0]) for *_, address in found]
