"""Run locks that reach over machines."""
