"""What the sources of weather have in common."""
