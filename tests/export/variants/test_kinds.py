"""Variants by name."""

import onnx
import pytest

from export.errors import ConversionError
from export.safety import read_onnx
from export.variants.kinds import KINDS, make


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_rules_of_graphs(kind, network, feed, tmp_path):
    path = tmp_path / "variant.onnx"

    path.write_bytes(make(kind, network, feed).SerializeToString())

    assert onnx.load_from_string(read_onnx(path)).opset_import[0].version == 13


def test_kinds_differ(network, feed):
    made = {make(kind, network, feed).SerializeToString() for kind in KINDS}

    assert len(made) == len(KINDS)


def test_unknown_kind_is_refused(network, feed):
    with pytest.raises(ConversionError, match=r"must be one of optimised.*: int4"):
        make("int4", network, feed)
