"""The settings tree: every value people tune, with its default, in one place."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from pydantic import Field

from trackdnn.settings.data import DataSettings
from trackdnn.settings.evaluation import EvaluationSettings
from trackdnn.settings.export import ExportSettings
from trackdnn.settings.finding import FindingSettings
from trackdnn.settings.local import LocalSettings
from trackdnn.settings.model import ModelSettings
from trackdnn.settings.node import Node, Seed
from trackdnn.settings.training import Stage


class Settings(Node):
    """The whole tree."""

    seed: Seed = 1
    data: DataSettings = DataSettings()
    model: ModelSettings = ModelSettings()
    training: Annotated[tuple[Stage, ...], Field(min_length=1)] = (Stage(),)
    evaluation: EvaluationSettings = EvaluationSettings()
    export: ExportSettings = ExportSettings()
    finding: FindingSettings = FindingSettings()
    local: LocalSettings = LocalSettings()

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain lists, dicts, strings and numbers."""
        content: dict[str, Any] = self.model_dump(mode="json")
        return content

    def fingerprint(self) -> str:
        """SHA-256 of everything that can change the trained network."""
        apart = ("finding", "local")
        content = self.to_dict().items()
        shared = {key: value for key, value in content if key not in apart}
        text = json.dumps(shared, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
