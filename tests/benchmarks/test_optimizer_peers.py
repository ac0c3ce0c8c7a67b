"""Our optimizers beside those of the packages, where these are installed."""

import numpy as np
import pytest

from benchmarks.optimizer_peers import (
    OTHERWISE,
    PEERS,
    Problem,
    ours,
    row,
    schedule_free,
    theirs,
)


@pytest.fixture
def peers():
    pytest.importorskip("torch")
    for module, *_ in PEERS.values():
        pytest.importorskip(module)


def test_gradient_is_that_of_the_mean_square():
    problem, step = Problem(), 1e-6

    def loss(weight):
        return ((problem.x @ weight - problem.y) ** 2).mean()

    moved = problem.start.copy()
    moved[3, 1] += step
    slope = (loss(moved) - loss(problem.start)) / step

    assert problem.gradient(problem.start)[3, 1] == pytest.approx(slope, rel=1e-4)


def test_our_schedule_free_differs_from_the_other_recursion_and_goes_its_way():
    problem = Problem()
    other = schedule_free(problem)

    found = ours("schedule_free_adamw", 0.01, problem)

    gone = np.abs(other - problem.start).max()
    assert 0.01 * gone < np.abs(found - other).max() < gone


@pytest.mark.filterwarnings("ignore")
def test_prodigy_takes_the_steps_of_its_package(peers):
    problem = Problem()

    found = ours("prodigy", 1.0, problem)

    assert np.abs(found - theirs("prodigy", problem)).max() < 1e-4


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OTHERWISE)
def test_packages_differ_in_one_place_alone(peers, name):
    problem = Problem()

    assert np.abs(OTHERWISE[name](problem) - theirs(name, problem)).max() < 1e-10
    assert row(name, problem)[0] == name
