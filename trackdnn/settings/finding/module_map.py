"""Settings of the module map."""

from __future__ import annotations

from trackdnn.settings.node import Count, Fraction, Node


class ModuleMapSettings(Node):
    """Which regions of the detector tracks connect, and in which geometric ranges."""

    least: Count = 2
    tail: Fraction = 0.0005
