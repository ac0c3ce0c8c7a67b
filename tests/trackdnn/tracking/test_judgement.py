import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.contingency import NOBODY, contingency_of
from trackdnn.tracking.denominators import Wanted
from trackdnn.tracking.found import from_labels, from_lists
from trackdnn.tracking.judgement import Counts, count, judge, total, verdicts
from trackdnn.tracking.matching import Matching
from trackdnn.tracking.presets import PRESETS, Definition, definitions

EVERY = [one for p in PRESETS for one in definitions(JudgementSettings(preset=p))]
PLAIN = Definition(
    preset="plain",
    matching=Matching("double_majority"),
    wanted=Wanted(min_hits=3),
    min_hits=3,
)


def two_particles():
    """An event of a particle with 10 hits, another with 10, and 10 of noise."""
    event = toy_event(40, noise=10, seed=2)
    owner = event.owner()
    long = np.flatnonzero(event.particles.hits == 10)[:2]
    rows = [np.flatnonzero(owner == one) for one in (*long, -1)]
    event = event.take(np.concatenate(rows))
    return event, [list(range(10 * i, 10 * i + 10)) for i in range(3)]


def counts(event, lists, **changes):
    definition = dataclasses.replace(PLAIN, **changes)
    return judge(event, from_lists(lists), [definition]).counts[definition]


def random_tracks(event, number):
    """Tracks as a bad finder gives them: mixed, short, shared, doubled."""
    rng = np.random.default_rng([5, number])
    labels = event.owner().astype(int)
    wrong = rng.random(len(labels)) < rng.choice([0.02, 0.3])
    labels[wrong] = rng.integers(-1, 60, wrong.sum())
    tracks = from_labels(labels)
    lists = [tracks[i] for i in range(len(tracks))]
    lists += [one[: rng.integers(1, len(one) + 1)] for one in lists[::3]]
    return from_lists(lists)


def slow_counts(event, tracks, definition):
    """As the definitions read, one track at a time."""
    owner = event.owner().tolist()
    wanted = definition.wanted.mask(event).tolist()
    name, limit = definition.matching.name, definition.matching.limit
    finds, result = [], Counts(particles=sum(wanted))
    tracks_, fakes = 0, 0
    for number in range(len(tracks)):
        mine = [owner[hit] for hit in tracks[number]]
        least = 1 if definition.short_tracks else definition.min_hits
        major = min(set(mine), key=lambda p: (-mine.count(p), p)) if mine else -1
        counted = len(mine) >= least
        if definition.majority_wanted:
            counted = counted and major >= 0 and wanted[major]
        matched, found = None, []
        for p in set(mine) - {-1}:
            purity = mine.count(p) / len(mine)
            share = mine.count(p) / owner.count(p)
            pure, full = purity > limit, share > limit
            if name == "perfect":
                pair = (purity == share == 1,) * 2
            elif name in ("lhc", "atlas"):
                pair = (pure, pure)
            elif name == "one_way":
                pair = (pure, full)
            else:
                pair = (pure and full,) * 2
            if len(mine) >= definition.min_hits:
                matched = p if pair[0] else matched
                found += [p] if pair[1] else []
        good = matched is not None
        if definition.outside_is_fake:
            good = good and wanted[matched]
        finds += [(number, p, counted, good) for p in found]
        tracks_ += counted
        fakes += counted and not good
    seen = {p for _, p, _, _ in finds if wanted[p]}
    if definition.per_found:
        again = [(n, p) for n, p, counted, _ in finds if counted and wanted[p]]
    else:
        again = [(n, p) for n, p, counted, good in finds if counted and good]
    return dataclasses.replace(
        result,
        found=len(seen),
        tracks=tracks_,
        fakes=fakes,
        duplicates=len(again) - len({p for _, p in again}),
    )


@pytest.mark.parametrize("definition", EVERY, ids=lambda one: one.name)
def test_judgement_agrees_with_plain_loops(definition):
    some = Counts()
    for number in range(12):
        event = toy_event(40, noise=40, seed=number)
        tracks = random_tracks(event, number)

        found = judge(event, tracks, [definition]).counts[definition]

        assert found == slow_counts(event, tracks, definition)
        some += found
    assert min(dataclasses.astuple(some)) > 0


def test_judgement_of_the_truth_is_perfect():
    event = toy_event(200, noise=200)

    judged = judge(event, from_labels(event.owner()), EVERY)

    for definition, found in judged.counts.items():
        assert found.found == found.particles > 0
        assert found.duplicates == 0
        assert found.fakes == 0 or definition.preset == "hypertrack"


def test_judgement_counts_tracks_of_noise_as_fakes():
    event, lists = two_particles()

    found = counts(event, lists)

    assert found == Counts(particles=2, found=2, tracks=3, fakes=1)


def test_judgement_of_gnn_tracking_does_not_see_noise():
    event, lists = two_particles()

    found = counts(event, lists, majority_wanted=True)

    assert found == Counts(particles=2, found=2, tracks=2)


def test_judgement_counts_every_track_beyond_the_first_as_duplicate():
    event, lists = two_particles()

    found = counts(event, [lists[0], lists[0], lists[0][:6], lists[0][:5]])

    # The last has half of the hits of its particle, which is not enough.
    assert found == Counts(particles=2, found=1, tracks=4, fakes=1, duplicates=2)
    assert found.duplicate_rate(0.683, per_found=False).value == 0.5
    per_found = found.duplicate_rate(0.683, per_found=True)
    assert (per_found.value, per_found.lower) == (2.0, None)


def test_judgement_keeps_the_best_of_tracks_of_one_particle():
    event, lists = two_particles()
    tracks = from_lists([lists[0][:7], lists[0], lists[0]])

    found = verdicts(event, contingency_of(event, tracks), PLAIN)

    assert found.duplicate.tolist() == [True, False, True]
    assert found.particle.tolist() == [event.owner()[0]] * 3


def test_judgement_of_a_particle_outside_is_neither_success_nor_fake():
    event, lists = two_particles()
    outside = Wanted(min_hits=11)

    assert counts(event, lists[:1], wanted=outside) == Counts(tracks=1)
    strict = counts(event, lists[:1], wanted=outside, outside_is_fake=True)
    assert strict == Counts(tracks=1, fakes=1)


def test_judgement_leaves_short_tracks_out_or_calls_them_fakes():
    event, lists = two_particles()

    assert counts(event, [lists[0][:2]]).tracks == 0
    short = counts(event, [lists[0][:2]], short_tracks=True)
    assert (short.tracks, short.fakes) == (1, 1)


def test_judgement_calls_no_track_both_fake_and_duplicate():
    # All hits of a particle in a track that is mostly something else.
    event, lists = two_particles()
    impure = lists[0] + lists[1][:5] + lists[2][:8]
    one_way = {"matching": Matching("one_way")}

    ours = counts(event, [lists[0], impure], **one_way)
    theirs = counts(event, [lists[0], impure], **one_way, per_found=True)

    assert ours == Counts(particles=2, found=1, tracks=2, fakes=1)
    assert theirs == dataclasses.replace(ours, duplicates=1)


def test_judgement_of_two_tracks_that_share_hits_finds_both():
    event, lists = two_particles()
    both = [lists[0] + lists[1][:3], lists[1] + lists[0][:3]]

    assert counts(event, both) == Counts(particles=2, found=2, tracks=2)


def test_judgements_add_up():
    events = [toy_event(60, noise=30, seed=seed) for seed in range(3)]
    tracks = [random_tracks(event, i) for i, event in enumerate(events)]

    judged = [
        judge(event, found, EVERY) for event, found in zip(events, tracks, strict=True)
    ]

    whole = total(judged)
    assert whole.events == 3
    for one in EVERY:
        assert whole.counts[one].tracks == sum(j.counts[one].tracks for j in judged)
    assert whole.score.weight == pytest.approx(sum(j.score.weight for j in judged))


@pytest.mark.parametrize("event", [toy_event(0), toy_event(0, noise=9)], ids=len)
def test_judgement_of_events_without_particles_has_no_rates(event):
    judged = judge(event, from_lists([]), EVERY)

    for definition, found in judged.counts.items():
        assert found == Counts()
        assert found.efficiency(0.683).value is None
        assert found.fake_rate(0.683).value is None
        duplicates = found.duplicate_rate(0.683, per_found=definition.per_found)
        assert duplicates.value is None


def test_judgement_of_tracks_without_hits_counts_none():
    event, _ = two_particles()

    assert counts(event, [[], []], short_tracks=True).tracks == 0
    table = contingency_of(event, from_lists([[]]))
    found = verdicts(event, table, PLAIN)
    assert found.particle.tolist() == [NOBODY]
    assert count(found).found == 0


def test_judgement_becomes_plain_numbers():
    event, lists = two_particles()

    plain = judge(event, from_lists(lists), [PLAIN]).to_dict(0.9)

    row = plain["definitions"][0]
    assert (row["preset"], row["matching"]) == ("plain", "double_majority")
    assert row["efficiency"]["value"] == 1.0
    assert row["fake_rate"]["passed"] == 1
    assert plain["confidence"] == 0.9
    assert plain["trackml"]["score"] == pytest.approx(1.0)
