"""`walk.json`: which file answers which request of a recording."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.errors import ConfigurationError
from domain.recordings import RECORDED_AT, Recording, recorded_response
from domain.sources import Window

PLAN = "walk.json"
_KEPT_FIELDS = ("content-type", "link", "date")
_USUAL_TYPE = "application/json"


def read_plan(folder: Path) -> Recording:
    """The recording in a folder.

    `walk.json` has `target`, and `answers` from an address below the base URL (with its query) to
    a file of the folder, or to `{"file": …, "headers": {…}}`; it may have `options`, `window`
    (`since`, `until`) and `recorded_at`, ISO 8601.

    Raises:
        ConfigurationError: the file is not such an object, or names a file that is not there.
    """
    path = folder / PLAN
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        at = _moment(plan["recorded_at"]) if "recorded_at" in plan else RECORDED_AT
        span = {name: _moment(plan.get("window", {}).get(name)) for name in ("since", "until")}
        return Recording(
            target=_text(plan["target"]),
            answers={key: _answer(folder, each, at) for key, each in plan["answers"].items()},
            options={name: _text(each) for name, each in plan.get("options", {}).items()},
            window=Window(**span),
            place=str(folder),
        )
    except (OSError, ValueError) as exc:
        message = f"{path} cannot be read: {exc}."
        raise ConfigurationError(message) from exc
    except (AttributeError, KeyError, TypeError) as exc:
        message = (
            f'{path}: expected {{"target": …, "options": {{…}}, "window": {{…}}, '
            f'"answers": {{"/path?query": "file.json", …}}}}; it fails at {exc}.'
        )
        raise ConfigurationError(message) from exc


def plan_of(recording: Recording) -> tuple[str, Mapping[str, bytes]]:
    """The text of `walk.json`, and the bytes of the files that it names."""
    files: dict[str, bytes] = {}
    answers: dict[str, Any] = {}
    for number, (key, answer) in enumerate(recording.answers.items(), 1):
        name = f"answer_{number}.json"
        files[name] = answer.body
        given = {field: answer.headers.get(field) for field in _KEPT_FIELDS}
        kept = {field: text for field, text in given.items() if text and text != _USUAL_TYPE}
        answers[key] = {"file": name, "headers": kept} if kept else name
    plan: dict[str, Any] = {"target": recording.target}
    if recording.options:
        plan["options"] = dict(recording.options)
    ends = (("since", recording.window.since), ("until", recording.window.until))
    if span := {name: at.isoformat() for name, at in ends if at is not None}:
        plan["window"] = span
    received = [answer.fetched_at for answer in recording.answers.values()]
    if received:
        plan["recorded_at"] = max(received).replace(microsecond=0).isoformat()
    plan["answers"] = answers
    return json.dumps(plan, ensure_ascii=False, indent=2) + "\n", files


def _answer(folder: Path, said: Any, at: datetime) -> Any:
    name, headers = (
        (said["file"], said.get("headers", {})) if isinstance(said, dict) else (said, {})
    )
    return recorded_response((folder / _text(name)).read_bytes(), headers, at)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        message = f"{value!r} is no text"
        raise TypeError(message)
    return value


def _moment(text: Any) -> Any:
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
