"""Keys for sources: set by the operator, or issued by the upstream and kept."""
