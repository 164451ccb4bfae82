"""Copies of tables in databases of other people: DuckDB files and PostgreSQL."""
