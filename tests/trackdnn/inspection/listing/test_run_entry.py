import json

from trackdnn.inspection.listing.run_entry import list_run, list_runs
from trackdnn.training.trackers.record import Record


def test_run_is_explained(complete_run, save_checkpoint):
    folder = complete_run("r", epochs=(4, 2), planned=(4, 3))
    save_checkpoint(folder, 3, 0, name="stage2-end")

    found = list_run(folder)

    assert found.kind == "run"
    assert found.facts["state"] == "complete; all files have their SHA-256"
    assert found.facts["network"] == "default, 2,481 parameters, seed 1"
    assert found.facts["data"] == "ttbar (1 file)"
    assert found.facts["best"].startswith("stage 2, epoch 1: val_auc 0.92000, val_loss")
    assert found.facts["trained"] == "12.0 s, 2,000 tracks/s"
    assert found.facts["also here"] == "checkpoints"
    assert "goes on from" not in found.facts
    stages, checkpoints = found.grids
    assert [row[2] for row in stages.rows] == ["4/4", "2/3 (stopped early)"]
    assert [row[0] for row in checkpoints.rows] == ["stage2-end"]


def test_begun_run_names_where_it_goes_on(begin_run, save_checkpoint, make_rows):
    folder = begin_run("r", make_rows(2))
    save_checkpoint(folder, 1, 2)

    assert list_run(folder).facts["goes on from"] == (
        "stage1-epoch0002-step0000000 (stage 1, 2 epochs done)"
    )


def test_run_names_its_tracker(begin_run, make_rows):
    folder = begin_run("r", make_rows(2))
    Record("wandb", "abc", 2).write(folder)

    found = list_run(folder)

    assert found.facts["tracker"] == "wandb run abc, 2 epochs told"
    assert found.content["tracker"] == {"tracker": "wandb", "id": "abc", "rows": 2}
    (folder / "tracker.json").write_text("half")
    assert list_run(folder).content["tracker"] is None


def test_run_that_is_trained_names_by_whom(begin_run, train_in):
    folder = begin_run("r")
    train_in(folder)

    assert list_run(folder).facts["state"].startswith("being trained by process ")


def test_run_is_json(complete_run):
    content = list_run(complete_run("r")).to_dict()

    text = json.dumps(content, allow_nan=False)
    found = json.loads(text)
    assert (found["state"], found["val_auc"], found["epochs"]) == ("complete", 0.91, 4)
    assert found["stages"][0]["best"]["epoch"] == 3
    assert found["settings"]["seed"] == 1
    assert found["goes_on_from"] is None


def test_runs_stand_side_by_side(
    complete_run, begin_run, save_checkpoint, make_rows, train_in, flip
):
    first = complete_run("a")
    second = begin_run("b", make_rows(1))
    save_checkpoint(second, 1, 1)
    third = begin_run("c")
    train_in(third)
    fourth = complete_run("d")
    flip(fourth / "model.weights.h5")

    found = list_runs(first.parent, [first, second, third, fourth])

    assert found.grids[0].title == "4 runs"
    assert [row[:3] for row in found.grids[0].rows] == [
        ("a", "default", "complete"),
        ("b", "default", "goes on at epoch 2"),
        ("c", "default", "being trained"),
        ("d", "default", "damaged"),
    ]
    assert found.grids[0].rows[1][3:] == (
        "80",
        "0/1",
        "1/4",
        "0.90900",
        "0.6000",
        "1,000",
        "2.0 s",
    )
    assert [fault[:20] for fault in found.damaged] == ["d: model.weights.h5:"]
    widths = {len(row) for row in found.grids[0].rows}
    assert widths == {len(found.grids[0].left) + len(found.grids[0].right)}
