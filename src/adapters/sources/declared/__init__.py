"""Sources that are declared in TOML."""
