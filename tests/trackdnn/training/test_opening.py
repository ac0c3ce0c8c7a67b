"""A run folder is opened once for all workers."""

import json

import pytest

from network.builder import ModelBuilder
from tests.trackdnn.training.test_session import Parts, settings
from trackdnn.errors import RunError
from trackdnn.training.begin import is_begun
from trackdnn.training.checkpoints.lock import LOCK, run_lock
from trackdnn.training.opening import opened
from trackdnn.training.team import Team


@pytest.fixture
def enter(parts, tmp_path):
    """A function of a team; opens the same folder."""
    wanted = settings()
    preset = ModelBuilder(wanted.model).preset

    def run(team, folder=tmp_path / "run"):
        return opened(folder, wanted, Parts(*parts), preset, team)

    return run


def test_folder_is_begun_and_locked_meanwhile(enter, tmp_path):
    with enter(Team()) as found:
        assert not found.complete
        assert found.source is None
        assert (tmp_path / "run" / LOCK).exists()
        spec = json.loads((tmp_path / "run" / "input_spec.json").read_text())
        assert json.loads(found.spec.to_json()) == spec

    assert not (tmp_path / "run" / LOCK).exists()


def test_others_hear_what_the_chief_has_found(enter, crew, tmp_path):
    def course(team):
        with enter(team, tmp_path / str(team.number)) as found:
            return found

    chief, other = crew(course)

    assert chief == other
    assert (tmp_path / "0" / "settings.yaml").is_file()
    assert not (tmp_path / "1").exists()
    assert not is_begun(tmp_path / "1")


def test_lock_of_another_training_refuses_all(enter, crew, tmp_path):
    def course(team):
        with enter(team) as found:
            return found

    with run_lock(tmp_path / "run"):
        found = crew(course)

    assert all(isinstance(one, RunError) for one in found)
    assert str(found[1]).startswith("worker 0: Run ")
