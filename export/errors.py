"""Every failure of the exporter that a user can cause or must know of.

ExportError
├── ConversionError   a network cannot be written in a format
├── ParityError       an artifact does not reproduce the network it came from
├── TargetError       an artifact cannot run where it is to run
└── BundleError       a bundle is incomplete, damaged, or not one of ours
"""

from __future__ import annotations


class ExportError(Exception):
    """Base of the exporter's errors."""


class ConversionError(ExportError, ValueError):
    """A network cannot be written in a format."""


class ParityError(ExportError, ValueError):
    """An artifact does not reproduce the network that it came from."""


class TargetError(ExportError, ValueError):
    """An artifact breaks a rule of the place where it is to run, or there is none."""


class UnsafeGraphError(ExportError, ValueError):
    """A graph holds what no network needs, and is not loaded."""


class BundleError(ExportError, ValueError):
    """A bundle is incomplete, damaged, or not one of ours."""
