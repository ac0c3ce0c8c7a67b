"""Files of tracks, of our own and of other programs (docs/judgement.md)."""
