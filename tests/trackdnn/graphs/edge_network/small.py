"""A small network of edges on toy events."""

from __future__ import annotations

from tests.trackdnn.graphs.edge_filter.windows import Kept, Windows
from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.edge_network.training import NetworkTraining
from trackdnn.settings import LocalSettings
from trackdnn.settings.finding import EdgeNetworkSettings

STAGE = {"epochs": 2, "batch_size": 2, "learning_rate": 0.02, "early_stopping": None}
OPTIONS = {"width": 8, "steps": 1, "decoder": [8, 8]}


def settings(**changes):
    content = {"options": OPTIONS, "stages": [STAGE], "node_features": ["position"]}
    return EdgeNetworkSettings.model_validate({**content, "enabled": True, **changes})


def sources(number, first=0):
    return [
        Kept(toy_event(12, noise=4, seed=seed, name=f"event{seed:09d}"))
        for seed in range(first, first + number)
    ]


def training(folder, chosen=None, *, number=4, local=None, **more):
    return NetworkTraining(
        settings=chosen or settings(),
        training=lambda share: sources(number),
        validation=sources(1, 100),
        build=Windows().build,
        folder=folder,
        seed=1,
        local=local or LocalSettings(),
        **more,
    )
