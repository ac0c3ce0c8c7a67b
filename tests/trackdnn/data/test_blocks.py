"""Joined blocks against plain concatenation."""

from __future__ import annotations

import dataclasses

import numpy as np

from trackdnn.data.blocks import join


def test_join_keeps_the_order_of_blocks(tracks_factory):
    blocks = [tracks_factory(size, seed) for seed, size in enumerate((5, 0, 7, 3))]
    expected = np.concatenate([block.features for block in blocks])
    labels = np.concatenate([block.label for block in blocks])

    tracks = join(blocks, ("a",))

    np.testing.assert_array_equal(tracks.features, expected)
    np.testing.assert_array_equal(tracks.label, labels)
    assert tracks.features.dtype == np.float32
    assert blocks == []


def test_join_leaves_out_columns_that_a_block_lacks(tracks_factory):
    first, second = tracks_factory(5), tracks_factory(5, label=False)
    second = dataclasses.replace(second, extras={"n_vertices": np.ones(5, "f4")})

    tracks = join([first, second], ("a",))

    assert tracks.label is None
    assert set(tracks.extras) == {"n_vertices"}


def test_join_of_nothing_is_no_tracks():
    tracks = join([], ("a",))

    assert len(tracks) == 0
    assert tracks.features.shape == (0, 29)
