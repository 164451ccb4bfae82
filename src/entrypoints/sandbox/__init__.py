"""A local server that answers like the upstreams: small, made-up, deterministic data."""

from entrypoints.sandbox.expected_counts import expected_counts
from entrypoints.sandbox.options import FAULTS, SandboxOptions
from entrypoints.sandbox.server import create_app, running_sandbox, serve
from entrypoints.sandbox.upstreams import SERVED

FAULT_NAMES = tuple(FAULTS)

__all__ = [
    "FAULTS",
    "FAULT_NAMES",
    "SERVED",
    "SandboxOptions",
    "create_app",
    "expected_counts",
    "running_sandbox",
    "serve",
]
