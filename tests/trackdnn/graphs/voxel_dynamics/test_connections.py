import itertools

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.voxel_dynamics.cells import place_cells, positions
from trackdnn.graphs.voxel_dynamics.connections import connect
from trackdnn.graphs.voxel_dynamics.counts import added, count_event, no_counts, unlink
from trackdnn.settings.finding import VoxelDynamicsSettings

EVENTS = [toy_event(40 * seed, noise=20, seed=seed) for seed in (1, 2)]
CELLS = 12


def make(fold, bins):
    cells = place_cells(
        positions(EVENTS[0].hits, fold=fold),
        cells=CELLS,
        bins=bins,
        iterations=1,
        random=np.random.default_rng(1),
    )
    return cells, added([count_event(event, cells, "hyper") for event in EVENTS])


def as_table(connections):
    """Probabilities as an array of shape (cells, cells, bins)."""
    bins = connections.bins
    table = np.zeros((CELLS, CELLS, bins), "f4")
    for u in range(CELLS):
        for run in range(*connections.offsets[u : u + 2]):
            for step in range(connections.length[run]):
                bin_ = (connections.start[run] + step - bins // 2) % bins
                place = (u, connections.cell[run], bin_)
                assert not table[place]
                table[place] = connections.probability[connections.entry[run] + step]
    return table


def slow_table(cells, counts, settings):
    """The formulae of the module, one cell after the other."""
    bins = cells.bins
    true = np.zeros((CELLS, CELLS, bins))
    looks = zip(*unlink(counts.links, cells), counts.pairs, strict=True)
    for u, v, d, pairs in looks:
        if pairs >= settings.least:
            true[u, v, d] += pairs
            true[v, u, -d % bins] += pairs
    hits = counts.hits.astype(float)
    copies = 1
    if settings.mirror:
        other = [(u + CELLS // 2) % CELLS for u in range(CELLS)]
        true, copies = true + true[other][:, other], 2
        hits = hits + hits[other]
    share = settings.smooth
    counted, strength = true, settings.strength
    near = cells.neighbours(settings.neighbours)
    if settings.neighbours and share:
        spread = (1 - share) * true
        for u, v in itertools.product(range(CELLS), repeat=2):
            for other in near[u]:
                spread[other, v] += share / 2 / len(near[u]) * true[u, v]
            for other in near[v]:
                spread[u, other] += share / 2 / len(near[v]) * true[u, v]
        true = spread
    if bins >= 3 and share:
        sides = np.roll(true, 1, axis=2) + np.roll(true, -1, axis=2)
        true = (1 - share) * true + share / 2 * sides
    if share:
        true = true * (strength + counted) / (strength + true + 1e-300)
    size = 10_000 / sum(copies * len(event) for event in EVENTS)
    found = np.zeros(true.shape)
    for u, v, d in itertools.product(range(CELLS), range(CELLS), range(bins)):
        chance = max(hits[u], 1) * max(hits[v], 1) / bins * size
        if true[u, v, d]:
            found[u, v, d] = true[u, v, d] / (true[u, v, d] + chance)
    return np.where(found > settings.cut, found, 0.0)


@pytest.mark.parametrize(("fold", "bins"), [(True, 8), (True, 2), (False, 1)])
@pytest.mark.parametrize(
    "chosen",
    [
        {"smooth": 0.0, "mirror": False},
        {"smooth": 0.0},
        {"least": 2, "smooth": 0.0},
        {"smooth": 0.4, "neighbours": 0, "mirror": False},
        {"smooth": 0.4, "neighbours": 3, "strength": 0.5, "mirror": False},
        {"smooth": 0.4, "neighbours": 50},
        {"cut": 0.001},
    ],
    ids=str,
)
def test_probabilities_equal_the_slow_twin(fold, bins, chosen):
    cells, counts = make(fold, bins)
    settings = VoxelDynamicsSettings(**chosen)

    found = as_table(connect(counts, cells, settings))

    expected = slow_table(cells, counts, settings)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found.any()


def test_connections_are_symmetric_and_mirrored():
    cells, counts = make(True, 8)

    table = as_table(connect(counts, cells, VoxelDynamicsSettings()))

    back = table.transpose(1, 0, 2)[:, :, -np.arange(8) % 8]
    np.testing.assert_allclose(table, back, rtol=1e-6)
    other = cells.mirrored
    np.testing.assert_allclose(table, table[other][:, other], rtol=1e-6)


def test_runs_go_on_over_a_difference_of_zero():
    cells, counts = make(True, 64)

    found = connect(counts, cells, VoxelDynamicsSettings(smooth=0.9))

    over = (found.start <= 31) & (found.start + found.length > 32)
    assert over.any()
    assert (found.start + found.length <= 64).all()


def test_no_counts_connect_nothing():
    cells, _ = make(True, 8)

    found = connect(no_counts(CELLS), cells, VoxelDynamicsSettings())

    assert found.offsets.tolist() == [0] * (CELLS + 1)
    assert len(found.cell) == len(found.probability) == 0
