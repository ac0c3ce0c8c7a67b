"""Trains a finder part by part, each once, also after an interruption.

It works in `<output>.unfinished`, which takes the name of the output when all is done.
"""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.atomic import sync_folder, write_errors
from trackdnn.errors import OutputError
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.edge_filter import filter as edge_filter
from trackdnn.graphs.edge_network import files as networks
from trackdnn.graphs.progress import stepping, watched
from trackdnn.graphs.saving import FILE as CONSTRUCTOR_FILE
from trackdnn.graphs.saving import load_constructor, save_constructor
from trackdnn.settings import LocalSettings
from trackdnn.tracking.joining.joining import FILE as JOINING_FILE
from trackdnn.tracking.pipeline import plan as plans
from trackdnn.tracking.pipeline import targets
from trackdnn.tracking.pipeline.finder import Finder
from trackdnn.tracking.pipeline.folder import (
    CONSTRUCTOR,
    FILTER,
    JOINING,
    NETWORK,
    SELECTION,
    describe,
    load_filter,
    load_joining,
    load_masks,
    load_network,
    load_selection,
)
from trackdnn.tracking.pipeline.taking import take_constructor, take_part
from trackdnn.tracking.pipeline.tuning import steps, tune
from trackdnn.tracking.pivots.training import MaskTraining
from trackdnn.tracking.selection.selection import FILE as SELECTION_FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.graphs.constructor import Constructor
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import EdgeNetworkSettings
    from trackdnn.settings.node import Node
    from trackdnn.tracking.joining.joining import TrackJoining
    from trackdnn.tracking.pipeline.finder import Scorer
    from trackdnn.tracking.pipeline.plan import Plan
    from trackdnn.tracking.pivots.mask_network import MaskNetwork
    from trackdnn.tracking.selection.selection import TrackSelection

    Say = Callable[[list[str]], None]


@dataclasses.dataclass(frozen=True)
class Training:
    """A training of a finder.

    Args:
        plan: What is trained on what.
        folder: Where it works.
        local: Threads, devices and progress of this machine.
    """

    plan: Plan
    folder: Path
    local: LocalSettings = dataclasses.field(default_factory=LocalSettings)

    def run(self) -> dict[str, Any]:
        """Does what is not done yet; gives the content of `finder.json`."""
        constructor = self._constructor()
        finder = Finder(self.plan.settings, constructor, self._filter(constructor))
        finder = dataclasses.replace(finder, network=self._network(finder))
        finder = dataclasses.replace(finder, masks=self._masks())
        finder = dataclasses.replace(finder, joining=self._joining(finder))
        finder = dataclasses.replace(finder, selection=self._selection(finder))
        total = steps(self.plan.settings, len(self.plan.validation))
        with stepping("choosing cuts", total, enabled=self.local.progress) as step:
            tuned = tune(
                self.plan.settings,
                map(targets.seen, targets.mixed(self.plan, validation=True)),
                finder.scored,
                step,
                seed=self.plan.seed,
                masks=finder.masks,
                joining=finder.joining,
                selection=finder.selection,
            )
        facts = {
            "seed": self.plan.seed,
            "training": [source.name for source in self.plan.training],
            "validation": [source.name for source in self.plan.validation],
            "start": None if self.plan.start is None else self.plan.start.name,
            "tuning": tuned.tried,
        }
        return describe(self.folder, tuned.settings, facts)

    def _constructor(self) -> Constructor:
        folder = self.folder / CONSTRUCTOR
        if not (folder / CONSTRUCTOR_FILE).is_file():
            _clear(folder)
            self._make_constructor(folder)
        # Whether trained or found, the same file is read.
        return load_constructor(folder)[1]

    def _make_constructor(self, folder: Path) -> None:
        settings, plan = self.plan.settings, self.plan
        if plan.constructor is not None:
            take_constructor(plan.constructor, settings, folder)
            return
        if plan.start is not None:
            take_part(plan.start, CONSTRUCTOR, folder)
            return
        kind, block = settings.constructor, settings.constructor_settings
        events = (one.load() for one in targets.whole(self.plan))
        work = folder.with_name(f"{folder.name}.unfinished")
        made = constructor_class(kind).train(
            block,
            events,
            seed=plan.seed,
            progress=self.local.progress,
            folder=work,
        )
        save_constructor(folder, kind, block, made)
        _clear(work)

    def _filter(self, constructor: Constructor) -> Scorer | None:
        settings, folder = self.plan.settings, self.folder / FILTER
        if not settings.filter.enabled:
            return None
        dense = settings.filter.kind == "dense"
        if not (folder / (networks.FILE if dense else edge_filter.FILE)).is_file():
            _clear(folder)
            if self.plan.start is not None:
                take_part(self.plan.start, FILTER, folder)
            elif dense:
                self._learn(settings.dense_filter, constructor.build, folder)
            else:
                self._fit_trees(constructor, folder)
        return load_filter(folder, settings, threads=self.local.cpu_threads)

    def _fit_trees(self, constructor: Constructor, folder: Path) -> None:
        from trackdnn.graphs.edge_filter.fitting import fit_filter

        events = targets.whole(self.plan)
        shown = self.local.progress
        with stepping("drawing edges", len(events), enabled=shown) as step:
            made = fit_filter(
                self.plan.settings.filter,
                events,
                constructor.build,
                seed=self.plan.seed,
                threads=self.local.cpu_threads,
                step=step,
            )
        folder.mkdir()
        made.save(folder)

    def _network(self, finder: Finder) -> Scorer | None:
        settings, folder = self.plan.settings, self.folder / NETWORK
        if not settings.network.enabled:
            return None
        if not (folder / networks.FILE).is_file():
            _clear(folder)
            if self.plan.network and self.plan.start is not None:
                take_part(self.plan.start, NETWORK, folder)
            else:
                masks = MaskTraining(settings.masks) if settings.masks.enabled else None
                self._learn(settings.network, finder.filtered, folder, masks)
        return load_network(folder, settings, threads=self.local.cpu_threads)

    def _masks(self) -> MaskNetwork | None:
        folder, settings = self.folder / NETWORK, self.plan.settings
        return load_masks(folder, settings, threads=self.local.cpu_threads)

    def _joining(self, finder: Finder) -> TrackJoining | None:
        settings, folder = self.plan.settings, self.folder / JOINING
        if settings.joining.enabled and not (folder / JOINING_FILE).is_file():
            from trackdnn.tracking.joining.fitting import fit_joining

            # Pieces are what it learns from: they must not be joined already.
            off = settings.joining.model_copy(update={"enabled": False})
            apart = settings.model_copy(update={"joining": off})
            find = dataclasses.replace(finder, settings=apart).built
            self._fit(fit_joining, settings.joining, find, folder, "joining tracks")
        return load_joining(folder, settings)

    def _selection(self, finder: Finder) -> TrackSelection | None:
        settings, folder = self.plan.settings, self.folder / SELECTION
        if settings.selection.enabled and not (folder / SELECTION_FILE).is_file():
            from trackdnn.tracking.selection.fitting import fit_selection

            self._fit(fit_selection, settings, finder.built, folder, "judging tracks")
        return load_selection(folder, settings)

    def _fit(
        self, fit: Any, settings: Node, find: Any, folder: Path, what: str
    ) -> None:
        """Fits trees to tracks that the cuts make before they are tuned."""
        _clear(folder)
        events = targets.mixed(self.plan)
        made = fit(
            settings,
            watched(
                map(targets.seen, events),
                enabled=self.local.progress,
                what=what,
                total=len(events),
            ),
            find,
            seed=self.plan.seed,
            threads=self.local.cpu_threads,
        )
        folder.mkdir()
        made.save(folder)

    def _learn(
        self,
        settings: EdgeNetworkSettings,
        build: Callable[[Event], Graph],
        folder: Path,
        masks: MaskTraining | None = None,
    ) -> None:
        # TensorFlow, seconds to import, is for those who train networks.
        from trackdnn.graphs.edge_network.training import NetworkTraining

        def training(share: float) -> list[EventSource]:
            return list(targets.mixed(self.plan, share))

        NetworkTraining(
            settings=settings,
            training=training,
            validation=targets.mixed(self.plan, validation=True),
            build=build,
            folder=folder,
            seed=self.plan.seed,
            local=self.local,
            masks=masks,
        ).run()


def train_finder(
    plan: Plan,
    output: Path,
    *,
    local: LocalSettings | None = None,
    say: Say = lambda lines: None,
) -> dict[str, Any]:
    """Trains a finder and writes its folder.

    Args:
        plan: What is trained on what.
        output: New.
        local: Threads, devices and progress of this machine.
        say: Takes remarks.

    Returns:
        The content of `finder.json`.

    Raises:
        OutputError: If the output exists, or cannot be written.
        InputError: If an event cannot be read, or has no truth.
    """
    if output.exists():
        raise OutputError(
            f"'{output}' must be new. Received: something that is there. Name another "
            "folder, or remove it."
        )
    folder = output.with_name(f"{output.name}.unfinished")
    with write_errors(output):
        if plans.begin(plan, folder):
            say([f"going on with '{folder}'"])
        content = Training(plan, folder, local or LocalSettings()).run()
        folder.replace(output)
        (output / plans.FILE).unlink()
        sync_folder(output.parent)
    return content


def _clear(folder: Path) -> None:
    """Takes half of a stage away."""
    if folder.exists():
        shutil.rmtree(folder)
