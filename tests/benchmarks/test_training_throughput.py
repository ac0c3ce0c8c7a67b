"""What the throughput benchmark makes of its rates."""

import pytest

from benchmarks import training_throughput as benchmark

RATES = {
    "ours": [200e3, 100e3, 150e3],
    "keras": [100e3],
    "torch": [60e3],
    "1 lanes": [120e3],
    "sgemm": [2e11],
    "sgemm, AVX-512": [4e11],
}


@pytest.fixture
def measured(monkeypatch):
    """Rates in place of methods, and what was asked of them."""
    asked = []

    def method(name, job, environment=None):
        asked.append((name, job, environment))
        return name

    def take(methods, rounds, seconds):
        return {name: RATES[name] for name in methods}

    monkeypatch.setattr(benchmark, "_method", method)
    monkeypatch.setattr(benchmark, "take_turns", take)
    monkeypatch.setattr(benchmark.importlib.util, "find_spec", lambda name: name)
    return asked


def test_benchmark_compares_the_medians(measured, capsys):
    options = ["--batch-sizes", "512", "--precisions", "float32"]

    assert benchmark.main(options) == 0

    said = capsys.readouterr().out
    assert "| dense, float32, batches of 512 | 150 (100-200) | 100 " in said
    assert "times PyTorch: 2.50; goal at least 2: reached." in said
    assert "times Keras' fit: 1.50; goal at least 1.2: reached." in said
    row = "| default, float32, batches of 512 | 150 (100-200) | 100 (100-100) | - |"
    assert row in said
    assert [name for name, *_ in measured[:3]] == ["ours", "keras", "torch"]


def test_numbers_of_lanes_are_methods_too(measured, capsys):
    options = ["--networks", "dense", "--precisions", "float32", "--lanes", "1"]

    benchmark.main(options)

    assert "| ours | keras | torch | 1 lanes |" in capsys.readouterr().out
    assert measured[3][:2] == ("ours", {**measured[0][1], "stage": {"lanes": 1}})


def test_half_precision_is_compared_with_pytorch_alone(measured, capsys):
    options = ["--networks", "dense", "--precisions", "mixed_bfloat16"]

    benchmark.main(options)

    said = capsys.readouterr().out
    assert "times PyTorch: 2.50; goal at least 1: reached." in said
    assert "Keras' fit" not in said
    assert "share of the limit" not in said
