"""The command line: one command a file; nothing heavy is imported before a command runs."""

import gc
import sys

_GARBAGE = (10_000, 20, 50)


def main() -> None:
    """The console script."""
    # Modules, answers and rows are no cycles; to look for some among them costs 5 to 10 % of a run.
    gc.set_threshold(*_GARBAGE)
    from entrypoints.cli.program import run_program
    from entrypoints.cli.standard_streams import stand_in
    from entrypoints.hidden_modules import hide_unused

    stand_in()
    hide_unused()
    sys.exit(run_program())
