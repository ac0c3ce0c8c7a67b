import pytest

from export.cmssw_kit import rendering
from export.errors import KitError


def test_places_are_filled_and_none_is_forgotten():
    text = rendering.render("onnx_test.xml.in", {"name": "net1"})

    assert '<bin name="test_net1_onnxruntime"' in text
    with pytest.raises(KeyError, match="name"):
        rendering.render("onnx_test.xml.in")


def test_verbatim_text_is_as_it_lies_there():
    assert '#include "kit.h"' in rendering.verbatim("probe.h")


def test_rows_of_cuts_are_called_as_in_cmssw():
    lines = rendering.cut_lines({"initialStep": (-1.0, 0.25, 0.5)})

    assert lines == "    InitialStep = cms.vdouble(-1.0, 0.25, 0.5),"


@pytest.mark.parametrize("name", ["x", "serving_default_x:0", "a/b-c.d"])
def test_names_of_tensors_pass(name):
    assert rendering.tensor_name(name) == name


@pytest.mark.parametrize("name", ["", 'x"; evil("', "a b", "a\\b", "ä", "x\n", None, 3])
def test_names_that_could_leave_their_string_are_refused(name):
    with pytest.raises(KitError, match="names of inputs and outputs must be letters"):
        rendering.tensor_name(name)


def test_tolerance_is_a_float_of_cpp():
    assert rendering.tolerance(5e-6) == "5.000000000e-06f"


@pytest.mark.parametrize("value", [0.0, -1e-6, 1.0, float("nan"), 1, "5e-6", None])
def test_what_is_no_tolerance_is_refused(value):
    with pytest.raises(KitError, match=r"parity\.tolerance.*between 0 and 1"):
        rendering.tolerance(value)
