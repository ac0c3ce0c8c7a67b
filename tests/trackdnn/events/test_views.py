"""Views cut what they say, the same everywhere, and never what is stored."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import InputError, SettingsError
from trackdnn.events.event import Event, without_truth
from trackdnn.events.views import View, first_hits
from trackdnn.settings.finding.view import ViewSettings


def view(purpose="training", **settings):
    return View(ViewSettings(**settings), purpose)


def same(one, other):
    """Two events have the same hits, truth and particles."""
    return (
        np.array_equal(one.hits.hit_id, other.hits.hit_id)
        and np.array_equal(one.truth.particle_id, other.truth.particle_id)
        and np.array_equal(one.particles.particle_id, other.particles.particle_id)
        and np.array_equal(one.particles.hits, other.particles.hits)
    )


def bare(volumes, layers, owners):
    """An event with nothing but volumes, layers and particles."""
    event = toy_event(max([0, *owners]))
    count = len(volumes)
    event = event.take(np.zeros(count, dtype=int))
    hits = dataclasses.replace(
        event.hits,
        hit_id=np.arange(count) + 1,
        volume=np.array(volumes, dtype="i4"),
        layer=np.array(layers, dtype="i4"),
    )
    truth = dataclasses.replace(event.truth, particle_id=np.array(owners, dtype="i8"))
    return dataclasses.replace(event, hits=hits, truth=truth).take(np.arange(count))


def test_default_view_is_the_whole_event():
    event = toy_event(20, noise=10)

    assert view().apply(event) is event
    blind = without_truth(event)
    assert view().apply(blind) is blind


def test_view_without_clusters_has_none():
    event = toy_event(20, noise=10)
    event = dataclasses.replace(event, clusters=np.zeros((len(event), 9), "f4"))

    part = view(clusters=False).apply(event)

    assert part.clusters is None
    assert same(part, event)
    assert view().apply(event).clusters is event.clusters


def test_thinned_view_has_a_share_of_the_particles():
    assert view(particles=0.5).thinned(0.5) == view(particles=0.25)


def test_particles_stay_whole_or_go():
    event = toy_event(200, noise=100)

    part = view(particles=0.3).apply(event)

    assert 30 < len(part.particles) < 90
    whole = dict(zip(event.particles.particle_id, event.particles.hits, strict=True))
    for name, hits in zip(part.particles.particle_id, part.particles.hits, strict=True):
        assert hits == whole[name]
        assert hits == (part.truth.particle_id == name).sum()


def test_share_of_particles_is_the_mean_of_many_events():
    counts = [
        len(view(particles=0.25).apply(toy_event(60, name=f"event{i}")).particles)
        for i in range(60)
    ]

    assert np.mean(counts) == pytest.approx(15, abs=4 * np.sqrt(15 * 0.75 / 60))
    assert np.var(counts) == pytest.approx(60 * 0.25 * 0.75, rel=0.6)


def test_smaller_shares_are_part_of_greater_ones():
    event = toy_event(100, noise=200)
    ids = [
        set(view(particles=share, noise=0.1).apply(event).hits.hit_id)
        for share in (0.1, 0.2, 0.5, 1.0)
    ]

    for few, many in itertools.pairwise(ids):
        assert few < many


def test_noise_keeps_its_share_unless_asked():
    event = toy_event(400, noise=1200)
    usual = 1200 / len(event)

    part = view(particles=0.3).apply(event)

    share = (part.owner() < 0).mean()
    assert share == pytest.approx(usual, abs=0.05)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("particles", [0.3, 1.0])
def test_noise_is_the_share_of_all_hits(share, particles):
    event = toy_event(300, noise=2000)

    part = view(particles=particles, noise=share).apply(event)

    found = (part.owner() < 0).sum()
    wanted = (part.owner() >= 0).sum() * share / (1 - share)
    assert abs(found - wanted) <= 4 * np.sqrt(wanted)


def test_noise_that_is_not_there_cannot_be_had():
    event = toy_event(100, noise=5)

    assert same(view(noise=0.5).apply(event), event)


@pytest.mark.parametrize(
    ("region", "volumes"), [("barrel", {8, 13, 17}), ("pixel", {7, 8, 9})]
)
def test_region_is_a_set_of_volumes(region, volumes):
    there = [7, 8, 9, 12, 13, 14, 16, 17, 18, 99]
    event = bare(there, [2] * 10, [1] * 10)

    part = view(region=region).apply(event)

    assert set(part.hits.volume) == volumes
    assert part.particles.hits.tolist() == [3]
    blind = view(region=region).apply(without_truth(event))
    assert set(blind.hits.volume) == volumes


def slow_first_hits(event):
    """The definition, hit by hit."""
    seen, keep = set(), []
    for row in range(len(event)):
        owner = event.truth.particle_id[row]
        place = (owner, event.hits.volume[row], event.hits.layer[row])
        keep.append(owner == 0 or place not in seen)
        seen.add(place)
    return keep


@pytest.mark.parametrize("seed", range(5))
def test_first_hits_agree_with_the_definition(seed):
    rng = np.random.default_rng(seed)
    count = 200
    event = bare(
        rng.choice([8, 9], count), rng.choice([2, 4], count), rng.integers(0, 12, count)
    )

    assert first_hits(event).tolist() == slow_first_hits(event)
    part = view(one_hit_per_layer=True).apply(event)
    assert len(part) == sum(slow_first_hits(event)) < count
    assert part.particles.hits.max() <= 4


def test_one_hit_per_layer_is_for_training_only():
    assert view(one_hit_per_layer=True).training_only
    assert not view("evaluation", particles=0.5).training_only
    with pytest.raises(SettingsError, match=r"where tracks are judged.*Received: on"):
        view("evaluation", one_hit_per_layer=True)


def test_sample_hides_truth_from_the_finder():
    event = toy_event(50, noise=20)

    seen, known = view("evaluation", particles=0.5).sample(event)

    assert seen.truth is None
    assert seen.particles is None
    np.testing.assert_array_equal(seen.hits.hit_id, known.hits.hit_id)
    assert 0 < len(known) < len(event)
    assert known.truth is not None


def test_selection_of_truth_cuts_no_hit():
    event = toy_event(100, noise=50)
    chosen = view(min_pt=0.9, min_hits=5)

    assert chosen.apply(event) is event
    counted = chosen.counted(event)
    made = event.particles
    assert counted.tolist() == [
        pt >= 0.9 and hits >= 5 for pt, hits in zip(made.pt, made.hits, strict=True)
    ]
    assert 0 < counted.sum() < 100
    targets = chosen.targets(event)
    np.testing.assert_array_equal(targets.hits.hit_id, event.hits.hit_id)
    assert set(targets.truth.particle_id) == {0, *made.particle_id[counted]}
    assert targets.particles.particle_id.tolist() == made.particle_id[counted].tolist()
    assert targets.truth.weight[targets.truth.particle_id == 0].sum() == 0
    assert (targets.owner() >= 0).sum() == made.hits[counted].sum()


def test_hits_of_a_particle_are_counted_in_the_view():
    event = bare([8, 8, 8, 9], [2, 4, 6, 2], [1, 1, 1, 1])
    pixel_barrel = view(region="barrel", min_hits=4)

    assert pixel_barrel.counted(event).tolist() == [True]
    assert pixel_barrel.counted(pixel_barrel.apply(event)).tolist() == [False]


def test_view_is_the_same_in_any_order():
    event = toy_event(80, noise=60)
    shuffled = event.take(np.random.default_rng(3).permutation(len(event)))
    chosen = view(particles=0.4, noise=0.2, region="barrel")

    one, other = chosen.apply(event), chosen.apply(shuffled)

    assert set(one.hits.hit_id) == set(other.hits.hit_id)
    assert same(one, chosen.apply(event))


def test_view_follows_seed_and_name():
    event = toy_event(80)
    first = view(particles=0.5, seed=1).apply(event)

    assert not same(view(particles=0.5, seed=2).apply(event), first)
    renamed = dataclasses.replace(event, name="another")
    assert not same(view(particles=0.5, seed=1).apply(renamed), first)


@pytest.mark.parametrize(
    "settings", [{"particles": 0.5}, {"noise": 0.1}, {"one_hit_per_layer": True}]
)
def test_view_tells_of_missing_truth(settings):
    event = without_truth(toy_event(5))

    with pytest.raises(InputError, match=r"Event event000000001 must have truth"):
        view(**settings).apply(event)


@pytest.mark.parametrize("particles", [0, 1])
@pytest.mark.parametrize("noise", [0, 1, 3])
def test_small_events_pass_every_view(particles, noise):
    event = toy_event(particles, noise=noise)
    for settings in (
        {"particles": 0.5, "noise": 0.5},
        {"noise": 0.0},
        {"region": "pixel", "one_hit_per_layer": True},
    ):
        chosen = view(**settings)
        part = chosen.apply(event)
        assert len(part) <= len(event)
        assert len(chosen.targets(part)) == len(part)


def test_weights_stay_as_they_are():
    event = toy_event(50, noise=5)
    part = view(particles=0.5).apply(event)

    known = dict(zip(event.hits.hit_id, event.truth.weight, strict=True))
    assert [known[one] for one in part.hits.hit_id] == part.truth.weight.tolist()


@dataclasses.dataclass(frozen=True)
class Source:
    event: Event
    name: str = "event000000001"
    files: tuple[Path, ...] = (Path("file"),)

    def load(self):
        return self.event


def test_view_of_sources_is_a_view_of_their_events():
    event = toy_event(50, noise=5)
    chosen = view(particles=0.5)

    (source,) = chosen.of([Source(event)])

    assert source.name == "event000000001"
    assert source.files == (Path("file"),)
    assert same(source.load(), chosen.apply(event))
