import numpy as np
import pytest

from benchmarks import edge_training as training
from network.metrics import roc_auc


def unit(missed=0):
    return {
        "label": np.array([[1], [1], [0], [0], [1], [0]], "f4"),
        # The last edge does not count.
        "weight": np.array([1, 2, 1, 1, 1, 0], "f4"),
        "counts": np.array([3, 3 + missed], "i4"),
    }


LOGIT = np.array([2.0, -1.0, 0.0, -2.0, 3.0, 9.0], "f4")


def test_area_is_the_share_of_pairs_in_order():
    label, score = np.array([1, 1, 0, 0, 1], bool), LOGIT[:5]
    pairs = [a > b for a in score[label] for b in score[~label]]

    assert training.area(unit(), LOGIT) == pytest.approx(np.mean(pairs))
    assert np.mean(pairs) == roc_auc(label, score)


def test_area_falls_by_the_true_edges_that_the_graph_lacks():
    whole = training.area(unit(), LOGIT)

    assert training.area(unit(missed=1), LOGIT) == pytest.approx(whole * 3 / 4)


def test_error_is_the_greater_one_of_events_and_of_seeds():
    events = np.array([[0.9, 0.8, 0.7]])
    seeds = np.array([[0.9, 0.9], [0.8, 0.8]])

    assert training.with_error(events) == f"0.8000 ± {0.1 / np.sqrt(3):.4f}"
    assert training.with_error(seeds) == "0.8500 ± 0.0500"


def test_table_has_differences_event_by_event():
    first = training.Row(name="one", areas=np.array([[0.5, 0.7]]), rates=(2.0, 4.0))
    other = training.Row(name="two", areas=np.array([[0.6, 0.8]]), rates=(8.0, 8.0))

    rows = training.table([first, other], edges=1000.0).rows

    assert rows[0][2] == "-"
    assert rows[1][2] == "0.1000 ± 0.0000"
    assert rows[1][3:] == ("8.00 (8.00-8.00)", "8")


@pytest.mark.slow
def test_networks_are_trained_alike(capsys):
    from pathlib import Path

    from benchmarks import edge_network

    samples = Path(__file__).parents[2] / "samples"
    events = str(samples / "events")

    asked = f"--train {events} --test {events} --finder {samples / 'finder_trees'} "
    asked += "--particles 0.1 --epochs 2 --most 2 --only plain"
    edge_network.main([*asked.split(), "interaction, width 32"])

    out = capsys.readouterr().out
    assert "2 graphs of" in out
    assert out.count("±") == 3
