"""Networks as plain functions that return a functional `keras.Model`."""
