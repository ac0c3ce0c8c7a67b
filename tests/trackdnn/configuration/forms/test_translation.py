import pytest

from trackdnn.configuration.forms import translated
from trackdnn.configuration.validation import validate
from trackdnn.errors import SettingsError
from trackdnn.settings import Settings


def test_our_names_stay_as_they_are():
    content = Settings().to_dict()

    assert translated(content, "x") == content


@pytest.mark.parametrize(
    "content",
    [{}, {"training": 3}, {"training": None}, {"training": [3]}, {"local": []}],
)
def test_what_is_no_mapping_is_left_to_the_validation(content):
    assert translated(content, "x") == content


def test_translation_leaves_its_input_alone():
    content = {"training": {"stage_0": {"lr": 1e-3, "optimizer": {"type": "Adam"}}}}

    once = translated(content, "x")

    assert content["training"]["stage_0"] == {"lr": 1e-3, "optimizer": {"type": "Adam"}}
    assert translated(once, "x") == once
    assert once["training"] == [{"learning_rate": 1e-3, "optimizer": {"name": "adam"}}]


def test_mapping_of_our_names_is_one_stage():
    assert validate({"training": {"epochs": 3}}) == validate(
        {"training": [{"epochs": 3}]}
    )


def test_message_names_the_place_in_the_words_of_the_file():
    content = {"training": {"stage_0": {}, "stage_1": {"compile": True}}}

    with pytest.raises(SettingsError, match=r"^x: 'training\.stage_1\.compile' must"):
        translated(content, "x")
