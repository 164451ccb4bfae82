"""A profile beside the file that it is of."""

from pathlib import Path

from domain.profiles import TableProfile, profile_from_json, profile_to_json

PROFILE = "profile.json"


def write_profile(file: Path, profile: TableProfile) -> None:
    """Write it into the folder of a Parquet file, with which it comes and goes.

    It is not flushed to the disk: what a power cut leaves of it is passed over, and it can be
    made again. OSError when the disk is full.
    """
    file.with_name(PROFILE).write_bytes(profile_to_json(profile))


def read_profile(file: Path) -> TableProfile | None:
    """The profile of a Parquet file; None where there is none that can be read."""
    try:
        return profile_from_json(file.with_name(PROFILE).read_bytes())
    except OSError:
        return None
