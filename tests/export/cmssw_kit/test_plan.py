import dataclasses

import pytest


def test_plan_tells_what_a_kit_will_be_and_cannot_change(plan):
    assert plan.places.name == "net1"
    assert plan.target.name == "cmssw-13_0"
    assert plan.onnx
    assert not plan.folder.exists()
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.onnx = False
