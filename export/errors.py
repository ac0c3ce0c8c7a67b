"""Every failure of the exporter that a user can cause or must know of.

ExportError
├── ClientError       a program that serves a bundle cannot be built, run or believed
│   └── MissingToolError   a compiler, a runtime or its headers are not there
├── ConversionError   a network cannot be written in a format
├── KitError          a kit cannot be written for a bundle
├── ParityError       an artifact does not reproduce the network it came from
├── SigningError      a key cannot be made or used
├── TargetError       an artifact cannot run where it is to run
├── UnsafeGraphError  a graph holds what no network needs
└── BundleError       a bundle is incomplete, damaged, or not one of ours
"""

from __future__ import annotations


class ExportError(Exception):
    """Base of the exporter's errors."""


class ClientError(ExportError, ValueError):
    """A program that serves a bundle cannot be built or run, or scores otherwise."""


class MissingToolError(ClientError):
    """A compiler, a runtime or its headers are not there."""


class ConversionError(ExportError, ValueError):
    """A network cannot be written in a format."""


class KitError(ExportError, ValueError):
    """A kit for the software of an experiment cannot be written for a bundle."""


class ParityError(ExportError, ValueError):
    """An artifact does not reproduce the network that it came from."""


class SigningError(ExportError, ValueError):
    """A key cannot be made, or cannot sign."""


class TargetError(ExportError, ValueError):
    """An artifact breaks a rule of the place where it is to run, or there is none."""


class UnsafeGraphError(ExportError, ValueError):
    """A graph holds what no network needs, and is not loaded."""


class BundleError(ExportError, ValueError):
    """A bundle is incomplete, damaged, or not one of ours."""
