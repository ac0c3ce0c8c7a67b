"""Optimizers as PyTorch, and so Dingo, XEC and HyperTrack, write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trackdnn.settings.optimizer import OPTIMIZERS, default_rate

if TYPE_CHECKING:
    from trackdnn.configuration.forms.place import Place

# Names of PyTorch's packages that are not ours in small letters.
_SYNONYMS = {
    "adamwschedulefree": "schedule_free_adamw",
    "dadaptadam": "dadapt_adam",
}
# PyTorch's names of options, and ours.
_OPTIONS = {
    "eps": "epsilon",
    "alpha": "rho",
    "momentum": "momentum",
    "nesterov": "nesterov",
    "amsgrad": "amsgrad",
    "centered": "centered",
    "initial_accumulator_value": "initial_accumulator_value",
}
# With these, a mapping is in PyTorch's form and not in ours.
_THEIRS = ("lr", "betas", *_OPTIONS)
# Those in which PyTorch's decay is apart from the gradient, as it is here.
_DECOUPLED = ("adamw", "adam")


def translate_optimizer(stage: Place) -> None:
    """Exchanges the optimizer of a stage for ours, and its rate for that of the stage.

    `{type: adam, lr: 1e-4, betas: [0.9, 0.98]}` has the rate of the stage inside of it;
    XEC has `lr` beside it. Names may have capital letters.

    Raises:
        SettingsError: If it says what is not the same here.
    """
    stage.move("lr", "learning_rate")
    given = stage.content.get("optimizer")
    if isinstance(given, str):
        stage.content["optimizer"] = _known(given)
    if not isinstance(given, Mapping):
        return
    optimizer = stage.branch("optimizer")
    if "name" not in optimizer:
        optimizer.move("type", "name")
    name = optimizer.content.get("name")
    if isinstance(name, str):
        optimizer.content["name"] = _known(name)
    if any(key in optimizer for key in _THEIRS):
        _translate_options(stage, optimizer)
    stage.content["optimizer"] = optimizer.content


def optimizer_of(stage: Place) -> dict[str, Any]:
    """The optimizer of a stage as a mapping, to be added to."""
    given = stage.content.get("optimizer", "adamw")
    return dict(given) if isinstance(given, Mapping) else {"name": given}


def rate_of(stage: Place) -> Any:
    """The learning rate of a stage in our names, or its optimizer's own."""
    given = stage.content.get("learning_rate")
    if given is None:
        return default_rate(str(optimizer_of(stage).get("name", "adamw")))
    return given


def _known(name: str) -> str:
    lower = name.lower()
    lower = _SYNONYMS.get(lower, lower)
    return lower if lower in OPTIMIZERS else name


def _translate_options(stage: Place, optimizer: Place) -> None:
    name = optimizer.content.get("name")
    if name not in _DECOUPLED and optimizer.content.get("weight_decay"):
        raise optimizer.error(
            "weight_decay",
            "must be left out: PyTorch adds it to the gradient, where ours acts apart "
            "from it. Write it as training.weight_decay if that is meant",
            optimizer.content["weight_decay"],
        )
    if "lr" in optimizer:
        stage.put("optimizer.lr", "learning_rate", optimizer.take("lr"))
    options: dict[str, Any] = {}
    if "betas" in optimizer:
        options |= _betas(optimizer)
    for old, new in _OPTIONS.items():
        if old in optimizer:
            options[new] = optimizer.take(old)
    given = optimizer.content.get("options")
    if options:
        optimizer.content["options"] = _joined(optimizer, options, given)


def _betas(optimizer: Place) -> dict[str, Any]:
    betas = optimizer.take("betas")
    if not isinstance(betas, list) or len(betas) != 2:
        raise optimizer.error("betas", "must be a list of two numbers", betas)
    return dict(zip(("beta_1", "beta_2"), betas, strict=True))


def _joined(optimizer: Place, theirs: dict[str, Any], ours: Any) -> dict[str, Any]:
    ours = {} if ours is None else ours
    if not isinstance(ours, Mapping):
        raise optimizer.error("options", "must be a mapping of settings", ours)
    twice = sorted(set(theirs) & set(ours))
    if twice:
        raise optimizer.error(
            f"options.{twice[0]}", "must be given once", ours[twice[0]]
        )
    return {**theirs, **ours}
