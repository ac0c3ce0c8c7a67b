"""Each method of the throughput benchmark trains, and answers in its turn."""

import importlib.util
import json

import pytest

from benchmarks.throughput_methods import METHODS, dataset_in
from benchmarks.turns import Method, take_turns


def test_products_are_counted():
    job = ["-m", "benchmarks.throughput_methods", "sgemm", '{"batch_size": 64}']

    rates = take_turns({"sgemm": Method(job)}, rounds=1, seconds=0.05)

    assert rates["sgemm"][0] > 1e8


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(METHODS) - {"sgemm"}))
def test_method_trains(name, tmp_path):
    if name == "torch" and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    dataset_in(str(tmp_path))
    options = {
        "batch_size": 4096,
        "network": "dense",
        "precision": "float32",
        "prepared": str(tmp_path),
    }
    job = ["-m", "benchmarks.throughput_methods", name, json.dumps(options)]

    rates = take_turns({name: Method(job)}, rounds=2, seconds=0.2)

    assert min(rates[name]) > 100
