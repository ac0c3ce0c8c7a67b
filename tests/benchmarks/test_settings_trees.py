"""What the campaign begins with, and what it makes of it."""

from hypothesis import find, settings

from benchmarks.settings_trees import BASES, mutated, tuned
from trackdnn.configuration.validation import validate

QUICK = settings(max_examples=300, derandomize=True, database=None)


def test_trees_to_begin_with_are_valid():
    epochs = [validate(base).training[0].epochs for base in BASES]

    assert epochs == [20, 20, 300, 20, 20]


def test_trees_are_changed_and_left_alone():
    assert find(mutated(), lambda tree: tree == {}, settings=QUICK) == {}
    assert find(mutated(), lambda tree: tree not in BASES, settings=QUICK) not in BASES


def test_values_that_are_hard_to_write_are_valid():
    assert find(tuned(), lambda tree: validate(tree).seed != 1, settings=QUICK)
