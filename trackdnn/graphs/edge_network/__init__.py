"""Networks that score the edges of a graph: features, training, use."""
