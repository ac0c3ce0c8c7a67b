"""`train-finder`: constructor, filter, network and cuts, from events with truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console
from trackdnn.commands import quiet as quiet_library
from trackdnn.commands.overrides import content_of
from trackdnn.commands.train import use_devices
from trackdnn.configuration import settle

if TYPE_CHECKING:
    from rich.table import Table

    from trackdnn.settings.finding import FindingSettings

_KINDS = {"trees": "boosted trees", "dense": "dense network"}


def _is_deep(settings: FindingSettings) -> bool:
    """Whether a part of the finder is trained with TensorFlow."""
    learned = settings.constructor == "metric_learning"
    return learned or settings.network.enabled or settings.filter.kind == "dense"


def run(
    places: Sequence[str],
    output: Path,
    *,
    config: Path | None,
    overrides: Sequence[str],
    constructor: Path | None,
    start: Path | None,
    keep_network: bool,
    validation: float,
    quiet: bool,
) -> None:
    """Train, say how good it is, and print where it lies."""
    content, name = content_of(config)
    settings = settle(content, overrides, name)
    if _is_deep(settings.finding):
        use_devices(settings)
        quiet_library.start_tensorflow(devices=False)
    from trackdnn.events.open import open_events
    from trackdnn.tracking.pipeline.plan import make_plan
    from trackdnn.tracking.pipeline.training import train_finder

    done = train_finder(
        make_plan(
            settings.finding,
            open_events(places),
            seed=settings.seed,
            validation=validation,
            constructor=constructor,
            start=start,
            network=keep_network,
        ),
        output,
        local=settings.local.model_copy(
            update={"progress": not quiet and settings.local.progress}
        ),
        say=console.say,
    )
    console.messages().print(_table(done))
    console.out().print(str(output), soft_wrap=True)


def _table(done: dict[str, Any]) -> Table:
    settings = done["settings"]
    builder = settings["builder"]
    rows = {
        "events": f"{len(done['training'])} to learn from, "
        f"{len(done['validation'])} to choose cuts by",
        "constructor": settings["constructor"],
        "filter": _KINDS[settings["filter"]["kind"]]
        if settings["filter"]["enabled"]
        else "none",
        "network": settings["network"]["architecture"]
        if settings["network"]["enabled"]
        else "none",
        builder: ", ".join(
            f"{key} {value}" for key, value in settings[builder].items()
        ),
    }
    for part, what in (("joining", "pairs"), ("selection", "tracks")):
        if settings[part]["enabled"]:
            rows[part] = f"{what} that score above {settings[part]['cut']:g}"
    if done["tuning"]:
        best = max(done["tuning"], key=lambda one: float(one["merit"]))
        rows["efficiency"] = f"{best['efficiency']:.4f} on the events of validation"
        rows["fake rate"] = f"{best['fake']:.4f}"
    return console.facts("finder", rows)
