import dataclasses
import functools

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.data.prepared.locks import locked
from trackdnn.errors import BadFileError, DatasetError, InputError
from trackdnn.events.views import View
from trackdnn.graphs.voxel_dynamics import files, job
from trackdnn.graphs.voxel_dynamics.job import Job, merge, run_job
from trackdnn.settings.finding import ViewSettings, VoxelDynamicsSettings

SETTINGS = VoxelDynamicsSettings(cells=20, bins=8, sample=20)


@functools.cache
def made_up(seed, name):
    return toy_event(40, noise=8, seed=seed, name=name)


@dataclasses.dataclass(frozen=True)
class Source:
    """A made-up event, which may stand for the end of the process."""

    seed: int
    fatal: bool = False
    files: tuple = ()

    @property
    def name(self):
        return f"event{self.seed:09}"

    def load(self):
        if self.fatal:
            raise KeyboardInterrupt
        return made_up(self.seed, self.name)


SOURCES = [Source(seed) for seed in range(1, 8)]


def make_job(settings=SETTINGS, view=None, **chosen):
    view = View(view or ViewSettings(min_hits=0), "training")
    return Job(settings=settings, view=view, **chosen)


def run(folder, sources=SOURCES, **chosen):
    run_job(make_job(**chosen), sources, folder, progress=False, every=0.0)
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_job_counts_all_events(tmp_path):
    folder = run(tmp_path / "a")

    cells, counts = files.read_folder(folder, SETTINGS)
    assert sorted(content(folder)) == sorted(
        [files.CELLS, files.COUNTS, files.MANIFEST]
    )
    assert (len(cells), counts.events) == (20, 7)
    assert counts.hits.sum() == sum(len(source.load()) for source in SOURCES)


@pytest.mark.parametrize("stop", [0, 1, 4, 6])
@pytest.mark.parametrize("every", [0.0, 1e9])
def test_stopped_job_goes_on_to_the_same_result(tmp_path, stop, every):
    whole = run(tmp_path / "whole")
    killed = [
        dataclasses.replace(one, fatal=i >= stop) for i, one in enumerate(SOURCES)
    ]
    folder = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run_job(make_job(), killed, folder, progress=False, every=every)
    assert not (folder / files.MANIFEST).exists()

    run(folder)

    assert content(folder) == content(whole)


def test_stopped_job_does_not_count_again_what_it_has(tmp_path):
    last = [*SOURCES[:-1], dataclasses.replace(SOURCES[-1], fatal=True)]
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, last)
    rest = [dataclasses.replace(one, fatal=True) for one in SOURCES[:-1]]

    run(tmp_path, [*rest, SOURCES[-1]])

    assert files.read_folder(tmp_path, SETTINGS)[1].events == 7


def test_job_that_was_stopped_before_its_end_is_done(tmp_path):
    run(tmp_path)
    before = content(tmp_path)
    files.write_counts(
        tmp_path / job.UNFINISHED,
        files.read_counts(tmp_path / files.COUNTS),
        done=7,
        job=make_job().digest(SOURCES),
    )

    run(tmp_path)

    assert content(tmp_path) == before


def test_done_job_reads_no_event_again(tmp_path):
    run(tmp_path)

    run(tmp_path, [dataclasses.replace(one, fatal=True) for one in SOURCES])


@pytest.mark.parametrize("count", [2, 3])
def test_merged_shards_equal_one_pass(tmp_path, count):
    whole = run(tmp_path / "whole")
    shards = [
        run(tmp_path / f"{number}", shard=(number, count))
        for number in range(1, count + 1)
    ]

    merge(shards[::-1], tmp_path / "merged")

    found, expected = content(tmp_path / "merged"), content(whole)
    assert found[files.CELLS] == expected[files.CELLS]
    assert found[files.COUNTS] == expected[files.COUNTS]
    assert len(files.read_manifest(tmp_path / "merged")["parts"]) == count


def test_cells_of_another_training_are_taken(tmp_path):
    first = run(tmp_path / "first", SOURCES[:3])

    second = run(tmp_path / "second", SOURCES[3:], cells=first)
    merge([first, second], tmp_path / "merged")

    assert content(first)[files.CELLS] == content(second)[files.CELLS]
    assert files.read_folder(tmp_path / "merged", SETTINGS)[1].events == 7


def test_view_decides_which_particles_count(tmp_path):
    all_of_them = run(tmp_path / "all")
    fast = run(tmp_path / "fast", view=ViewSettings(min_hits=0, min_pt=1.0))

    pairs = [
        files.read_folder(folder, SETTINGS)[1].pairs.sum()
        for folder in (all_of_them, fast)
    ]
    assert 0 < pairs[1] < 0.7 * pairs[0]


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"shard": (1, 2)},
        {"settings": SETTINGS.model_copy(update={"truth": "hyper"})},
        {"view": ViewSettings(min_pt=1.0)},
        {"sources": SOURCES[:3]},
    ],
    ids=str,
)
@pytest.mark.parametrize("finished", [True, False])
def test_folder_of_another_job_is_refused(tmp_path, other, finished):
    if finished:
        run(tmp_path)
    else:
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, [*SOURCES[:-1], dataclasses.replace(SOURCES[-1], fatal=True)])
    before = content(tmp_path)

    with pytest.raises(BadFileError, match="must be new, or of the same training"):
        run(tmp_path, **other)

    assert content(tmp_path) == before


def test_what_is_made_of_the_counts_may_differ(tmp_path):
    run(tmp_path)

    run(tmp_path, settings=SETTINGS.model_copy(update={"cut": 0.5, "smooth": 0.0}))


def test_two_jobs_in_one_folder_are_kept_apart(tmp_path):
    with (
        locked(tmp_path / ".lock", tmp_path),
        pytest.raises(DatasetError, match=r"Folder .* one job at a time"),
    ):
        run(tmp_path)

    assert set(content(run(tmp_path))) == {files.CELLS, files.COUNTS, files.MANIFEST}


def test_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("")

    with pytest.raises(BadFileError, match=r"one with 1 files, such as 'mine.txt'"):
        run(tmp_path)


def test_merge_of_one_shard_twice_is_refused(tmp_path):
    one, two = (run(tmp_path / f"{k}", shard=(k, 2)) for k in (1, 2))
    merge([one, two], tmp_path / "both")

    with pytest.raises(BadFileError, match=r"other events than .*1'. Received: the sa"):
        merge([one, tmp_path / "both"], tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"seed": 2}, "other cells"),
        ({"settings": SETTINGS.model_copy(update={"truth": "eom"})}, "truth=eom"),
    ],
)
def test_merge_of_other_counts_is_refused(tmp_path, other, what):
    one, two = run(tmp_path / "1"), run(tmp_path / "2", SOURCES[:4], **other)

    with pytest.raises(BadFileError, match=rf"2' must be counted .*Received: {what}"):
        merge([one, two], tmp_path / "merged")


def test_merge_into_a_folder_with_files_is_refused(tmp_path):
    one = run(tmp_path / "1")

    with pytest.raises(BadFileError, match="must be a new or empty folder"):
        merge([one], one)


def test_cells_of_another_kind_are_refused(tmp_path):
    first = run(tmp_path / "first")
    settings = SETTINGS.model_copy(update={"fold": False})

    with pytest.raises(InputError, match=r"fold=False and bins=1. Received: fold=True"):
        run(tmp_path / "second", settings=settings, cells=first)


def test_events_without_truth_are_refused(tmp_path):
    @dataclasses.dataclass(frozen=True)
    class Blind(Source):
        def load(self):
            return dataclasses.replace(super().load(), truth=None, particles=None)

    with pytest.raises(InputError, match=r"Event event000000001 must have truth"):
        run(tmp_path, [Blind(1)])


def test_result_is_that_of_a_training_in_memory(tmp_path):
    from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics

    run(tmp_path)
    events = (source.load() for source in SOURCES)

    made = VoxelDynamics.train(SETTINGS, events, seed=1, progress=False)

    cells, counts = files.read_folder(tmp_path, SETTINGS)
    np.testing.assert_array_equal(cells.points, made.cells.points)
    np.testing.assert_array_equal(counts.links, made.counts.links)
    np.testing.assert_array_equal(counts.pairs, made.counts.pairs)
