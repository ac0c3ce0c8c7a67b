import dataclasses
from pathlib import Path

import numpy as np
import pytest

from benchmarks import finding_scaling as scaling
from trackdnn.tracking.pipeline.finder import STAGES

SAMPLES = Path(__file__).parents[2] / "samples"


def point(hits, power=1.0, idle=()):
    seconds = dict.fromkeys(STAGES, 0.001 * (hits / 100) ** power)
    seconds.update(dict.fromkeys(idle, 0.0))
    return scaling.Point(
        hits=hits,
        edges=3 * hits,
        seconds={**seconds, scaling.WHOLE: sum(seconds.values())},
        cpu_seconds=sum(seconds.values()),
        megabytes=100.0 + hits / 50,
        before=100.0,
    )


def test_slope_of_a_power_law_is_its_power():
    found = scaling.slope([10, 100, 1000], [1.0, 10**1.5, 1000.0])

    assert found.value == pytest.approx(1.5)
    assert found.error == pytest.approx(0.0, abs=1e-12)


def test_slope_has_the_error_of_least_squares():
    rng = np.random.default_rng(1)
    hits = np.array([1e3, 3e3, 1e4, 3e4, 1e5])
    seconds = hits**1.1 * np.exp(rng.normal(0, 0.2, 5))

    found = scaling.slope(hits, seconds)

    _, covariance = np.polyfit(np.log(hits), np.log(seconds), 1, cov=True)
    assert found.error == pytest.approx(np.sqrt(covariance[0, 0]))
    assert abs(found.value - 1.1) < 3 * found.error


def test_slope_of_what_takes_no_time_or_has_one_size_is_none():
    assert scaling.slope([10, 100, 1000], [0.0, 0.0, 0.0]) is None
    assert scaling.slope([10], [1.0]) is None
    assert scaling.slope([10, 10], [1.0, 2.0]) is None
    assert np.isnan(scaling.slope([10, 20], [1.0, 2.0]).error)


def test_slopes_are_those_of_stages_and_of_memory_above_the_start():
    points = [point(hits, power=1.3, idle=("network",)) for hits in (500, 1000, 5000)]

    found = scaling.slopes(points)

    assert found["network"] is None
    assert found["build"].value == pytest.approx(1.3)
    assert found["memory"].value == pytest.approx(1.0)
    assert found["edges"].value == pytest.approx(1.0)


def test_tables_have_a_line_per_size_and_per_finder():
    points = {"one": [point(500), point(1000)], "other": [point(700)]}

    sizes, lines = scaling.size_table(points), scaling.slope_table(points)

    assert [row[:3] for row in sizes.rows] == [
        ("one", "500", "1,500"),
        ("one", "1,000", "3,000"),
        ("other", "700", "2,100"),
    ]
    assert lines.rows[1][1:] == ("-",) * (len(lines.header) - 1)


@pytest.mark.slow
def test_a_finder_is_measured_in_a_process_of_its_own(capsys, tmp_path):
    options = ["--finder", str(SAMPLES / "finder"), "--events", str(SAMPLES / "events")]
    picture = tmp_path / "scaling.png"

    scaling.main(
        [*options, "--hits", "300", "900", "--repeats", "1", "--plot", str(picture)]
    )

    out = capsys.readouterr().out
    assert "| finder |" in out
    assert "slope: " in out
    assert picture.is_file()


def test_measured_point_has_all_stages():
    found = scaling.measure(SAMPLES / "finder", SAMPLES / "events", 300, 1, 1)

    assert set(found.seconds) == {*STAGES, scaling.WHOLE}
    assert 150 < found.hits < 600
    assert found.megabytes >= found.before > 0
    assert dataclasses.asdict(found)["edges"] > 0
