import dataclasses

import numpy as np
import pytest

from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.events.event import without_truth
from trackdnn.tracking.display.legend import legend, lines_of, passing
from trackdnn.tracking.display.scene import make_scene


@pytest.fixture(scope="module")
def made():
    return every_kind(12, 20)


def counts(scene):
    return {entry.key: len(entry.rows) for entry in legend(scene)}


def test_legend_counts_all_kinds(made):
    event, tracks = made

    assert counts(make_scene(event, tracks)) == {
        "hits": len(event) - 20,
        "noise": 20,
        "particles": 12,
        "matched": 6,
        "duplicates": 1,
        "fakes": 2,
        "missed": 6,
    }


def test_legend_has_only_what_is_known(made):
    event, tracks = made
    blind = without_truth(event)

    assert list(counts(make_scene(event))) == ["hits", "noise", "particles"]
    assert list(counts(make_scene(blind))) == ["hits"]
    assert counts(make_scene(blind, tracks)) == {"hits": len(event), "tracks": 9}


def test_legend_shows_truth_at_first_only_where_there_are_no_tracks(made):
    event, tracks = made

    for scene in (make_scene(event), make_scene(event, tracks)):
        shown = {entry.key: entry.shown for entry in legend(scene)}
        assert shown.pop("particles") == (scene.tracks is None)
        assert all(shown.values())


def test_legend_has_a_colour_and_a_key_for_each(made):
    entries = legend(make_scene(*made))

    for field in ("key", "title", "colour", "shortcut"):
        assert len({getattr(entry, field) for entry in entries}) == len(entries)
    # These have other uses in the page.
    assert not {entry.shortcut for entry in entries} & set("o0123+-=[]?")


def test_lines_must_be_in_the_scene(made):
    event, _ = made

    with pytest.raises(ValueError, match="Received: tracks"):
        lines_of(make_scene(event), "tracks")


def test_missed_particles_have_enough_hits(made):
    event, tracks = made
    few = event.take(np.flatnonzero(event.hits.r < 100))
    scene = make_scene(few)
    none = make_scene(
        few,
        dataclasses.replace(
            tracks, hits=tracks.hits[:0], offsets=np.zeros(1, np.int64)
        ),
    )

    assert counts(scene)["particles"] == 0
    assert counts(none)["missed"] == 0


def test_threshold_of_zero_leaves_unknown_momenta():
    pt = np.array([0.5, 2.0, np.nan, np.inf], dtype=np.float32)

    assert passing(pt, 0.0).all()
    assert passing(pt, 1.0).tolist() == [False, True, False, True]


def test_threshold_beyond_float32_leaves_nothing():
    assert passing(np.array([1.0, 3e38], "f4"), 1e300).tolist() == [False, False]
