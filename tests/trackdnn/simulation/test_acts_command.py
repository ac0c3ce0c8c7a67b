"""`acts` from the command line: what is refused, and what the table says."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from trackdnn.cli import main
from trackdnn.commands.acts import BundleNetwork
from trackdnn.data.features import FEATURE_NAMES
from trackdnn.inference.infer import infer
from trackdnn.simulation import filtered_production
from trackdnn.simulation.filtered_production import FilteredProduction
from trackdnn.simulation.filtering import Seconds
from trackdnn.simulation.ntuple import NtupleWriter
from trackdnn.simulation.stages import Counts

ROOT = Path(__file__).parents[3]
POINTS = {
    "overall": {"loose": {"cut": -0.5}, "tight": {"cut": 0.5}},
    "iterations": {
        "lowPtTripletStep": {
            "originalAlgo": 5,
            "cuts": {"loose": {"cut": -0.9}, "tight": {"cut": 0.9}},
        }
    },
}
MADE = FilteredProduction(
    events=2,
    empty=1,
    stages={
        "found": Counts(tracks=1000, true=900, repeated=100, wanted=400),
        "network": Counts(tracks=855, true=845, repeated=61, wanted=396),
        "ambiguity": Counts(tracks=840, true=800, repeated=0, wanted=400),
        "both": Counts(tracks=0, true=0, repeated=0, wanted=0),
    },
    wanted=400,
    iterations={4: (600, 500), 9: (400, 355)},
    per_event=Seconds(0.001, 0.0025, 0.02),
    seconds=3.0,
    cpu_seconds=5.0,
)


@pytest.fixture
def bundle(make_bundle):
    return make_bundle(4.0, working_points=POINTS)


@pytest.fixture
def canned(monkeypatch):
    """The job answers at once; the list gets what it was asked for."""
    asked = []

    def answer(network, **arguments):
        asked.append((network, arguments))
        return MADE

    monkeypatch.setattr(filtered_production, "filter_tracks", answer)
    return asked


def refused(capsys, *words):
    code = main(["acts", *map(str, words)])

    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_acts_prints_what_each_stage_leaves(bundle, canned, capsys):
    assert main(["acts", str(bundle), "--working-point", "tight", "--mu", "5"]) == 0

    captured = capsys.readouterr()
    rows = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in captured.out.splitlines()
        if line.startswith("│")
    ]
    assert rows[0][:3] == ["track finding", "1,000", "100"]
    assert rows[0][3] == "10.00% (+1.04 -0.96)"
    assert rows[0][4:] == ["900", "", "", "100.00% (+0.00 -0.46)"]
    # 900 - 845 of 900 tracks; 800 - 784 of 800 particles.
    assert rows[1][4:7] == ["845", "6.11%", "2.00%"]
    assert rows[3][1:5] == ["0", "0", "-", "0"]
    assert "tight: 2p - 1 > 0.5 or the iteration's own" in captured.out
    assert "network 2.5" in captured.err
    assert "1 events without tracks" in captured.err
    assert "400 tracks of an iteration that the network does not know (9)" in (
        captured.err
    )


def test_acts_writes_the_same_as_json(bundle, canned, capsys, tmp_path):
    path = tmp_path / "found.json"
    words = ["acts", str(bundle), "--cut", "0.25", "--output", str(path), "--json"]

    assert main(words) == 0

    content = json.loads(path.read_text())
    assert json.loads(capsys.readouterr().out) == content
    rate = content["stages"]["found"]["fake_rate"]
    assert (rate["passed"], rate["total"], rate["value"]) == (100, 1000, 0.1)
    assert rate["lower"] == pytest.approx(0.0905, abs=2e-4)
    assert content["stages"]["both"]["fake_rate"]["value"] is None
    assert content["cut"] == 0.25
    assert content["working_point"] is None
    assert content["seconds_per_event"]["copying"] == 0.02


def test_acts_names_the_cuts_of_the_working_point(bundle, canned, capsys):
    main(["acts", str(bundle), "--working-point", "loose", "--json"])

    content = json.loads(capsys.readouterr().out)
    assert content["cut"] == -0.5
    assert content["iteration_cuts"] == {"5": -0.9}


def test_bundle_network_cuts_each_iteration_at_its_own(bundle):
    features = np.zeros((4, 29), dtype=np.float32)
    features[:, FEATURE_NAMES.index("nChi2")] = [0.0, 0.0, 2.5, 2.5]
    category = np.array([4, 5, 4, 5], dtype=np.int32)

    tight = BundleNetwork(bundle, "tight", None)()(features, category)
    loose = BundleNetwork(bundle, "loose", None)()(features, category)

    logit = 4.0 - features[:, FEATURE_NAMES.index("nChi2")] + 0.01 * category
    np.testing.assert_allclose(tight.probability, 1 / (1 + np.exp(-logit)), atol=1e-6)
    assert tight.kept.tolist() == [True, True, True, False]
    assert loose.kept.tolist() == [True] * 4


def test_bundle_network_keeps_what_is_above_its_cut_and_not_at_it(make_bundle):
    features = np.zeros((1, 29), dtype=np.float32)
    even = make_bundle(0.0)

    for cut, kept in ((0.0, False), (-1e-6, True)):
        verdict = BundleNetwork(even, None, cut)()(features, np.zeros(1, np.int32))
        assert (verdict.probability.item(), verdict.kept.item()) == (0.5, kept)


def test_acts_refuses_a_working_point_that_is_not_there(bundle, capsys):
    message = refused(capsys, bundle, "--working-point", "tigth")

    assert "Received: 'tigth'. The bundle has loose, tight." in message
    assert "Did you mean 'tight'" in message


@pytest.mark.parametrize(
    ("words", "given"),
    [((), "neither"), (("--cut", "0", "--working-point", "tight"), "both")],
)
def test_acts_needs_one_cut(bundle, capsys, words, given):
    message = refused(capsys, bundle, *words)

    assert f"must be given. Received: {given}. The bundle has loose, tight" in message


def test_acts_says_that_a_bundle_has_no_working_points(make_bundle, capsys):
    message = refused(capsys, make_bundle(1.0), "--working-point", "loose")

    assert "The bundle has no working points: use --cut" in message


def test_acts_refuses_a_cut_that_is_no_number(bundle, capsys):
    message = refused(capsys, bundle, "--cut", "nan")

    assert "`--cut` must be a finite number. Received: nan" in message


def test_acts_refuses_a_bundle_with_other_inputs(make_bundle, capsys):
    other = make_bundle(1.0, names=("trk_pt", "colour", *FEATURE_NAMES[2:]))

    message = refused(capsys, other, "--cut", "0")

    assert "must take inputs of the track classifier. Received" in message
    assert "'colour'" in message


def test_acts_refuses_a_damaged_bundle(bundle, capsys):
    (bundle / "model.onnx").write_bytes(b"none")

    assert "SHA-256" in refused(capsys, bundle, "--cut", "0")


def test_acts_names_the_missing_extra(bundle, capsys, monkeypatch):
    from trackdnn.simulation import production

    monkeypatch.setattr(production.importlib.util, "find_spec", lambda name: None)

    message = refused(capsys, bundle, "--cut", "0")

    assert "pip install 'trackdnn[simulation]'" in message


@pytest.mark.parametrize("name", ["found.txt", "folder.json"])
def test_acts_refuses_an_output_before_the_work(bundle, canned, capsys, tmp_path, name):
    (tmp_path / "folder.json").mkdir()

    message = refused(capsys, bundle, "--cut", "0", "--output", tmp_path / name)

    assert "`--output` must" in message
    assert canned == []


def test_acts_shows_what_it_cannot_write(bundle, canned, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    output = tmp_path / "file" / "found.json"

    code = main(["acts", str(bundle), "--cut", "0", "--output", str(output)])

    captured = capsys.readouterr()
    assert code == 2
    assert "track finding" in captured.out
    assert "`--output` must be writable. Received" in captured.err


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_trained_network_scores_in_the_job_as_infer_does(acts_run, tmp_path):
    """Training, export, job, file and `infer`, with 32 more events than by default."""
    from trackdnn.simulation.filtered_chain import FilteredChain

    run = tmp_path / "run"
    small = ["training.epochs=3", "evaluation.bootstrap=5", "local.workers=1"]
    small += ["model.options={width: 16, blocks: 1}"]
    small += [f"local.prepared={tmp_path / 'prepared'}"]
    words = [word for setting in small for word in ("--set", setting)]
    command = [sys.executable, "main.py", "train", "samples/train.root", "--quiet"]
    subprocess.run([*command, "--run-dir", str(run), *words], cwd=ROOT, check=True)
    network = BundleNetwork(run / "bundle", "highPurity", None)

    events = FilteredChain(acts_run.chain, network()).simulate(first=20, count=32)
    path, output = tmp_path / "tracks.root", tmp_path / "scores.parquet"
    with NtupleWriter(path) as writer:
        writer.write(acts_run.chain.simulate(first=20, count=32))
    infer(run / "bundle", [path], output, progress=False)

    scores = pq.read_table(output)
    made = np.concatenate([event.verdict.probability for event in events])
    np.testing.assert_allclose(made, scores["probability"], rtol=0, atol=1e-6)
    kept = np.concatenate([event.verdict.kept for event in events])
    np.testing.assert_array_equal(kept, scores["pass_highPurity"])
    found, after = (
        sum((event.stages[stage] for event in events), Counts())
        for stage in ("found", "network")
    )
    assert after.fakes < 0.6 * found.fakes
    assert after.true > 0.8 * found.true
