"""Makes a new source out of one answer of its upstream."""

import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from application.check_source import CheckSource
from application.ports.clock import Clock
from application.ports.fetcher import Fetcher
from application.ports.fetchers import Fetchers, FetchOptions
from application.ports.source_files import SourceFiles
from application.ports.source_registry import SourceRegistry
from domain.drafts import Draft, Drafter, Wishes
from domain.errors import FetchError, ParseError, UsageError
from domain.headers import Headers
from domain.recordings import Recording, recorded_response, recording_key
from domain.requests import Request, Response
from domain.source_checks import SourceCheck
from domain.sources import Source, Window

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEPT_FIELDS = ("content-type", "link", "date")

type Ask = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class DraftedSource:
    """What was made.

    Attributes:
        files: written, the declaration last.
        notes: what was guessed or left out.
        check: of the new source against its recording.
    """

    source: Source
    files: Sequence[str]
    notes: Sequence[str]
    check: SourceCheck


class DraftSource:
    """Proposes a declaration, checks it against the answer, and writes both."""

    def __init__(
        self,
        *,
        registry: SourceRegistry,
        fetchers: Fetchers,
        files: SourceFiles,
        check: CheckSource,
        clock: Clock,
        drafter: Drafter,
        read: Callable[[str, str], Source],
    ) -> None:
        self._registry = registry
        self._fetchers = fetchers
        self._files = files
        self._check = check
        self._clock = clock
        self._drafter = drafter
        self._read = read

    async def execute(
        self, wishes: Wishes, body: bytes | None = None, *, pages: int = 3, overwrite: bool = False
    ) -> DraftedSource:
        """The new source.

        Args:
            wishes: what is known of it.
            body: a recorded answer; None to ask the address, and for the pages that follow.
            pages: most answers that are asked for and recorded.
            overwrite: take the place of the project's source of that name.

        Raises:
            UsageError: a name or a wish that cannot be; says what could.
            ParseError: the answer holds no table; says what to do.
            FetchError: the address does not answer.
            StorageError: the files cannot be written.
        """
        self._check_names(wishes, overwrite=overwrite)
        probe = self._drafter.probe(wishes)
        if body is None:
            async with self._fetchers.open(probe, FetchOptions(refresh=True)) as fetcher:
                (request,) = probe.start("", Window(), {})
                first = self._kept(wishes, await fetcher.fetch(request))
                draft, source = self._drafted(wishes, first)
                following = partial(self._asked, wishes, fetcher)
                recording = await _recorded(source, draft, first, following, pages)
        else:
            first = self._kept(wishes, recorded_response(body, {}, self._clock.now()))
            draft, source = self._drafted(wishes, first)
            recording = await _recorded(source, draft, first, None, 1)
        check = self._check.check(source, recording)
        files = self._files.save(wishes.name, draft.text, recording)
        return DraftedSource(source, files, draft.notes, check)

    def _check_names(self, wishes: Wishes, *, overwrite: bool) -> None:
        for what, name in (("source", wishes.name), ("domain", wishes.domain)):
            if not _NAME.fullmatch(name):
                message = (
                    f"{name[:60]!a} is no name of a {what}: use up to 40 lower-case letters, "
                    "digits and underscores, beginning with a letter."
                )
                raise UsageError(message)
        if wishes.table and not _NAME.fullmatch(wishes.table):
            message = f"{wishes.table[:60]!a} is no name of a table: it must be as harbours."
            raise UsageError(message)
        own = self._files.exists(wishes.name)
        if own and not overwrite:
            message = f"{own} is there already: --force replaces it, or choose another name."
            raise UsageError(message)
        if not own and any(each.name == wishes.name for each in self._registry.all()):
            message = f"{wishes.name} is the name of another source: choose a different one."
            raise UsageError(message)

    def _drafted(self, wishes: Wishes, answer: Response) -> tuple[Draft, Source]:
        draft = self._drafter.draft(wishes, answer.body, answer.headers)
        source = self._read(draft.text, f"{wishes.name}.toml")
        (table,) = source.tables
        for each in self._registry.all():
            same = each.domain == source.domain and each.name != source.name
            if same and any(other.name == table.name for other in each.tables):
                message = (
                    f"{each.name} fills {each.domain}.{table.name} already: choose another "
                    "--domain or --table."
                )
                raise UsageError(message)
        return draft, source

    def _kept(self, wishes: Wishes, answer: Response) -> Response:
        """The answer as it may be written: without keys, with the few fields that matter."""
        fields = answer.headers
        kept = [(name, text) for name in _KEPT_FIELDS if (text := fields.get(name))]
        return replace(
            answer,
            headers=Headers((name, self._drafter.scrub_text(wishes, text)) for name, text in kept),
            body=self._drafter.scrub(wishes, answer.body, fields.get("content-type")),
        )

    async def _asked(self, wishes: Wishes, fetcher: Fetcher, request: Request) -> Response:
        return self._kept(wishes, await fetcher.fetch(request))


async def _recorded(
    source: Source, draft: Draft, first: Response, ask: Ask | None, pages: int
) -> Recording:
    """The first answer and, where somebody can be asked, those that follow it."""
    answers: dict[str, Response] = {}
    options = {each.name: each.default for each in source.parameters}
    pending = deque(source.start(draft.target, draft.window, options))
    while pending and len(answers) < pages:
        request = pending.popleft()
        try:
            answer = await ask(request) if answers and ask is not None else first
            pending.extend(source.parse(request, answer).requests)
        except (FetchError, ParseError):  # the check says which request has no good answer
            break
        answers[recording_key(request)] = answer
    return Recording(target=draft.target, answers=answers, window=draft.window)
