import numpy as np
import pytest

from trackdnn.errors import SettingsError
from trackdnn.simulation import generator


def same(one, two):
    return len(one) == len(two) and all(
        np.array_equal(a.momentum, b.momentum) and np.array_equal(a.vertex, b.vertex)
        for a, b in zip(one, two, strict=True)
    )


@pytest.fixture
def pythia():
    return pytest.importorskip("pythia8mc")


def test_check_process_names_the_nearest():
    with pytest.raises(SettingsError, match=r"process='tbar'. Did you mean 'ttbar'"):
        generator.check_process("tbar")


def test_random_stream_differs_by_seed_purpose_and_event():
    purpose = generator.Purpose
    draws = {
        generator.random_stream(seed, kind, event).random()
        for seed in (1, 2)
        for kind in purpose
        for event in (0, 1)
    }

    assert len(draws) == 2 * len(purpose) * 2


def test_generate_does_not_depend_on_earlier_events(pythia):
    alone = generator.generate("ttbar", 4.0, 1, event=3)

    generator.generate("ttbar", 4.0, 1, event=2)
    after = generator.generate("ttbar", 4.0, 1, event=3)

    assert same(alone, after)
    assert not same(alone, generator.generate("ttbar", 4.0, 2, event=3))


def test_generate_without_pile_up_is_one_collision(pythia):
    event = generator.generate("minbias", 0.0, 1, event=0)

    assert len(event) == 1


def test_generate_displaced_has_tracks_far_from_the_beam(pythia):
    (hard,) = generator.generate("displaced", 0.0, 1, event=0)

    radius = np.hypot(*(hard.vertex - hard.origin)[:, :2].T)
    assert (radius > 5.0).sum() > 10


def test_generate_keeps_what_can_reach_the_detector(pythia):
    (hard,) = generator.generate("ttbar", 0.0, 1, event=0)

    pt = np.hypot(*hard.momentum[:, :2].T)
    eta = np.arcsinh(hard.momentum[:, 2] / pt)
    charged = hard.pdg != 22
    assert (np.abs(eta) < 3.5).all()
    assert (pt[charged] > 0.15).all()
    assert (pt[~charged] > 0.3).all()
