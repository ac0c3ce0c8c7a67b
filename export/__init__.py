"""How a network leaves: frozen graph, SavedModel, ONNX, manifest, proof of parity."""
