"""Small ONNX networks as text, with random weights, and a runtime for them."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

ODD = (np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 1e-40, -1e-40, 0.0, -0.0, 1e-5)

# As the exporter writes a network: 4 columns of which 3 are used, 3 known categories.
NETWORK = """
<ir_version: {ir}, opset_import: ["" : {opset}]>
network (float[batch, 4] x, float[batch, 1] y) => (float[batch, 1] score) {{
    nan = IsNaN (x)
    real = Where (nan, zero, x)
    size = Abs (real)
    ratio = Mul (size, inverse)
    u = Min (ratio, most)
    w = Add (u, one)
    less = Sub (w, one)
    same = Equal (less, u)
    part = Div (u, less)
    gain = Where (same, one, part)
    log = Log (w)
    wide = Mul (log, gain)
    tiny = Equal (w, one)
    log1p = Where (tiny, u, wide)
    value = Where (logarithm, log1p, real)
    under = Min (value, high)
    inside = Max (under, low)
    centred = Sub (inside, centre)
    scaled = Mul (centred, gains)
    chosen = Gather <axis = 1> (scaled, columns)
    near = Round (y)
    known = Equal (near, codes)
    code = Cast <to = 1> (known)
    row = Concat <axis = 1> (chosen, code)
    p0 = MatMul (row, w0)
    h0 = Add (p0, b0)
    mean = ReduceMean <axes = [1], keepdims = 1> (h0)
    minus = Neg (mean)
    off = Sub (h0, mean)
    square = Mul (off, off)
    variance = ReduceMean <axes = [1], keepdims = 1> (square)
    more = Add (variance, epsilon)
    root = Sqrt (more)
    inverted = Reciprocal (root)
    m = Mul (inverted, gamma)
    first = Mul (h0, m)
    second = Mul (minus, m)
    shift = Add (second, beta)
    normal = Add (first, shift)
    p1 = MatMul (normal, w1)
    a1 = Add (p1, b1)
    n1 = Neg (a1)
    e1 = Exp (n1)
    d1 = Add (e1, one)
    s1 = Div (one, d1)
    h1 = Mul (a1, s1)
    p2 = MatMul (h1, w2)
    a2 = Add (p2, b2)
    h2 = Add (h0, a2)
    p3 = MatMul (h2, w3)
    a3 = Add (p3, b3)
    n3 = Neg (a3)
    e3 = Exp (n3)
    d3 = Add (e3, one)
    score = Div (one, d3)
}}
"""
WIDTH = 24


def build(text, **constants):
    """A checked model of a text, with constants."""
    proto = onnx.parser.parse_model(text)
    proto.graph.initializer.extend(
        onnx.numpy_helper.from_array(np.asarray(value), name)
        for name, value in constants.items()
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto


def weights(seed=3):
    """Random constants of `NETWORK`."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(0, 0.5, shape).astype(np.float32)

    scalars = {"zero": 0, "one": 1, "most": 1e38, "epsilon": 1e-5}
    low, high = np.float32([0, -3, 0, 0.1]), np.float32([5, 3, 6, 8])
    return {
        **{name: np.float32(value) for name, value in scalars.items()},
        "inverse": np.float32([1, 1, 1000, 0.5]),
        "logarithm": np.array([True, False, True, True]),
        "low": low,
        "high": high,
        "centre": (low + high) / 2,
        "gains": 2 / (high - low),
        "columns": np.int64([0, 1, 3]),
        "codes": np.float32([4, 5, 22]),
        **{"w0": normal(6, WIDTH), "b0": normal(WIDTH)},
        **{"gamma": 1 + normal(1, WIDTH), "beta": normal(1, WIDTH)},
        **{"w1": normal(WIDTH, WIDTH), "b1": normal(WIDTH)},
        **{"w2": normal(WIDTH, WIDTH), "b2": normal(WIDTH)},
        **{"w3": normal(WIDTH, 1), "b3": normal(1)},
    }


def run(proto, feed, names=None):
    """The outputs of a model in ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(names, feed)


def twin(feed, constants):
    """`NETWORK` row by row in double precision, as it reads on paper."""
    c = {k: v.astype(np.float64) for k, v in constants.items() if v.dtype != bool}
    scores = []
    for x, (y,) in zip(feed["x"].astype(np.float64), feed["y"], strict=True):
        values = []
        for i, one in enumerate(np.where(np.isnan(x), 0.0, x)):
            if constants["logarithm"][i]:
                one = np.log1p(min(abs(one) * c["inverse"][i], 1e38))
            one = min(max(one, c["low"][i]), c["high"][i])
            values.append((one - c["centre"][i]) * c["gains"][i])
        code = [float(np.round(y) == known) for known in c["codes"]]
        row = np.array([values[0], values[1], values[3], *code])
        h0 = row @ c["w0"] + c["b0"]
        spread = np.sqrt(np.mean((h0 - h0.mean()) ** 2) + c["epsilon"])
        normal = (h0 - h0.mean()) / spread * c["gamma"][0] + c["beta"][0]
        a1 = normal @ c["w1"] + c["b1"]
        h2 = h0 + (a1 / (1 + np.exp(-a1))) @ c["w2"] + c["b2"]
        scores.append(1 / (1 + np.exp(-(h2 @ c["w3"] + c["b3"]))))
    return np.array(scores)


@pytest.fixture(name="build", scope="session")
def _build():
    return build


@pytest.fixture(name="run", scope="session")
def _run():
    return run


@pytest.fixture(name="twin", scope="session")
def _twin():
    return twin


@pytest.fixture(scope="session")
def constants():
    return weights()


@pytest.fixture(scope="session")
def network(constants):
    """The network above, of opset 13."""
    return build(NETWORK.format(ir=7, opset=13), **constants)


@pytest.fixture(scope="session")
def feed():
    """Rows over many orders of magnitude, and rows with odd values in each column."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(300, 4)) * 10 ** rng.uniform(-6, 3, (300, 4))
    odd = np.tile(x[:1], (len(ODD) * 4, 1))
    for i, value in enumerate(ODD):
        for column in range(4):
            odd[4 * i + column, column] = value
    x = np.concatenate([x, odd]).astype(np.float32)
    y = rng.choice(np.float32([4, 5, 22, 99, np.nan, np.inf]), (len(x), 1))
    return {"x": x, "y": y}
