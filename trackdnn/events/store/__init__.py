"""Events on disk: read once, checked, then memory-mapped."""
