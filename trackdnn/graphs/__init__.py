"""Hits to graphs: which pairs of hits may follow each other on a track."""
