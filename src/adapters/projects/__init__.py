"""Files of a project: declared sources and recordings."""
