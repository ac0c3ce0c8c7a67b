"""Asks a graph of any format about its inputs, and says what it found."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import BadFileError
from trackdnn.inspection import plausible
from trackdnn.inspection.interface import Evaluator, NotAskedError, find_interface
from trackdnn.inspection.odd_values import find_odd_values
from trackdnn.inspection.permutation import permute
from trackdnn.inspection.preprocessing import SATURATED, SQUEEZED, find_preprocessing
from trackdnn.inspection.responses import DEAD, FAINT, measure
from trackdnn.inspection.tables import column_table, sensitivity_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from export.artifacts import Tensor
    from trackdnn.data.tracks import Tracks
    from trackdnn.inspection.explanation import Explanation
    from trackdnn.inspection.interface import Interface, Runtime
    from trackdnn.inspection.odd_values import OddValues
    from trackdnn.inspection.permutation import Permuted
    from trackdnn.inspection.preprocessing import Preprocessing
    from trackdnn.inspection.responses import Responses
    from trackdnn.inspection.wiring import Wiring

# Rows for a graph that takes fewer at a time: each call costs more than what it does.
_FEW = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class Data:
    """Tracks to ask a track classifier about.

    Args:
        tracks: The tracks, at least one.
        name: Where they come from.
    """

    tracks: Tracks
    name: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subject:
    """A graph that can be asked.

    Args:
        path: Its file or folder.
        inputs: What it must be fed.
        outputs: Tensors that it gives.
        wiring: Its nodes.
        runtime: What runs it, made when it is needed.
        runtime_name: What that is called.
    """

    path: Path
    inputs: Sequence[Tensor]
    outputs: Sequence[str]
    wiring: Wiring
    runtime: Any
    runtime_name: str


def ask(found: Explanation, subject: Subject, data: Data | None) -> Explanation:
    """Add to an explanation what asking shows, or why the graph was not asked.

    Raises:
        BadFileError: If the graph cannot be run, or is no track classifier and `data`
            are given.
    """
    try:
        interface = find_interface(subject.inputs, subject.outputs)
        if data is not None and not interface.classifier:
            raise BadFileError(
                f"{subject.path} must take the {len(FEATURE_NAMES)} inputs of the "
                "track classifier to be asked about tracks. Received: inputs "
                f"{', '.join(tensor.name for tensor in subject.inputs)}"
            )
        return _asked(found, interface, subject, data)
    except NotAskedError as error:
        return _not_asked(found, str(error))


def _not_asked(found: Explanation, reason: str) -> Explanation:
    return dataclasses.replace(
        found,
        lines=(*found.lines, f"its inputs were not tried: {reason}"),
        content={**found.content, "not_asked": reason},
    )


def _asked(
    found: Explanation, interface: Interface, subject: Subject, data: Data | None
) -> Explanation:
    reference = _reference(interface, data)
    evaluator = Evaluator(interface, _Guarded(subject))
    with np.errstate(all="ignore"):
        responses = measure(evaluator.score, reference)
        odd = find_odd_values(evaluator.score, reference, responses.size)
        prepared = find_preprocessing(evaluator, subject.wiring, reference)
        permuted = None if data is None else permute(evaluator.score, data.tracks)
    content = {
        "preprocessing": prepared.to_dict(),
        "responses": responses.to_dict(),
        "odd_values": odd.to_dict(),
    }
    if permuted is not None:
        content["permutation"] = permuted.to_dict()
    grids = [sensitivity_table(responses, prepared, permuted)]
    if prepared.columns:
        grids.append(column_table(prepared))
    return dataclasses.replace(
        found,
        lines=(*found.lines, *_lines(responses, prepared, odd, permuted)),
        content={**found.content, **content},
        grids=tuple(grids),
        responses=responses,
    )


class _Guarded:
    """A runtime that names the file in what it complains of."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._runtime: Runtime = self._tried(subject.runtime)

    def fetch(
        self, tensors: Sequence[str], feed: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """As the runtime itself."""
        values: list[NDArray[Any]] = self._tried(self._runtime.fetch, tensors, feed)
        return values

    def _tried(self, function: Callable[..., Any], *values: Any) -> Any:
        try:
            return function(*values)
        except Exception as error:
            reason = (str(error).strip().splitlines() or ["no details"])[0]
            raise BadFileError(
                f"{self._subject.path} must run in {self._subject.runtime_name}. "
                f"Received: {type(error).__name__}: {reason[:160]}"
            ) from error


def _reference(interface: Interface, data: Data | None) -> plausible.Reference:
    if not interface.classifier:
        found = plausible.of_columns(interface.names)
    elif data is None:
        found = plausible.built_in()
    else:
        found = plausible.of_tracks(data.tracks, data.name)
    found = found.columns(len(interface.names))
    few = interface.batch is not None and interface.batch < _FEW
    return found.head(_FEW) if few else found


def _lines(
    responses: Responses,
    prepared: Preprocessing,
    odd: OddValues,
    permuted: Permuted | None,
) -> list[str]:
    lines = [f"asked about {responses.reference.origin}:"]
    if responses.undefined:
        share = f"{responses.undefined:.1%} of them as they stand"
        lines.append(f"  scores that are not finite: {share}")
    dead = [_dead(responses, name) for name in responses.dead]
    lines += [
        f"  dead inputs (score moves by less than {DEAD:g}): {_listed(dead)}",
        f"  faint inputs (less than {FAINT:g}): {_listed(responses.faint)}",
        f"  squeezed inputs (less than {SQUEEZED:.0%} of their scaled range): "
        f"{_listed(prepared.squeezed)}",
        f"  saturated inputs ({SATURATED:.0%} of the rows or more beyond an end): "
        f"{_listed(prepared.saturated)}",
    ]
    if responses.constant:
        lines.append(f"  one value only in these rows: {_listed(responses.constant)}")
    lines += [f"  {line}" for line in odd.lines()]
    if responses.categories is not None:
        lines.append(f"  {_category_line(responses.categories)}")
    if permuted is not None:
        lines.append(f"  {permuted.line()}")
    return lines


def _dead(responses: Responses, name: str) -> str:
    moved = responses.moved[responses.names.index(name)]
    return (
        f"{name} (moves it beyond its range)" if moved else f"{name} (never moves it)"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _category_line(categories: tuple[int, ...]) -> str:
    if not categories:
        return "category: without effect"
    first, last = min(categories), max(categories)
    whole = len(categories) == last - first + 1
    text = f"{first} to {last}" if whole else ", ".join(map(str, categories))
    return f"category: {text} have codes of their own, all others share one"
