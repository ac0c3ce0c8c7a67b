"""`quantize` as users type it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from export import verify
from export.safety import read_onnx
from export.variants import kinds
from trackdnn.cli import main
from trackdnn.commands import judged_data, verdicts
from trackdnn.errors import InputError

ROOT = Path(__file__).parents[3]
DATA = str(ROOT / "samples" / "test.root")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return shutil.copytree(
        ROOT / "tests" / "data" / "bundle_v1",
        tmp_path_factory.mktemp("quantize") / "bundle",
    )


@pytest.fixture
def shifted(monkeypatch):
    """Variants whose scores are all too high."""
    monkeypatch.setattr(kinds, "make", lambda kind, proto, feed: moved(proto, 0.5))


def moved(proto, by):
    """A network whose last bias is another."""
    made = kinds.optimised(proto)
    bias = {one.name: one for one in made.graph.initializer}[
        [node for node in made.graph.node if node.op_type == "Gemm"][-1].input[2]
    ]
    value = onnx.numpy_helper.to_array(bias) + np.float32(by)
    bias.CopyFrom(onnx.numpy_helper.from_array(value, bias.name))
    return made


def words(bundle, to, *more):
    return ["quantize", str(bundle), "--data", DATA, "--to", str(to), "-q", *more]


def test_quantize_leaves_a_variant_and_its_report(bundle, tmp_path, capsys):
    to = tmp_path / "variants"

    code = main(words(bundle, to, "--kind", "optimised", "--json"))

    (told,) = json.loads(capsys.readouterr().out)
    written = json.loads((to / "model.optimised.json").read_text())
    assert code == 0
    assert sorted(path.name for path in to.iterdir()) == [
        "model.optimised.json",
        "model.optimised.onnx",
    ]
    assert told["released"]
    assert told["max_difference"] < 1e-5
    assert told.items() <= written.items()
    assert written["target"] == "cmssw-13_0"
    assert written["sha256"] == verify.sha256(to / "model.optimised.onnx")
    assert written["points"][0]["flips"] == 0
    assert written["points"][0]["efficiency"]["paired_error"] == 0
    metadata = onnx.load_from_string(
        read_onnx(to / "model.optimised.onnx")
    ).metadata_props
    assert {one.key: one.value for one in metadata}["trackdnn.variant"] == "optimised"


def test_quantize_tells_every_kind(bundle, tmp_path, capsys):
    main(words(bundle, tmp_path / "variants"))

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1::2]] == list(kinds.KINDS)
    assert [line.split()[0] for line in lines[2::2]] == ["tight"] * len(kinds.KINDS)


def test_quantize_takes_the_bundle_of_a_run(bundle, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(bundle, run / "bundle")
    (run / "settings.yaml").write_text("data: {label: trk_isTrue}\n")

    assert main(words(run, tmp_path / "variants", "--kind", "optimised")) == 0


def test_variant_that_moves_a_rate_is_refused(bundle, tmp_path, capsys, shifted):
    to = tmp_path / "variants"

    code = main(words(bundle, to, "--kind", "fp16"))

    said = capsys.readouterr()
    start = "error: fp16 is refused: tight: the efficiency must move by less than its "
    assert code == 2
    assert not to.exists()
    assert said.err.splitlines()[-2].startswith(
        f"{start}statistical error. Received: +"
    )
    assert "refused" in said.out


def test_variant_whose_scores_are_not_finite_is_refused(
    bundle, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(kinds, "make", lambda kind, proto, feed: moved(proto, np.nan))
    to = tmp_path / "variants"

    assert main(words(bundle, to, "--kind", "fp16", "--keep-report")) == 2

    said = capsys.readouterr().err
    assert "The variant must give finite scores for every input" in said
    assert "the scores of tracks must be finite, and are not" in said
    assert [path.name for path in to.iterdir()] == ["model.fp16.json"]


def test_report_of_a_refused_variant_is_kept_if_asked(bundle, tmp_path, shifted):
    to = tmp_path / "variants"

    assert main(words(bundle, to, "--kind", "fp16", "--keep-report")) == 2

    written = json.loads((to / "model.fp16.json").read_text())
    assert [path.name for path in to.iterdir()] == ["model.fp16.json"]
    assert not written["released"]
    assert not written["points"][1]["efficiency"]["within_error"]


def test_optimised_network_that_computes_something_else_is_refused(
    bundle, tmp_path, capsys, shifted
):
    assert main(words(bundle, tmp_path / "variants", "--kind", "optimised")) == 2

    assert "The variant must reproduce the network to 5e-06" in capsys.readouterr().err


def test_variant_that_breaks_a_rule_of_the_target_is_refused(bundle, tmp_path, capsys):
    options = ["--kind", "optimised", "--target", "tensorflow-2.12"]

    assert main(words(bundle, tmp_path / "variants", *options)) == 2

    assert "tensorflow-2.12 runs frozen graph, SavedModel only" in (
        capsys.readouterr().err
    )


def test_wrong_arguments_are_one_line(bundle, tmp_path, capsys):
    a_file = tmp_path / "file"
    a_file.write_text("")
    cases = [
        (
            words(bundle, tmp_path / "v", "--kind", "int4"),
            "error: `--kind` must be one",
        ),
        (words(bundle, a_file), "error: `--to` must be a folder. Received: the file"),
        (words(bundle, bundle / "more"), "error: `--to` must lie outside the bundle"),
        (words(tmp_path / "none", tmp_path / "v"), "error: A bundle must be a folder"),
        (words(bundle, tmp_path / "v", "--target", "lhcb"), "error: A target must be"),
    ]
    for typed, start in cases:
        assert main(typed) == 2
        said = capsys.readouterr().err
        assert said.startswith(start)
        assert said.count("\n") == 1
    assert not (tmp_path / "v").exists()


def test_earlier_variant_is_not_replaced(bundle, tmp_path, capsys):
    earlier = tmp_path / "model.fp16.onnx"
    earlier.write_text("earlier")

    assert main(words(bundle, tmp_path)) == 2

    assert "`--to` must hold no earlier variants" in capsys.readouterr().err
    assert earlier.read_text() == "earlier"


def test_prepared_dataset_must_have_its_parts(bundle, tmp_path, monkeypatch, capsys):
    from trackdnn.data.prepared import dataset, manifest

    nothing = type("Nothing", (), {"part": lambda self, name: None})()
    monkeypatch.setattr(manifest, "is_prepared", lambda folder: True)
    monkeypatch.setattr(dataset, "open_dataset", lambda folder: nothing)

    assert main(words(bundle, tmp_path / "v")) == 2

    assert "A prepared dataset must have a test part to judge on" in (
        capsys.readouterr().err
    )


def test_folder_that_cannot_be_written_is_one_line(bundle, tmp_path, capsys):
    (tmp_path / "file").write_text("")

    code = main(words(bundle, tmp_path / "file" / "v", "--kind", "optimised"))

    said = capsys.readouterr().err.splitlines()[-1]
    assert code == 2
    assert said.startswith("error: `--to` must be a folder that can be written.")


def test_judgement_on_few_tracks_is_remarked(bundle, tmp_path, capsys):
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    changed(copy, evaluation={"tracks": 1_000_000})

    main(words(copy, tmp_path / "v", "--kind", "optimised"))

    said = capsys.readouterr().err
    assert "tracks, and the cuts were placed on 1,000,000: the errors are" in said


def changed(bundle, **entries):
    """Other entries in the manifest of a bundle."""
    manifest = json.loads((bundle / "manifest.json").read_text()) | entries
    manifest["digest"] = verify.digest(manifest)
    (bundle / "manifest.json").write_text(verify.canonical(manifest))


def test_bundle_without_working_points_is_refused(bundle, tmp_path, capsys):
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    changed(copy, working_points={})

    assert main(words(copy, tmp_path / "v", "--kind", "optimised")) == 2

    assert "A bundle must have working points to be judged at" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("label", [None, np.ones(50, bool)], ids=["none", "all true"])
def test_tracks_must_be_true_and_fake(tracks_factory, label):
    tracks = tracks_factory(50)
    object.__setattr__(tracks, "label", label)

    with pytest.raises(InputError, match=r"on true and on fake tracks. Received: 50 "):
        verdicts.labels(tracks)


def test_data_of_one_event_are_refused(ntuple_factory, bundle, tmp_path, capsys):
    file = ntuple_factory(events=1)

    code = main([*words(bundle, tmp_path / "v")[:3], str(file), "--to", str(tmp_path)])

    assert code == 2
    assert "The data must have two events or more" in capsys.readouterr().err


def test_calibration_and_judgement_share_no_event(bundle):
    data = judged_data.read_data(bundle, [DATA], progress=False)

    assert not set(data.judged.event.tolist()) & set(data.calibration.event.tolist())
    assert len(data.judged) > 3 * len(data.calibration) > 0


def test_quantize_refuses_data_without_a_name(bundle, tmp_path, capsys):
    to = tmp_path / "variants"

    code = main(["quantize", str(bundle), "--data", "", "--to", str(to), "-q"])

    assert code == 2
    assert "`--data` must name a dataset or files" in capsys.readouterr().err
    assert not to.exists()
