"""Files to columns to parts of events."""
