import pytest

from tests.trackdnn.tracking.joining.pieces import broken
from trackdnn.errors import SettingsError
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.builder import make_builder
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.pipeline.building import build_tracks, missing

JOINED = FindingSettings.model_validate({"joining": {"enabled": True, "cut": 0.7}})


class Longest:
    """A joining that leaves one track; it keeps what it was given."""

    def join(self, event, graph, tracks, settings):
        self.given = event, graph, tracks, settings
        return from_lists([max(tracks, key=len)])


def test_tracks_are_those_of_the_builder():
    event, graph, _, _ = broken(10)

    tracks = build_tracks(FindingSettings(), event, graph, joining=Longest())

    expected = make_builder(FindingSettings()).build(event, graph)
    assert tracks.hits.tolist() == expected.hits.tolist()


def test_tracks_are_joined_where_the_settings_ask_for_it():
    event, graph, _, _ = broken(10)
    joining = Longest()

    assert len(build_tracks(JOINED, event, graph, joining=joining)) == 1
    assert joining.given[3].cut == 0.7


def test_tracks_cannot_be_joined_without_a_joining():
    event, graph, _, _ = broken(10)

    with pytest.raises(SettingsError, match=r"finding\.joining\.enabled must be on"):
        build_tracks(JOINED, event, graph)


def test_missing_names_the_part():
    assert "a finder without a selection" in str(missing("selection"))
