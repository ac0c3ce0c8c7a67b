"""Tracks that were built in pieces, put together."""
