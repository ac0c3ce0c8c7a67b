"""Scores for ROOT files from a bundle, with ONNX Runtime alone."""
