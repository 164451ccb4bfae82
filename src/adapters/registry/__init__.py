"""Finds sources."""
