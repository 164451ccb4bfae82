"""A progress listener that remembers."""

from application.ports.progress import ProgressListener, ProgressReport
from domain.runs import Run


class FakeProgress(ProgressListener):
    """Keeps all that it is told."""

    def __init__(self) -> None:
        self.started_runs: list[Run] = []
        self.reports: list[ProgressReport] = []
        self.finished_runs: list[Run] = []

    def started(self, run: Run) -> None:
        self.started_runs.append(run)

    def advanced(self, report: ProgressReport) -> None:
        self.reports.append(report)

    def finished(self, run: Run) -> None:
        self.finished_runs.append(run)
