"""Keeps a sandbox up until somebody ends it."""

import os
import signal
import sys
import threading
from urllib.parse import urlsplit

from domain.errors import UsageError
from entrypoints.cli.garbage import search_seldom
from entrypoints.cli.output import say, show
from entrypoints.cli.signals import Stopped
from entrypoints.sandbox import SERVED, SandboxOptions, running_sandbox


def host(options: SandboxOptions, port: int) -> None:
    """Serve until Ctrl-C, which is how it is meant to end.

    Raises:
        UsageError: the port is taken or not ours to take.
    """
    try:
        with running_sandbox(options, port) as url:
            say(f"A sandbox with {options.items:,} NFTs answers at {url}. Ctrl-C ends it.")
            say("In another terminal:")
            for source in SERVED:
                show(f"export APP_SOURCES__{source.upper()}__BASE_URL={url}")
            show("export APP_HTTP__CONTACT=you@example.org TIINGO_API_KEY=any")
            show(f"export APP_HTTP__ALLOW_PRIVATE={urlsplit(url).netloc}")
            show(f"app ingest nft dxterminal -p ipfs_gateways={url}")
            sys.stdout.flush()
            search_seldom()
            threading.Event().wait()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        message = f"Port {port} cannot be used ({reason}): choose another with --port."
        raise UsageError(message) from error
    except Stopped as stopped:
        if stopped.number != signal.SIGINT:
            raise
