"""`evaluate-tracks`: judge the tracks of any program, side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from trackdnn.commands import console
from trackdnn.commands.overrides import content_of
from trackdnn.configuration import settle
from trackdnn.errors import BadFileError, SettingsError, nearest
from trackdnn.graphs.progress import watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.settings.finding import JudgementSettings
    from trackdnn.tracking.formats.open import TrackSource
    from trackdnn.tracking.judgement import Judgement
    from trackdnn.tracking.presets import Definition
    from trackdnn.tracking.profiles import Profiles

_NAMED = re.compile(r"^([\w][\w .+-]*)=(.+)$")


def run(
    events: Path,
    tracks: Sequence[str],
    *,
    presets: Sequence[str],
    overrides: Sequence[str],
    config: Path | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Print one table of all finders and all definitions, perhaps draw it.

    Args:
        events: Folder, file or store of events with truth.
        tracks: Files, folders or patterns of tracks, each perhaps as `NAME=PLACE`.
        presets: Whose definitions; those of the settings if there are none.
        overrides: Settings as `key=value`.
        config: File of settings.
        output: Folder for `tracks.json` and pictures.
        as_json: Print JSON instead of tables.
        quiet: No progress bar.
    """
    from trackdnn.events.open import open_events
    from trackdnn.tracking.pipeline.asking import check_folder

    settings = settle(*_content(config, overrides)).finding.judgement
    definitions = _definitions(settings, presets)
    if output is not None:
        check_folder(output)
    sources = open_events([events])
    finders = _finders(tracks, [source.name for source in sources])
    judged, profiles = _judge(sources, finders, definitions, progress=not quiet)
    content = _content_of(judged, profiles, definitions[0], settings.confidence)
    if as_json:
        text = json.dumps(content, indent=2, allow_nan=False)
        console.out().print(text, soft_wrap=True)
    else:
        _print(judged, settings.confidence)
    if output is not None:
        _write(output, content, profiles, definitions[0], settings.confidence)


def _content(
    config: Path | None, overrides: Sequence[str]
) -> tuple[dict[str, Any], list[str], str]:
    content, name = content_of(config)
    return content, list(overrides), name


def _definitions(
    settings: JudgementSettings, presets: Sequence[str]
) -> list[Definition]:
    from trackdnn.tracking.presets import PRESETS, definitions

    wanted = list(dict.fromkeys(presets)) or [settings.preset]
    wanted = list(PRESETS) if "all" in wanted else wanted
    for name in wanted:
        if name not in PRESETS:
            raise SettingsError(
                f"--preset must be one of {', '.join(PRESETS)} or all. Received: "
                f"{name}.{nearest(name, PRESETS)}"
            )
    return [
        one
        for name in wanted
        for one in definitions(settings.model_copy(update={"preset": name}))
    ]


def _finders(words: Sequence[str], events: Sequence[str]) -> dict[str, TrackSource]:
    """Tracks of each finder by its name."""
    from trackdnn.tracking.formats.open import open_tracks

    finders: dict[str, TrackSource] = {}
    for word in words:
        found = None if Path(word).exists() else _NAMED.match(word)
        name, place = found.groups() if found else (_name(word), word)
        if name in finders:
            raise SettingsError(
                f"Each finder must have a name of its own. Received: '{name}' twice. "
                f"Name them: FIRST={place} SECOND=..."
            )
        finders[name] = open_tracks(place, events)
    return finders


def _name(place: str) -> str:
    """What a place is called if nobody names it: its last part without ending."""
    return Path(place).resolve().name.removesuffix(".gz").removesuffix(".csv")


def _judge(
    sources: Sequence[EventSource],
    finders: dict[str, TrackSource],
    definitions: Sequence[Definition],
    *,
    progress: bool,
) -> tuple[dict[str, Judgement], dict[str, Profiles]]:
    from trackdnn.tracking.judgement import Judgement, judge
    from trackdnn.tracking.profiles import profile_event

    judged = dict.fromkeys(finders, Judgement())
    profiles: dict[str, Profiles] = {}
    for source in watched(
        sources, enabled=progress, what="judging", total=len(sources)
    ):
        event = _with_truth(source)
        for name, finder in finders.items():
            found = finder.tracks(event)
            judged[name] += judge(event, found, definitions)
            profile = profile_event(event, found, definitions[0])
            profiles[name] = profiles[name] + profile if name in profiles else profile
    return judged, profiles


def _with_truth(source: EventSource) -> Event:
    event = source.load()
    if event.truth is None:
        raise BadFileError(
            f"Event {event.name} must have truth. Received: hits alone. Put its "
            f"'{event.name}-truth.csv' beside them, or leave the event out."
        )
    return event


def _content_of(
    judged: dict[str, Judgement],
    profiles: dict[str, Profiles],
    first: Definition,
    confidence: float,
) -> dict[str, Any]:
    """All figures as plain numbers; profiles are those of the first definition."""
    return {
        name: {
            **one.to_dict(confidence),
            "profiles": {
                "definition": first.name,
                **profiles[name].to_dict(confidence),
            },
        }
        for name, one in judged.items()
    }


def _write(
    folder: Path,
    content: dict[str, Any],
    profiles: dict[str, Profiles],
    first: Definition,
    confidence: float,
) -> None:
    from trackdnn.data.prepared.atomic import write_errors
    from trackdnn.evaluation.files import write_json
    from trackdnn.tracking.plots.profiles import draw_profiles

    with write_errors(folder):
        write_json(folder / "tracks.json", content)
        draw_profiles(folder, profiles, first.name, confidence)


def _print(judged: dict[str, Judgement], confidence: float) -> None:
    from trackdnn.tracking import tables

    events = next(iter(judged.values())).events
    out = console.out()
    table = Table(
        title=f"{events} events, intervals of {100 * confidence:g} %",
        title_justify="left",
        box=None,
    )
    for heading in tables.HEADINGS:
        table.add_column(heading, overflow="fold")
    for row in tables.rows(judged, confidence):
        table.add_row(*row)
    out.print(table)
    for line in (*tables.footnotes(judged), *tables.score_lines(judged)):
        out.print(line, soft_wrap=True)
