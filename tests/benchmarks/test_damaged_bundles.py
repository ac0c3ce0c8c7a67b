from __future__ import annotations

import pytest

from benchmarks import damaged_bundles
from benchmarks.damaged_bundles import Case, damage, report
from export.errors import BundleError

FILES = (
    "frozen_graph.pb",
    "saved_model/saved_model.pb",
    "saved_model/fingerprint.pb",
    "saved_model/variables/variables.index",
    "saved_model/variables/variables.data-00000-of-00001",
    "model.onnx",
    "probe.npz",
    "model_card.md",
    "cmssw_cuts.py",
    "manifest.json",
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return damaged_bundles.make_bundle(tmp_path_factory.mktemp("damaged") / "bundle")


def test_every_damaged_bundle_is_refused(bundle, ntuple_factory, tmp_path):
    source = ntuple_factory("tracks.root", counts=(3, 4))

    outcomes = damaged_bundles.run(bundle, source, 10, tmp_path)

    assert {case.file for case, _ in outcomes} == set(FILES)
    assert len(outcomes) == len(FILES) * 2 * 2 * 10
    assert set(outcomes.values()) == {"refused"}


def test_no_bit_of_the_manifest_may_flip(bundle):
    """The manifest has no hash of its own: its form and its digest stand for it."""
    from export import verify

    content = (bundle / "manifest.json").read_bytes()
    places = {*range(len(content) - 200, len(content)), *range(0, len(content), 97)}
    (bundle.parent / "m").mkdir()
    path = bundle.parent / "m" / "manifest.json"
    for place in sorted(places):
        data = bytearray(content)
        data[place] ^= 1 << (place % 8)
        path.write_bytes(data)
        with pytest.raises(verify.RefusedError):
            verify.read_manifest(path.parent)


def test_an_intact_bundle_is_told_apart(bundle, ntuple_factory, tmp_path):
    source = ntuple_factory("tracks.root", counts=(3, 4))
    output = tmp_path / "s.parquet"

    passes = damaged_bundles._outcome(lambda: damaged_bundles._verify(bundle))
    scores = damaged_bundles._outcome(
        lambda: damaged_bundles._infer(bundle, source, output)
    )

    assert (passes, scores) == ("passed", "passed")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BundleError("one line"), "refused"),
        (BundleError("two\nlines"), "several lines: two\nlines"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_outcome_tells_a_refusal_from_a_bug(error, expected):
    def ask():
        raise error

    assert damaged_bundles._outcome(ask) == expected


def test_damage_is_one_bit_or_a_cut():
    content = bytes(100)

    flipped = damage(content, Case("a", "bit", 3))
    cut = damage(content, Case("a", "cut", 3))

    assert sum(bin(byte).count("1") for byte in flipped) == 1
    assert len(flipped) == 100
    assert len(cut) < 100
    assert damage(content, Case("a", "bit", 3)) == flipped


def test_report_counts_what_is_refused():
    outcomes = {
        (Case("a", "bit", 0), "verify"): "refused",
        (Case("a", "bit", 1), "verify"): "passed",
        (Case("a", "bit", 0), "infer"): "refused",
        (Case("a", "cut", 0), "verify"): "refused",
        (Case("a", "cut", 0), "infer"): "KeyError",
    }

    text = report(outcomes)

    assert "| a | 1/2 | 1/1 | 1/1 | 0/1 |" in text
    assert "5 readings of damaged bundles: 2 not refused." in text


def test_main_fails_where_damage_passes(bundle, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        damaged_bundles, "run", lambda *_: {(Case("a", "bit", 0), "infer"): "passed"}
    )

    assert damaged_bundles.main(["--bundle", str(bundle)]) == 1
    assert "1 not refused" in capsys.readouterr().out
