"""Settings with the names of other frameworks become settings with ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackdnn.configuration.forms import dingo, hypertrack, xec
from trackdnn.configuration.forms.optimizers import translate_optimizer
from trackdnn.configuration.forms.place import Place


def translated(content: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Settings in which names of other frameworks are exchanged for ours.

    Settings with our names stay as they are; so does what is no mapping where one is
    expected, which the validation will tell.

    Args:
        content: Plain settings.
        source: What messages call them.

    Raises:
        SettingsError: If a name means something else here, or if two names of one
            setting are given.
    """
    whole = Place(content, "", source)
    whole.refuse(xec.TOP)
    whole.move("random_seed", "seed")
    tree = whole.content
    for name, advice in {
        "data": dingo.DATA,
        "model": dingo.MODEL | hypertrack.MODEL,
    }.items():
        if isinstance(tree.get(name), Mapping):
            Place(tree[name], name, source).refuse(advice)
    if "training" in tree:
        tree["training"] = _stages(tree["training"], source)
    if isinstance(tree.get("local"), Mapping):
        tree["local"] = _local(tree["local"], source)
    return tree


def _stages(training: Any, source: str) -> Any:
    if isinstance(training, Mapping):
        named = dingo.as_stages(training, source)
    elif isinstance(training, list | tuple):
        named = [(f"training.{number}", one) for number, one in enumerate(training)]
    else:
        return training
    return [
        _stage(Place(one, name, source)) if isinstance(one, Mapping) else one
        for name, one in named
    ]


def _stage(stage: Place) -> dict[str, Any]:
    # The optimizer first: schedules are in shares of its rate.
    translate_optimizer(stage)
    dingo.translate_stage(stage)
    hypertrack.translate_stage(stage)
    xec.translate_stage(stage)
    xec.translate_accumulation(stage)
    return stage.content


def _local(content: Mapping[str, Any], source: str) -> dict[str, Any]:
    local = Place(content, "local", source)
    dingo.translate_local(local)
    hypertrack.translate_local(local)
    return local.content
