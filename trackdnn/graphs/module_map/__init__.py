"""Regions of the detector that tracks connect, and in which geometric ranges."""
