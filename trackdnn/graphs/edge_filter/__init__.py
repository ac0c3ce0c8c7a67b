"""Boosted trees that tell true edges from false ones: the baseline of every network."""
