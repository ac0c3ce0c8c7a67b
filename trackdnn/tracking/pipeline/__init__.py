"""The way of an event from hits to tracks, and how a finder is trained and kept."""
