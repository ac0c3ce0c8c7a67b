"""Tracks that were built, looked at as a whole: true or fake."""
