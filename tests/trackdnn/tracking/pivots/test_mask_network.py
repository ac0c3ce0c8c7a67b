import numpy as np
import pytest

from trackdnn.errors import BadFileError
from trackdnn.tracking.pivots.mask_network import FILE, MaskNetwork

FEATURES = 5


def simple_graph(output="probability"):
    """ONNX: sigmoid of the products of a token with all pivots that exist."""
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Transpose", ["pivots"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["tokens", "turned"], ["products"]),
        helper.make_node("Unsqueeze", ["pivot_valid", "one"], ["there"]),
        helper.make_node("Mul", ["products", "there"], ["counted"]),
        helper.make_node("ReduceSum", ["counted", "two"], ["sum"], keepdims=0),
        helper.make_node("Sigmoid", ["sum"], ["every"]),
        helper.make_node("Mul", ["every", "token_valid"], [output]),
    ]
    rows = {"tokens": ("M", "T", FEATURES), "pivots": ("M", "P", FEATURES)}
    valid = {"token_valid": ("M", "T"), "pivot_valid": ("M", "P")}

    def info(name, shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes,
        "masks",
        [info(name, shape) for name, shape in {**rows, **valid}.items()],
        [info(output, ("M", "T"))],
        [
            helper.make_tensor("one", TensorProto.INT64, [1], [1]),
            helper.make_tensor("two", TensorProto.INT64, [1], [2]),
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


@pytest.fixture(scope="module")
def content():
    return simple_graph().SerializeToString()


def micrographs(seed=1, number=100, most=30, hits=200):
    """States of hits, tokens, pivots, and which of them exist."""
    rng = np.random.default_rng(seed)
    state = rng.normal(size=(hits, FEATURES)).astype("f4")
    tokens = np.stack([rng.permutation(hits)[:most] for _ in range(number)])
    valid = np.arange(most) < rng.integers(1, most + 1, number)[:, None]
    pivot_valid = np.arange(3) < rng.integers(1, 4, number)[:, None]
    pivots = np.where(pivot_valid, tokens[:, :3], -1)
    return state, np.where(valid, tokens, 0), valid, pivots, pivot_valid


def slow(state, tokens, valid, pivots, pivot_valid):
    found = np.zeros(tokens.shape)
    for row, column in np.ndindex(tokens.shape):
        if valid[row, column]:
            there = pivots[row][pivot_valid[row]]
            product = sum(state[tokens[row, column]] @ state[hit] for hit in there)
            found[row, column] = 1 / (1 + np.exp(-np.float64(product)))
    return found


def test_mask_network_of_hits_equals_plain_loops(content):
    given = micrographs()

    found = MaskNetwork(content, threads=1).of_hits(*given)

    np.testing.assert_allclose(found, slow(*given), atol=1e-6)
    assert found.dtype == np.float32


def test_mask_network_probability_equals_plain_loops(content):
    state, tokens, valid, pivots, pivot_valid = micrographs(number=7)

    found = MaskNetwork(content, threads=1).probability(
        state[tokens], state[pivots], valid, pivot_valid
    )

    expected = slow(state, tokens, valid, pivots, pivot_valid)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_mask_network_gives_the_same_bits_in_any_company(content):
    state, *columns = micrographs()
    together = MaskNetwork(content, threads=1).of_hits(state, *columns)
    other = MaskNetwork(content, threads=2)

    for start, step in ((0, 1), (5, 3), (0, 37)):
        rows = slice(start, start + step)
        alone = other.of_hits(state, *(one[rows] for one in columns))
        np.testing.assert_array_equal(alone, together[rows])


def test_mask_network_of_nothing_gives_nothing(content):
    state, *columns = micrographs()
    network = MaskNetwork(content, threads=1)

    assert network.of_hits(state, *(one[:0] for one in columns)).shape == (0, 30)


def test_mask_network_refuses_hits_of_other_features(content):
    state, *columns = micrographs()

    with pytest.raises(ValueError, match=r"5 features .* Received: 3"):
        MaskNetwork(content, threads=1).of_hits(state[:, :3], *columns)


def test_mask_network_is_loaded_from_the_folder_of_a_network(content, tmp_path):
    (tmp_path / FILE).write_bytes(content)

    assert MaskNetwork.load(tmp_path, threads=1).features == FEATURES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"must be in '.*masks.onnx'. Received: No such file"),
        (b"no graph", "must hold a pivot transformer. Received: "),
        (
            simple_graph("score").SerializeToString(),
            r"Received: .* outputs \['score'\]",
        ),
    ],
    ids=["missing", "damaged", "another"],
)
def test_mask_network_refuses_what_is_no_mask_network(tmp_path, text, message):
    if text is not None:
        (tmp_path / FILE).write_bytes(text)

    with pytest.raises(BadFileError, match=message):
        MaskNetwork.load(tmp_path)


@pytest.mark.slow
def test_mask_network_gives_the_same_bits_with_the_layer_of_masks():
    import keras

    from export.graph_network import convert_masks
    from network.custom.pivot_mask_head import PivotMaskHead

    shapes = ((None, FEATURES), (None, FEATURES), (None,), (None,))
    inputs = [keras.Input(shape) for shape in shapes]
    model = keras.Model(inputs, PivotMaskHead(32, 4, 2, name="masks")(*inputs))
    content = convert_masks(model).SerializeToString()
    state, *columns = micrographs()
    together = MaskNetwork(content, threads=1).of_hits(state, *columns)
    assert together[columns[1]].std() > 0.0

    for threads in (1, 2, 4):
        other = MaskNetwork(content, threads=threads)
        for step in (1, 2, 5, 33):
            parts = [
                other.of_hits(state, *(one[i : i + step] for one in columns))
                for i in range(0, 100, step)
            ]
            np.testing.assert_array_equal(np.concatenate(parts), together)
