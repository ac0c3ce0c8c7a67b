"""The working points of a bundle, applied as CMSSW applies `qualityCuts`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cuts:
    """Cuts on 2p - 1; a track passes when its score is greater.

    Args:
        overall: Cut of each working point for iterations without one of their own.
        iterations: Cut of each working point, for each `originalAlgo`.
    """

    overall: dict[str, float]
    iterations: dict[int, dict[str, float]]

    @classmethod
    def of(cls, working_points: dict[str, Any]) -> Cuts:
        """The cuts in the `working_points` of a manifest, none if it is empty.

        Raises:
            InputError: If the entry does not have the form of `working_points.json`.
        """
        try:
            overall = _cuts(working_points.get("overall", {}))
            iterations = {
                int(entry["originalAlgo"]): _cuts(entry["cuts"])
                for entry in working_points.get("iterations", {}).values()
            }
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                "The working points of a bundle must be those that `evaluate` writes. "
                f"Received: an entry of another form ({error}). Export again"
            ) from error
        return cls(overall=overall, iterations=iterations)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the working points."""
        return tuple(self.overall)

    def passing(
        self, score: NDArray[np.float32], category: NDArray[np.int32]
    ) -> dict[str, NDArray[np.bool_]]:
        """Which tracks pass each working point.

        Args:
            score: Float32 array of shape `(tracks,)`, 2p - 1.
            category: Int32 array of shape `(tracks,)`, `originalAlgo`.

        Returns:
            Bool arrays of shape `(tracks,)`, by name.
        """
        algorithms, index = np.unique(category, return_inverse=True)
        flags = {}
        for name, overall in self.overall.items():
            table = [
                self.iterations.get(algo, {}).get(name, overall)
                for algo in algorithms.tolist()
            ]
            flags[name] = score > np.array(table, np.float32)[index]
        return flags


def _cuts(entries: dict[str, Any]) -> dict[str, float]:
    return {name: float(entry["cut"]) for name, entry in entries.items()}
