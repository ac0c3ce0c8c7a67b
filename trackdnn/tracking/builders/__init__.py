"""Track builders: edges with scores to tracks, each one module with one class."""
