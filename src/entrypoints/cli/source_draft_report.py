"""What `app sources new` has made, as text and as JSON."""

from application.draft_source import DraftedSource
from entrypoints.cli.output import say, show, show_json
from entrypoints.cli.source_check_report import check_as_json, show_check
from entrypoints.cli.source_report import ingest_command


def draft_as_json(drafted: DraftedSource, *, alone: bool) -> None:
    """Files, notes and the check; `alone`: no other source has the domain."""
    source = drafted.source
    (table,) = source.tables
    show_json(
        {
            "files": list(drafted.files),
            "table": f"{source.domain}.{table.name}",
            "columns": list(table.schema.names),
            "key": list(table.key),
            "mode": table.mode.value,
            "notes": list(drafted.notes),
            "check": check_as_json(drafted.check),
            "next": ingest_command(source, default=alone),
        }
    )


def show_draft(drafted: DraftedSource, *, alone: bool) -> None:
    """The same for people, with what to do next."""
    source = drafted.source
    (table,) = source.tables
    show(f"Written: {', '.join(drafted.files)}")
    columns = len(table.schema.fields)
    show(f"{source.domain}.{table.name}: {columns} columns, key {', '.join(table.key)}")
    show_check(drafted.check)
    for note in drafted.notes:
        say(f"note: {note}")
    if not drafted.check.sound:
        say(f"Mend {drafted.files[-1]}, then: app sources test {source.name}")
        return
    show("Next:")
    show(f"  {ingest_command(source, default=alone)}")
    show(f'  app query "from {source.domain}.{table.name} limit 10"')
