"""What the figures of the inference benchmark say."""

import pytest

from benchmarks.inference_report import Figures, report
from benchmarks.inference_services import ONNX, OPTIMISED, SESSION


def fakes(at_95, at_99):
    return {
        key: {"value": value, "lower": value - 0.01, "upper": value + 0.01}
        for key, value in (("0.95", at_95), ("0.99", at_99))
    }


def run(architecture, at_95, at_99, tracks=(10, 7, 3)):
    return {
        "architecture": architecture,
        "parameters": 1234,
        "tracks": list(tracks),
        "fakes": fakes(at_95, at_99),
    }


@pytest.fixture
def figures():
    times = {
        f"small: {OPTIMISED}": [2.0, 3.0, 2.5],
        f"small: {ONNX}": [4.0, 4.0, 9.0],
        f"graph: {SESSION}": [12.0, 10.0, 11.0],
    }
    return Figures(
        batches=(16,),
        services=[
            {"network": "small", "way": OPTIMISED, "bytes": 81_000},
            {"network": "small", "way": ONNX, "bytes": 90_000},
            {"network": "graph", "way": SESSION, "bytes": None},
        ],
        microseconds={title: {16: values} for title, values in times.items()},
        memory={
            f"small: {ONNX}": {"library": 50.0, "session": 2.25, "per_thread": 0.5},
            f"graph: {SESSION}": {"library": None, "session": None, "per_thread": None},
        },
        quality={
            "small": run("default", 0.11, 0.27),
            "retrained": run("cms_run3", 0.13, 0.26),
        },
    )


def test_report_divides_medians(figures):
    found = report(figures)

    assert f"small as {OPTIMISED} beside graph in a {SESSION}" in found
    assert "16 tracks per call: 4.40; goal at least 4: reached." in found
    assert "16 tracks per call: 2.75; goal at least 4: missed." in found
    assert "2.50 (2.00-3.00)" in found


def test_report_compares_fakes_on_the_same_tracks(figures):
    found = report(figures)

    assert "at 95%: 0.85; goal at most 1: reached." in found
    assert "at 99%: 1.04; goal at most 1: missed." in found
    assert "11.00 ± 1.00 %" in found


def test_report_does_not_compare_fakes_of_other_tracks(figures):
    figures.quality["retrained"]["tracks"] = [11, 8, 3]

    found = report(figures)

    assert "* retrained was tested on other tracks than small." in found
    assert "Fakes of small over" not in found


def test_report_takes_the_architecture_where_no_graph_is_given(figures):
    times = {**figures.microseconds, f"retrained: {SESSION}": {16: [10.0]}}
    del times[f"graph: {SESSION}"]
    services = [*figures.services[:2], {**figures.services[2], "network": "retrained"}]
    found = report(
        Figures(
            batches=(16,),
            services=services,
            microseconds=times,
            memory={},
            quality=figures.quality,
        )
    )

    assert f"beside retrained in a {SESSION}" in found


def test_report_shows_memory(figures):
    found = report(figures)

    assert "| 50.0 | 2.2 | 0.5 |" in found
    assert "| - | - | - |" in found
