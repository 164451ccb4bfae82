"""Proposes a declaration from an answer."""
