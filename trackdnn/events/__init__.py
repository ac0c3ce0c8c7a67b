"""One collision at a time: hits, what is known of them, and how they are stored."""
