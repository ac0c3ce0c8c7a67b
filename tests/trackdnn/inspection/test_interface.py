from __future__ import annotations

import numpy as np
import pytest

from export.artifacts import Tensor
from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES
from trackdnn.inspection.interface import Evaluator, NotAskedError, find_interface


def tensor(name, *shape, dtype="float32"):
    return Tensor(name, dtype, shape)


def test_the_inputs_of_the_classifier_are_known_in_any_order():
    found = find_interface([tensor("b", -1, 1), tensor("a", -1, 29)], ["out"])

    assert found.classifier
    assert found.names == (*FEATURE_NAMES, CATEGORY_BRANCH)
    assert set(found.feed(np.zeros((3, 30)))) == {"a", "b"}
    assert found.feed(np.ones((3, 30)))["b"].shape == (3, 1)


def test_a_classifier_without_category_is_known():
    found = find_interface([tensor("a", -1, 29)], ["out"])

    assert found.classifier
    assert found.names == FEATURE_NAMES


def test_other_inputs_get_names_of_their_own():
    inputs = [tensor("a", -1, 2, 2, dtype="float64"), tensor("b", -1)]

    found = find_interface(inputs, ["out"])

    assert not found.classifier
    assert found.names == ("a[0,0]", "a[0,1]", "a[1,0]", "a[1,1]", "b")
    feed = found.feed(np.arange(10).reshape(2, 5))
    assert feed["a"].dtype == np.float64
    assert feed["a"][1].tolist() == [[5, 6], [7, 8]]
    assert feed["b"].tolist() == [4, 9]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ([], "0 inputs and 1 outputs"),
        ([tensor("a", -1, 2, dtype="int64")], "its input 'a' is int64"),
        ([tensor("a", -1, 2, dtype="")], "its input 'a' is untyped"),
        ([Tensor("a", "float32", None)], "its input 'a' has no shape"),
        ([tensor("a")], "its input 'a' is a single number"),
        ([tensor("a", -1, -1)], r"'a' \[-1, -1\] varies in another axis"),
        ([tensor("a", 0, 2)], r"'a' \[0, 2\] has no rows"),
        ([tensor("a", 4, 2), tensor("b", 8, 2)], r"ask for \[4, 8\] rows"),
        ([tensor("a", -1, 257)], "it has 257 columns, more than 256"),
    ],
)
def test_a_graph_that_cannot_be_asked_is_told_why(inputs, reason):
    with pytest.raises(NotAskedError, match=reason):
        find_interface(inputs, ["out"])


class Doubler:
    """Gives its input twice, and remembers how many rows it saw."""

    def __init__(self, rows=None):
        self.seen, self._rows = [], rows

    def fetch(self, tensors, feed):
        value = feed["a"]
        self.seen.append(len(value))
        return [2 * value[: self._rows] for _ in tensors]


def test_a_fixed_batch_is_filled_up():
    runtime = Doubler()
    interface = find_interface([tensor("a", 4, 2)], ["out"])
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)

    scores = Evaluator(interface, runtime).score(rows)

    assert runtime.seen == [4, 4]
    np.testing.assert_array_equal(scores, 2 * rows)


def test_outputs_stand_side_by_side():
    interface = find_interface([tensor("a", -1, 2)], ["one", "two"])

    scores = Evaluator(interface, Doubler()).score(np.ones((5000, 2), np.float32))

    assert scores.shape == (5000, 4)


def test_an_output_of_other_rows_is_told():
    interface = find_interface([tensor("a", -1, 2)], ["out"])

    with pytest.raises(NotAskedError, match=r"'out' gives \[2, 2\] for 3 rows"):
        Evaluator(interface, Doubler(rows=2)).score(np.ones((3, 2), np.float32))


def test_an_output_of_words_is_told():
    class Speaker:
        def fetch(self, tensors, feed):
            return [np.array(["yes"] * len(feed["a"]))]

    interface = find_interface([tensor("a", -1, 2)], ["out"])

    with pytest.raises(NotAskedError, match="'out' gives <U3, no numbers"):
        Evaluator(interface, Speaker()).score(np.ones((3, 2), np.float32))
