"""DuckDB: queries over the manifest's files, and the derived catalog file."""
