"""The engine behind httpx: connections that we make, check, share and read ourselves."""
