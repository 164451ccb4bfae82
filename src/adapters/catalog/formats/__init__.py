"""Query results as text and as files, one format a module."""
