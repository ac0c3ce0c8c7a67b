"""Voxel-Dynamics: cells of hits, and how often tracks connect them."""
