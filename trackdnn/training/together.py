"""Store, watch and judge of a training with several workers.

Each stands in front of the one that a training of one process has, and is asked by all
workers at the same time.
"""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from trackdnn.errors import Stopped, TrainingError
from trackdnn.training.checkpoints.state import State
from trackdnn.training.checkpoints.store import Loaded
from trackdnn.training.judge import Judgement, Verdict
from trackdnn.training.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackdnn.training.history import Epoch
    from trackdnn.training.keeper import Store
    from trackdnn.training.team import Team


class SharedStore:
    """Checkpoints that the chief writes and reads.

    What it has read goes to the others from worker to worker, so that all go on from
    the same one, and no other machine needs to see the run folder.

    Args:
        store: Where the chief has them.
        team: The workers.
    """

    def __init__(self, store: Store, team: Team) -> None:
        self._store, self._team = store, team

    def save(self, state: State, *, name: str, permanent: bool = False) -> None:
        """Writes a state; nobody goes on before it is safe."""

        def write() -> None:
            self._store.save(state, name=name, permanent=permanent)

        self._team.by_chief(write)

    def load(self) -> Loaded | None:
        """The newest state that is whole."""
        found: list[Loaded | None] = []

        def read() -> tuple[str, str] | None:
            one = self._store.load()
            found.append(one)
            return None if one is None else (one.name, json.dumps(one.state.facts))

        heard = self._team.by_chief(read)
        if heard is None:
            return None
        mine = found[0] if found else None
        content = self._team.hear(b"" if mine is None else _packed(mine.state))
        if mine is not None:
            return mine
        name, facts = heard
        return Loaded(State(_unpacked(content), json.loads(facts)), name)


class SharedWatch(Watch):
    """Stops all workers as soon as one must stop.

    Args:
        own: Signals and limits of this one.
        team: The workers.
    """

    def __init__(self, own: Watch, team: Team) -> None:
        super().__init__()
        self._own, self._team = own, team

    def must_stop(self, *, between_epochs: bool) -> Stopped | None:
        return self._first(self._own.must_stop(between_epochs=between_epochs))

    def interrupted(self) -> Stopped | None:
        return self._first(self._own.interrupted())

    def _first(self, mine: Stopped | None) -> Stopped | None:
        """What the first worker says that must stop."""
        codes = self._team.gather(0 if mine is None else mine.exit_code)
        first = next((number for number, code in enumerate(codes) if code), None)
        if first is None:
            return None
        said = self._team.hear(str(mine).encode(), speaker=first).decode()
        where = "" if first == self._team.number else f"worker {first} "
        return Stopped(f"{where}{said}", int(codes[first]))

    def stage_begins(self) -> None:
        self._own.stage_begins()

    def epoch_done(self, seconds: float) -> None:
        self._own.epoch_done(seconds)

    def checkpoint_done(self, seconds: float) -> None:
        self._own.checkpoint_done(seconds)


class SharedJudge:
    """The chief's figures, for all.

    Every worker scores the validation part, as its weights are the same; but the last
    digit may differ between two kinds of processors, and decides about the best epoch.

    Args:
        own: Scores the validation part here.
        team: The workers.
    """

    def __init__(self, own: Judgement, team: Team) -> None:
        self._own, self._team = own, team

    def __call__(self, model: Any, pulse: Callable[[], None]) -> Verdict:
        """The chief's verdict."""
        fault: TrainingError | None = None
        mine = Verdict(0.0, 0.0)
        try:
            mine = self._own(model, pulse)
        except TrainingError as error:
            fault = error
        if any(self._team.gather(fault is not None)):
            raise fault or TrainingError(
                "The scores of the validation tracks must stay finite. Received: NaN "
                "on another worker. Lower training.learning_rate."
            )
        if self._team.count == 1:
            return mine
        said = json.dumps(dataclasses.asdict(mine)) if self._team.is_chief else ""
        return Verdict(**json.loads(self._team.hear(said.encode())))


class StopTogether(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a stage on all workers where a callback of the chief has ended it.

    Args:
        team: The workers; each has this after all its other callbacks.
    """

    def __init__(self, team: Team) -> None:
        super().__init__()
        self._team = team

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        stop = bool(getattr(self.model, "stop_training", False))
        self.model.stop_training = bool(self._team.chiefs(stop))


def for_chief(
    team: Team, action: Callable[[Any], None]
) -> Callable[[Epoch | tuple[Epoch, ...]], None]:
    """The same action, done by the chief; if it fails there, it fails for all."""
    return lambda content: team.by_chief(lambda: action(content))


def _packed(state: State) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **state.arrays)
    return stream.getvalue()


def _unpacked(content: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)
