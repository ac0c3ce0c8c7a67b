"""From the jagged arrays of a chunk of events to one row per track."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np

from trackdnn.data.branches import MVA_BRANCH, Plan
from trackdnn.data.features import CATEGORY_BRANCH, FEATURES
from trackdnn.data.hashing import event_keys
from trackdnn.data.labels import truth_of
from trackdnn.data.tracks import Tracks
from trackdnn.errors import BadFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_INT32_MAX = 2**31 - 1


class Chunk:
    """A range of events of one file.

    Args:
        arrays: Awkward record array with the branches of the plan, one entry per event.
        plan: What the branches are.
        path: The file.
        start: Number of the first event in the file.

    Raises:
        BadFileError: If two branches disagree on the number of tracks of an event, or
            on the number of vertices.
    """

    def __init__(self, arrays: Any, plan: Plan, path: Path, start: int) -> None:
        self._arrays = arrays
        self._plan = plan
        self._path = path
        self._start = start
        self.counts = _lengths(arrays[plan.per_track[0]])
        label = (plan.label,) if plan.label and plan.match_counts is None else ()
        self._check_lengths((*plan.per_track, *label))
        self._check_lengths(plan.vertices)
        if plan.label and plan.match_counts:
            self._check_flat_matches(plan.label, plan.match_counts)

    def tracks(self, sample: str, index: int) -> Tracks:
        """All tracks of the chunk.

        Args:
            sample: Name of the sample.
            index: Its number.
        """
        total = int(self.counts.sum())
        extras = {}
        if self._plan.mva:
            extras[MVA_BRANCH] = _float32(self._flat(MVA_BRANCH))
        if self._plan.vertices:
            extras["n_vertices"] = np.repeat(self._vertices(), self.counts)
        return Tracks(
            features=self._features(total),
            category=_int32(self._flat(CATEGORY_BRANCH)),
            label=self._label(),
            event=np.repeat(self.event_keys(sample), self.counts),
            sample=np.full(total, index, dtype=np.int16),
            sample_names=(sample,),
            extras=extras,
        )

    def event_keys(self, sample: str) -> NDArray[np.uint64]:
        """One key per event, from run, lumi and event, or from file and position."""
        if self._plan.event_id:
            numbers = [ak.to_numpy(self._arrays[name]) for name in self._plan.event_id]
            return event_keys(sample, *numbers)
        entries = np.arange(self._start, self._start + len(self.counts))
        return event_keys(f"{sample}\n{self._path.name}", entries)

    def _features(self, total: int) -> NDArray[np.float32]:
        features = np.empty((total, len(FEATURES)), dtype=np.float32)
        # A float64 beyond the range of float32 becomes infinite, and is counted.
        with np.errstate(over="ignore"):
            for column, feature in enumerate(FEATURES):
                features[:, column] = self._flat(feature.branch)
        return features

    def _label(self) -> NDArray[np.bool_] | None:
        name = self._plan.label
        if name is None:
            return None
        if self._plan.match_counts is not None:
            values = self._flat(self._plan.match_counts)
        elif name == "trk_simTrkIdx":
            matches = ak.flatten(self._arrays[name], axis=1)
            values = np.asarray(ak.to_numpy(ak.num(matches, axis=1)))
        else:
            values = self._flat(name)
        return truth_of(name, values, self._plan.where)

    def _vertices(self) -> NDArray[np.float32]:
        """Number of vertices of each event, without those flagged as no vertex."""
        good = ak.ones_like(self._arrays[self._plan.vertices[0]], dtype=bool)
        if "vtx_fake" in self._plan.vertices:
            good = good & (self._arrays["vtx_fake"] == 0)
        if "vtx_valid" in self._plan.vertices:
            good = good & (self._arrays["vtx_valid"] != 0)
        return np.asarray(ak.to_numpy(ak.sum(good, axis=1)), dtype=np.float32)

    def _flat(self, name: str) -> NDArray[Any]:
        return np.asarray(ak.to_numpy(ak.flatten(self._arrays[name], axis=1)))

    def _check_lengths(self, names: tuple[str, ...]) -> None:
        if not names:
            return
        expected = _lengths(self._arrays[names[0]])
        for name in names[1:]:
            found = _lengths(self._arrays[name])
            self._compare(names[0], expected, name, found)

    def _check_flat_matches(self, label: str, counts: str) -> None:
        """A flat list of matches must be as long as the tracks' counts add up to."""
        expected = np.asarray(ak.to_numpy(ak.sum(self._arrays[counts], axis=1)))
        self._compare(
            f"sum of {counts}", expected, label, _lengths(self._arrays[label])
        )

    def _compare(
        self, one: str, expected: NDArray[Any], other: str, found: NDArray[Any]
    ) -> None:
        wrong = np.flatnonzero(expected != found)
        if len(wrong):
            first = wrong[0]
            raise BadFileError(
                f"Branches '{one}' and '{other}' of {self._plan.where} must have equal "
                f"lengths in each event. Received: {expected[first]} and "
                f"{found[first]} in event number {self._start + first} of the file "
                f"({len(wrong)} such events in this part). Make the file again."
            )


def _lengths(array: Any) -> NDArray[np.int64]:
    return np.asarray(ak.to_numpy(ak.num(array, axis=1)), dtype=np.int64)


def _float32(values: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _int32(values: NDArray[Any]) -> NDArray[np.int32]:
    """The values as int32; what does not fit is no known algorithm either way."""
    if values.dtype.kind == "i":
        values = np.maximum(values, -1)
    return np.asarray(np.minimum(values, _INT32_MAX), dtype=np.int32)
