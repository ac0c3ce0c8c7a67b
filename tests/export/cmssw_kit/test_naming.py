import pytest

from export.cmssw_kit.naming import MAX_LENGTH, Places, check_name, default_name
from export.errors import KitError

FORM = "must be a letter and then letters, digits and underscores"


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "my net", "a/b", "../up", "a.b", "-x", "1net", "_net", "net\n"),
        *("größe", "net\uff11", "п", 'x"', "a$b", "a;b", "n" * (MAX_LENGTH + 1)),
    ],
)
def test_names_that_are_no_identifiers_are_refused(name):
    with pytest.raises(KitError, match=FORM) as caught:
        check_name(name)

    assert "Received: name='" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["class", "None", "lambda", "import"])
def test_keywords_are_refused(name):
    with pytest.raises(KitError, match="must not be a keyword of Python"):
        Places(name)


@pytest.mark.parametrize(
    "name",
    ["trackSelectionTf", "tracKSELECTIONtf_ckf", "initialStep", "CKF_2021Run3"],
)
def test_names_of_cmssw_are_refused(name):
    with pytest.raises(KitError, match="one that CMSSW does not use itself"):
        Places(name)


@pytest.mark.parametrize("name", ["a", "MkFit_2027", "n" * MAX_LENGTH, "match"])
def test_good_names_pass(name):
    check_name(name)


def test_default_name_is_a_good_one():
    assert default_name("0c99ad0172a2813e") == "trackdnn_0c99ad01"
    check_name(default_name("f" * 64))


def test_places_are_those_that_cmssw_looks_in():
    places = Places("net1")

    folder = "RecoTracker/FinalTrackSelectors/data/TrackTfClassifier"
    assert places.graph == f"{folder}/net1.pb"
    assert places.onnx == f"{folder}/net1.onnx"
    assert places.package == "TrackDnn/net1"
    assert places.probe == "TrackDnn/net1/data/probe.bin"
