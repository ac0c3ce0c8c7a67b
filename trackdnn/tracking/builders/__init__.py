"""Edges with scores to tracks."""
