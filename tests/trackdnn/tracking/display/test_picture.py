import dataclasses

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.events.event import without_truth
from trackdnn.tracking.display.picture import draw_scene, paint_scene
from trackdnn.tracking.display.scene import make_scene
from trackdnn.tracking.found import from_lists


def painted(scene, min_pt=0.0):
    figure = Figure(figsize=(16, 8), layout="constrained")
    paint_scene(figure, scene, min_pt)
    return figure


def labels(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def lines(axes):
    found = [one for one in axes.collections if isinstance(one, LineCollection)]
    return [path.vertices for one in found for path in one.get_paths()]


def test_picture_counts_what_it_shows():
    figure = painted(make_scene(*every_kind()))

    assert set(labels(figure)) >= {
        "matched tracks: 6",
        "duplicates: 1",
        "fake tracks: 2",
        "missed particles: 6",
        "noise hits: 20",
    }


def test_picture_draws_each_track_through_its_hits():
    event, tracks = every_kind()
    scene = make_scene(without_truth(event), tracks)
    across, along = painted(scene).axes
    own = scene.tracks.lines[3]

    hits = event.hits
    assert lines(across)[3] == pytest.approx(np.stack([hits.x[own], hits.y[own]], 1))
    assert lines(along)[3] == pytest.approx(np.stack([hits.z[own], hits.r[own]], 1))


def test_picture_leaves_out_what_is_below_the_threshold():
    event, _ = every_kind()
    scene = make_scene(event)
    above = int((event.particles.pt >= 1.0)[scene.truth.drawn].sum())

    figure = painted(scene, 1.0)

    assert 0 < above < 12
    assert f"true particles: {above}" in labels(figure)
    assert len(lines(figure.axes[0])) == above
    assert "at least 1 GeV" in figure.get_suptitle()


def test_picture_is_written_and_the_same_each_time(tmp_path):
    event, tracks = every_kind()
    # Neither a formula nor a bad one.
    scene = make_scene(dataclasses.replace(event, name="$x_1 100%"), tracks)

    one = draw_scene(scene, tmp_path / "one.v2.png")
    other = draw_scene(scene, tmp_path / "other.png")

    assert one.name == "one.v2.png"
    assert one.read_bytes() == other.read_bytes()
    assert len(one.read_bytes()) > 10_000


@pytest.mark.parametrize("hits", [0, 1])
def test_picture_of_next_to_nothing(tmp_path, hits):
    event = toy_event(3).take(np.arange(hits))
    scene = make_scene(event, from_lists([]))

    assert draw_scene(scene, tmp_path / "event.png").is_file()
