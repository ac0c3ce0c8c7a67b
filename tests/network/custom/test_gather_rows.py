import keras
import numpy as np

from network.custom.gather_rows import GatherRows
from tests.network.custom.graph_layer import make_graph, symbol

ROWS = make_graph()[0]


def test_rows_come_in_any_shape_of_indices():
    table = np.int32([[3, 0, 0], [6, 1, 3]])

    for indices in (table, table[0], table[:0]):
        layer = GatherRows()
        found = np.asarray(layer(ROWS, indices))

        assert found.shape == (*indices.shape, 4)
        for place, index in np.ndenumerate(indices):
            np.testing.assert_array_equal(found[place], ROWS[index])
        assert layer.compute_output_shape(ROWS.shape, indices.shape) == found.shape


def test_gather_rows_takes_part_in_a_network():
    symbols = [symbol(ROWS, rows=None), keras.Input((None,), dtype="int32")]
    layer = GatherRows.from_config(GatherRows(name="taken").get_config())

    output = layer(*symbols)

    assert output.shape == (None, None, 4)
    assert output.dtype == "float32"
    model = keras.Model(symbols, output)
    indices = np.int32([[0, 2], [1, 0]])
    np.testing.assert_array_equal(model([ROWS, indices]), ROWS[indices])
