"""What the columns of a network of edges mean, for those who must fill them elsewhere.

The inner hit of an edge is 1, the outer one 2; `s` is -1 where the outer hit has z < 0,
else 1; `R` is the radius of the circle through the beam line and both hits, and `arc`
the length along it from the beam line. What is not known, or divides by 0, is NaN.
"""

from __future__ import annotations

from typing import NamedTuple


class Meaning(NamedTuple):
    """What a column means.

    Args:
        formula: How it follows from two hits.
        unit: Its unit, empty where it has none.
    """

    formula: str
    unit: str = ""


_WIDE = "width of the cluster along u over its thickness"
_LONG = "width of the cluster along v over its thickness"
_SLOPE = "min(|dz / dr|, 100) in the barrel, min(|dr / dz|, 100) elsewhere, less "
EDGE_MEANINGS: dict[str, Meaning] = {
    "r1": Meaning("hypot(x, y) of hit 1", "mm"),
    "r2": Meaning("hypot(x, y) of hit 2", "mm"),
    "z1": Meaning("s z of hit 1", "mm"),
    "z2": Meaning("s z of hit 2", "mm"),
    "volume1": Meaning("volume of hit 1; 9 for 7, 14 for 12, 18 for 16"),
    "volume2": Meaning("volume of hit 2, likewise"),
    "dr": Meaning("r2 - r1", "mm"),
    "dz": Meaning("z2 - z1", "mm"),
    "dphi": Meaning("|phi of hit 2 - phi of hit 1|, at most pi", "rad"),
    "bend": Meaning("dphi / dr", "rad/mm"),
    "curvature": Meaning("1 / R", "1/mm"),
    "z0": Meaning("z1 - r1 dz / dr", "mm"),
    "z0_helix": Meaning("z1 - arc1 cot", "mm"),
    "cot": Meaning("dz / (arc2 - arc1)"),
    "deta": Meaning("s (asinh(z / r) of hit 2 - that of hit 1)"),
    "wide1": Meaning(f"{_WIDE}, hit 1"),
    "wide2": Meaning(f"{_WIDE}, hit 2"),
    "long1": Meaning(f"{_LONG}, hit 1"),
    "long2": Meaning(f"{_LONG}, hit 2"),
    "slope1": Meaning(f"{_SLOPE}long1"),
    "slope2": Meaning(f"{_SLOPE}long2"),
    "logit": Meaning("log(p / (1 - p)) of the score p so far, from -12 to 12"),
}
_NEAR = "of the edges that go on from its hit, the one that fits best"
_SIDES = {"out": "at hit 2", "in": "at hit 1"}
# What a network is told besides that sees the whole graph; `chord` is the distance of
# the hits across the beam line.
GRAPH_MEANINGS: dict[str, Meaning] = {
    **EDGE_MEANINGS,
    "turn": Meaning("2 sin(phi of hit 2 - phi of hit 1) / chord", "1/mm"),
    "theta": Meaning("atan2(chord, z of hit 2 - z of hit 1)", "rad"),
    "crossing": Meaning("z - r dz / dr of hit 1, from -1e4 to 1e4", "mm"),
    **{
        f"{name}_{side}": Meaning(f"{text}, {where}", unit)
        for side, where in _SIDES.items()
        for name, text, unit in (
            ("bend", f"|difference of turn| to the best: {_NEAR}", "1/mm"),
            ("theta", "|difference of theta| to the best", "rad"),
            ("z0", "|difference of crossing| to the best", "mm"),
            ("score", "score of the best so far", ""),
            ("number", "edges that go on", ""),
            ("rival", "best score of the other edges that end in the hit", ""),
            ("rivals", "number of those", ""),
        )
    },
}
