"""A learned space in which hits of one track are close; edges are close pairs."""
