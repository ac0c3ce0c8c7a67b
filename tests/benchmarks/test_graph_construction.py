import pytest

from benchmarks import graph_construction as benchmark
from benchmarks.helices import helix_event
from trackdnn.events.writer import write_event

EVENT = helix_event(400, seed=9)


def test_events_are_thinned_to_their_size():
    large = helix_event(4000, seed=1)

    assert len(benchmark.of_size(large, 1000)) == pytest.approx(1000, rel=0.15)
    assert len(benchmark.of_size(large, 10**6)) == len(large)


def test_some_constructors_can_be_chosen():
    options = benchmark._options(["--only", "Module", "Neigh", "--cut", "0.5"])

    assert list(benchmark.constructors(options)) == ["Module map", "Neighbours"]
    everything = benchmark.constructors(benchmark._options(["--cut", "0.5"]))
    assert everything["Voxel-Dynamics"][1].cut == 0.5


def test_places_are_given_for_both_or_neither(tmp_path):
    with pytest.raises(SystemExit, match="must be given together"):
        benchmark.main(["--events", str(tmp_path)])


@pytest.mark.slow
@pytest.mark.parametrize("simulated", [True, False])
def test_benchmark_prints_its_tables(tmp_path, capsys, simulated):
    places = []
    if simulated:
        for folder, seed in (("train", 1), ("events", 2)):
            write_event(tmp_path / folder, helix_event(3000, seed=seed))
            places += [f"--{folder}", str(tmp_path / folder)]
    sizes = ["--sizes", "500", "3000", "--pile-up", "100", "200", "--repeats", "1"]
    cells = ["--plain-cells", "500", "--binary-cells", "500", "--most", "2"]

    code = benchmark.main([*places, *sizes, *cells, "--output", str(tmp_path / "a")])

    printed = capsys.readouterr().out
    assert code == 0
    assert printed.count("| Voxel-Dynamics |") == 4
    assert "Edges that differ" in printed
    assert (tmp_path / "a/true_edges.png").is_file()
