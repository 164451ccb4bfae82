"""What the sources of stocks have in common."""
