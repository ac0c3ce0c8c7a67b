"""One module per command: wiring between the rooms, and what is printed."""
