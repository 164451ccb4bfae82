"""`python -m entrypoints` is the same as `app`."""

from entrypoints.cli import main

if __name__ == "__main__":
    main()
