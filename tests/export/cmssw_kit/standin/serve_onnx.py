"""Scores batches from stdin to stdout; see standin/include, ONNXRuntime.h."""

import struct
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
read = sys.stdin.buffer
while line := read.readline():
    rows, output, *names = line.decode().split()
    feed = {}
    for name in names:
        (size,) = struct.unpack("<I", read.read(4))
        values = np.frombuffer(read.read(4 * size), "<f4")
        feed[name] = values.reshape(int(rows), -1)
    sys.stdout.buffer.write(session.run([output], feed)[0].astype("<f4").tobytes())
    sys.stdout.buffer.flush()
