"""Trains a finder: constructor, filter, cuts; each once, also after an interruption.

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
from trackdnn.events.views import View, ViewedSource
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.edge_filter import filter as edge_filter
from trackdnn.graphs.edge_filter.filter import EdgeFilter
from trackdnn.graphs.saving import FILE as CONSTRUCTOR_FILE
from trackdnn.graphs.saving import load_constructor, save_constructor
from trackdnn.tracking.pipeline import plan as plans
from trackdnn.tracking.pipeline.finder import Finder
from trackdnn.tracking.pipeline.folder import CONSTRUCTOR, FILTER, describe
from trackdnn.tracking.pipeline.taking import take_constructor
from trackdnn.tracking.pipeline.tuning import tune

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.graphs.constructor import Constructor
    from trackdnn.tracking.pipeline.plan import Plan

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
        threads: Threads to use; 0 for one per core.
        progress: Whether to show bars, if stderr is a terminal.
    """

    plan: Plan
    folder: Path
    threads: int = 0
    progress: bool = False

    def run(self) -> dict[str, Any]:
        """Does what is not done yet; gives the content of `finder.json`."""
        constructor = self._constructor()
        chosen = self._filter(constructor)
        finder = Finder(self.plan.settings, constructor, chosen)
        with self._bar("choosing cuts", len(self.plan.validation)) as step:
            tuned = tune(self.plan.settings, self._events(), finder.scored, step)
        facts = {
            "seed": self.plan.seed,
            "training": [source.name for source in self.plan.training],
            "validation": [source.name for source in self.plan.validation],
            "tuning": tuned.tried,
        }
        return describe(self.folder, tuned.settings, facts)

    @property
    def _view(self) -> View:
        return View(self.plan.settings.view, "training")

    def _targets(self) -> list[Target]:
        return [Target(source, self._view) for source in self.plan.training]

    def _events(self) -> Iterator[Event]:
        for source in self.plan.validation:
            yield _with_truth(self._view.apply(source.load()))

    def _constructor(self) -> Constructor:
        folder = self.folder / CONSTRUCTOR
        if not (folder / CONSTRUCTOR_FILE).is_file():
            _clear(folder)
            self._make_constructor(folder)
        # Whether trained or found, the same file is read.
        return load_constructor(folder)[1]

    def _make_constructor(self, folder: Path) -> None:
        settings, given = self.plan.settings, self.plan.constructor
        if given is not None:
            take_constructor(given, settings, folder)
            return
        kind, block = settings.constructor, settings.constructor_settings
        events = (target.load() for target in self._targets())
        made = constructor_class(kind).train(
            block, events, seed=self.plan.seed, progress=self.progress
        )
        save_constructor(folder, kind, block, made)

    def _filter(self, constructor: Constructor) -> EdgeFilter | None:
        from trackdnn.graphs.edge_filter.fitting import fit_filter

        settings, folder = self.plan.settings.filter, self.folder / FILTER
        if not settings.enabled:
            return None
        if not (folder / edge_filter.FILE).is_file():
            _clear(folder)
            targets = self._targets()
            with self._bar("drawing edges", len(targets)) as step:
                made = fit_filter(
                    settings,
                    targets,
                    constructor.build,
                    seed=self.plan.seed,
                    threads=self.threads,
                    step=step,
                )
            folder.mkdir()
            made.save(folder)
        return EdgeFilter.load(folder, threads=self.threads)

    def _bar(self, what: str, total: int) -> _Bar:
        return _Bar(what, total, self.progress)


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
    threads: int = 0,
    progress: bool = False,
    say: Say = lambda lines: None,
) -> dict[str, Any]:
    """Trains a finder and writes its folder.

    Args:
        plan: What is trained on what.
        output: New.
        threads: Threads to use; 0 for one per core.
        progress: Whether to show bars, if stderr is a terminal.
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
        content = Training(plan, folder, threads, progress).run()
        folder.replace(output)
        (output / plans.FILE).unlink()
        sync_folder(output.parent)
    return content


def _clear(folder: Path) -> None:
    """Takes half of a stage away."""
    if folder.exists():
        shutil.rmtree(folder)


def _with_truth(event: Event) -> Event:
    if event.truth is None:
        raise InputError(
            f"Event {event.name} must have truth to learn from. Received: none. Name "
            "events with truth."
        )
    return event
