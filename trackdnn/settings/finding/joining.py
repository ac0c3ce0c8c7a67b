"""Settings of the joining of broken tracks."""

from __future__ import annotations

from trackdnn.settings.node import Count, Fraction, Node, Positive


class JoiningSettings(Node):
    """What tells that two tracks are pieces of one: boosted trees.

    Two tracks are looked at where the directions of their ends differ by less than
    `eta` and `phi` (rad), and the outer one begins behind the end of the inner one,
    less than `gap` (mm) from it in x, y and z.
    """

    enabled: bool = False
    eta: Positive = 1.0
    phi: Positive = 1.8
    gap: Positive = 1200.0
    trees: Count = 150
    leaves: Count = 15
    learning_rate: Positive = 0.1
    cut: Fraction = 0.5
