"""Begins a command: settings are loaded and logs go where they say."""

import typer

from entrypoints.cli.invocation import Invocation, invocation
from entrypoints.cli.output import colors_wanted
from entrypoints.logs import configure_logs
from entrypoints.plain_structlog import structlog
from entrypoints.settings import Settings
from entrypoints.settings_layers import LoadedSettings, load_settings


def begin(context: typer.Context) -> LoadedSettings:
    """Load the settings of this invocation and configure the logs.

    Raises:
        ConfigurationError: a setting is unknown or wrong, or the log file cannot be written.
    """
    own = invocation(context)
    loaded = load_settings(own.flags, own.config)
    start_logs(own, loaded.settings)
    for file in loaded.exposed:
        advice = f"chmod 600 {file}"
        structlog.get_logger().warning("settings.exposed_key", file=str(file), advice=advice)
    return loaded


def start_logs(own: Invocation, settings: Settings) -> None:
    """Configure the logs for the rest of the command."""
    own.secrets = settings.secrets
    logs = configure_logs(
        level=settings.log_level,
        file=settings.log_file,
        secrets=settings.secrets,
        colors=colors_wanted(),
        cache_loggers=not own.in_process,
    )
    own.crashed = logs.crashed
    own.closing.append(logs.close)
