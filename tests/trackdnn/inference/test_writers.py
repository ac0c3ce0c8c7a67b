from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import uproot

from trackdnn.errors import InputError
from trackdnn.inference.scored import ScoredEvents
from trackdnn.inference.writers import open_writer

INPUTS = [Path("a.root"), Path("b.root")]


def block(number, start, counts):
    total = sum(counts)
    rng = np.random.default_rng([number, start])
    return ScoredEvents(
        path=INPUTS[number],
        number=number,
        start=start,
        counts=np.array(counts, np.int64),
        identity={
            "run": np.full(len(counts), 1, np.uint32),
            "lumi": np.full(len(counts), 2, np.uint32),
            "event": np.arange(start, start + len(counts)).astype(np.uint64) + 2**60,
        },
        category=rng.integers(0, 30, total).astype(np.int32),
        probability=rng.random(total).astype(np.float32),
        passing={"loose": rng.random(total) < 0.5},
    )


BLOCKS = [
    block(0, 0, [2, 0, 3]),
    block(0, 3, [1]),
    block(1, 0, [0, 0]),
    block(1, 2, [4]),
]


def write(output):
    with open_writer(output, INPUTS, ["loose"]) as writer:
        for events in BLOCKS:
            writer.write(events)


def slow_rows():
    """One dictionary per track, built track by track."""
    rows = []
    for events in BLOCKS:
        at = 0
        for event, count in enumerate(events.counts.tolist()):
            for track in range(count):
                rows.append(
                    {
                        "number": events.number,
                        "file": str(events.path),
                        "entry": events.start + event,
                        "event": int(events.identity["event"][event]),
                        "track": track,
                        "originalAlgo": int(events.category[at]),
                        "probability": float(events.probability[at]),
                        "score": float(events.score[at]),
                        "pass_loose": bool(events.passing["loose"][at]),
                    }
                )
                at += 1
    return rows


def test_parquet_has_one_row_per_track(tmp_path):
    write(tmp_path / "scores.parquet")

    table = pd.read_parquet(tmp_path / "scores.parquet")

    rows = slow_rows()
    assert len(table) == len(rows)
    for name in set(rows[0]) - {"number"}:
        assert table[name].tolist() == [row[name] for row in rows]
    assert set(table["run"]) == {1}
    assert set(table["lumi"]) == {2}


def test_root_has_one_entry_per_event(tmp_path):
    write(tmp_path / "scores.root")

    with uproot.open(tmp_path / "scores.root") as file:
        events = file["scores"].arrays(library="ak")
        names = str(file["files"])

    rows = slow_rows()
    assert names == "a.root\nb.root"
    assert events["ntrk"].tolist() == [2, 0, 3, 1, 0, 0, 4]
    assert events["file"].tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert events["entry"].tolist() == [0, 1, 2, 3, 0, 1, 2]
    for branch in ("originalAlgo", "probability", "score", "pass_loose"):
        flat = [value for event in events[f"trk_{branch}"].tolist() for value in event]
        assert flat == [row[branch] for row in rows]


def test_output_appears_only_when_complete(tmp_path):
    output = tmp_path / "scores.root"
    output.write_text("earlier")

    def fail():
        with open_writer(output, INPUTS, []):
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert output.read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["scores.root"]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_output_may_have_no_events(tmp_path, suffix):
    output = tmp_path / "new" / f"scores{suffix}"

    with open_writer(output, INPUTS, ["loose"]):
        pass

    assert output.is_file()


@pytest.mark.parametrize("name", ["scores.csv", "scores", "scores.ROOT"])
def test_output_must_have_a_known_ending(tmp_path, name):
    with (
        pytest.raises(
            InputError, match=r"must end with \.root or \.parquet\. Received"
        ),
        open_writer(tmp_path / name, INPUTS, []),
    ):
        pass


def test_output_must_not_be_a_folder(tmp_path):
    (tmp_path / "scores.root").mkdir()

    with (
        pytest.raises(InputError, match=r"must be a file. Received: the folder"),
        open_writer(tmp_path / "scores.root", INPUTS, []),
    ):
        pass


def test_output_must_not_be_an_input(tmp_path):
    path = tmp_path / "tracks.root"
    other = tmp_path / "x" / ".." / "tracks.root"

    with (
        pytest.raises(InputError, match="must not be one of the inputs"),
        open_writer(other, [path], []),
    ):
        pass


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_output_must_be_writable(tmp_path, suffix):
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(InputError, match=r"output must be writable. Received: .*scores"),
        open_writer(tmp_path / "file" / f"scores{suffix}", INPUTS, []),
    ):
        pass
