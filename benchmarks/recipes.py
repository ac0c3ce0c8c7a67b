"""How each classifier of the quality benchmark is trained."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from trackdnn.commands.quiet import start_tensorflow
from trackdnn.evaluation import baseline
from trackdnn.evaluation.baseline import BoostingSettings
from trackdnn.settings import ModelSettings, Settings, Stage

if TYPE_CHECKING:
    from trackdnn.data.dataset import Dataset
    from trackdnn.evaluation.importance import Predict

    Train = Callable[[Dataset, int], tuple[Predict, dict[str, Any]]]

OURS, TREES = "default", "boosting"
MODELS = ("cms2020", "cms_run3", TREES, OURS)

# hajohajo/TrainingFrameworkTrackDNN, config.py, and its dev-run3 branch (whose decay of
# 3e-6 per step takes 6 % off the rate in 20,000 steps and is left out).
AUTHORS: dict[str, dict[str, Any]] = {
    "cms2020": {"learning_rate": 3e-4, "batch_size": 2048},
    "cms_run3": {"learning_rate": 1e-4, "batch_size": 512},
}
GRID = {
    f"rate {rate:g}, leaves {leaves}": BoostingSettings(
        iterations=1000, learning_rate=rate, leaves=leaves
    )
    for rate, leaves in ((0.1, 31), (0.1, 63), (0.06, 63), (0.06, 127))
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One way to train one model.

    Args:
        model: One of `MODELS`.
        name: Name of the recipe among those of the model.
        content: Everything that decides the training but the seed, as plain values.
        train: Trains with a seed; gives the classifier and what to note about it.
    """

    model: str
    name: str
    content: dict[str, Any]
    train: Train


def recipes(model: str, settings: Settings) -> Iterator[Recipe]:
    """The recipes of a model; `settings` holds the one of `default`."""
    if model == TREES:
        for name, trees in GRID.items():
            yield Recipe(model, name, dataclasses.asdict(trees), _grow(trees))
        return
    stage = settings.training[0]
    network = (
        settings.model
        if model == OURS
        else ModelSettings.model_validate({"architecture": model})
    )
    stages = {"as default": stage}
    if model in AUTHORS:
        changes: dict[str, Any] = {**AUTHORS[model], "epochs": stage.epochs}
        stages["authors'"] = Stage(
            optimizer="adam",
            schedule="constant",
            warmup=0.0,
            early_stopping=stage.early_stopping,
            **changes,
        )
    for name, one in stages.items():
        content = {
            "model": network.model_dump(mode="json"),
            "stage": one.model_dump(mode="json"),
        }
        yield Recipe(model, name, content, _fit(network, one, settings))


def _fit(network: ModelSettings, stage: Stage, settings: Settings) -> Train:
    def train(dataset: Dataset, seed: int) -> tuple[Predict, dict[str, Any]]:
        start_tensorflow(devices=False)
        import keras

        from network.builder import ModelBuilder
        from trackdnn.training.fitting import fit_spec
        from trackdnn.training.prediction import predict
        from trackdnn.training.task import TrackTask
        from trackdnn.training.trainer import ModelTrainer

        keras.backend.clear_session()
        builder = ModelBuilder(network)
        spec = fit_spec(network, builder.preset, dataset.statistics)
        trainer = ModelTrainer(stage, settings.local, seed)
        result = trainer.train(
            lambda: builder.build(spec),
            TrackTask(dataset.train, dataset.validation),
        )
        remarks = {
            "epochs": result.epochs,
            "best_epoch": result.best_epoch,
            "size": int(result.model.count_params()),
            "unit": "parameters",
        }
        return (lambda tracks: predict(result.model, tracks)), remarks

    return train


def _grow(
    settings: BoostingSettings,
) -> Train:
    def train(dataset: Dataset, seed: int) -> tuple[Predict, dict[str, Any]]:
        # Threads that spin would wait for other jobs of a shared machine. Read when
        # scikit-learn is first imported.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        trees = baseline.fit_trees(
            dataset.train.tracks(),
            dataset.validation.tracks(),
            seed=seed,
            settings=settings,
        )
        return trees.predict, {"size": trees.count, "unit": "trees"}

    return train
