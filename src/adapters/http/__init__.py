"""HTTP: layers over one wire, each a decorator with its own tests.

CachingFetcher → AuthenticatingWire → RetryingWire → RedirectingWire → LimitingWire → JudgingWire
→ HttpxWire. Every attempt and every redirect passes the limits. Rooms of their own: `keys/` for
credentials, `transport/` for the engine behind httpx.
"""
