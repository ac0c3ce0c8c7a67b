import numpy as np
import pytest

from benchmarks import edge_network as benchmark
from benchmarks.edge_graphs import columns_of, sized_graph

GROUPS = ("position",)
TWO = (benchmark.PEER, benchmark.NETWORKS[-1])


def test_times_faster_are_those_of_each_round():
    found = {
        benchmark.PLAIN: [(8.0, 8.0), (4.0, 4.0), (6.0, 9.0)],
        "ours, 2 threads": [(1.0, 2.0), (1.0, 2.0), (2.0, 3.0)],
    }

    table, lines = benchmark.time_table(found), benchmark.goals(found)

    assert table.rows[0][3:] == ("1.00 (1.00-1.00)",) * 2
    assert table.rows[1][3:] == ("4.00 (3.00-8.00)", "3.00 (2.00-4.00)")
    assert [line.startswith("ours") for line in lines] == [True]
    assert "times faster: 4.00; goal at least 4: reached" in lines[0]
    assert "times less CPU: 3.00; goal at least 4: missed" in lines[0]


def test_methods_take_turns_and_the_first_round_does_not_count():
    calls = []
    methods = {name: lambda name=name: calls.append(name) for name in "ab"}

    found = benchmark.in_turns(methods, 2)

    assert calls == list("ababab")
    assert [len(values) for values in found.values()] == [2, 2]
    assert min(min(one) for one in found["a"]) >= 0


@pytest.mark.slow
def test_all_ways_give_the_scores_of_their_network():
    event, graph = sized_graph(300, 600, None)
    columns = columns_of(event, graph, GROUPS)

    methods = benchmark.methods_of(TWO, columns, GROUPS)

    scores = {name: np.asarray(method()) for name, method in methods.items()}
    plain, first, *others = scores.values()
    assert len(others) == len(benchmark.THREADS)
    assert plain.shape == first.shape == (600, 1)
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-5)


def test_training_needs_events_to_judge_by(capsys):
    with pytest.raises(SystemExit):
        benchmark.main(["--train", "somewhere"])

    assert "--train and --test must be given together" in capsys.readouterr().err
