"""The tables of the inference benchmark, and whether its goals are reached."""

from __future__ import annotations

import dataclasses
import statistics
from typing import Any

from benchmarks.inference_services import CPP_SESSION, ONNX, OPTIMISED, SESSION
from benchmarks.ingest import goal
from trackdnn.evaluation.tables import Plain

FASTER, AT_BATCH = 4.0, 16
# The architectures of the production graphs, which also exist as ours to train.
PRODUCTION = ("cms_run3", "cms2020")
EFFICIENCIES = ("0.95", "0.99")


@dataclasses.dataclass(frozen=True)
class Figures:
    """What was measured.

    Args:
        batches: Tracks per call.
        services: `network`, `way` and `bytes` of each service.
        microseconds: Times per track of each turn, by title and batch size.
        memory: Resident MiB by title: `library`, `session`, `per_thread`.
        quality: By run: `architecture`, `parameters`, `tracks` and `fakes`.
    """

    batches: tuple[int, ...]
    services: list[dict[str, Any]]
    microseconds: dict[str, dict[int, list[float]]]
    memory: dict[str, dict[str, float | None]]
    quality: dict[str, dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return dataclasses.asdict(self)

    def median(self, network: str, way: str, batch: int) -> float | None:
        """Microseconds per track of a service, `None` if it was not measured."""
        times = self.microseconds.get(f"{network}: {way}", {}).get(batch)
        return statistics.median(times) if times else None


def report(figures: Figures) -> str:
    """Three tables and the goals as Markdown."""
    parts = [_quality_table(figures), _time_table(figures), _memory_table(figures)]
    return "\n".join([*(part.to_markdown() for part in parts), *_goals(figures)])


def _quality_table(figures: Figures) -> Plain:
    rows = []
    for name, found in figures.quality.items():
        fakes = [_percent(found["fakes"].get(key)) for key in EFFICIENCIES]
        size = found["parameters"]
        rows.append((name, str(found["architecture"]), f"{size:,}", *fakes))
    header = ("Model", "Architecture", "Parameters", "Fakes at 95 %", "Fakes at 99 %")
    return Plain("Networks, on the test tracks of their runs", header, tuple(rows))


def _percent(fraction: dict[str, float] | None) -> str:
    if fraction is None:
        return "-"
    error = (fraction["upper"] - fraction["lower"]) / 2
    return f"{100 * fraction['value']:.2f} ± {100 * error:.2f} %"


def _time_table(figures: Figures) -> Plain:
    rows = []
    for service in figures.services:
        title = f"{service['network']}: {service['way']}"
        times = figures.microseconds[title]
        cells = [_spread(times[batch]) for batch in figures.batches]
        size = service["bytes"]
        rows.append((title, "-" if size is None else f"{size / 1e3:.0f}", *cells))
    header = ("Model", "kB", *(f"{batch}" for batch in figures.batches))
    return Plain("Microseconds per track, by tracks per call", header, tuple(rows))


def _spread(times: list[float]) -> str:
    middle, low, high = statistics.median(times), min(times), max(times)
    digits = 2 if middle < 100 else 0
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def _memory_table(figures: Figures) -> Plain:
    keys = ("library", "session", "per_thread")
    rows = [
        (title, *("-" if found[key] is None else f"{found[key]:.1f}" for key in keys))
        for title, found in figures.memory.items()
    ]
    header = ("Model", "Library", "Session", "Each further thread")
    return Plain("Resident memory in MiB", header, tuple(rows))


def _goals(figures: Figures) -> list[str]:
    """Each network of ours beside the production graphs, or their architecture."""
    quality = figures.quality
    trained = [name for name in quality if _is_production(quality[name])]
    graphs = [service["network"] for service in figures.services]
    peers = [name for name in dict.fromkeys(graphs) if name not in quality] or trained
    lines: list[str] = []
    for ours in (name for name in quality if name not in trained):
        for way, theirs in (
            (OPTIMISED, SESSION),
            (ONNX, SESSION),
            (f"{OPTIMISED}, C++", CPP_SESSION),
        ):
            found = [_faster(figures, (ours, way), (peer, theirs)) for peer in peers]
            lines += filter(None, found)
        for name in trained:
            lines += _fewer_fakes(quality, ours, name)
    return lines


def _is_production(found: dict[str, Any]) -> bool:
    return found["architecture"] in PRODUCTION


def _faster(
    figures: Figures, ours: tuple[str, str], theirs: tuple[str, str]
) -> str | None:
    fast, slow = (figures.median(*one, AT_BATCH) for one in (ours, theirs))
    if fast is None or slow is None:
        return None
    names = f"{' as '.join(ours)} beside {' in a '.join(theirs)}"
    return "* " + goal(f"{names}, {AT_BATCH} tracks per call", slow / fast, FASTER)


def _fewer_fakes(quality: dict[str, Any], ours: str, name: str) -> list[str]:
    if quality[name]["tracks"] != quality[ours]["tracks"]:
        return [f"* {name} was tested on other tracks than {ours}."]
    lines = []
    for key in EFFICIENCIES:
        mine, other = (quality[one]["fakes"].get(key) for one in (ours, name))
        if mine and other and other["value"]:
            what = f"Fakes of {ours} over those of {name} at {float(key):.0%}"
            ratio = mine["value"] / other["value"]
            lines.append("* " + goal(what, ratio, 1.0, most=True))
    return lines
