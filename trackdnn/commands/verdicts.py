"""Whether a variant of a network may take its place, by what it does to tracks."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export import parity
from export.artifacts import read_onnx
from export.errors import ParityError
from export.onnx_graph import OnnxSession
from export.target_rules import check_target
from export.variants.kinds import OPTIMISED
from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import InputError
from trackdnn.evaluation.flips import PointChange, compare_points
from trackdnn.evaluation.metrics import auc
from trackdnn.inference.infer import Scorer
from trackdnn.inference.scored import score_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from export.manifest import Bundle
    from export.targets import Target
    from trackdnn.data.tracks import Tracks

# A difference of probabilities is at most 1: the working points judge, not this.
_ANY_DIFFERENCE = 1.0
_LARGE_BATCH = 16_384


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a variant is worth.

    Args:
        kind: Of the variant.
        reasons: Why it is refused; none if it may be used.
        figures: All that was measured, as plain values.
        points: What changes at each working point.
    """

    kind: str
    reasons: list[str]
    figures: dict[str, Any]
    points: list[PointChange]

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain values."""
        return {
            "kind": self.kind,
            "released": not self.reasons,
            "reasons": self.reasons,
            **self.figures,
            "points": [point.to_dict() for point in self.points],
        }


class Judge:
    """Compares variants with the network of a bundle on labelled tracks.

    Args:
        bundle: A verified bundle with working points.
        tracks: Labelled tracks, true and fake ones.

    Raises:
        InputError: If there are no working points, or not both kinds of tracks.
    """

    def __init__(self, bundle: Bundle, tracks: Tracks) -> None:
        self._bundle, self._cuts = bundle, Scorer(bundle).cuts
        if not self._cuts.names:
            raise InputError(
                "A bundle must have working points to be judged at. Received: "
                f"{bundle.folder} without any. Evaluate its run and export it again"
            )
        self._label = labels(tracks)
        self._category = tracks.category
        self._sample = probe_of(bundle, tracks)
        with np.load(bundle.probe, allow_pickle=False) as content:
            self._odd = parity.Probe(content["features"], content["category"])
        session = OnnxSession(bundle.onnx, bundle.names)
        self._before = in_large_batches(session, self._sample)
        self._odd_before = session(self._odd.features, self._odd.category)

    def judge(self, kind: str, path: Path, target: Target) -> Verdict:
        """Read a variant from its file, run it, and compare.

        Args:
            kind: Of the variant.
            path: Its file.
            target: Where it is to run.
        """
        reasons = check_target(read_onnx(path), target)
        session = OnnxSession(path, self._bundle.names)
        figures, faults = self._on_odd_rows(session, kind)
        whole = in_large_batches(session, self._sample)
        small = parity.in_cmssw_batches(session, self._sample)[:, 0]
        if not (np.isfinite(whole).all() and np.isfinite(small).all()):
            faults.append("the scores of tracks must be finite, and are not")
            whole, small = (np.nan_to_num(one, nan=0.0) for one in (whole, small))
        points, moved = self._points(whole), self._points(small)
        reasons += faults
        reasons += [t for p in points for t in _moves(p, "")]
        if not reasons:
            reasons += [t for p in moved for t in _moves(p, " in batches of 16")]
        figures |= self._scores(whole, small) | facts(path)
        figures["network"] = facts(self._bundle.onnx)
        figures["points_in_batches_of_16"] = [point.to_dict() for point in moved]
        return Verdict(kind=kind, reasons=reasons, figures=figures, points=points)

    def _points(self, probability: NDArray[np.float32]) -> list[PointChange]:
        before, after = (
            self._cuts.passing(score_of(p), self._category)
            for p in (self._before, probability)
        )
        return compare_points(self._label, before, after)

    def _scores(
        self, whole: NDArray[np.float32], small: NDArray[np.float32]
    ) -> dict[str, Any]:
        difference = 2 * np.abs(whole.astype(np.float64) - self._before)
        return {
            "tracks": len(whole),
            "true": int(np.count_nonzero(self._label)),
            "max_difference": float(difference.max()),
            "mean_difference": float(difference.mean()),
            "max_difference_by_neighbours": float(2 * np.abs(whole - small).max()),
            "auc": {
                "before": auc(self._before, self._label),
                "after": auc(whole, self._label),
            },
        }

    def _on_odd_rows(
        self, session: OnnxSession, kind: str
    ) -> tuple[dict[str, Any], list[str]]:
        """Finite for every input; and the same network, where that is said."""
        most = _ANY_DIFFERENCE
        if kind == OPTIMISED:
            most = float(self._bundle.manifest["parity"]["tolerance"])
        try:
            found = parity.compare(
                session, self._odd, self._odd_before, tolerance=most, name="variant"
            )
        except ParityError as error:
            return {"probe": None}, [str(error).partition(". No bundle")[0]]
        return {"probe": found}, []


def labels(tracks: Tracks) -> NDArray[np.bool_]:
    """The labels of tracks.

    Raises:
        InputError: If there are none, or all are alike.
    """
    label = tracks.label
    if label is None or label.all() or not label.any():
        kinds = "without labels" if label is None else "of one kind"
        raise InputError(
            "A variant must be judged on true and on fake tracks. "
            f"Received: {len(tracks):,} tracks {kinds}"
        )
    return label


def probe_of(bundle: Bundle, tracks: Tracks) -> parity.Probe:
    """Tracks as a bundle's network takes them."""
    columns = [FEATURE_NAMES.index(name) for name in bundle.spec.names]
    return parity.Probe(
        np.ascontiguousarray(tracks.features[:, columns]),
        tracks.category.astype(np.float32)[:, None],
    )


def in_large_batches(session: OnnxSession, probe: parity.Probe) -> NDArray[np.float32]:
    """The probability of each track, shape `(tracks,)`."""
    parts = [
        session(
            probe.features[low:][:_LARGE_BATCH], probe.category[low:][:_LARGE_BATCH]
        )
        for low in range(0, len(probe), _LARGE_BATCH)
    ]
    return np.concatenate(parts)[:, 0]


def facts(path: Path) -> dict[str, Any]:
    """Size, hash and number of nodes of an ONNX file."""
    import onnx

    content = path.read_bytes()
    nodes = onnx.ModelProto.FromString(content).graph.node
    return {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "nodes": len(nodes),
    }


def _moves(point: PointChange, where: str) -> list[str]:
    """One sentence for each rate that moves by its error or more."""
    rates = {"efficiency": point.efficiency, "fake rate": point.fake_rate}
    return [
        f"{point.name}: the {name} must move by less than its statistical error"
        f"{where}. Received: {_signed(change.shift)} (error {_signed(change.error)})"
        for name, change in rates.items()
        if not change.within
    ]


def _signed(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.2e}"
