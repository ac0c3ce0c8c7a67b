"""Settings of the track builders."""

from __future__ import annotations

from trackdnn.settings.node import Count, Fraction, Node, OpenFraction, Positive


class ComponentsSettings(Node):
    """Connected components of edges above a cut are tracks."""

    cut: Fraction = 0.5
    min_hits: Count = 3


class WalkthroughSettings(Node):
    """Components without branches are tracks; in the others, the best ways are."""

    cut: Fraction = 0.1
    add: Fraction = 0.2
    min_hits: Count = 3


class DbscanSettings(Node):
    """Dense regions, with 1 - score for a distance."""

    radius: Positive = 0.25
    neighbours: Count = 2
    min_hits: Count = 3


class HdbscanSettings(Node):
    """Dense regions of any density, with 1 - score for a distance."""

    cut: OpenFraction = 0.3
    radius: Fraction = 0.3
    neighbours: Count = 2
    most: Count = 2000
    min_hits: Count = 3


class PivotsSettings(Node):
    """A network says which hits around some pivots are of their track.

    `pivots`, `reach` and `tokens` may differ from those of the training
    (`finding.masks`), but what a network was trained on is what it knows.
    """

    cut: Fraction = 0.05
    walk_cut: Fraction = 0.7
    pivots: Count = 3
    reach: Count = 8
    tokens: Count = 64
    mask_cut: Fraction = 0.5
    min_hits: Count = 3
    failures: Count = 2
    simple: bool = True
