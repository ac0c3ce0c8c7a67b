"""Reads trackingNtuple files into float32 columns, and reports on everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackdnn.data.blocks import join
from trackdnn.data.branches import MVA_BRANCH, Plan, plan_branches
from trackdnn.data.columns import Chunk
from trackdnn.data.files import damage_named, open_tree
from trackdnn.data.progress import Advance, reading_progress
from trackdnn.data.report import ReadReport, Tally
from trackdnn.data.selection import cut_names, select
from trackdnn.data.sources import expand
from trackdnn.errors import BadFileError, NoTracksError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import DataSettings, Sample

CHUNK = "64 MB"


def read_tracks(
    samples: Sequence[Sample],
    settings: DataSettings,
    *,
    need_label: bool = True,
    progress: bool = True,
) -> tuple[Tracks, ReadReport]:
    """Reads, labels and selects the tracks of all files.

    Files are read in chunks of events, needed branches only, so that the memory in use
    is that of the result plus one chunk.

    Args:
        samples: Named sets of files, globs and folders.
        settings: Tree, label and selection; `selection.max_events` is the most events
            to read of each sample. Its `samples` are not looked at.
        need_label: Whether a file without truth is an error.
        progress: Whether to show a progress bar on a terminal.

    Returns:
        The tracks, and the report on them. The label is `None` if a file holds none
        and none is needed. Values that are not finite are kept and counted.

    Raises:
        BadFileError: If a file is missing, no ROOT file, truncated or damaged, or its
            branches do not fit together.
        MissingBranchError: If a tree or a branch is not there.
        InputError: If no file is named, or two samples share a file.
        NoTracksError: If no track is left.
    """
    sources = expand(samples)
    names = tuple(dict.fromkeys(name for name, _ in sources))
    reader = _Reader(settings, names, need_label=need_label)
    paths = [path for _, path in sources]
    with reading_progress(paths, enabled=progress) as advance:
        for sample, path in sources:
            reader.read(sample, path, advance)
    return reader.result()


class _Reader:
    """Collects the tracks of one file after the other."""

    def __init__(
        self, settings: DataSettings, names: tuple[str, ...], *, need_label: bool
    ) -> None:
        self._settings = settings
        self._names = names
        self._need_label = need_label
        self._tally = Tally()
        self._tally.removed.update(dict.fromkeys(cut_names(settings.selection), 0))
        self._blocks: list[Tracks] = []
        self._kept = 0
        self._events: dict[str, int] = dict.fromkeys(names, 0)
        self._without: dict[str, list[Path]] = {}

    def read(self, sample: str, path: Path, advance: Advance) -> None:
        """Reads one file, up to the number of events that its sample may have."""
        most = self._settings.selection.max_events
        left = None if most is None else most - self._events[sample]
        if left == 0:
            self._miss("unread", path)
            return
        where = f"'{path}:{self._settings.tree}'"
        with open_tree(path, self._settings.tree) as tree:
            with damage_named(path, "its list of branches"):
                plan = plan_branches(
                    tree,
                    where,
                    label=self._settings.label,
                    need_label=self._need_label,
                )
            self._note(plan, path, events=tree.num_entries)
            total = max(tree.num_entries, 1)
            for arrays, start in chunks(tree, plan, path, left):
                with damage_named(path, f"the events from number {start} on"):
                    self._add(Chunk(arrays, plan, path, start), sample)
                advance(path, len(arrays) / total, self._kept)

    def result(self) -> tuple[Tracks, ReadReport]:
        """All tracks and the report, or an error if there are none."""
        self._write_notes()
        tracks = join(self._blocks, self._names)
        report = self._tally.report(tracks)
        if not len(tracks):
            cuts = [f"{count} with {cut}" for cut, count in report.removed.items()]
            raise NoTracksError(
                "At least one track must be left after the selection. Received: "
                f"{report.files} files with {report.events} events and "
                f"{report.tracks_read} tracks, of which the selection removes "
                f"{', '.join(cuts)}. Check the files and `data.selection`."
            )
        return tracks, report

    def _add(self, chunk: Chunk, sample: str) -> None:
        tracks = chunk.tracks(sample, self._names.index(sample))
        keep, removed = select(
            tracks.features, tracks.category, self._settings.selection
        )
        if not keep.all():
            tracks = tracks.take(keep)
        self._tally.add_events(chunk.counts, chunk.event_keys(sample))
        self._tally.removed.update(removed)
        self._events[sample] += len(chunk.counts)
        self._kept += len(tracks)
        self._blocks.append(tracks)

    def _note(self, plan: Plan, path: Path, *, events: int) -> None:
        """Counts a file, and what it lacks."""
        self._tally.counts["files"] += 1
        if plan.label:
            self._tally.labels[plan.label] = None
        lacks = {
            "events": events == 0,
            "label": plan.label is None,
            MVA_BRANCH: not plan.mva,
            "n_vertices": not plan.vertices,
            "event_id": not plan.event_id,
        }
        for what in (what for what, lacking in lacks.items() if lacking):
            self._miss(what, path)

    def _miss(self, what: str, path: Path) -> None:
        self._without.setdefault(what, []).append(path)

    def _write_notes(self) -> None:
        texts = {
            "unread": "not read, because `data.selection.max_events` was reached",
            "events": "without any event",
            "event_id": "without run, lumi or event; events are told apart by file "
            "name and position",
        }
        files = self._tally.counts["files"]
        for what, paths in self._without.items():
            named = f"{len(paths)} files (first '{paths[0]}')"
            if what in texts:
                self._tally.notes.append(f"{named} {texts[what]}")
            elif len(paths) < files:
                self._tally.notes.append(
                    f"{named} of {files} have no {what}, so it is left out for all"
                )


def chunks(
    tree: Any, plan: Plan, path: Path, most: int | None
) -> Iterator[tuple[Any, int]]:
    """The events of a tree in pieces, each with the number of its first event."""
    start = 0
    pieces = tree.iterate(
        filter_name=plan.names, step_size=CHUNK, entry_stop=most, library="ak"
    )
    while True:
        try:
            arrays = next(pieces)
        except StopIteration:
            return
        except Exception as error:
            raise _damage(tree, plan, path, start) from error
        yield arrays, start
        start += len(arrays)


def _damage(tree: Any, plan: Plan, path: Path, start: int) -> BadFileError:
    """Finds the branch that cannot be read from event `start` on, to name it."""
    for name in plan.names:
        try:
            with damage_named(path, f"branch '{name}' (after event {start})"):
                tree[name].array(entry_start=start, library="ak")
        except BadFileError as error:
            return error
    return BadFileError(
        f"File '{path}' must be an intact ROOT file, but the events after number "
        f"{start} cannot be read. Copy or make the file again, or leave it out."
    )
