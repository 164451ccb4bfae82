"""HTTP: layers over one wire, each a decorator with its own tests.

CachingFetcher → AuthenticatingWire → RetryingWire → LimitingWire → HttpxWire.
Every attempt, a repeated one too, passes the limits.
"""
