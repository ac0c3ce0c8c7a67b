"""Where a converted graph goes: it and its report appear complete, or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from export.durable import sync
from export.errors import ConversionError, ExportError


class Destination:
    """A file or a folder to come, and `<name>.json` beside it.

    Args:
        path: Its name to be.

    Raises:
        ConversionError: If `path` ends in no name, as `.` and `/` do.
    """

    def __init__(self, path: Path) -> None:
        if not path.name:
            raise ConversionError(f"--output must end in a name. Received: {path}")
        self._path = path
        self.report = path.with_name(f"{path.name}.json")
        # ONNX files keep their ending: some readers look at it.
        hidden = f".partial-{os.getpid()}-{path.name}"
        self.content = path.with_name(hidden)
        self._hidden_report = path.with_name(f"{hidden}.json")

    def check(self) -> None:
        """Raise if something is there already, or the folder is not.

        Raises:
            ConversionError: With what stands in the way.
        """
        for path in (self._path, self.report):
            if path.exists() or path.is_symlink():
                raise ConversionError(
                    "--output must not be there yet, nor its report. "
                    f"Received: {path}, which is. Move it away or choose another name"
                )
        if not self._path.parent.is_dir():
            raise ConversionError(
                f"--output must be in a folder that is there. Received: {self._path}"
            )

    @contextmanager
    def filled(self) -> Iterator[Destination]:
        """Within it `content` can be written; without `finish` nothing is left.

        Raises:
            ExportError: If the disk refuses.
        """
        try:
            yield self
        except OSError as error:
            raise ExportError(
                f"{self._path} must be writable. Received: {error}"
            ) from error
        finally:
            shutil.rmtree(self.content, ignore_errors=True)
            for path in (self.content, self._hidden_report):
                if path.is_file():
                    path.unlink()

    def finish(self, report: Mapping[str, Any]) -> None:
        """Rename the content into place, then the report."""
        text = json.dumps(report, indent=2, allow_nan=False) + "\n"
        self._hidden_report.write_text(text, encoding="utf-8")
        inside = self.content.rglob("*") if self.content.is_dir() else ()
        for path in (*inside, self.content, self._hidden_report):
            sync(path)
        self.content.rename(self._path)
        self._hidden_report.rename(self.report)
        sync(self._path.parent)
