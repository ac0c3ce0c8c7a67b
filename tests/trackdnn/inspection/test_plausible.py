from __future__ import annotations

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.inspection import plausible


def column(reference, name):
    return reference.features[:, FEATURE_NAMES.index(name)].astype(np.float64)


def test_built_in_tracks_fit_together():
    reference = plausible.built_in()

    transverse = np.hypot(column(reference, "inner_px"), column(reference, "inner_py"))
    np.testing.assert_allclose(transverse, column(reference, "inner_pt"), rtol=1e-5)
    np.testing.assert_allclose(
        column(reference, "outer_pz") / column(reference, "outer_pt"),
        np.sinh(column(reference, "eta")),
        rtol=1e-4,
        atol=1e-5,
    )
    assert np.isfinite(reference.features).all()
    assert reference.values.shape == (29, 9)


def test_built_in_tracks_are_the_same_twice():
    first, second = plausible.built_in(), plausible.built_in()

    np.testing.assert_array_equal(first.features, second.features)


def test_tracks_of_a_file_give_their_own_ranges(tracks_factory):
    tracks = tracks_factory(500)
    tracks.features[3, 0] = np.nan
    tracks.features[4, 0] = np.inf

    reference = plausible.of_tracks(tracks, "file.root")

    pt = tracks.features[np.isfinite(tracks.features[:, 0]), 0]
    expected = np.quantile(pt, np.linspace(0.005, 0.995, 9))
    np.testing.assert_allclose(reference.values[0], expected, rtol=1e-5)
    assert reference.features.shape == (128, 29)
    assert np.isfinite(reference.features).all()
    assert reference.origin == "128 tracks of file.root"
