from __future__ import annotations

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.inspection import plausible


def column(reference, name):
    return reference.rows[:, FEATURE_NAMES.index(name)].astype(np.float64)


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
    assert np.isfinite(reference.rows).all()
    assert reference.rows.shape == (512, 30)
    assert {len(values) for values in reference.values[:29]} == {17}
    assert set(reference.rows[:, 29]) == {4, 5, 7, 9, 22}


def test_built_in_tracks_are_the_same_twice():
    first, second = plausible.built_in(), plausible.built_in()

    np.testing.assert_array_equal(first.rows, second.rows)


def test_tracks_of_a_file_give_their_own_ranges(tracks_factory):
    tracks = tracks_factory(600)
    tracks.features[3, 0] = np.nan
    tracks.features[4, 0] = np.inf

    reference = plausible.of_tracks(tracks, "file.root")

    pt = tracks.features[np.isfinite(tracks.features[:, 0]), 0]
    expected = np.quantile(pt, np.linspace(0.005, 0.995, 17))
    np.testing.assert_allclose(reference.values[0], expected, rtol=1e-5)
    assert reference.rows.shape == (512, 30)
    assert len(reference.sample) == 600
    assert np.isfinite(reference.rows).all()
    assert reference.origin == "512 of 600 tracks of file.root"


def test_a_column_of_nearly_one_value_gets_the_range_of_all(tracks_factory):
    tracks = tracks_factory(600)
    tracks.features[:, 26] = 0.0
    tracks.features[7, 26] = 2.0
    tracks.features[:, 27] = np.nan

    values = plausible.of_tracks(tracks, "file.root").values

    assert (values[26][0], values[26][-1]) == (0.0, 2.0)
    assert not values[27].any()


def test_widths_are_those_of_the_logarithm_where_it_counts():
    reference = plausible.built_in()

    pt, eta = column(reference, "trk_pt"), column(reference, "eta")
    assert np.isclose(reference.widths[0], np.log(pt).std())
    assert np.isclose(reference.widths[FEATURE_NAMES.index("eta")], eta.std())


def test_columns_leaves_out_the_last_ones():
    reference = plausible.built_in().columns(29)

    assert reference.names == FEATURE_NAMES
    assert reference.rows.shape == (512, 29)
    assert len(reference.values) == len(reference.scales) == 29


def test_unknown_columns_are_normal():
    reference = plausible.of_columns(("a", "b"))

    assert reference.names == ("a", "b")
    assert np.allclose(reference.rows.mean(axis=0), 0, atol=0.15)
    assert np.allclose(reference.widths, 1, atol=0.1)
    assert (reference.values[0][0], reference.values[0][-1]) == (-3, 3)


def test_head_keeps_the_first_rows():
    reference = plausible.built_in()

    few = reference.head(64)

    np.testing.assert_array_equal(few.rows, reference.rows[:64])
    assert len(few.sample) == 64
    assert few.origin == "the first 64 rows of generated plausible tracks"
