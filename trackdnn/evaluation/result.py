"""What an evaluation found, as one frozen object."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from trackdnn.data.features import algorithm_name
from trackdnn.evaluation import tables

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from trackdnn.evaluation.calibration import Calibration
    from trackdnn.evaluation.discrimination import Discrimination
    from trackdnn.evaluation.importance import Importance
    from trackdnn.evaluation.profiles import Profile, Variable
    from trackdnn.evaluation.working_points import WorkingPoints
    from trackdnn.settings import EvaluationSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """How much was looked at.

    Args:
        tracks: Number of tracks.
        true: Number of true tracks.
        fake: Number of fake tracks.
        events: Number of events.
        names: Names of the samples.
    """

    tracks: int
    true: int
    fake: int
    events: int
    names: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Judged:
    """Everything about one classifier.

    Args:
        name: `"network"`, `"boosting"` or `"trk_mva"`.
        title: Name for people.
        overall: Figures over all tracks.
        iterations: Figures per `originalAlgo`.
        calibration: Reliability curve; `None` if the score is no probability.
        profile_efficiency: Overall efficiency of the cut behind the profiles.
        profiles: Profile by name of the variable.
    """

    name: str
    title: str
    overall: Discrimination
    iterations: dict[int, Discrimination]
    calibration: Calibration | None
    profile_efficiency: float
    profiles: dict[str, Profile]

    def to_dict(self) -> dict[str, Any]:
        """All figures as plain lists, dicts and numbers."""
        return {
            "title": self.title,
            "overall": self.overall.to_dict(),
            "iterations": {
                algorithm_name(algo): {"originalAlgo": algo, **one.to_dict()}
                for algo, one in self.iterations.items()
            },
            "calibration": self.calibration.to_dict() if self.calibration else None,
            "profile_efficiency": self.profile_efficiency,
            "profiles": {name: one.to_dict() for name, one in self.profiles.items()},
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The result of `evaluate`.

    Args:
        sample: How much was looked at.
        settings: With which settings.
        classifiers: The network first, then the baseline and `trk_mva` if present.
        working_points: The network's cuts.
        importance: Permutation importance of the network's inputs.
        training_auc: AUC of the network on tracks that it was trained on, if given.
        variables: Variables of the profiles.
        notes: What the reader should know: missing parts, fallbacks, replaced values.
        folder: Where the files are.
        files: SHA-256 of each file by its path below `folder`.
    """

    sample: Sample
    settings: EvaluationSettings
    classifiers: tuple[Judged, ...]
    working_points: WorkingPoints
    importance: tuple[Importance, ...]
    training_auc: float | None
    variables: tuple[Variable, ...]
    notes: tuple[str, ...]
    folder: Path
    files: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def network(self) -> Judged:
        """The classifier that was judged; the others stand beside it."""
        return self.classifiers[0]

    @property
    def auc(self) -> float:
        """AUC of the network over all tracks."""
        value = self.network.overall.auc
        return float("nan") if value is None else value

    def tables(self) -> list[Table]:
        """Tables for a rich console: all tracks, iterations, working points."""
        return [
            tables.overall_table(self),
            tables.iteration_table(self),
            tables.working_point_table(self),
        ]

    def markdown(self) -> str:
        """The report as Markdown."""
        return tables.report(self)

    def to_dict(self) -> dict[str, Any]:
        """The content of `evaluation.json`."""
        return {
            "format": "trackdnn evaluation 1",
            "sample": dataclasses.asdict(self.sample),
            "settings": self.settings.model_dump(mode="json"),
            "classifiers": {one.name: one.to_dict() for one in self.classifiers},
            "training_auc": self.training_auc,
            "working_points": self.working_points.to_dict(),
            "importance": [one.to_dict() for one in self.importance],
            "bin_edges": {one.name: one.edges.tolist() for one in self.variables},
            "notes": list(self.notes),
            "files": self.files,
        }
