"""Does any track cross a cut between the network and one of its artifacts?

Rounding differs between runtimes by some 1e-7, so a track can cross a cut only if its
score lies that near. Of random tracks hardly one does; here they are searched: between
a track that passes and one that fails, bisection leads to rows on either side of the
cut, down to neighbours in single precision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from export.parity import ODD_CATEGORIES, ODD_VALUES, Probe, Runtime, raw_value

if TYPE_CHECKING:
    from network.inputs import InputSpec

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

# Half width of the band around a cut, in units of the score 2p - 1.
BAND = 1e-6
_STEPS = 30
# Midpoints of a search that are kept, the last ones.
_KEPT = 16
_PAIRS = 4096


@dataclasses.dataclass(frozen=True)
class Cuts:
    """The cuts of one working point, on the score 2p - 1.

    Args:
        overall: For categories without one of their own.
        own: By category.
    """

    overall: float
    own: Mapping[int, float] = dataclasses.field(default_factory=dict)

    def at(self, category: Floats) -> Floats:
        """The cut of each row, float32; `category` has shape `(rows,)`."""
        cuts = np.full(len(category), self.overall, np.float32)
        for value, cut in self.own.items():
            cuts[category == value] = cut
        return cuts


@dataclasses.dataclass
class Tally:
    """What became of the rows of an artifact at a working point.

    Args:
        rows: Rows compared.
        near: Rows whose score by Keras is nearer to its cut than `band`.
        flips_near: Of these, how many pass here and not there.
        flips: How many of the others do; must be none.
        farthest: Largest distance of such a score by Keras from its cut.
        difference: Largest difference of the scores 2p - 1.
        band: Half width of the band around the cuts.
    """

    rows: int = 0
    near: int = 0
    flips_near: int = 0
    flips: int = 0
    farthest: float = 0.0
    difference: float = 0.0
    band: float = BAND

    @property
    def safe(self) -> bool:
        """Whether no row crosses a cut that is not near, and every score is finite."""
        return self.flips == 0 and bool(np.isfinite(self.difference))

    def add(self, reference: Floats, score: Floats, cut: Floats) -> None:
        """Compare scores 2p - 1, each of shape `(rows,)`."""
        distance = np.abs(reference.astype(np.float64) - cut)
        near = distance < self.band
        flipped = (reference > cut) != (score > cut)
        apart = np.abs(reference.astype(np.float64) - score)
        self.rows += len(reference)
        self.near += int(near.sum())
        self.flips_near += int((flipped & near).sum())
        self.flips += int((flipped & ~near).sum())
        self.farthest = max(self.farthest, float(distance[flipped].max(initial=0.0)))
        # NaN is no score: it fails every cut, and is as far away as can be.
        worst = np.where(np.isfinite(apart), apart, np.inf).max(initial=0.0)
        self.difference = max(self.difference, float(worst))


def score_of(probability: Floats) -> Floats:
    """2p - 1 in single precision, as CMSSW computes it; shape `(rows,)`."""
    score: Floats = np.float32(2) * probability.reshape(-1) - np.float32(1)
    return score


def drawn_rows(spec: InputSpec, rows: int, rng: np.random.Generator) -> Probe:
    """Rows that span the ranges and half a width beyond, at their edges, and odd ones.

    Half of them are uniform in each range after its transform, with either sign; in a
    quarter each value is an end of its range, a neighbour of it or zero; in a quarter
    every fourth value is NaN, infinite, denormal, huge or a sentinel.

    Args:
        spec: Ranges of the inputs.
        rows: How many.
        rng: Source of randomness.
    """
    features = np.stack(
        [_spanning(spec, column, rows, rng) for column in range(spec.width)], axis=1
    )
    first, second = rows // 2, rows - rows // 4
    for column in range(spec.width):
        edges = _edges(spec, column)
        features[first:second, column] = rng.choice(edges, second - first)
    odd = np.array(ODD_VALUES, np.float32)
    part = features[second:]
    replaced = rng.random(part.shape) < 0.25
    part[replaced] = rng.choice(odd, int(replaced.sum()))
    known = np.array([*spec.vocabulary, 99], np.float32)
    category = rng.choice(known, (rows, 1))
    strange = np.array(ODD_CATEGORIES, np.float32)
    some = slice(second, None, 8)
    category[some] = rng.choice(strange, category[some].shape)
    return Probe(features, category)


def _spanning(
    spec: InputSpec, column: int, rows: int, rng: np.random.Generator
) -> Floats:
    low, high = spec.lower[column], spec.upper[column]
    # A table of the inverse of the transform is finer than any detector.
    ends = (low - (high - low) / 2, high + (high - low) / 2)
    points = np.linspace(*ends, 4097)
    raw = np.array([raw_value(spec, column, value) for value in points])
    values = np.interp(rng.uniform(*ends, rows), points, raw).astype(np.float32)
    signed: Floats = np.where(rng.random(rows) < 0.5, values, -values)
    return signed


def _edges(spec: InputSpec, column: int) -> Floats:
    ends = (spec.lower[column], spec.upper[column])
    raw = np.array([raw_value(spec, column, end) for end in ends], np.float32)
    up, down = (np.nextafter(raw, np.float32(end)) for end in (np.inf, -np.inf))
    return np.concatenate([raw, up, down, -raw, np.zeros(1, np.float32)])


def near_cut(
    runtime: Runtime, passing: Probe, failing: Probe, cut: Floats, steps: int = _STEPS
) -> Probe:
    """Rows on the way to the cut, between rows that pass and rows that fail.

    Args:
        runtime: From features and category to probabilities, shape `(rows, 1)`.
        passing: Rows whose score is above `cut`; their values must be finite.
        failing: As many rows of the same categories whose score is not.
        cut: The cut of each, float32 of shape `(rows,)`.
        steps: How often the interval is halved.

    Returns:
        The last 16 midpoints of each search.
    """
    above, below = passing.features, failing.features
    midpoints = []
    for _ in range(steps):
        # Halves first: the sum of two floats may be infinite.
        middle = above * np.float32(0.5) + below * np.float32(0.5)
        passes = (score_of(runtime(middle, passing.category)) > cut)[:, None]
        above, below = np.where(passes, middle, above), np.where(passes, below, middle)
        midpoints.append(middle)
    kept = midpoints[-_KEPT:]
    return Probe(np.concatenate(kept), np.tile(passing.category, (len(kept), 1)))


def searched_rows(
    runtime: Runtime,
    pool: Probe,
    points: Mapping[str, Cuts],
    rows: int,
    rng: np.random.Generator,
) -> Iterator[Probe]:
    """About `rows` rows near the cuts, block by block.

    Each working point and category of `pool` has its share; a category of which all
    rows pass, or none, has none there.

    Args:
        runtime: As of `near_cut`.
        pool: Rows to search between.
        points: The working points.
        rows: How many to search.
        rng: Source of randomness.
    """
    finite = np.isfinite(pool.features).all(axis=1)
    features, category = pool.features[finite], pool.category[finite, 0]
    score = score_of(runtime(features, category[:, None]))
    ways = [
        (cuts, value)
        for cuts in points.values()
        for value in np.unique(category[np.isfinite(category)])
    ]
    pairs = max(rows // _KEPT // max(len(ways), 1), 1)
    for cuts, value in ways:
        cut = cuts.at(np.array([value], np.float32))[0]
        here = category == value
        sides = (
            np.flatnonzero(here & (score > cut)),
            np.flatnonzero(here & (score <= cut)),
        )
        if not all(len(side) for side in sides):
            continue
        for low in range(0, pairs, _PAIRS):
            count = min(_PAIRS, pairs - low)
            column = np.full((count, 1), value, np.float32)
            above, below = (
                Probe(features[rng.choice(side, count)], column) for side in sides
            )
            yield near_cut(runtime, above, below, np.full(count, cut, np.float32))


def compare(
    runtime: Runtime,
    probe: Probe,
    reference: Floats,
    points: Mapping[str, Cuts],
    *,
    tally: Callable[[], Tally] = Tally,
    groups: NDArray[np.int8] | None = None,
    block: int = 8192,
    advance: Callable[[int], None] = lambda rows: None,
) -> dict[tuple[str, int], Tally]:
    """What becomes of rows in an artifact, for each working point and group of rows.

    Args:
        runtime: The artifact, reloaded.
        probe: The rows.
        reference: Probabilities by Keras, shape `(rows, 1)`.
        points: The working points.
        tally: Makes an empty tally.
        groups: Number of the group of each row, shape `(rows,)`; all one by default.
        block: Rows per call.
        advance: Is told the rows of each block that is done.
    """
    if groups is None:
        groups = np.zeros(len(probe), np.int8)
    found = {(name, int(g)): tally() for name in points for g in np.unique(groups)}
    for low in range(0, len(probe), block):
        rows = slice(low, low + block)
        category, group = probe.category[rows], groups[rows]
        score = score_of(runtime(probe.features[rows], category))
        expected = score_of(reference[rows])
        for (name, number), one in found.items():
            here = group == number
            cut = points[name].at(category[here, 0])
            one.add(expected[here], score[here], cut)
        advance(len(category))
    return found


def total(tallies: Iterable[Tally]) -> Tally:
    """Counts added, extremes kept."""
    every = list(tallies)
    result = Tally(band=every[0].band)
    for one in every:
        result.rows += one.rows
        result.near += one.near
        result.flips_near += one.flips_near
        result.flips += one.flips
        result.farthest = max(result.farthest, one.farthest)
        result.difference = max(result.difference, one.difference)
    return result
