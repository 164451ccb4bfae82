"""GitHub: issues of a repository, by `Link`, with entity tags and quotas."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from entrypoints.sandbox.answers import NOT_MODIFIED, Answer, Headers
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_numbers import fraction
from entrypoints.sandbox.plain_answers import plain_json, tagged_json

REPOSITORIES = {"octocat/hello-world": (1_296_269, 230), "pallets/flask": (596_892, 130)}
"""Number and issues of each."""

_PATHS = re.compile(
    r"/repos/(?P<name>[^/]+/[^/]+)/issues|/repositories/(?P<number>\d+)/issues|"
    r"/users/(?P<owner>[^/]+)/repos"
)
_FIRST = 1_704_067_200.0  # 2024-01-01
_BETWEEN, _ALIVE = 6 * 3600.0, 20 * 86_400.0  # seconds
_MOST = 100
_HOUR = 3600
_ANONYMOUS, _KNOWN = 60, 5000  # requests an hour
_CACHE = "private, max-age=60, s-maxage=60"
_CLOSED = 0.6
_DOCUMENTATION = "https://docs.github.com/rest/issues/issues#list-repository-issues"


class GithubRoutes(Upstream):
    """Answers of `/repos/<owner>/<name>/issues` and `/users/<owner>/repos`."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[int, int]] = {}

    def answer(self, asked: Asked) -> Answer | None:
        """One request; what the client has already costs no quota if it says who it is."""
        match = _PATHS.fullmatch(asked.path)
        if match is None:
            return None
        token = asked.headers.get("authorization", "")
        limit = _KNOWN if token else _ANONYMOUS
        hour, used = self._used.get(token, (0, 0))
        current = int(asked.now // _HOUR)
        used = used if hour == current else 0
        if used >= limit:
            return plain_json(_message("API rate limit exceeded"), 403, _quota(limit, used, asked))
        answer = (_owned if match["owner"] else _listed)(
            match, asked, _quota(limit, used + 1, asked)
        )
        if answer.status != NOT_MODIFIED or not token:
            self._used[token] = (current, used + 1)
        return answer


def _owned(match: re.Match[str], asked: Asked, quota: Headers) -> Answer:
    owner = match["owner"].lower()
    rows = [
        {"id": number, "name": name.partition("/")[2], "full_name": name}
        for name, (number, _) in REPOSITORIES.items()
        if name.partition("/")[0] == owner
    ]
    if not rows:
        return plain_json(_message("Not Found"), 404, quota)
    return tagged_json(rows, asked, _CACHE, quota)


def _listed(match: re.Match[str], asked: Asked, quota: Headers) -> Answer:
    known = {str(number): name for name, (number, _) in REPOSITORIES.items()}
    name = known.get(match["number"]) if match["number"] else match["name"]
    found = {each.lower(): each for each in REPOSITORIES}.get((name or "").lower())
    if found is None:
        return plain_json(_message("Not Found"), 404, quota)
    query = asked.query
    try:
        size = min(_MOST, max(1, int(query.get("per_page", "30"))))
        page = max(1, int(query.get("page", "1")))
        since = datetime.fromisoformat(query["since"]).timestamp() if "since" in query else 0.0
    except ValueError:
        return plain_json(_message("Validation Failed"), 422, quota)
    number, count = REPOSITORIES[found]
    issues = [_issue(found, n, asked.now) for n in range(1, count + 1) if _opened(n) <= asked.now]
    state = query.get("state", "open")
    rows = [
        each
        for each in issues
        if state in ("all", each["state"]) and _epoch(each["updated_at"]) >= since
    ]
    member = "updated_at" if query.get("sort") == "updated" else "created_at"
    rows.sort(key=lambda row: row[member], reverse=query.get("direction", "desc") == "desc")
    pages = max(1, -(-len(rows) // size))
    fields = [*quota, (b"link", _links(asked, number, page, pages).encode())]
    shown = rows[(page - 1) * size : page * size]
    return tagged_json(shown, asked, _CACHE, fields if pages > 1 else quota)


def _links(asked: Asked, number: int, page: int, pages: int) -> str:
    """As the real one does, by the repository's number, whatever it was asked by."""
    wanted = {"prev": page - 1, "next": page + 1, "last": pages, "first": 1}
    if page >= pages:
        wanted = {"prev": page - 1, "first": 1}
    return ", ".join(
        f"<{asked.origin}/repositories/{number}/issues?"
        f'{urlencode({**asked.query, "page": to})}>; rel="{name}"'
        for name, to in wanted.items()
        if to >= 1
    )


def _opened(number: int) -> float:
    return _FIRST + number * _BETWEEN


def _issue(repository: str, number: int, now: float) -> dict[str, Any]:
    opened = _opened(number)
    touched = min(opened + _ALIVE * fraction(repository, number), now)
    is_closed = fraction(repository, number, "closed") < _CLOSED
    address = f"https://github.com/{repository}"
    issue = {
        "id": 1_000_000 + number,
        "number": number,
        "title": f"Issue {number} of {repository}",
        "state": "closed" if is_closed else "open",
        "user": {"login": f"user-{number % 17}", "id": number % 17, "type": "User"},
        "labels": [{"id": 1, "name": "bug"}] if number % 2 else [],
        "comments": int(9 * fraction(repository, number, "comments")),
        "created_at": _text(opened),
        "updated_at": _text(touched),
        "closed_at": _text(touched) if is_closed else None,
        "html_url": f"{address}/{'pull' if number % 3 == 0 else 'issues'}/{number}",
        "body": None,
    }
    return issue | {"pull_request": {"url": address}} if number % 3 == 0 else issue


def _quota(limit: int, used: int, asked: Asked) -> Headers:
    values = {
        "limit": limit,
        "remaining": limit - used,
        "used": used,
        "reset": (int(asked.now // _HOUR) + 1) * _HOUR,
        "resource": "core",
    }
    return [(f"x-ratelimit-{name}".encode(), str(value).encode()) for name, value in values.items()]


def _message(words: str) -> dict[str, str]:
    return {"message": words, "documentation_url": _DOCUMENTATION}


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
