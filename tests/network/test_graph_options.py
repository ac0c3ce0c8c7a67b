import subprocess
import sys

import pytest

from network.graph_builder import ARCHITECTURES, MASKS
from network.graph_options import ACTIVATIONS, AGGREGATIONS, CHECKS, MASK_CHECKS


def test_the_choices_are_those_of_the_layers():
    import keras

    from network.custom import segment

    assert set(AGGREGATIONS) == set(segment.AGGREGATIONS)
    for name in ACTIVATIONS:
        assert callable(keras.activations.get(name))


def test_each_option_has_a_check_that_its_default_passes():
    for architecture in ARCHITECTURES.values():
        for name, value in architecture.options.items():
            assert CHECKS[name][0](value), name
    for name, value in MASKS.items():
        assert MASK_CHECKS[name][0](value), name


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("width", [0, 1.5, True, "8", 8193, None]),
        ("steps", [0, 101, 2.0]),
        ("depth", [1, "2"]),
        ("aggregation", ["sum", [], ["sum", "sum"], ["median"], [1], None, {"sum": 1}]),
        ("both_ways", [1, "yes", None]),
        ("normalization", ["group", None, 3]),
        ("activation", ["gelu", None]),
        ("heads", [0, 65]),
        ("decoder", [[], [8], [8, 0], 8, "88", None, [8, 8.5]]),
    ],
)
def test_what_an_option_cannot_be(name, wrong):
    for value in wrong:
        assert not CHECKS[name][0](value), value


def test_options_are_looked_at_without_keras():
    script = (
        "import sys; from network.graph_builder import complete_options; "
        "complete_options('interaction', {'width': 8}); "
        "sys.exit('keras' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
