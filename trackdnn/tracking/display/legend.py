"""What can be switched on and off in a picture: names, colours and members."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

import numpy as np

from trackdnn.evaluation.plots import style
from trackdnn.tracking.display import verdicts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.tracking.display.scene import Scene
    from trackdnn.tracking.found import FoundTracks

    Rows = NDArray[np.int64]

Source = Literal["hits", "particles", "tracks"]
NOISE_COLOUR = "#5f5f66"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the legend.

    Args:
        key: Short name, unique in the legend.
        title: What people read.
        colour: As `#rrggbb`.
        source: Points (`hits`), or lines of `particles` or `tracks`.
        rows: Which hits, particles or tracks, int64, ascending.
        shown: Whether it is switched on at first.
        shortcut: The key that switches it.
    """

    key: str
    title: str
    colour: str
    source: Source
    rows: Rows
    shown: bool
    shortcut: str


def legend(scene: Scene) -> list[Entry]:
    """What a scene has, from the bottom of the picture to its top."""
    return [*_points(scene), *_truth(scene), *_tracks(scene), *_missed(scene)]


def lines_of(scene: Scene, source: Source) -> tuple[FoundTracks, NDArray[np.float32]]:
    """Lists of hits and pT in GeV of all particles or tracks of a scene.

    Raises:
        ValueError: If the scene has none of that source.
    """
    if source == "particles" and scene.truth is not None:
        return scene.truth.lines, scene.truth.particles.pt
    if source == "tracks" and scene.tracks is not None:
        return scene.tracks.lines, scene.tracks.pt
    raise ValueError(f"`source` must be in the scene. Received: {source}")


def passing(pt: NDArray[np.float32], min_pt: float) -> NDArray[np.bool_]:
    """Which lines a threshold leaves; at 0 also those whose pT is not known."""
    # What float32 has no room for is infinite: nothing passes.
    with np.errstate(over="ignore"):
        return (pt >= pt.dtype.type(min_pt)) | (min_pt <= 0)


def _points(scene: Scene) -> list[Entry]:
    noise = scene.noise
    title = "hits" if scene.truth is None else "hits of particles"
    found = [_entry("hits", title, style.NEUTRAL_COLOUR, "hits", ~noise, "h")]
    if scene.truth is not None:
        found.append(_entry("noise", "noise hits", NOISE_COLOUR, "hits", noise, "n"))
    return found


def _truth(scene: Scene) -> list[Entry]:
    if scene.truth is None:
        return []
    entry = _entry(
        "particles",
        "true particles",
        style.COLOURS[5],
        "particles",
        scene.truth.drawn,
        "t",
    )
    # Beneath the tracks that agree with them they would only blur these.
    return [dataclasses.replace(entry, shown=scene.tracks is None)]


def _tracks(scene: Scene) -> list[Entry]:
    if scene.tracks is None:
        return []
    kind = scene.tracks.verdicts.kind
    if scene.truth is None:
        every = kind == verdicts.UNJUDGED
        return [_entry("tracks", "tracks", style.TRUE_COLOUR, "tracks", every, "m")]
    matched, again, fake = (
        kind == one for one in (verdicts.MATCHED, verdicts.DUPLICATE, verdicts.FAKE)
    )
    return [
        _entry("matched", "matched tracks", style.TRUE_COLOUR, "tracks", matched, "m"),
        _entry("duplicates", "duplicates", style.COLOURS[3], "tracks", again, "d"),
        _entry("fakes", "fake tracks", style.FAKE_COLOUR, "tracks", fake, "f"),
    ]


def _missed(scene: Scene) -> list[Entry]:
    if scene.truth is None or scene.tracks is None:
        return []
    missed = scene.truth.drawn & ~scene.truth.found
    title = "missed particles"
    return [_entry("missed", title, style.COLOURS[1], "particles", missed, "x")]


def _entry(
    key: str,
    title: str,
    colour: str,
    source: Source,
    mask: NDArray[np.bool_],
    shortcut: str,
) -> Entry:
    return Entry(
        key=key,
        title=title,
        colour=colour,
        source=source,
        rows=np.flatnonzero(mask),
        shown=True,
        shortcut=shortcut,
    )
