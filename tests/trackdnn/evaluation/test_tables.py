import pytest

from trackdnn.evaluation.tables import Plain, percent, with_interval


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "-"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.9512, "95.1 %"),
        (0.0126, "1.26 %"),
        (0.000123, "0.0123 %"),
    ],
)
def test_percent_keeps_three_digits(value, expected):
    assert percent(value) == expected


def test_with_interval_gives_half_the_width():
    assert with_interval(0.97, (0.9695, 0.9707)) == "0.9700 ± 0.0006"
    assert with_interval(0.97, None) == "0.9700"


def test_markdown_aligns_figures_to_the_right():
    table = Plain("Title", ("Classifier", "AUC"), (("Network", "0.9"),))

    assert table.to_markdown() == (
        "## Title\n\n| Classifier | AUC |\n| :-- | --: |\n| Network | 0.9 |\n"
    )
