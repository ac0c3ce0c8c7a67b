"""`clients`: a bundle served from C, C++ and JavaScript, compared with its probe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.progress import Progress
from rich.table import Table

from export.clients.build import CLIENTS, default_cache, write_sources
from export.clients.run import FAILED, OK, Outcome, check_clients
from export.manifest import read_bundle
from trackdnn.commands import console
from trackdnn.errors import InputError, OutputError

MOST_THREADS = 256


def run(
    folder: Path | None,
    threads: str,
    sources: Path | None,
    *,
    fetch: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Build and run every client; a table on stdout, what failed on stderr as well.

    Args:
        folder: The bundle.
        threads: Numbers of threads, such as `"1,4"`.
        sources: Folder to write the sources to.
        fetch: Get onnxruntime-node from npm if it is missing.
        as_json: Print JSON instead of a table.
        quiet: Show no progress.

    Returns:
        Exit code: 2 if a client failed or none could run, else 0.

    Raises:
        InputError: If there is neither a bundle nor `sources`, or no such number.
        OutputError: If the sources cannot be written.
    """
    if sources is None and folder is None:
        raise InputError("`clients` must be given a bundle or --sources, and has none")
    counts = _counts(threads)
    if sources is not None:
        _write(sources)
    if folder is None:
        return 0
    bundle = read_bundle(folder)
    found = []
    with _progress(shown=not quiet) as progress:
        task = progress.add_task("clients", total=len(CLIENTS) * len(counts))
        for one in check_clients(bundle, default_cache(), threads=counts, fetch=fetch):
            found.append(one)
            progress.advance(task)
    tolerance = bundle.manifest["parity"]["tolerance"]
    if as_json:
        content = {"tolerance": tolerance, "clients": [one.to_dict() for one in found]}
        console.out().print(json.dumps(content, indent=2), soft_wrap=True)
    else:
        console.out().print(_table(found, tolerance))
    return _verdict(found)


def _progress(*, shown: bool) -> Progress:
    messages = console.messages()
    hidden = not (shown and messages.is_terminal)
    return Progress(console=messages, transient=True, disable=hidden)


def _verdict(found: Sequence[Outcome]) -> int:
    failed = [f"{one.client}: {one.reason}" for one in found if one.status == FAILED]
    console.say(f"error: {line}" for line in dict.fromkeys(failed))
    if failed:
        return 2
    if not any(one.status == OK for one in found):
        console.say(["error: at least one client must run, and all were skipped"])
        return 2
    return 0


def _counts(text: str) -> list[int]:
    words = text.split(",")
    if not all(
        w.isascii() and w.isdigit() and 1 <= int(w[:9]) <= MOST_THREADS for w in words
    ):
        raise InputError(
            f"`--threads` must be numbers from 1 to {MOST_THREADS}, such as 1,4. "
            f"Received: {text}"
        )
    return sorted({int(word) for word in words})


def _write(folder: Path) -> None:
    try:
        written = write_sources(folder)
    except OSError as error:
        raise OutputError(f"{folder} must be writable. Received: {error}") from error
    console.say([f"{len(written)} sources in {folder}"])


def _table(found: Sequence[Outcome], tolerance: float) -> Table:
    table = Table(box=None, caption=f"tolerance {tolerance:g}", caption_justify="left")
    for head in (
        "client",
        "artifact",
        "threads",
        "runtime",
        "rows",
        "max |difference|",
    ):
        table.add_column(head, overflow="fold")
    table.add_column("of 2p - 1")
    skipped = {one.client: one.reason for one in found if one.report is None}
    for one in found:
        artifact = CLIENTS[one.client].artifact
        report = one.report
        if report is None:
            reason = skipped.pop(one.client, None)
            if reason is not None:
                table.add_row(one.client, artifact, "", f"{one.status}: {reason}")
            continue
        table.add_row(
            one.client,
            artifact,
            str(one.threads),
            report["runtime"],
            f"{report['rows']:,}",
            f"{report['max_difference']:.2g}",
            f"{report['max_score_difference']:.2g}",
        )
    return table
