import numpy as np
import pytest

from network.custom.select_columns import SelectColumns


def test_select_columns_equals_its_twin(check_layer):
    x = np.arange(12, dtype="f4").reshape(3, 4)
    expected = np.array([[row[3], row[0]] for row in x])

    check_layer(SelectColumns([3, 0]), x, expected=expected)


@pytest.mark.parametrize("columns", [[], [1, 1]])
def test_select_columns_wants_each_place_once(columns):
    with pytest.raises(ValueError, match="each once"):
        SelectColumns(columns)


@pytest.mark.parametrize("columns", [[4], [-1]])
def test_select_columns_names_a_place_that_is_not_there(columns):
    with pytest.raises(ValueError, match=rf"from 0 to 3.*{columns[0]}"):
        SelectColumns(columns)(np.zeros((2, 4), "f4"))
