"""The command line: one command a file; nothing heavy is imported before a command runs."""

import sys


def main() -> None:
    """The console script."""
    from entrypoints.cli.garbage import keep_all, put_off_search

    put_off_search()
    from entrypoints.cli.program import run_program
    from entrypoints.cli.standard_streams import stand_in
    from entrypoints.hidden_modules import hide_unused

    stand_in()
    hide_unused()
    code = run_program()
    # DuckDB, where it was loaded, takes what is left after the last search for leaks, and says so.
    if "duckdb" not in sys.modules:
        keep_all()
    sys.exit(code)
