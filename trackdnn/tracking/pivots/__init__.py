"""The pivot transformer: tracks out of the hits around a few good ones."""
