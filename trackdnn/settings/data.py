"""Where tracks come from, and which of them an epoch visits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from trackdnn.settings.node import (
    Code,
    Count,
    Fraction,
    Node,
    OpenFraction,
    Seed,
    Share,
)


class Sample(Node):
    """A named set of ntuple files.

    `take` limits it: a fraction of its events, chosen by a hash of the event, or a
    number of events, the first ones in the order of the files.
    """

    name: str = "tracks"
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    take: Share | Count | None = None


class Selection(Node):
    """Which tracks take part; the defaults are those of the production networks."""

    drop_algorithms: tuple[Code, ...] = (13, 14)
    min_strip_hits: Code = 0
    max_events: Count | None = None


class Split(Node):
    """Fractions of the events, never of the tracks, kept from the training.

    The seed is the split's own, so that trainings with other seeds see the same parts.
    """

    validation: OpenFraction = 0.1
    test: Fraction = 0.1
    seed: Seed = 1

    @model_validator(mode="after")
    def _leave_some_for_training(self) -> Split:
        if self.validation + self.test >= 1.0:
            raise ValueError(
                "validation + test must be below 1, or nothing is left to train on"
            )
        return self


class DataSettings(Node):
    """Where tracks come from: ROOT files, or a dataset that `prepare` has made."""

    prepared: str | None = None
    samples: tuple[Sample, ...] = ()
    test_samples: tuple[Sample, ...] = ()
    tree: str = "trackingNtuple/tree"
    label: Literal["auto", "trk_isTrue", "trk_simTrkIdx", "trk_bestSimTrkIdx"] = "auto"
    selection: Selection = Selection()
    split: Split = Split()

    @field_validator("samples", "test_samples", mode="before")
    @classmethod
    def _accept_short_forms(cls, value: Any) -> Any:
        """One file, a list of files, or a mapping of names to files will do."""
        if isinstance(value, str):
            return ({"files": (value,)},)
        if isinstance(value, dict):
            pairs = value.items()
            return tuple(_named_sample(name, content) for name, content in pairs)
        listed = isinstance(value, (list, tuple)) and len(value) > 0
        if listed and all(isinstance(entry, str) for entry in value):
            return ({"files": tuple(value)},)
        return value

    @model_validator(mode="after")
    def _take_one_source(self) -> DataSettings:
        if self.prepared is not None and (self.samples or self.test_samples):
            raise ValueError(
                "prepared names a finished dataset, so samples and test_samples must "
                "be empty"
            )
        return self


def _named_sample(name: str, content: Any) -> dict[str, Any]:
    """One entry of a mapping of samples: a file, a list of files, or all fields."""
    if isinstance(content, str):
        return {"name": name, "files": (content,)}
    if isinstance(content, dict):
        return {"name": name, **content}
    return {"name": name, "files": content}


class Sampling(Node):
    """Which training tracks an epoch visits, and how often (docs/sampling.md)."""

    iterations: Literal["none", "equal", "floor"] = "none"
    floor: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    truth: Literal["none", "equal"] = "none"
    resample: Literal["down", "up"] = "down"
    cap: Count | None = None
    mixture: dict[str, Share | Count] = {}
    seed: Seed = 1


class Shuffle(Node):
    """How the order of the tracks is drawn: blocks, mixed in a buffer (in tracks)."""

    buffer: Count = 1_048_576
    block: Count = 1024
