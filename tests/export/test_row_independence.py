"""A row's score depends on that row alone, in every artifact."""

from __future__ import annotations

import numpy as np
import pytest

from export import onnx_graph, parity, signature, static_batches
from export.frozen_graph import FrozenGraphSession
from export.saved_model import SavedModelSignature

SIZES = (1, 2, 3, 7, 16, 17, 255, 4096)
# Other widths of vector instructions are used for other batch sizes, and add the
# products of a row in another order: that is as much as it may be.
ROUNDING = 1e-6


@pytest.fixture(scope="module")
def runtimes(model, static_bundle):
    bundle, names = static_bundle, static_bundle.names
    return {
        "keras": lambda x, y: signature.evaluate(model, x, y),
        "frozen_graph": FrozenGraphSession(bundle.frozen_graph, names),
        "saved_model": SavedModelSignature(bundle.saved_model, names),
        "onnx": onnx_graph.OnnxSession(bundle.onnx, names),
        **static_batches.reload(bundle.folder, names, (1, 16)),
    }


@pytest.fixture(scope="module")
def rows(spec):
    probe = parity.build_probe(spec)
    features = np.tile(probe.features, (4, 1))[:4096]
    return features, np.tile(probe.category, (4, 1))[:4096]


NAMES = (
    *("keras", "frozen_graph", "saved_model", "onnx"),
    *("saved_model_bs1", "saved_model_bs16"),
)


@pytest.mark.parametrize("name", NAMES)
def test_score_is_the_same_in_batches_of_every_size(runtimes, rows, name):
    runtime, (features, category) = runtimes[name], rows
    most = 4096 if not name.endswith("bs1") else 64
    whole = runtime(features[:most], category[:most])

    for size in SIZES:
        some = min(most, 8 * size)
        parts = [
            runtime(features[low : low + size], category[low : low + size])
            for low in range(0, some, size)
        ]
        scores = np.concatenate(parts)[:some]
        np.testing.assert_allclose(scores, whole[:some], rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("name", NAMES)
def test_score_is_the_same_in_any_order(runtimes, rows, name):
    runtime, (features, category) = runtimes[name], (rows[0][:512], rows[1][:512])
    order = np.random.default_rng(8).permutation(512)
    straight = runtime(features, category)

    shuffled = runtime(features[order], category[order])

    np.testing.assert_allclose(shuffled, straight[order], rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("garbage", [np.nan, np.inf, -3.4e38, 1e-42, 0.0])
@pytest.mark.parametrize("name", NAMES)
def test_score_is_the_same_beside_garbage(runtimes, rows, name, garbage):
    runtime, (features, category) = runtimes[name], (rows[0][:48], rows[1][:48])
    expected = runtime(features, category)
    kept = np.arange(48) % 3 == 0

    beside = np.where(kept[:, None], features, np.float32(garbage))
    codes = np.where(kept[:, None], category, np.float32(garbage))
    scores = runtime(beside, codes)

    np.testing.assert_array_equal(scores[kept], expected[kept])


def test_the_check_can_fail(rows):
    """Scores that lean on the mean of a batch are found out."""

    def leaning(features, category):
        value = np.clip(np.nan_to_num(features[:, :1]), -5, 5)
        return (value - value.mean()).astype(np.float32)

    with pytest.raises(AssertionError):
        test_score_is_the_same_in_batches_of_every_size(
            {"leaning": leaning}, rows, "leaning"
        )
    with pytest.raises(AssertionError):
        test_score_is_the_same_beside_garbage({"leaning": leaning}, rows, "leaning", 0)
