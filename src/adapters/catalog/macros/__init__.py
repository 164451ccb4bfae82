"""Derived tables as table macros: SQL files, and what loads them."""
