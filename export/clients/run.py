"""Every client on a bundle: does its runtime give the scores of the probe?"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.clients.build import CLIENTS, Program, build
from export.clients.probe_file import probe_of, write_probe_file
from export.errors import ClientError, MissingToolError
from export.safety import check_bundle

if TYPE_CHECKING:
    from export.manifest import Bundle

OK, FAILED, SKIPPED = "ok", "failed", "skipped"
THREADS = (1, 4)
SECONDS = 600


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a client found.

    Args:
        client: Its name.
        threads: Number of threads that shared a session.
        status: `"ok"`, `"failed"` or `"skipped"`.
        reason: Why it failed or was skipped.
        report: What it printed, if it ran.
    """

    client: str
    threads: int
    status: str
    reason: str = ""
    report: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return dataclasses.asdict(self)


def check_clients(
    bundle: Bundle,
    cache: Path,
    *,
    threads: Sequence[int] = THREADS,
    clients: Iterable[str] = tuple(CLIENTS),
    fetch: bool = False,
) -> Iterator[Outcome]:
    """Build each client and compare its scores with the bundle's probe.

    Args:
        bundle: A verified bundle; its graphs are looked at before anything runs them.
        cache: Folder for what is compiled.
        threads: Numbers of threads to try.
        clients: Names of the clients.
        fetch: Get onnxruntime-node from npm if it is missing.

    Yields:
        One outcome per client and number of threads.

    Raises:
        UnsafeGraphError: If a graph holds what no network needs.
        ClientError: If the probe cannot be read.
    """
    check_bundle(bundle.folder)
    with tempfile.TemporaryDirectory(prefix="trackdnn-") as folder:
        probe = Path(folder) / "probe.bin"
        write_probe_file(probe, probe_of(bundle))
        for name in clients:
            yield from _check(bundle, name, cache, probe, threads, fetch)


def _check(
    bundle: Bundle,
    name: str,
    cache: Path,
    probe: Path,
    threads: Sequence[int],
    fetch: bool,
) -> Iterator[Outcome]:
    model: Path = getattr(bundle, CLIENTS[name].artifact)
    try:
        program = build(name, cache, fetch=fetch)
    except ClientError as error:
        status = SKIPPED if isinstance(error, MissingToolError) else FAILED
        for count in threads:
            yield Outcome(client=name, threads=count, status=status, reason=str(error))
        return
    for count in threads:
        try:
            report = run_client(program, model, probe, threads=count)
        except ClientError as error:
            reason = str(error)
            yield Outcome(client=name, threads=count, status=FAILED, reason=reason)
        else:
            yield Outcome(client=name, threads=count, status=OK, report=report)


def run_client(
    program: Program,
    model: Path,
    probe: Path,
    *,
    threads: int = 1,
    batch: int | None = None,
    repeat: int = 0,
) -> dict[str, Any]:
    """Run one client.

    Args:
        program: The client, from `export.clients.build`.
        model: The artifact that it serves.
        probe: A file by `export.clients.probe_file`.
        threads: Number of threads that share a session and score every row each.
        batch: Rows per call; batches of 16 and all rows at once if `None`.
        repeat: Passes over the rows to time.

    Returns:
        What it printed: `client`, `runtime`, `rows`, `threads`, `batch`,
        `max_difference` of the probability and `max_score_difference` of 2p - 1
        (`None` without reference), `microseconds_per_track` (median of the passes;
        `None` without), and resident MiB `memory_before` and `memory_loaded` the
        model, and `memory_after` the last row.

    Raises:
        ClientError: If it fails, or its scores differ by more than the tolerance.
    """
    options = ["--threads", str(threads), "--repeat", str(repeat)]
    if batch is not None:
        options += ["--batch", str(batch)]
    quiet = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    try:
        done = subprocess.run(
            [*program.command, str(model), str(probe), *options],
            env={**quiet, **os.environ, **program.environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClientError(f"A client must run. Received: {error}") from error
    if done.returncode:
        raise ClientError(_reason(done))
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise ClientError(
            f"A client must print JSON. Received: {done.stdout[:200]!r}"
        ) from error
    return report


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines() or ["no message"]
    said = [
        line.removeprefix("error: ") for line in lines if line.startswith("error: ")
    ]
    if said:
        return said[-1]
    name = Path(done.args[0]).name
    return f"{name} must end with 0. Received: {done.returncode}, {lines[-1][:200]}"
