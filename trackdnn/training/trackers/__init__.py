"""Where else the epochs of a training are told of: TensorBoard, Weights & Biases."""
