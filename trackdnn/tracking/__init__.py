"""Graphs to tracks, and how good the tracks are."""
