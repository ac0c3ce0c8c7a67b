"""What a run says of itself; its summary is tested with the run, in `test_session`."""

from types import SimpleNamespace

from trackdnn.data.dataset import Identity
from trackdnn.settings import Settings
from trackdnn.training.summary import fingerprint


def test_fingerprint_covers_the_tracks_and_not_their_place():
    known = [
        Identity(folder=folder, manifest="m", tracks=tracks)
        for folder, tracks in (("a", "1"), ("b", "1"), ("a", "2"))
    ]

    found = [
        fingerprint(Settings(), SimpleNamespace(identity=identity))
        for identity in known
    ]

    assert found[0] == found[1] != found[2]
    assert len(found[0]) == 64


def test_fingerprint_of_unknown_tracks_is_that_of_the_settings():
    assert fingerprint(Settings(), SimpleNamespace(identity=None)) == (
        Settings().fingerprint()
    )
