import importlib.util
import subprocess
import sys

import awkward as ak
import pytest
import uproot

from trackdnn.errors import BadFileError, MissingExtraError, SettingsError
from trackdnn.simulation import production, worker
from trackdnn.simulation.production import simulate_tracks


def equal(one, two):
    """Whether two files hold the same arrays."""
    with uproot.open(one) as left, uproot.open(two) as right:
        trees = left["trackingNtuple/tree"], right["trackingNtuple/tree"]
        names = trees[0].keys()
        return names == trees[1].keys() and all(
            ak.array_equal(
                trees[0][name].array(), trees[1][name].array(), equal_nan=True
            )
            for name in names
        )


@pytest.fixture(scope="module")
def needs_acts():
    pytest.importorskip("acts")
    pytest.importorskip("pythia8mc")


@pytest.fixture(scope="module")
def made(tmp_path_factory, needs_acts):
    path = tmp_path_factory.mktemp("production") / "two.root"
    return simulate_tracks(path, events=4, mu=5, seed=7, workers=2)


def test_simulate_tracks_does_not_depend_on_the_workers(made, tmp_path):
    path = tmp_path / "one.root"

    simulate_tracks(path, events=4, mu=5, seed=7, workers=1)

    assert equal(path, made.path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_simulate_tracks_twice_is_equal_at_high_pile_up(tmp_path, needs_acts):
    paths = [tmp_path / f"{name}.root" for name in "abc"]

    for path, workers in zip(paths, (2, 2, 1), strict=True):
        simulate_tracks(path, events=20, mu=60, seed=7, workers=workers)

    assert equal(paths[0], paths[1])
    assert equal(paths[0], paths[2])


def test_simulate_tracks_counts_what_it_writes(made):
    with uproot.open(made.path) as file:
        tree = file["trackingNtuple/tree"]
        tracks = int(tree["ntrk"].array(library="np").sum())
        true = int(ak.sum(tree["trk_isTrue"].array()))

    assert tree.num_entries == made.events == 4
    assert tracks == made.tracks == sum(map(sum, made.counts.values()))
    assert true == sum(true for true, _ in made.counts.values())
    assert made.cpu_seconds > 0


def test_simulate_tracks_leaves_no_temporary_file(made):
    assert [path.name for path in made.path.parent.iterdir()] == ["two.root"]


def test_simulate_tracks_keeps_the_old_file_when_it_fails(tmp_path, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("no")
        yield

    path = tmp_path / "tracks.root"
    path.write_text("old")
    monkeypatch.setattr(production, "make_blocks", fail)
    monkeypatch.setattr(production, "check_packages", lambda: None)

    with pytest.raises(RuntimeError, match="no"):
        simulate_tracks(path, events=1, mu=1)

    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": 0}, r"`events` must be at least 1. Received: events=0"),
        ({"workers": 0}, r"`workers` must be at least 1. Received: workers=0"),
        ({"seed": -1}, r"`seed` must be at least 0. Received: seed=-1"),
        ({"seed": 2**32}, r"`seed` must be at most 4294967295. Received: seed=429"),
        ({"mu": -1.0}, r"`mu` must be a finite number.* Received: mu=-1.0"),
        ({"mu": float("nan")}, r"`mu` must be a finite number.* Received: mu=nan"),
        ({"process": "minbais"}, r"Did you mean 'minbias'"),
        ({"working_point": "defualt"}, r"Did you mean 'default'"),
        ({"output": "tracks.txt"}, r"`output` must end in .root"),
    ],
)
def test_simulate_tracks_refuses_an_impossible_argument(tmp_path, change, message):
    arguments = {"output": "tracks.root", "events": 1, "mu": 1.0} | change
    output = tmp_path / arguments.pop("output")

    with pytest.raises(SettingsError, match=message):
        simulate_tracks(output, **arguments)


def test_simulate_tracks_needs_the_folder(tmp_path):
    with pytest.raises(BadFileError, match=r"folder of `output` must exist"):
        simulate_tracks(tmp_path / "none" / "tracks.root", events=1, mu=1)


def test_simulate_tracks_refuses_a_folder_as_output(tmp_path):
    (tmp_path / "tracks.root").mkdir()

    with pytest.raises(BadFileError, match=r"must not be a folder"):
        simulate_tracks(tmp_path / "tracks.root", events=1, mu=1)


def test_simulate_tracks_names_the_missing_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(
        MissingExtraError, match=r"pip install 'trackdnn\[simulation\]'"
    ):
        simulate_tracks(tmp_path / "tracks.root", events=1, mu=1)


def test_importing_production_imports_no_optional_package():
    script = (
        "import sys, trackdnn.simulation.production;"
        "assert not {'acts', 'pythia8mc', 'tensorflow'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_baskets_keep_all_events_in_order():
    blocks = iter([[1, 2, 3], [4] * 9, [5] * 8])

    baskets = list(production._baskets(blocks))

    assert [len(basket) for basket in baskets] == [10, 10]
    assert [*baskets[0], *baskets[1]] == [1, 2, 3] + [4] * 9 + [5] * 8


def test_job_is_a_key_for_the_cache_of_chains():
    assert worker.Job("ttbar", 1.0, 1, "default") == worker.Job(
        "ttbar", 1.0, 1, "default"
    )
