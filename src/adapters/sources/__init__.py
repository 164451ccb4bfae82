"""One module a source: `SOURCE` is its value. Pure: no I/O, no HTTP library."""
