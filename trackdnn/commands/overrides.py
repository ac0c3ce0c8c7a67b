"""Overrides on the settings of a run that is already trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trackdnn.configuration import override, validate
from trackdnn.errors import SettingsError

if TYPE_CHECKING:
    from trackdnn.settings import Settings


def overridden(
    settings: Settings, texts: Sequence[str], only: tuple[str, ...]
) -> Settings:
    """The settings with overrides in the branches named by `only` and in `local`.

    Raises:
        SettingsError: If an override is not valid, or changes what was trained.
    """
    content = settings.to_dict()
    allowed = (*only, "local")
    for text in texts:
        branch = text.partition("=")[0].partition(".")[0].strip()
        if hasattr(settings, branch) and branch not in allowed:
            raise SettingsError(
                f"--set may change {' and '.join(allowed)} of a trained run, nothing "
                f"that was trained. Received: {text}"
            )
        content = override(content, text)
    return validate(content, source="--set")
