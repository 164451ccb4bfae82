"""Help that lists commands by what they are for."""

from typing import Any, override

from typer.core import TyperGroup


class SectionedGroup(TyperGroup):
    """Prints one section for each `rich_help_panel` of its commands."""

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Commands in the order of their registration, sections in the order of their first."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.commands[name]
            help_text = command.get_short_help_str(formatter.width)
            sections.setdefault(command.rich_help_panel, []).append((name, help_text))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)
