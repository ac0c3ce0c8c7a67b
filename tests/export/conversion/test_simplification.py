from __future__ import annotations

import numpy as np
import pytest

from export.conversion.simplification import simplify
from export.errors import ConversionError


def test_counts_tell_what_was_taken(old):
    done = simplify(old.graph, "Identity")

    counts = done.to_dict()
    assert counts["before"] == len(old.graph.node)
    assert counts["dead"] >= 3
    assert counts["passing"] > 20
    assert counts["folded"] == old.folds
    taken = counts["dead"] + counts["passing"] + counts["constant"]
    assert len(done.plain.nodes) == counts["before"] - taken
    assert counts["after"] == len(done.graph.nodes) < len(done.plain.nodes)
    assert sum(counts["operations"].values()) == counts["after"]


def test_folding_can_be_left_out(old, rows, run):
    done = simplify(old.graph, "Identity", fold=False)

    assert (done.folded, done.graph) == (0, done.plain)
    before = run(old.graph, "Identity:0", rows)
    after = run(done.graph.to_proto(), done.graph.output, rows)
    np.testing.assert_array_equal(after, before)


def test_random_numbers_are_refused(build):
    import tensorflow as tf

    proto = build(lambda x, y: y + tf.compat.v1.random_uniform((1,)))

    with pytest.raises(ConversionError, match=r"not draw random numbers.*body/random"):
        simplify(proto, "Identity")
