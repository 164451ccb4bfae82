"""Runs in memory."""

from collections.abc import Sequence

from application.ports.run_log import RunLog
from domain.errors import NotFoundError
from domain.runs import Run


class FakeRunLog(RunLog):
    """The last state of each run, and every state in the order of its saving."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.history: list[Run] = []

    async def save(self, run: Run) -> None:
        self.runs[run.run_id] = run
        self.history.append(run)

    async def all(self) -> Sequence[Run]:
        return sorted(self.runs.values(), key=lambda run: run.run_id, reverse=True)

    async def get(self, run_id: str) -> Run:
        found = [run for name, run in self.runs.items() if run_id and name.startswith(run_id)]
        if len(found) != 1:
            what = "run"
            raise NotFoundError(what, run_id, self.runs)
        return found[0]
