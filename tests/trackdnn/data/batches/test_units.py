"""Units of any number of rows become chunks, exactly and in order."""

import numpy as np
import pytest

from trackdnn.data.batches.units import STEPS, UnitSource
from trackdnn.errors import TrainingError


def graph(number, padding=0):
    rng = np.random.default_rng(number)
    nodes, edges = 2 + number % 3, number % 4
    return {
        "node": np.full((nodes, 2), number, "f4"),
        "edge": rng.integers(0, nodes, (edges + padding, 2)),
        "weight": np.append(np.ones(edges, "f4"), np.zeros(padding, "f4")),
    }


def make(epoch, skip, **options):
    """Other graphs in each epoch, so that a mix-up shows."""
    return (graph(100 * epoch + unit, **options) for unit in range(skip, 11))


def source(**options):
    given = {"units": 11, "batch_size": 2, "refers": {"edge": "node"}, **options}
    return UnitSource(given.pop("make", make), **given)


def batches(chunks):
    """Each batch as a list of graphs, whose indices count from their own nodes."""
    for chunk in chunks:
        for first, last in zip(chunk.bounds, chunk.bounds[1:], strict=False):
            yield [unit_of(chunk, number) for number in range(first, last)]


def unit_of(chunk, number):
    found = {
        name: column[chunk.offsets[name][number] : chunk.offsets[name][number + 1]]
        for name, column in chunk.columns().items()
    }
    found["edge"] = found["edge"] - chunk.offsets["node"][number]
    return found


def test_batches_hold_each_unit_in_its_place():
    found = list(batches(source().epochs(2)))

    assert [len(batch) for batch in found] == 2 * [2, 2, 2, 2, 2, 1]
    units = [unit for batch in found for unit in batch]
    wanted = [*make(1, 0), *make(2, 0)]
    for one, other in zip(units, wanted, strict=True):
        for name in other:
            np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.parametrize("skip", [1, STEPS, STEPS + 1])
def test_epoch_goes_on_after_any_batch(skip):
    whole = list(batches(source().epochs(1)))

    rest = list(batches(source().epochs(1, skip=skip)))

    assert len(rest) == len(whole) - skip
    for one, other in zip(rest, whole[skip:], strict=True):
        for unit, wanted in zip(one, other, strict=True):
            np.testing.assert_array_equal(unit["edge"], wanted["edge"])


def test_sizes_count_what_has_a_weight():
    def padded(epoch, skip):
        return make(epoch, skip, padding=5)

    plain, full = (
        np.concatenate([chunk.sizes for chunk in one.epochs(1)])
        for one in (source(), source(make=padded))
    )

    np.testing.assert_array_equal(plain, full)
    # A batch without a sample must not divide by zero.
    assert plain.min() >= 1


def test_epoch_with_too_few_units_is_refused():
    with pytest.raises(TrainingError, match=r"must have 12 units\. Received: 11 in "):
        list(source(units=12).epochs(1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"units": 0}, "at least one unit.*Received: units=0"),
        ({"weight": "mass"}, "among them mass, edge, node. Received: edge, node"),
    ],
)
def test_source_refuses_what_it_cannot_use(options, expected):
    with pytest.raises(TrainingError, match=expected):
        list(source(**options).epochs(1))
