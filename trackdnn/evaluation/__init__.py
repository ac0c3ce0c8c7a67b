"""How good a track classifier is: figures, cuts, pictures and a report."""
