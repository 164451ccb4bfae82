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
    code = run_program()
    # The end begins with a search for cycles among all that is there, which takes 0.1 s. DuckDB,
    # where it was loaded, takes what is left after it for leaks, and says so.
    if "duckdb" not in sys.modules:
        gc.freeze()
    sys.exit(code)
