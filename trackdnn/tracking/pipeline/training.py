"""Trains a finder part by part, each once, also after an interruption.

It works in `<output>.unfinished`, which takes the name of the output when all is done.
"""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from trackdnn.data.prepared.atomic import sync_folder, write_errors
from trackdnn.errors import InputError, OutputError
from trackdnn.events.partial import views_of
from trackdnn.events.views import View, ViewedSource
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.edge_filter import filter as edge_filter
from trackdnn.graphs.edge_network import files as networks
from trackdnn.graphs.saving import FILE as CONSTRUCTOR_FILE
from trackdnn.graphs.saving import load_constructor, save_constructor
from trackdnn.settings import LocalSettings
from trackdnn.tracking.pipeline import plan as plans
from trackdnn.tracking.pipeline.finder import Finder
from trackdnn.tracking.pipeline.folder import (
    CONSTRUCTOR,
    FILTER,
    NETWORK,
    SELECTION,
    describe,
    load_filter,
    load_masks,
    load_network,
    load_selection,
)
from trackdnn.tracking.pipeline.taking import take_constructor, take_part
from trackdnn.tracking.pipeline.tuning import steps, tune
from trackdnn.tracking.pivots.training import MaskTraining
from trackdnn.tracking.selection.selection import FILE as SELECTION_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.graphs.constructor import Constructor
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import EdgeNetworkSettings
    from trackdnn.tracking.pipeline.finder import Scorer
    from trackdnn.tracking.pipeline.plan import Plan
    from trackdnn.tracking.pivots.mask_network import MaskNetwork
    from trackdnn.tracking.selection.selection import TrackSelection

    Say = Callable[[list[str]], None]


class Target(ViewedSource):
    """An event of a view, with truth of the particles that count in a training."""

    def load(self) -> Event:
        """The event.

        Raises:
            InputError: If it has no truth.
        """
        return self.view.targets(_with_truth(self.view.apply(self.source.load())))


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
        finder = dataclasses.replace(finder, selection=self._selection(finder))
        total = steps(self.plan.settings, len(self.plan.validation))
        with self._bar("choosing cuts", total) as step:
            tuned = tune(
                self.plan.settings,
                self._events(),
                finder.scored,
                step,
                seed=self.plan.seed,
                masks=finder.masks,
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

    def _targets(self) -> list[Target]:
        """Whole events as a training sees them."""
        view = View(self.plan.settings.view, "training")
        return [Target(source, view) for source in self.plan.training]

    def _mixed(self, share: float = 1.0, *, validation: bool = False) -> list[Target]:
        """Events, some seen in part, with this share of their particles."""
        sources = self.plan.validation if validation else self.plan.training
        views = views_of(
            self.plan.settings, len(sources), self.plan.seed, validation=validation
        )
        return [
            Target(source, view.thinned(share))
            for source, view in zip(sources, views, strict=True)
        ]

    def _events(self) -> Iterator[Event]:
        return map(_seen, self._mixed(validation=True))

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
        events = (target.load() for target in self._targets())
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

        targets = self._targets()
        with self._bar("drawing edges", len(targets)) as step:
            made = fit_filter(
                self.plan.settings.filter,
                targets,
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

    def _selection(self, finder: Finder) -> TrackSelection | None:
        """Fitted to tracks that the cuts make before they are tuned."""
        settings, folder = self.plan.settings, self.folder / SELECTION
        if settings.selection.enabled and not (folder / SELECTION_FILE).is_file():
            _clear(folder)
            self._fit_selection(finder, folder)
        return load_selection(folder, settings)

    def _fit_selection(self, finder: Finder, folder: Path) -> None:
        from trackdnn.tracking.selection.fitting import fit_selection

        targets = self._mixed()
        with self._bar("looking at tracks", len(targets)) as step:
            made = fit_selection(
                self.plan.settings,
                (_seen(target) for target in targets),
                finder.built,
                seed=self.plan.seed,
                threads=self.local.cpu_threads,
                step=step,
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
            return list(self._mixed(share))

        NetworkTraining(
            settings=settings,
            training=training,
            validation=self._mixed(validation=True),
            build=build,
            folder=folder,
            seed=self.plan.seed,
            local=self.local,
            masks=masks,
        ).run()

    def _bar(self, what: str, total: int) -> _Bar:
        return _Bar(what, total, self.local.progress)


class _Bar:
    """A progress bar; entered, it is a function to call after each event."""

    def __init__(self, what: str, total: int, wanted: bool) -> None:
        console = Console(stderr=True)
        hidden = not (wanted and console.is_terminal)
        self._bar = Progress(console=console, disable=hidden, transient=True)
        self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Callable[[], None]:
        self._bar.start()
        return lambda: self._bar.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


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


def _seen(target: Target) -> Event:
    """The event with truth of all particles, as a judgement wants it."""
    return _with_truth(target.view.apply(target.source.load()))


def _with_truth(event: Event) -> Event:
    if event.truth is None:
        raise InputError(
            f"Event {event.name} must have truth to learn from. Received: none. Name "
            "events with truth."
        )
    return event
