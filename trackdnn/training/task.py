"""What a training trains on, is judged by and minimises.

The engine knows stages, steps and checkpoints; what a batch is, and what a good network
is, it is told by a task. Tracks are one; graphs are another, with batches of a
`trackdnn.data.batches.units.UnitSource`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from network.losses import loss as loss_by_name
from trackdnn.training.judge import Judge
from trackdnn.training.objective import Term
from trackdnn.training.sampled import Sampled, sample_part

if TYPE_CHECKING:
    from trackdnn.data.batches.parts import Part
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Stage
    from trackdnn.training.judge import Judgement


class Source(Protocol):
    """The batches of the epochs of a stage."""

    @property
    def steps(self) -> int:
        """Batches of an epoch."""

    @property
    def tracks(self) -> int:
        """Samples of an epoch, for the progress; need not be exact."""

    def epochs(self, last: int, *, first: int = 1, skip: int = 0) -> Iterator[Any]:
        """Chunks of batches (`trackdnn.training.steps.Batches`) of some epochs.

        Must be a function of the epoch, so that a training can go on exactly: without
        the first `skip` batches of epoch `first`, all else is as with them.
        """


class Task(Protocol):
    """All that depends on the kind of network."""

    def batches(self, number: int, stage: Stage, seed: int) -> Source:
        """The batches of a stage, whose numbers count from 1."""

    def judge(self, stage: Stage) -> Judgement:
        """What scores the network after each epoch."""

    def terms(self, stage: Stage) -> Sequence[Term]:
        """The losses, one term for each."""


@dataclasses.dataclass(frozen=True)
class TrackTask:
    """To tell true tracks from fake ones.

    Args:
        train: Labelled tracks: in memory, or a part of a prepared dataset, which is
            streamed; or either with the sampling of the first stage planned.
        validation: Labelled tracks to judge by, in memory or on disk.
    """

    train: Tracks | Part | Sampled
    validation: Tracks | Part

    def batches(self, number: int, stage: Stage, seed: int) -> Source:
        """Each stage samples and weighs the tracks anew."""
        train = self.train
        if not isinstance(train, Sampled) or number > 1:
            part = train.part if isinstance(train, Sampled) else train
            train = sample_part("training", part, stage)
        return train.batches(stage, seed)

    def judge(self, stage: Stage) -> Judgement:
        """Loss and AUC of all validation tracks."""
        return Judge(self.validation, stage)

    def terms(self, stage: Stage) -> Sequence[Term]:
        """The loss that the stage names."""
        return [Term(loss_by_name(stage.loss))]
