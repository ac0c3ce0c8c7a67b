"""Keras layers of our own, one per file."""
