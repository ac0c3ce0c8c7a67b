"""`acts`: a bundle's network inside a simulated reconstruction."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import acts_report, console
from trackdnn.errors import InputError, nearest

if TYPE_CHECKING:
    from trackdnn.inference.infer import Scorer
    from trackdnn.simulation.filtering import Network


@dataclass(frozen=True)
class BundleNetwork:
    """The ONNX network of a bundle with a cut; opened by each worker for itself.

    Args:
        folder: The bundle.
        working_point: One of its working points, or
        cut: a cut on 2p - 1 for all tracks.
    """

    folder: Path
    working_point: str | None
    cut: float | None

    def __call__(self) -> Network:
        """Read and check the bundle, and start ONNX Runtime with one thread."""
        import numpy as np

        from trackdnn.inference.scored import score_of
        from trackdnn.simulation.filtering import Verdict

        scorer = self.scorer()

        def judge(features: Any, category: Any) -> Verdict:
            probability = scorer.probability(features, category)
            score = score_of(probability)
            if self.working_point is None:
                return Verdict(probability, score > np.float32(self.cut))
            kept = scorer.cuts.passing(score, category)[self.working_point]
            return Verdict(probability, kept)

        return judge

    def scorer(self) -> Scorer:
        """The network, after its bundle was verified."""
        from export.manifest import read_bundle
        from trackdnn.inference.infer import Scorer

        return Scorer(read_bundle(self.folder))


def run(
    bundle: Path,
    *,
    events: int,
    mu: float,
    process: str,
    seed: int,
    workers: int,
    working_point: str | None,
    cut: float | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the job and print what each stage leaves."""
    from trackdnn.simulation.filtered_production import filter_tracks

    network = BundleNetwork(bundle, working_point, cut)
    scorer = network.scorer()
    _check_cut(scorer, network)
    _check_output(output)
    made = filter_tracks(
        network,
        events=events,
        mu=mu,
        process=process,
        seed=seed,
        workers=workers,
        progress=not quiet,
    )
    content = {
        "bundle": str(bundle),
        "process": process,
        "mu": mu,
        "seed": seed,
        **_chosen(scorer, network),
        **acts_report.figures(made),
    }
    if as_json:
        console.out().print(json.dumps(content, indent=2), soft_wrap=True)
    else:
        console.out().print(acts_report.table_of(content))
    console.say(acts_report.remarks_on(made, scorer.vocabulary.tolist()))
    # Last: what was found is on the screen, should the disk refuse.
    if output is not None:
        _write(output, content)


def _write(output: Path, content: dict[str, Any]) -> None:
    from trackdnn.evaluation.files import write_json

    try:
        write_json(output, content)
    except OSError as error:
        raise InputError(
            f"`--output` must be writable. Received: {output} ({error.strerror})"
        ) from error


def _check_cut(scorer: Scorer, network: BundleNetwork) -> None:
    """Raise unless there is one cut, and the bundle knows it."""
    names = scorer.cuts.names
    listed = f"The bundle has {', '.join(names) or 'no working points: use --cut'}"
    point, cut = network.working_point, network.cut
    if (point is None) == (cut is None):
        given = "neither" if cut is None else "both"
        raise InputError(
            "One of `--working-point` and `--cut` must be given. "
            f"Received: {given}. {listed}"
        )
    if cut is not None and not math.isfinite(cut):
        raise InputError(f"`--cut` must be a finite number. Received: {cut}")
    if point is not None and point not in names:
        raise InputError(
            "`--working-point` must be one of the bundle's. "
            f"Received: {point!r}. {listed}.{nearest(point, names)}"
        )


def _check_output(output: Path | None) -> None:
    """Raise before the work is done rather than after."""
    if output is None:
        return
    if output.suffix != ".json":
        raise InputError(f"`--output` must end in .json. Received: {output}")
    if output.is_dir():
        raise InputError(f"`--output` must be a file. Received: the folder {output}")


def _chosen(scorer: Scorer, network: BundleNetwork) -> dict[str, Any]:
    """The cuts that were applied."""
    name = network.working_point
    if name is None:
        return {"working_point": None, "cut": network.cut, "iteration_cuts": {}}
    cuts = scorer.cuts
    own = {str(k): v[name] for k, v in cuts.iterations.items() if name in v}
    return {
        "working_point": name,
        "cut": cuts.overall[name],
        "iteration_cuts": own,
    }
