"""What a job may take of a cluster: `local.cluster`."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from trackdnn.settings.node import MOST, Count, Natural, Node, Positive

_UNITS = {"K": 2.0**-10, "M": 1.0, "G": 2.0**10, "T": 2.0**20}
_SIZE = re.compile(r"(\d{1,20}(?:\.\d+)?)\s*([KMGT])(?:i?B)?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):(\d\d)(?::(\d\d))?")
_SPAN = re.compile(
    r"(?=.)(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?", re.IGNORECASE
)
# The names of Dingo's section `condor`.
OLD_NAMES = {
    "num_cpus": "cpus",
    "memory_cpus": "memory",
    "num_gpus": "gpus",
    "memory_gpus": "gpu_memory",
    "request_disk": "disk",
}


def _megabytes(value: Any) -> Any:
    """Whole MiB of `"16GB"`; numbers are MiB already."""
    if not isinstance(value, str) or value.strip().isdigit():
        return value
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise ValueError("must be a number of MB, or a text such as '16GB'")
    return math.ceil(float(match[1]) * _UNITS[match[2].upper()])


def _seconds(value: Any) -> Any:
    """Seconds of `"12h30m"`, `"8:00:00"` or `"2-00:00"`; numbers are seconds."""
    if not isinstance(value, str) or value.strip().isdigit():
        return value
    text = value.strip()
    match = _CLOCK.fullmatch(text) or _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(
            "must be a number of seconds, or a text such as '12h', '8:00:00' "
            "(h:m:s) or '2-00:00:00' (days-h:m:s)"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _lines(value: Any) -> Any:
    """A text of several lines is a list of lines."""
    return tuple(value.splitlines()) if isinstance(value, str) else value


Megabytes = Annotated[int, BeforeValidator(_megabytes), Field(ge=1, le=MOST)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=1, le=MOST)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._,@/:+-]*$")]
Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]


class ClusterSettings(Node):
    """What `submit` asks a cluster for (docs/cluster.md).

    Sizes are in MB of 2^20 bytes or texts such as `"16GB"`; times are in seconds or
    texts such as `"12h"`. `num_cpus`, `memory_cpus`, `num_gpus`, `memory_gpus` and
    `request_disk` are taken for `cpus`, `memory`, `gpus`, `gpu_memory` and `disk`.
    """

    cpus: Count = 1
    memory: Megabytes = 4096
    gpus: Natural = 0
    gpu_memory: Megabytes | None = None
    disk: Megabytes | None = None
    time: Seconds | None = None
    grace: Seconds = 120
    queue: Word | None = None
    account: Word | None = None
    bid: Positive | None = None
    setup: Lines = ()
    extra: Lines = ()
    inputs: Lines = ()
    python: str | None = None
    idle_restarts: Count = 2
    max_starts: Count = 100

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, content: Any) -> Any:
        if not isinstance(content, dict):
            return content
        renamed = dict(content)
        for old, new in OLD_NAMES.items():
            if old not in renamed:
                continue
            if new in renamed:
                raise ValueError(f"{old} and {new} mean the same: give one of them")
            renamed[new] = _in_old_units(old, renamed.pop(old))
        return renamed

    @field_validator("setup", "extra", "inputs", "python")
    @classmethod
    def _hold_one_line_each(cls, value: Any) -> Any:
        for line in (value,) if isinstance(value, str) else value or ():
            if any(ord(letter) < 32 and letter != "\t" for letter in line):
                raise ValueError("must hold lines without line breaks and such")
        return value

    @model_validator(mode="after")
    def _leave_time_to_train(self) -> ClusterSettings:
        if self.time is not None and self.time < self.grace + 60:
            raise ValueError(
                "time must be longer than grace (the seconds that a checkpoint may "
                f"take, {self.grace}) by a minute at least"
            )
        return self


def _in_old_units(name: str, value: Any) -> Any:
    # HTCondor counts disk in KiB where no unit is given, as Dingo's key does.
    plain = name == "request_disk" and str(value).strip().isdigit()
    return f"{value}KB" if plain else value
