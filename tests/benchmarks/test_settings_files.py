"""What the files of the campaign look like."""

import json

from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.settings_files import as_json, as_yaml, files
from benchmarks.settings_trees import BASES

FEW = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_trees_are_written_as_json_and_as_yaml():
    assert as_json({"a": [float("nan"), None]}) == '{"a": [.nan, null]}'
    assert as_yaml({"a": [1, "b"]}) == "a:\n- 1\n- b\n"
    assert json.loads(as_json(BASES[0])) == BASES[0]


def test_files_are_of_all_kinds():
    found = []

    @FEW
    @given(file=files)
    def collect(file):
        found.append(file)

    collect()

    assert {file.suffix for file in found} == {".yaml", ".yml", ".py"}
    assert len({file.kind for file in found}) >= 7
    assert len({file.content for file in found}) > 30
