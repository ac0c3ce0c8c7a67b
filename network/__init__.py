"""What a network is: Keras layers and architectures, without files or settings."""
