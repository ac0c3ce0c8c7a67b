"""Other forms of one ONNX network: fewer nodes, smaller weights, integer products."""
