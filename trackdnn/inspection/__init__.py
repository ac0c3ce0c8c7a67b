"""What a file of this field holds, in a few lines."""
