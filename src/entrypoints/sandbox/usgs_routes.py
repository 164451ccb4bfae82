"""USGS: earthquakes, which are revised and now and then deleted."""

from datetime import UTC, datetime
from math import log
from typing import Any

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_numbers import fraction
from entrypoints.sandbox.plain_answers import plain_json

_QUERY, _COUNT = "/fdsnws/event/1/query", "/fdsnws/event/1/count"
_EVERY = 1800.0  # seconds, on average
_FIRST = 1_577_836_800.0  # 2020-01-01
_MOST = 20_000
_DAY = 86_400.0
_REVIEWED_AFTER = 2 * _DAY
_DELETED_AFTER, _DELETED = _DAY, 0.02
_REGIONS = ("off the coast of Oregon", "Ridgecrest, CA", "Volcano, Hawaii", "Honshu, Japan")


class UsgsRoutes(Upstream):
    """Answers of `/fdsnws/event/1`."""

    def answer(self, asked: Asked) -> Answer | None:
        """One request."""
        if asked.path not in (_QUERY, _COUNT):
            return None
        query = asked.query
        try:
            end = _seconds(query["endtime"]) if "endtime" in query else asked.now
            start = _seconds(query["starttime"]) if "starttime" in query else end - 30 * _DAY
            after = _seconds(query["updatedafter"]) if "updatedafter" in query else 0.0
            least = float(query.get("minmagnitude", "-10"))
            limit = int(query["limit"]) if "limit" in query else None
            offset = int(query.get("offset", "1"))
        except ValueError:
            return _bad_request("Bad value for a parameter.")
        if offset < 1 or (limit is not None and not 1 <= limit <= _MOST):
            return _bad_request(f"limit must be between 1 and {_MOST}, offset at least 1.")
        found = [
            each
            for each in _events(start, end, asked.now)
            if each["properties"]["mag"] >= least and each["properties"]["updated"] > after * 1000
        ]
        if query.get("orderby") != "time-asc":
            found.reverse()
        if asked.path == _COUNT:
            return plain_json({"count": len(found), "maxAllowed": _MOST})
        if limit is None and len(found) > _MOST:
            return _bad_request(f"{len(found)} matching events exceeds search limit of {_MOST}.")
        shown = found[offset - 1 : offset - 1 + (limit or _MOST)]
        metadata = {
            "generated": int(asked.now * 1000),
            "url": f"{asked.origin}{asked.path}",
            "title": "USGS Earthquakes",
            "status": 200,
            "api": "1.14.1",
            "count": len(shown),
        }
        if "limit" in query:
            metadata |= {"limit": limit, "offset": offset}
        body = {"type": "FeatureCollection", "metadata": metadata, "features": shown}
        return plain_json(body)


def _events(start: float, end: float, now: float) -> list[dict[str, Any]]:
    """Those from `start` to `end`, the oldest first, as they are known at `now`."""
    first = int(max(start, _FIRST) // _EVERY) - 1
    last = int(min(end, now) // _EVERY) + 1
    timed = [((n + fraction("time", n)) * _EVERY, n) for n in range(first, last + 1)]
    return [
        _event(n, at, now)
        for at, n in timed
        if max(start, _FIRST) <= at <= min(end, now)
        and (fraction("deleted", n) >= _DELETED or now < at + _DELETED_AFTER)
    ]


def _event(number: int, at: float, now: float) -> dict[str, Any]:
    reviewed = now >= at + _REVIEWED_AFTER
    magnitude = 0.5 - log(1 - 0.9999 * fraction("size", number)) / 2.3
    revised = magnitude + (0.2 * fraction("revision", number) - 0.1 if reviewed else 0.0)
    name = f"sb{number:08d}"
    place = _REGIONS[int(len(_REGIONS) * fraction("region", number))]
    coordinates = [
        round(360 * fraction("east", number) - 180, 4),
        round(180 * fraction("north", number) - 90, 4),
        round(70 * fraction("depth", number), 2),
    ]
    properties = {
        "mag": round(revised, 2),
        "place": f"{int(99 * fraction('distance', number)) + 1} km NW of {place}",
        "time": int(at * 1000),
        "updated": int((at + (_REVIEWED_AFTER if reviewed else 600)) * 1000),
        "tz": None,
        "url": f"https://earthquake.usgs.gov/earthquakes/eventpage/{name}",
        "felt": None,
        "alert": None,
        "status": "reviewed" if reviewed else "automatic",
        "tsunami": 0,
        "sig": int(60 * revised),
        "net": "sb",
        "code": name[2:],
        "ids": f",{name},",
        "sources": ",sb,",
        "types": ",origin,phase-data,",
        "magType": "ml",
        "type": "quarry blast" if fraction("type", number) < _DELETED else "earthquake",
        "title": f"M {revised:.1f} - {place}",
    }
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": coordinates},
        "id": name,
    }


def _seconds(text: str) -> float:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _bad_request(words: str) -> Answer:
    body = f"Error 400: Bad Request\n\n{words}\n"
    return Answer(400, body.encode(), [(b"content-type", b"text/plain")])
