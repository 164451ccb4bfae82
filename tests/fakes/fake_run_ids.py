"""Run ids that count."""

from application.ports.run_ids import RunIds


class FakeRunIds(RunIds):
    """RUN1, RUN2 and so on."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"RUN{self._count}"
