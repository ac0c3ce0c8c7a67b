from __future__ import annotations

import numpy as np

from export import saved_model, signature

NAMES = signature.Names("tracks", "algo", "p")


def test_saved_model_has_one_named_signature(model, tracks, tmp_path):
    import tensorflow as tf

    saved_model.write_saved_model(model, tmp_path / "m", NAMES)
    loaded = tf.saved_model.load(str(tmp_path / "m"))

    signatures = loaded.signatures["serving_default"]
    names = set(signatures.structured_input_signature[1])
    assert list(loaded.signatures) == ["serving_default"]
    assert names == {"tracks", "algo"}
    assert set(signatures.structured_outputs) == {"p"}


def test_saved_model_equals_keras(model, tracks, tmp_path):
    saved_model.write_saved_model(model, tmp_path / "m", NAMES)

    runtime = saved_model.SavedModelSignature(tmp_path / "m", NAMES)

    expected = signature.evaluate(model, *tracks)
    np.testing.assert_allclose(runtime(*tracks), expected, rtol=0, atol=1e-6)
    assert runtime(tracks[0][:0], tracks[1][:0]).shape == (0, 1)
