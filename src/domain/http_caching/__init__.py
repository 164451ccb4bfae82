"""HTTP caching (RFC 9111, a private cache) as pure functions over stored answers and a clock."""
