import numpy as np

from trackdnn.simulation.filtering import STAGES, Seconds, Verdict


def test_verdict_on_nothing_keeps_nothing():
    verdict = Verdict.empty()

    assert (verdict.probability.shape, verdict.probability.dtype) == ((0,), np.float32)
    assert (verdict.kept.shape, verdict.kept.dtype) == ((0,), np.bool_)


def test_stages_begin_with_what_the_others_are_compared_to():
    assert STAGES[0] == "found"
    assert len(set(STAGES)) == 4


def test_seconds_of_an_event_without_tracks_are_zero():
    assert Seconds() == Seconds(inputs=0.0, network=0.0, copying=0.0)
