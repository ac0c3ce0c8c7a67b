"""Keeps a training: saves how far it has come, and stops it where it must stop."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from trackdnn.training.checkpoints.state import State
from trackdnn.training.history import Epoch
from trackdnn.training.loop import StageState
from trackdnn.training.together import SharedStore, SharedWatch, for_chief
from trackdnn.training.watch import Watch

if TYPE_CHECKING:
    from trackdnn.training.checkpoints.store import Loaded
    from trackdnn.training.snapshot import Arrays, Holders
    from trackdnn.training.team import Team

# A stage that is finished is the next one before its first step.
COUNTED = ("epoch", "step", "losses", "sizes", "seconds", "best", "schedule")


class Store(Protocol):
    """Where states lie; `CheckpointStore` is one."""

    def save(self, state: State, *, name: str, permanent: bool = False) -> object:
        """Writes a state."""

    def load(self) -> Loaded | None:
        """The newest state that is whole."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kept:
    """A training as it was saved.

    Args:
        stage: Number of the stage to go on with, from 1.
        state: How far it has come.
        arrays: All that was in memory.
        history: Rows of the stages before.
        name: Name of the checkpoint.
        damaged: What is said of newer ones that are damaged.
    """

    stage: int
    state: StageState
    arrays: Arrays
    history: tuple[Epoch, ...]
    name: str
    damaged: tuple[str, ...] = ()


class Keeper:
    """Saves a training after each epoch and now and then in between.

    Args:
        store: Where to; `None` for a training that is not kept.
        watch: Says whether to stop; by default never.
        every: Seconds between two checkpoints within an epoch.
        facts: What belongs to each checkpoint, such as settings and versions.
        clock: Gives seconds.
        on_epoch: Is told of each epoch once it is saved; it may end the training by an
            exception.
        on_start: Is told of the epochs that are done already, possibly none.
    """

    def __init__(
        self,
        store: Store | None = None,
        watch: Watch | None = None,
        *,
        every: float = 600.0,
        facts: dict[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_epoch: Callable[[Epoch], None] = lambda row: None,
        on_start: Callable[[tuple[Epoch, ...]], None] = lambda rows: None,
    ) -> None:
        self._store, self._watch = store, watch or Watch()
        self._on_epoch, self._on_start = on_epoch, on_start
        self._every, self._clock = every, clock
        self._facts = facts or {}
        self._last = clock()
        self._earlier: list[Epoch] = []

    def shared(self, team: Team) -> Keeper:
        """The same for several workers: the chief keeps, and all stop together.

        Args:
            team: The workers. Whatever is asked, all must ask at the same time.
        """
        if team.count == 1:
            return self
        return Keeper(
            None if self._store is None else SharedStore(self._store, team),
            SharedWatch(self._watch, team),
            every=self._every,
            facts=self._facts,
            # A checkpoint must be due on all workers or on none.
            clock=lambda: team.chiefs(self._clock()),
            on_epoch=for_chief(team, self._on_epoch),
            on_start=for_chief(team, self._on_start),
        )

    def resume(self) -> Kept | None:
        """The training as it was saved last, if it was."""
        found = None if self._store is None else self._store.load()
        if found is None:
            self._on_start(())
            return None
        facts = found.state.facts
        rows = [Epoch(**row) for row in facts["history"]]
        self._on_start(tuple(rows))
        stage = int(facts["stage"])
        self._earlier = [row for row in rows if row.stage < stage]
        state = StageState(
            **{name: facts[name] for name in COUNTED},
            history=[row for row in rows if row.stage == stage],
        )
        return Kept(
            stage=stage,
            state=state,
            arrays=found.state.arrays,
            history=tuple(self._earlier),
            name=found.name,
            damaged=found.damaged,
        )

    def begin_stage(self) -> None:
        """Looks for signals before the network of a stage is compiled.

        Raises:
            Stopped: If there was one; what is trained is saved already.
        """
        stop = self._watch.interrupted()
        if stop:
            raise stop

    def asked(self) -> bool:
        """Whether a pause would end the training."""
        return self._watch.must_stop(between_epochs=False) is not None

    def pauser(self, stage: int, holders: Holders) -> Callable[[StageState], None]:
        """What a stage calls between steps and between epochs."""
        self._watch.stage_begins()

        def pause(state: StageState) -> None:
            between = state.step == 0
            if between:
                self._watch.epoch_done(state.history[-1].seconds)
            stop = self._watch.must_stop(between_epochs=between)
            due = self._clock() - self._last >= self._every
            if self._store is not None and (stop or between or due):
                self._save(stage, holders, state)
            if between:
                self._on_epoch(state.history[-1])
            if stop:
                raise stop

        return pause

    def finish_stage(self, stage: int, holders: Holders, state: StageState) -> None:
        """Saves the end of a stage, for good."""
        self._earlier += state.history
        if self._store is not None:
            name = f"stage{stage}-end"
            self._save(stage + 1, holders, StageState(), name=name)
        if state.history:
            self._on_epoch(state.history[-1])

    def _save(
        self, stage: int, holders: Holders, state: StageState, name: str = ""
    ) -> None:
        assert self._store is not None  # asked for by the callers
        start = self._clock()
        rows = [dataclasses.asdict(row) for row in (*self._earlier, *state.history)]
        facts = {key: getattr(state, key) for key in COUNTED}
        self._store.save(
            State(
                arrays=holders.arrays(state.best_weights),
                facts={**self._facts, "stage": stage, **facts, "history": rows},
            ),
            name=name or f"stage{stage}-epoch{state.epoch:04d}-step{state.step:07d}",
            permanent=bool(name),
        )
        self._last = self._clock()
        self._watch.checkpoint_done(self._last - start)
