"""Which runs are committed already."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from domain.manifest import Manifest, Publication

_AT_ONCE = timedelta()


def made_versions(
    publications: Sequence[Publication],
    newest_first: Iterable[Manifest],
    clocks_differ: timedelta | None = _AT_ONCE,
) -> dict[str, Manifest]:
    """The versions that runs have made, by run.

    Args:
        publications: of the runs; one at least.
        newest_first: versions, looked at back to the moment when the first of them was sealed.
        clocks_differ: how far that moment may be wrong; None to look at all versions.
    """
    wanted = {each.run_id for each in publications}
    sealed = min(
        dataset.committed_at
        for each in publications
        for table in each.tables.values()
        for dataset in table.datasets.values()
    )
    found: dict[str, Manifest] = {}
    for manifest in newest_first:
        found.update((run_id, manifest) for run_id in wanted.intersection(manifest.runs))
        at = manifest.committed_at
        is_older = clocks_differ is not None and at is not None and at < sealed - clocks_differ
        if len(found) == len(wanted) or is_older:
            break
    return found
