"""`train`: read, train, judge, export, in one go."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console, quiet
from trackdnn.commands.overrides import branch, content_of, keep_some_for_test
from trackdnn.configuration import read_content, settle
from trackdnn.data.prepared.folder import is_begun
from trackdnn.errors import SettingsError

if TYPE_CHECKING:
    from trackdnn.data.dataset import Dataset
    from trackdnn.settings import Settings
    from trackdnn.training.run import Run

SETTINGS, LOCAL = "settings.yaml", "local.yaml"


def resolve(
    config: Path | None,
    overrides: Sequence[str],
    files: Sequence[str],
    seed: int | None,
    silent: bool,
    run_dir: Path | None = None,
) -> Settings:
    """The settings of a file, the overrides, and the options of the command line.

    Files named on the command line take the place of `data.samples` and, because they
    are another data set, of `data.test_samples`. So does a prepared dataset.
    """
    extra = [f"seed={seed}"] if seed is not None else []
    if silent:
        extra.append("local.progress=false")
    own = run_dir / SETTINGS if run_dir else None
    if config is None and not files and own is not None and own.is_file():
        # What a run was begun with goes before the settings of the current folder.
        config = own
    content, name = content_of(config)
    if files:
        data = _named(branch(content, "data", name), name, files)
        content = {**content, "data": data}
    if run_dir is not None and (run_dir / LOCAL).is_file():
        content = {**content, "local": _local(run_dir / LOCAL)}
    return settle(content, [*overrides, *extra], name)


def _local(path: Path) -> dict[str, Any]:
    """The branch `local` of a run, which may change between two starts."""
    content = read_content(path)
    return branch({"local": content.get("local", content)}, "local", str(path))


def _named(data: dict[str, Any], source: str, files: Sequence[str]) -> dict[str, Any]:
    """The branch `data` with what is named on the command line."""
    prepared = [name for name in files if is_begun(Path(name).expanduser())]
    if not prepared:
        # Without test files of its own, a run keeps a share of the events.
        named = {"prepared": None, "samples": list(files), "test_samples": []}
        return keep_some_for_test({**data, **named}, source)
    if len(files) > 1:
        raise SettingsError(
            "A prepared dataset must be named alone. Received: "
            f"{prepared[0]} and {len(files) - 1} more. Prepare all ROOT files "
            "together, with `prepare`."
        )
    # How it was split and selected is in the dataset; a config.py is for raw files.
    decided = ("split", "selection", "tree", "label")
    kept = {key: value for key, value in data.items() if key not in decided}
    return {**kept, "prepared": files[0], "samples": [], "test_samples": []}


def leave_settings(settings: Settings, run_dir: Path | None) -> None:
    """Write the settings into a run folder, to be trained later or elsewhere."""
    from trackdnn.training.run import to_yaml, write_text
    from trackdnn.training.workers import refuse_several

    refuse_several("train --settings-only")
    folder = _run_folder(run_dir, fresh=False)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / SETTINGS, to_yaml(settings))
    console.out().print(str(folder), soft_wrap=True)


def run(
    settings: Settings, run_dir: Path | None, *, only_train: bool, fresh: bool = False
) -> None:
    """Train into a run folder; then evaluate and export unless told not to.

    A training that was begun in the folder goes on. Of several workers only the chief
    writes into it, evaluates and exports.
    """
    from trackdnn.training.workers import read_workers

    workers = read_workers()
    helps = workers is not None and not workers.is_chief
    wanted = run_dir if workers is None else _shared(run_dir)
    folder = wanted if helps and wanted else _run_folder(wanted, fresh=fresh)
    check(settings)
    use_devices(settings)
    from trackdnn.data.dataset import load_dataset

    # The first worker to come prepares, and the others wait for it.
    progress = settings.local.progress and not helps
    dataset = load_dataset(settings, progress=progress, say=console.say)
    say = _nothing if helps else console.say
    say(dataset.report.lines())
    # Only now, so that a fault in the files is told before TensorFlow has started.
    quiet.start_tensorflow(devices=False)
    from trackdnn.training.session import train

    trained = train(settings, dataset, folder, progress=progress, say=say)

    def finish() -> None:
        _finish(trained, dataset, settings, only_train=only_train)

    if workers is None:
        finish()
        return
    from trackdnn.training.devices import make_team

    # The others wait, since the chief would take their end for a loss.
    make_team(settings.local).by_chief(finish)


def _finish(
    trained: Run, dataset: Dataset, settings: Settings, *, only_train: bool
) -> None:
    """Evaluate and export unless told not to."""
    console.say([_waited(trained.summary), f"run: {trained.folder}"])
    if only_train:
        console.out().print(str(trained.folder))
        return
    from trackdnn.commands import evaluate, export

    evaluate.judge(trained, dataset, settings, trained.folder / "evaluation")
    sample = export.some_of(dataset)
    bundle = export.leave(trained, sample, trained.folder / "bundle")
    console.out().print(export.summary(bundle))


def _nothing(lines: Iterable[str]) -> None:
    """Say nothing: the chief does."""


def _waited(summary: dict[str, Any]) -> str:
    seconds, stall = summary["seconds"], summary["stall_seconds"]
    share = stall / seconds if seconds else 0.0
    return (
        f"trained for {seconds:.1f} s; the steps waited {stall:.2f} s of them "
        f"({share:.2%}) for tracks"
    )


def check(settings: Settings) -> None:
    """Tell what is missing or wrong before the files are read."""
    if not settings.data.samples and settings.data.prepared is None:
        raise SettingsError(
            "data.samples must name at least one ROOT file. Name files, or a prepared "
            "dataset, after `train`, in config.py, or with --set data.samples=FILE."
        )
    from export.target_rules import require_options
    from network.presets import complete_options
    from trackdnn.training.trackers.make import check_tracker

    check_tracker(settings.local)
    require_options(settings.export)
    try:
        complete_options(settings.model.architecture, settings.model.options)
    except ValueError as error:
        raise SettingsError(f"model.options: {error}") from error


def use_devices(settings: Settings) -> None:
    """Choose GPUs and threads, before TensorFlow starts."""
    import gpusetter

    choice = gpusetter.choose(settings.local)
    gpusetter.hide_others(choice)
    console.say(choice.lines())


def _shared(wanted: Path | None) -> Path:
    """The run folder that several workers name alike."""
    if wanted is None:
        raise SettingsError(
            "Several workers must train in one run folder. Received: TF_CONFIG "
            "without --run-dir. Give all of them the same --run-dir."
        )
    return wanted


def _run_folder(wanted: Path | None, *, fresh: bool) -> Path:
    from trackdnn.training.begin import is_begun, is_untouched, set_aside

    now = datetime.datetime.now(datetime.UTC)
    folder = wanted or Path("runs") / now.strftime("%Y%m%d-%H%M%S")
    if folder.exists() and not folder.is_dir():
        raise SettingsError(
            f"The run folder must be a folder. Received: --run-dir {folder}, a file"
        )
    if is_untouched(folder) or is_begun(folder):
        if fresh and (earlier := set_aside(folder)):
            console.say([f"what was trained before lies in {earlier}"])
        return folder
    raise SettingsError(
        "The run folder must be new, empty, or hold a training to go on with, so that "
        f"nothing is overwritten. Received: --run-dir {folder}"
    )
