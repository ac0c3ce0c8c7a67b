from export.cmssw_kit import instructions
from export.cmssw_kit.cuts import quality_cuts
from export.targets import find_target

MANIFEST = {
    "created": "2026-11-21T10:00:00+00:00",
    "target": "cmssw-14_1",
    "training": {"architecture": "default", "parameters": 408321},
    "evaluation": {
        "auc": 0.982076,
        "tracks": 200110,
        "events": 32,
        "names": ["ttbar140"],
    },
    "parity": {"artifacts": {"onnx": {"max_difference": 2.4e-7}}},
}


def test_facts_are_those_of_the_manifest():
    text = instructions.facts(MANIFEST, find_target("cmssw-14_1"))

    assert "| made for | cmssw-14_1 |" in text
    assert "| TensorFlow there | 2.12.0 |" in text
    assert "| ONNX Runtime there | 1.17.1 |" in text
    assert "| evaluated on | ttbar140 |" in text
    assert "| AUC on 200,110 tracks, 32 events | 0.982076 |" in text
    assert "| largest difference of onnx from Keras | 2.4e-07 |" in text


def test_facts_that_are_missing_are_said_to_be():
    bare = {**MANIFEST, "training": {}, "evaluation": {}}
    del bare["target"]

    text = instructions.facts(bare, find_target("cmssw-13_0"))

    assert "| made for | not recorded; rules of cmssw-13_0 |" in text
    assert "AUC" not in text


def test_working_points_have_shares_with_counts(points):
    text = instructions.points(points(), ("loose", "absent"))

    assert "| loose | 0.9000 (90 of 100) | 0.1250 (90 of 100) |" in text
    assert "| absent | not recorded | not recorded |" in text


def test_cuts_are_a_row_per_iteration(points):
    lines = instructions.cuts(quality_cuts(points())).splitlines()

    assert lines[0] == "| iteration | loose | tight | highPurity |"
    assert lines[2] == "| initialStep | -0.352941185 | 0.100000001 | 0.28125 |"
    assert len(lines) == 5


def test_notes_stay_in_their_line():
    assert instructions.notes(["a\nb <script>|"]) == "- a b &lt;script>\\|"
    assert instructions.notes([]) == "No remarks."
