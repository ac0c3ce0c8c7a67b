"""Several processes that train one network, as `TF_CONFIG` names them.

```
TF_CONFIG='{"cluster": {"worker": ["node1:2222", "node2:2222"]},
            "task": {"type": "worker", "index": 0}}'
```

It is the variable that TensorFlow reads itself, and that Kubeflow and others set; one
task may be called `chief`, and comes first then. Nothing here imports TensorFlow.

Source:
    TensorFlow 2.21, distribute/cluster_resolver/tfconfig_cluster_resolver.py.
"""

from __future__ import annotations

import dataclasses
import json
import os
from typing import TYPE_CHECKING, Any, NoReturn

from trackdnn.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "TF_CONFIG"
EXAMPLE = '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", …}}'
# What trains. Parameter servers and evaluators belong to other ways of training.
ROLES = ("chief", "worker")
_SHOWN = 60


@dataclasses.dataclass(frozen=True)
class Workers:
    """The workers of a training, and which of them this process is.

    Args:
        addresses: Host and port of each, in the order of their numbers.
        number: This one's, from 0. Number 0 is the chief, who alone writes.
    """

    addresses: tuple[str, ...]
    number: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.addresses)

    @property
    def is_chief(self) -> bool:
        """Whether this one writes what the training leaves."""
        return self.number == 0


def read_workers(environment: Mapping[str, str] | None = None) -> Workers | None:
    """The workers that the environment names.

    Args:
        environment: Variables; those of this process by default.

    Returns:
        At least two workers, or `None` for a training of one process: without
        `TF_CONFIG`, or where it names this process alone.

    Raises:
        DeviceError: If `TF_CONFIG` cannot be understood.
    """
    text = (os.environ if environment is None else environment).get(NAME, "")
    if not text.strip():
        return None
    try:
        content = json.loads(text)
    except ValueError as error:
        _refuse("must be JSON", f"{_short(text)} ({error})", "Write it as in", EXAMPLE)
    cluster = _part(content, "cluster", "Name the workers as in")
    task = _part(content, "task", "Say which of them this process is, as in")
    addresses = _addresses(cluster)
    number = _number(task, cluster)
    return Workers(addresses, number) if len(addresses) > 1 else None


def refuse_several(command: str) -> None:
    """Makes sure that a command which one process can do is asked of one process.

    Raises:
        DeviceError: If `TF_CONFIG` names several workers.
    """
    workers = read_workers()
    if workers is not None:
        raise DeviceError(
            f"{NAME} must not be set for `{command}`, which is work for one process. "
            f"Received: {workers.count} workers. Start it once, with `env -u {NAME}` "
            "before the command"
        )


def _part(content: Any, name: str, todo: str) -> dict[str, Any]:
    found = content.get(name) if isinstance(content, dict) else None
    if not isinstance(found, dict):
        _refuse(f"must have a {name}", _short(content), todo, EXAMPLE)
    return found


def _addresses(cluster: Mapping[str, Any]) -> tuple[str, ...]:
    others = [role for role in cluster if role not in ROLES]
    if others:
        _refuse(
            "must name workers, and a chief at most",
            f"cluster with '{others[0]}'",
            "Leave it out: every process trains, and the first one judges",
        )
    found = [one for role in ROLES for one in _listed(cluster, role)]
    if not found:
        _refuse(
            "must name workers", f"cluster={_short(dict(cluster))}", "As in", EXAMPLE
        )
    for one in found:
        _check_address(one)
    names = [one.lower() for one in found]
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        _refuse(
            "must name each address once",
            f"'{twice[0]}' {names.count(twice[0])} times",
            "Give each process of a machine a port of its own",
        )
    return tuple(found)


def _listed(cluster: Mapping[str, Any], role: str) -> list[Any]:
    found = cluster.get(role, [])
    if not isinstance(found, list) or (role == "chief" and len(found) > 1):
        what = "one address" if role == "chief" else "addresses"
        _refuse(f"must list {what} as {role}", _short(found), "Write it as in", EXAMPLE)
    return found


def _check_address(address: Any) -> None:
    host, colon, port = str(address).rpartition(":")
    usable = isinstance(address, str) and colon and host.strip() == host != ""
    if not usable or not port.isdecimal() or not 0 < int(port) < 2**16:
        _refuse(
            "must give each worker as host:port",
            _short(address),
            "Add a port from 1 to 65535 that is free on that machine, such as :2222",
        )


def _number(task: Mapping[str, Any], cluster: Mapping[str, Any]) -> int:
    role, index = task.get("type"), task.get("index")
    if role not in ROLES:
        _refuse(
            "must have the task type worker, or chief",
            f"type={_short(role)}",
            "Every process trains, and the first one judges",
        )
    # Launchers write it as a string too; TensorFlow takes both.
    number = int(index) if isinstance(index, str) and index.isdecimal() else index
    count = len(cluster.get(role, []))
    if type(number) is not int or not 0 <= number < count:
        _refuse(
            f"must have a task index from 0 to {count - 1}, one for each {role}"
            if count
            else f"must list the {role} that its task is",
            f"index={_short(index)} with {count} of type {role}",
            "Give each process its own number",
        )
    before = len(cluster.get("chief", [])) if role == "worker" else 0
    return int(before + number)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"


def _refuse(must: str, received: str, todo: str, example: str = "") -> NoReturn:
    done = f"{todo} {example}" if example else todo
    raise DeviceError(f"{NAME} {must}. Received: {received}. {done}, or unset {NAME}")
