"""Foreign TensorFlow graphs become ONNX files and SavedModels, with proof."""
