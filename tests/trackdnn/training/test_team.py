"""What workers tell each other; here they are threads."""

import numpy as np
import pytest
import tensorflow as tf

from trackdnn.errors import DeviceError, OutputError, RunError, Stopped
from trackdnn.training import team as module
from trackdnn.training.team import Team


def test_team_of_one_says_nothing():
    alone = Team()

    assert alone.is_chief
    assert alone.gather(3.0) == [3.0]
    assert alone.hear(b"x") == b"x"
    marker = object()
    assert alone.by_chief(lambda: marker) is marker
    alone.agree("tracks", "a")
    alone.level([None])
    with pytest.raises(tf.errors.UnavailableError), alone.watched():
        raise tf.errors.UnavailableError(None, None, "gone")


def test_numbers_of_all_are_heard_by_all(crew):
    found = crew(lambda team: team.gather(0.1 * (team.number + 1)), count=3)

    assert found == [[0.1, 0.2, 0.30000000000000004]] * 3
    assert crew(lambda team: team.chiefs(7 + team.number)) == [7.0, 7.0]


@pytest.mark.parametrize("speaker", [0, 1])
@pytest.mark.parametrize("length", [0, 1, 4, 1000])
def test_bytes_arrive_as_they_were_said(crew, monkeypatch, speaker, length):
    monkeypatch.setattr(module, "_AT_ONCE", 16)
    said = np.random.default_rng(1).bytes(length)

    def speak(team):
        return team.hear(said if team.number == speaker else b"else", speaker)

    assert crew(speak) == [said, said]


def test_chief_alone_does_what_all_need(crew):
    done = []

    def action():
        done.append(1)
        return {"a": [1, None, "ä"]}

    assert crew(lambda team: team.by_chief(action), count=3) == [action()] * 3
    assert len(done) == 2


@pytest.mark.parametrize(
    ("raised", "heard", "text"),
    [
        (OutputError("the disk is full"), OutputError, "worker 0: the disk is full"),
        (Stopped("enough", 85), Stopped, "enough"),
        (KeyError("a bug"), RunError, "Worker 0 must be able to go on"),
    ],
)
def test_what_fails_for_the_chief_fails_for_all(crew, raised, heard, text):
    def fail():
        raise raised

    chief, other = crew(lambda team: team.by_chief(fail))

    assert chief is raised
    assert type(other) is heard
    assert text in str(other)
    assert getattr(other, "exit_code", None) == getattr(raised, "exit_code", None)


def test_workers_that_differ_are_told_all(crew):
    assert crew(lambda team: team.agree("tracks", "same")) == [None, None]

    found = crew(lambda team: team.agree("tracks", f"{team.number % 2}"), count=3)

    for error in found:
        assert isinstance(error, RunError)
        assert "the same tracks. Received: others for worker 1 than" in str(error)


def test_variables_get_the_values_of_the_chief(crew):
    def start(team):
        rng = np.random.default_rng(team.number)
        found = [
            tf.Variable(rng.normal(size=(2, 3)).astype("f4")),
            tf.Variable(rng.integers(100)),
            tf.Variable(team.is_chief),
        ]
        team.level(found)
        return [one.numpy() for one in found]

    chief, other = crew(start)

    for one, two in zip(chief, other, strict=True):
        np.testing.assert_array_equal(one, two)
        assert one.dtype == two.dtype
    assert chief[2]


def test_lost_worker_is_one_line(crew):
    def lose(team):
        with team.watched():
            raise tf.errors.UnavailableError(
                None, None, "Graph execution error:\n\nCollective is aborted by: x\ny"
            )

    for error in crew(lose):
        assert isinstance(error, DeviceError)
        assert "\n" not in str(error)
        assert "All 2 workers must stay" in str(error)
        assert "Received: Collective is aborted by: x. Look at" in str(error)
