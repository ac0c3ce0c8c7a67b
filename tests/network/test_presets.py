"""Presets: transforms of the references, and options checked one by one."""

import subprocess
import sys

import pytest

from network.presets import PRESETS, complete_options, preset


def test_cms2020_transforms_follow_the_reference():
    kinds = preset("cms2020").transforms

    assert [i for i, kind in enumerate(kinds) if kind != "identity"] == [*range(19)]
    assert [i for i, k in enumerate(kinds) if k == "absolute_log1p"] == [*range(17)]


def test_cms_run3_transforms_follow_the_reference():
    kinds = preset("cms_run3").transforms

    logarithmic = [i for i, kind in enumerate(kinds) if kind == "absolute_log1p"]
    assert logarithmic == [*range(17), 19, 20]
    assert set(kinds) == {"absolute_log1p", "identity"}


@pytest.mark.parametrize("name", PRESETS)
def test_preset_has_a_transform_per_input(name):
    assert len(preset(name).transforms) == 29


def test_preset_refuses_an_unknown_architecture_by_its_nearest_name():
    with pytest.raises(ValueError, match=r"'cms_run2'\. Did you mean 'cms_run3'"):
        preset("cms_run2")


def test_options_are_completed_by_defaults():
    options = complete_options("default", {"width": 32})

    assert options == {**PRESETS["default"].options, "width": 32}


@pytest.mark.parametrize(
    ("architecture", "options", "message"),
    [
        ("default", {"block": 2}, "must be one of.*block=2. Did you mean 'blocks'"),
        ("default", {"zzz": 2}, "zzz=2$"),
        ("cms2020", {"width": 2}, "'cms2020' must be left out. Received: width=2"),
        ("default", {"width": 0}, "`width`.*whole number from 1 to 8192.*width=0"),
        ("default", {"width": "64"}, "width='64'"),
        ("default", {"width": True}, "width=True"),
        ("default", {"blocks": -1}, "`blocks`.*whole number from 0"),
        ("default", {"dropout": 1.0}, r"`dropout`.*a number in \[0, 1\)"),
        ("default", {"dropout": float("nan")}, "`dropout`"),
        ("default", {"category_dropout": "a"}, "`category_dropout`"),
        ("default", {"derived": 1}, "`derived`.*true or false"),
        ("default", {"activation": "tanh"}, "`activation`.*one of"),
        ("default", {"activation": ["relu"]}, "`activation`.*one of"),
        ("default", {"normalization": None}, "`normalization`.*one of"),
    ],
)
def test_options_refuse_what_is_impossible(architecture, options, message):
    with pytest.raises(ValueError, match=message):
        complete_options(architecture, options)


def test_presets_need_no_keras():
    code = "import network.presets, sys; print('keras' in sys.modules)"

    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "False"
