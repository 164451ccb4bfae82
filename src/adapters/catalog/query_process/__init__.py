"""A process for one statement: it judges it, runs it, and sends the rows back."""
