"""From prepared tracks to a trained network in a run folder."""
