from __future__ import annotations

import pytest

from export.conversion.options import ConversionOptions, check_options
from export.errors import ConversionError, TargetError


@pytest.mark.parametrize(
    "options",
    [
        {"to": "onnx"},
        {"to": "onnx", "target": "acts", "opset": 20, "ir_version": 10},
        {"to": "saved-model", "target": "tensorflow-2.12", "opset": 99},
    ],
)
def test_what_can_come_about_passes(tmp_path, options):
    check_options(ConversionOptions(**options), tmp_path / "a")


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"to": "h5"}, ConversionError, "`--to` must be onnx or saved-model. .* h5"),
        (
            {"to": "onnx", "target": "tensorflow-2.12"},
            TargetError,
            "tensorflow-2.12 does not run what `--to onnx` writes, only saved-model",
        ),
        (
            {"to": "saved-model", "target": "acts"},
            TargetError,
            "acts does not run what `--to saved-model` writes, only onnx",
        ),
        (
            {"to": "onnx", "opset": 18},
            TargetError,
            "`--opset` must be at most 15 for cmssw-13_0 .*1.10.0.. Received: 18",
        ),
        (
            {"to": "onnx", "ir_version": 8},
            TargetError,
            "`--ir-version` must be at most 7 for cmssw-13_0",
        ),
        ({"to": "onnx", "target": "atlas"}, TargetError, "A target must be one of"),
    ],
)
def test_what_cannot_is_refused_before_any_work(tmp_path, options, error, text):
    with pytest.raises(error, match=text):
        check_options(ConversionOptions(**options), tmp_path / "a")
