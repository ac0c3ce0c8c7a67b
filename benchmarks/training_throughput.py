"""How many tracks per second does the training loop see, beside Keras and PyTorch?

    python -m benchmarks.training_throughput

Trains one network of dense layers on the same tracks with our loop, with `model.fit` at
its defaults and with PyTorch (the extra `benchmark`), and multiplies matrices of a
layer's size with NumPy, whose rate is the limit of a processor. Each method has a
process of its own, since each sets its threads once; they take turns of a few seconds,
so that whatever else the machine does falls on each alike. Shown are the median and, in
brackets, the least and the most of the turns. The default classifier, whose
normalisation and dropout take as long as its products, is compared with Keras alone.

NumPy's OpenBLAS takes the kernel that it thinks best for the processor. It does not
know some of them: the limit is the better one of its choice and of
`OPENBLAS_CORETYPE=SkylakeX`, where the processor has AVX-512.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dense_network import operations
from benchmarks.ingest import goal
from benchmarks.throughput_methods import dataset_in
from benchmarks.turns import Method, take_turns
from trackdnn.data.features import FEATURES
from trackdnn.evaluation.tables import Plain

if TYPE_CHECKING:
    from collections.abc import Sequence

FASTER_THAN_TORCH, FASTER_THAN_KERAS, OF_LIMIT = 2.0, 1.2, 0.8
SINGLE, HALF = "float32", "mixed_bfloat16"
LIMITS = {"sgemm": {}, "sgemm, AVX-512": {"OPENBLAS_CORETYPE": "SkylakeX"}}
Rates = dict[str, list[float]]


@dataclasses.dataclass(frozen=True)
class Case:
    """One network, at one batch size, in one precision."""

    network: str
    batch_size: int
    precision: str

    @property
    def title(self) -> str:
        """For a row of the table."""
        return f"{self.network}, {self.precision}, batches of {self.batch_size}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all cases; print two tables and the goals."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        dataset = dataset_in(folder)
        inputs = len(FEATURES) + len(dataset.statistics.categories())
        found = {case: _measure(case, folder, options) for case in _cases(options)}
    limits = {size: _limits(size, options) for size in options.batch_sizes}
    _say(_rates(found, options.lanes).to_markdown())
    _say(_limit_table(limits).to_markdown())
    for case, rates in found.items():
        limit = max(
            statistics.median(each) for each in limits[case.batch_size].values()
        )
        _say("\n".join(_goals(case, rates, limit / operations(inputs))))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.training_throughput", description=__doc__
    )
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[4096, 512])
    parser.add_argument("--networks", nargs="+", default=["dense", "default"])
    parser.add_argument("--precisions", nargs="+", default=[SINGLE, HALF])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a turn")
    parser.add_argument(
        "--lanes", type=int, nargs="+", default=[], help="numbers of lanes to compare"
    )
    return parser.parse_args(arguments)


def _cases(options: argparse.Namespace) -> list[Case]:
    return [
        Case(network, size, precision)
        for network in options.networks
        for precision in options.precisions
        for size in options.batch_sizes
    ]


def _measure(case: Case, folder: str, options: argparse.Namespace) -> Rates:
    job = {**dataclasses.asdict(case), "prepared": folder}
    names = ["ours", "keras"]
    if case.network == "dense" and importlib.util.find_spec("torch"):
        names.append("torch")
    methods = {name: _method(name, job) for name in names}
    for lanes in options.lanes:
        stage = {"stage": {"lanes": lanes}}
        methods[f"{lanes} lanes"] = _method("ours", {**job, **stage})
    return take_turns(methods, options.rounds, options.seconds)


def _limits(size: int, options: argparse.Namespace) -> Rates:
    kinds = dict(LIMITS)
    if "avx512f" not in Path("/proc/cpuinfo").read_text():
        del kinds["sgemm, AVX-512"]
    methods = {
        name: _method("sgemm", {"batch_size": size}, environment)
        for name, environment in kinds.items()
    }
    return take_turns(methods, options.rounds, options.seconds)


def _method(
    name: str, job: dict[str, object], environment: dict[str, str] | None = None
) -> Method:
    command = ["-m", "benchmarks.throughput_methods", name, json.dumps(job)]
    return Method(command, environment)


def _rates(found: dict[Case, Rates], lanes: Sequence[int]) -> Plain:
    names = ("ours", "keras", "torch", *(f"{number} lanes" for number in lanes))
    rows = [
        (case.title, *(_spread(rates.get(name), 1e3) for name in names))
        for case, rates in found.items()
    ]
    return Plain("Thousand tracks per second", ("Input", *names), tuple(rows))


def _limit_table(limits: dict[int, Rates]) -> Plain:
    rows = [
        (f"{name}, {size} rows", _spread(values, 1e9))
        for size, rates in limits.items()
        for name, values in rates.items()
    ]
    return Plain("Limit: billion operations per second", ("Input", "rate"), tuple(rows))


def _goals(case: Case, rates: Rates, limit: float) -> list[str]:
    """What of the goals holds for a case; `limit` is in tracks per second."""
    middle = {name: statistics.median(values) for name, values in rates.items()}
    ours, lines = middle["ours"], []
    if "torch" in middle:
        wanted = FASTER_THAN_TORCH if case.precision == SINGLE else 1.0
        lines.append(goal("times PyTorch", ours / middle["torch"], wanted))
    if case.precision == SINGLE:
        lines.append(
            goal("times Keras' fit", ours / middle["keras"], FASTER_THAN_KERAS)
        )
    if case.network == "dense" and case.precision == SINGLE:
        lines.append(goal("share of the limit", ours / limit, OF_LIMIT))
    return [f"{case.title}: {line}" for line in lines]


def _spread(values: list[float] | None, unit: float) -> str:
    if values is None:
        return "-"
    middle = statistics.median(values)
    ends = f"{min(values) / unit:.0f}-{max(values) / unit:.0f}"
    return f"{middle / unit:.0f} ({ends})"


def _say(text: str) -> None:
    print(text, end="\n\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
