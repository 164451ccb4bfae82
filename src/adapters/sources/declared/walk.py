"""The functions of a declared source: what to ask first, and how an answer is read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.sources.candles.numbers import upstream_time
from adapters.sources.candles.windows import check_begun, check_order, most
from adapters.sources.declared.answers import AnswerRules
from adapters.sources.declared.asking import Asked, RequestRules
from adapters.sources.declared.complaints import raise_by_status
from adapters.sources.declared.paging import FileList, NextPage
from adapters.sources.declared.places import PlaceRules
from adapters.sources.declared.span import check_supported
from adapters.sources.declared.suggestions import SUGGESTIONS, Suggestions
from adapters.sources.declared.targets import ParameterRules, TargetRules, checked_values
from adapters.sources.declared.templates import Template
from domain.errors import CursorLoopError, FetchError, NotFoundError, ParseError
from domain.requests import Request, Response
from domain.sources import Options, Page, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredWalk:
    """What a declaration says of requests and answers, as functions.

    Attributes:
        takes: which of `since` and `until` the request has a place for.
    """

    name: str
    target: TargetRules
    places: PlaceRules | None
    parameters: Sequence[ParameterRules]
    asking: RequestRules
    answers: AnswerRules
    following: NextPage
    files: FileList | None
    file_path: Template | None
    suggestions: Suggestions
    takes: Collection[str]

    def start(self, target: str, window: Window, options: Options) -> Sequence[Request]:
        """The first request, or one for each group of places; under a limit these take turns."""
        check_order(window)
        check_supported(window, self.takes, self.name)
        left = most(options)
        groups = {} if self.places else self.target.groups(target)
        values = {"target": target, **groups, **checked_values(self.parameters, options)}
        span = self.asking.spans.first(window)
        if left == 0 or self.asking.spans.is_empty(span):
            return ()
        batches = self.places.batches(target) if self.places else [[]]
        first = Asked(values=values, span=span, begin=span, query={}, left=left)
        if left is None:
            return [self._begun(replace(first, places=each)) for each in batches]
        return [self._begun(replace(first, places=batches[0], waiting=batches[1:]))]

    def _begun(self, asked: Asked) -> Request:
        """The request for the first page of a span."""
        query = self.asking.first_query(asked)
        return self.asking.request(replace(asked, query=query))

    def parse(self, request: Request, response: Response) -> Page:
        """The records of an answer, and what follows it."""
        if request.kind == SUGGESTIONS:
            return self.suggestions.after(request, response)
        asked = Asked.of(request.context)
        try:
            return self._page(asked, response)
        except NotFoundError as error:
            return self._unknown(asked, error)

    def _page(self, asked: Asked, response: Response) -> Page:
        span, now = asked.span, upstream_time(response)
        if span.since is not None:
            check_begun(span.since, now)
        answer = self.answers.answer(response, asked)
        items = len(answer.rows) + len(answer.kept_out)
        asked = replace(asked, left=None if asked.left is None else asked.left - items)
        requests: list[Request] = []
        if asked.left is None or asked.left > 0:
            more = self.following(asked.query, answer.value, response.headers, answer.count)
            if more is not None:
                if dict(more) == dict(asked.query):
                    raise CursorLoopError(str(dict(more)))
                requests.append(self.asking.request(replace(asked, query=more)))
            elif asked.files is None and (after := self.asking.spans.after(span, now)):
                requests.append(self._begun(replace(asked, span=after)))
            requests += self._files(asked, answer.value)
            if not requests and asked.waiting:
                places, *waiting = asked.waiting
                begun = replace(asked, places=places, waiting=waiting, span=asked.begin)
                requests.append(self._begun(replace(begun, files=None)))
        known = None if asked.left is not None else self.asking.spans.complete_until(span, now)
        return Page(
            records={self.asking.kind: answer.rows},
            quarantined={self.asking.kind: answer.kept_out} if answer.kept_out else {},
            requests=requests,
            items=items,
            total=self.answers.total_of(answer.value),
            complete_until=known,
        )

    def _files(self, asked: Asked, value: Any) -> list[Request]:
        """The files that the first answer names: all at once, or in turn where a limit holds."""
        if self.files is None:
            return []
        names = self.files.found(value) if asked.files is None else asked.files
        if asked.left is None:
            turns = [(name, replace(asked, files=())) for name in names]
        else:
            turns = [(name, replace(asked, files=names[1:])) for name in names[:1]]
        return [self.asking.request(each, self.file_path, file=name) for name, each in turns]

    def failed(self, request: Request, error: FetchError | ParseError) -> Page:
        """A request that is given up ends the run, with the upstream's own reason."""
        if request.kind == SUGGESTIONS:
            return self.suggestions.without(request)
        asked = Asked.of(request.context)
        try:
            raise_by_status(self.answers.complaints, asked.shown, error)
        except NotFoundError as unknown:
            return self._unknown(asked, unknown)
        raise error

    def _unknown(self, asked: Asked, error: NotFoundError) -> Page:
        """Ask which names there are, where the upstream tells.

        Raises:
            NotFoundError: it does not.
        """
        if error.name in asked.places:
            asked = replace(asked, places=[error.name])
        try:
            return self.suggestions.for_unknown(error, self.asking.values(asked))
        except NotFoundError as told:
            raise told from error
