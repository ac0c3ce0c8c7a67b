"""Where else the epochs of a training are told of, and what runs when it is complete.

`local.tracker`, `local.wandb` and `local.on_finish` (docs/monitoring.md).
"""

from __future__ import annotations

import shlex
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from trackdnn.settings.node import Node

TrackerName = Literal["none", "tensorboard", "wandb"]


def _words(value: Any) -> Any:
    """A text is split as a shell splits it; no shell will run."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ValueError(f"must be words, or a text of words: {error}") from error


def _with_a_program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0]:
        raise ValueError("must begin with the name of a program")
    if any("\0" in word for word in words):
        raise ValueError("must hold words without NUL characters")
    return words


Command = Annotated[
    tuple[str, ...], BeforeValidator(_words), AfterValidator(_with_a_program)
]
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
Tag = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
# What Weights & Biases take for the id of a run.
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class WandbSettings(Node):
    """How a run shows in Weights & Biases: arguments of `wandb.init`.

    Without a `name` it has that of the run folder, without an `id` one is made once.
    Without a `mode` it is what the environment variable WANDB_MODE says, or online.
    """

    project: Name = "trackdnn"
    entity: Name | None = None
    group: Name | None = None
    name: Name | None = None
    notes: str | None = None
    tags: tuple[Tag, ...] = ()
    mode: Literal["online", "offline", "disabled"] | None = None
    id: Id | None = None


def with_tracker(content: Any) -> Any:
    """The branch `local` with a tracker in place of the ways to ask for one before.

    `tensorboard: true` is `tracker: tensorboard`, and a section `wandb`, as Dingo has
    it, asks for `tracker: wandb` where nothing else is said.

    Args:
        content: The branch as it was written.

    Raises:
        ValueError: If it asks for two trackers.
    """
    if not isinstance(content, dict):
        return content
    named = dict(content)
    old = named.pop("tensorboard", False)
    if old not in (True, False):
        raise ValueError(
            f"tensorboard must be true or false. Received: {str(old)[:40]!r}. Better "
            "give tracker='tensorboard'"
        )
    if old and named.setdefault("tracker", "tensorboard") != "tensorboard":
        raise ValueError(
            "tensorboard=true means tracker='tensorboard'. Received: "
            f"tracker={str(named['tracker'])[:40]!r} beside it. Give tracker alone"
        )
    if named.get("wandb") is not None:
        named.setdefault("tracker", "wandb")
    return named
