"""`quantize`: variants of a bundle's network, released where they change nothing."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import Progress
from rich.table import Table

from export.errors import ConversionError
from export.targets import OLDEST, find_target
from export.variants.kinds import KINDS
from trackdnn.commands import console
from trackdnn.errors import InputError, OutputError

if TYPE_CHECKING:
    from export.manifest import Bundle
    from export.targets import Target
    from trackdnn.commands.verdicts import Verdict
    from trackdnn.data.tracks import Tracks

ALL = "all"


def run(
    source: Path,
    kind: str,
    data: Sequence[str],
    to: Path,
    target: str | None,
    *,
    as_json: bool,
    keep_report: bool,
    quiet: bool,
) -> int:
    """Make variants, judge them, and leave those that pass.

    Args:
        source: A bundle, or a run with one.
        kind: One of `KINDS`, or `all`.
        data: ROOT files, or one prepared dataset.
        to: Folder of what is released.
        target: Where it is to run; that of the bundle by default.
        as_json: Print JSON instead of a table.
        keep_report: Leave the reports of refused variants as well.
        quiet: No progress bars.

    Returns:
        Exit code: 2 if a variant was refused, else 0.

    Raises:
        InputError: If an argument or the data cannot be used.
        OutputError: If the folder cannot be written.
    """
    from export.manifest import read_bundle
    from trackdnn.commands.judged_data import read_data
    from trackdnn.commands.verdicts import Judge

    kinds = _kinds(kind)
    bundle = read_bundle(_bundle(source))
    place = find_target(target or bundle.manifest.get("target", OLDEST))
    _check_folder(to, bundle, kinds)
    tracks = read_data(source, data, progress=not quiet)
    judge = Judge(bundle, tracks.judged)
    console.say(_few(bundle, len(tracks.judged)))
    with _workspace(to) as workspace, _progress(kinds, quiet) as step:
        verdicts = []
        for one in kinds:
            path = workspace / f"model.{one}.onnx"
            try:
                _write(one, bundle, tracks.calibration, path)
            except ConversionError as error:
                raise InputError(f"{one}: {error}") from error
            verdicts.append(judge.judge(one, path, place))
            _leave(verdicts[-1], path, to, bundle, place, keep_report=keep_report)
            step()
    _show(verdicts, as_json=as_json)
    return 2 if any(verdict.reasons for verdict in verdicts) else 0


def _kinds(kind: str) -> tuple[str, ...]:
    if kind not in (*KINDS, ALL):
        raise InputError(
            f"`--kind` must be one of {', '.join(KINDS)}, {ALL}. Received: {kind}"
        )
    return KINDS if kind == ALL else (kind,)


def _bundle(source: Path) -> Path:
    """The folder of the bundle: `source` itself, or the bundle of a run."""
    from export.manifest import MANIFEST

    inner = source / "bundle"
    return inner if (inner / MANIFEST).is_file() else source


def _few(bundle: Bundle, judged: int) -> list[str]:
    """A remark if the errors are larger than when the cuts were placed."""
    placed = bundle.manifest["evaluation"].get("tracks", 0)
    if judged >= placed:
        return []
    return [
        f"note: judged on {judged:,} tracks, and the cuts were placed on {placed:,}: "
        "the errors are larger, and more is released"
    ]


def _check_folder(to: Path, bundle: Bundle, kinds: Sequence[str]) -> None:
    if to.exists() and not to.is_dir():
        raise InputError(f"`--to` must be a folder. Received: the file {to}")
    if to.resolve().is_relative_to(bundle.folder.resolve()):
        raise InputError(
            "`--to` must lie outside the bundle, which `verify` would refuse with "
            f"other files in it. Received: {to}"
        )
    # A variant that is refused now must not leave an earlier one in its place.
    for name in (f"model.{kind}.onnx" for kind in kinds):
        if (to / name).exists():
            raise InputError(
                f"`--to` must hold no earlier variants. Received: {to} with '{name}'. "
                "Move it away or choose another folder"
            )


def _write(kind: str, bundle: Bundle, calibration: Tracks, path: Path) -> None:
    import onnx

    from export.onnx_graph import write_onnx
    from export.safety import read_onnx
    from export.variants.kinds import make
    from trackdnn.commands.verdicts import probe_of

    proto = onnx.ModelProto.FromString(read_onnx(bundle.onnx))
    rows, names = probe_of(bundle, calibration), bundle.names
    feed = {names.features: rows.features, names.category: rows.category}
    made = make(kind, proto, feed)
    made.metadata_props.add(key="trackdnn.variant", value=kind)
    write_onnx(made, path)


def _leave(
    verdict: Verdict,
    path: Path,
    to: Path,
    bundle: Bundle,
    target: Target,
    *,
    keep_report: bool,
) -> None:
    """Move a released variant into place, its report first."""
    from trackdnn.evaluation.files import write_atomically, write_json

    if verdict.reasons and not keep_report:
        return
    content = {
        "bundle": bundle.manifest["digest"],
        "target": target.name,
        **verdict.to_dict(),
    }
    write_json(to / f"model.{verdict.kind}.json", content)
    if not verdict.reasons:
        write_atomically(to / path.name, path.replace)


@contextlib.contextmanager
def _workspace(to: Path) -> Iterator[Path]:
    """A hidden folder in `to`; an empty `to` that was not there goes with it."""
    new = not to.exists()
    try:
        to.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".quantize-", dir=to) as name:
            yield Path(name)
    except OSError as error:
        raise OutputError(
            f"`--to` must be a folder that can be written. Received: {to} "
            f"({error.strerror})"
        ) from error
    finally:
        if new:
            with contextlib.suppress(OSError):
                to.rmdir()


@contextlib.contextmanager
def _progress(kinds: Sequence[str], quiet: bool) -> Iterator[Any]:
    messages = console.messages()
    shown = not quiet and messages.is_terminal
    with Progress(console=messages, transient=True, disable=not shown) as bar:
        task = bar.add_task("judging variants", total=len(kinds))
        yield lambda: bar.advance(task)


def _show(verdicts: Sequence[Verdict], *, as_json: bool) -> None:
    if as_json:
        content = json.dumps([one.to_dict() for one in verdicts], indent=2)
        console.out().print(content, soft_wrap=True)
    else:
        console.out().print(_table(verdicts))
    console.say(
        f"error: {verdict.kind} is refused: {reason}"
        for verdict in verdicts
        for reason in verdict.reasons
    )


def _table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(box=None)
    heads = ("variant", "kB", "nodes", "max |Δ|", "working point", "flips")
    rates = ("Δ efficiency", "error", "paired", "Δ fake rate", "error", "paired")
    for head in (*heads, *rates, "AUC", ""):
        table.add_column(head, justify="right")
    for verdict in verdicts:
        figures = verdict.figures
        first = [
            verdict.kind,
            f"{figures['bytes'] / 1e3:.0f}",
            str(figures["nodes"]),
            f"{figures['max_difference']:.1e}",
        ]
        last = [
            f"{figures['auc']['after']:.5f}",
            "refused" if verdict.reasons else "released",
        ]
        for point in verdict.points:
            rates_of = (point.efficiency, point.fake_rate)
            cells = [
                _number(value)
                for one in rates_of
                for value in (one.shift, one.error, one.paired)
            ]
            table.add_row(*first, point.name, f"{point.flips:,}", *cells, *last)
            first, last = [""] * 4, [""] * 2
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1e}"
