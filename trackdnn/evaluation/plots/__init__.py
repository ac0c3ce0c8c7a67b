"""The pictures of an evaluation, one kind per file."""
