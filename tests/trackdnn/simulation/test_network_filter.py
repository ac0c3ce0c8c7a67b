import numpy as np
import pyarrow.parquet as pq
import pytest

from trackdnn.commands.acts import BundleNetwork
from trackdnn.inference.infer import infer
from trackdnn.simulation.filtering import Verdict
from trackdnn.simulation.ntuple import NtupleWriter


def job(acts_run, network):
    from trackdnn.simulation.filtered_chain import FilteredChain

    return FilteredChain(acts_run.chain, network).simulate(first=10, count=2)


def keep(share):
    """A network that keeps the first part of the tracks of each event."""

    def judge(features, category):
        probability = np.linspace(1, 0, len(category), dtype=np.float32)
        return Verdict(probability, np.arange(len(category)) < share * len(category))

    return judge


def written(acts_run, folder):
    path = folder / "tracks.root"
    with NtupleWriter(path) as writer:
        writer.write(acts_run.events)
    return path


@pytest.fixture(scope="module")
def half(acts_run):
    """The job with a network that keeps the first half, and every container in it."""
    from trackdnn.simulation import network_filter

    containers, read = [], network_filter.read_candidates

    def spy(tracks):
        found = read(tracks)
        containers.append(found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network_filter, "read_candidates", spy)
        events = job(acts_run, keep(0.5))
    return events, [containers[:4], containers[4:]]


def test_network_filter_gives_the_scores_of_infer(acts_run, make_bundle, tmp_path):
    points = {"overall": {"loose": {"cut": 0.5}}}
    bundle = make_bundle(4.0, working_points=points)
    output = tmp_path / "scores.parquet"
    infer(bundle, [written(acts_run, tmp_path)], output, progress=False)

    events = job(acts_run, BundleNetwork(bundle, "loose", None)())

    scores = pq.read_table(output)
    made = np.concatenate([event.verdict.probability for event in events])
    kept = np.concatenate([event.verdict.kept for event in events])
    algo = np.concatenate([event.category for event in events])
    np.testing.assert_allclose(made, scores["probability"], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(kept, scores["pass_loose"])
    np.testing.assert_array_equal(algo, scores["originalAlgo"])
    assert len(np.unique(made)) > 100
    assert 0 < kept.sum() < len(kept)


def test_network_filter_passes_what_the_network_keeps(acts_run, half):
    for event, containers, hits in zip(*half, acts_run.hits, strict=True):
        before, after = containers[:2]
        kept = [hits[i] for i in np.flatnonzero(event.verdict.kept)]

        assert 0 < len(kept) < len(hits)
        for own, copy in ((hits, before), (kept, after)):
            assert [h.tolist() for h in own] == [h.tolist() for h in copy.hits]


def test_network_filter_copies_fits_and_holes(half):
    for event, (before, after, *_) in zip(*half, strict=True):
        chosen = event.verdict.kept
        for name in ("perigee", "covariance", "chi2", "ndof", "first", "last"):
            np.testing.assert_array_equal(
                getattr(before, name)[chosen], getattr(after, name), err_msg=name
            )
        holes = np.isin(before.holes.track, np.flatnonzero(chosen))
        np.testing.assert_array_equal(
            before.hole_identifier[holes], after.hole_identifier
        )


def test_merged_candidates_are_the_tracks_of_the_file(acts_run, half):
    for event, containers in zip(acts_run.events, half[1], strict=True):
        np.testing.assert_array_equal(containers[0].chi2 > 0, event["trk_nChi2"] > 0)
        np.testing.assert_array_equal(containers[0].perigee[:, 2], event["trk_phi"])
        np.testing.assert_array_equal(containers[0].ndof, event["trk_ndof"])


def test_ambiguity_resolution_leaves_tracks_that_hardly_share(half):
    for _, containers in zip(*half, strict=True):
        for before, after in (containers[0::2], containers[1::2]):
            users = np.bincount(np.concatenate(after.hits))
            shared = [int((users[hits] > 1).sum()) for hits in after.hits]

            assert 0 < len(after.hits) <= len(before.hits)
            assert max(shared) < 3
        assert len(containers[2].hits) < len(containers[0].hits)


def test_stage_counter_counts_as_the_labels_of_the_file_do(acts_run, half):
    for event, made in zip(acts_run.events, half[0], strict=True):
        particle = event["trk_bestSimTrkIdx"]
        for stage, chosen in (
            ("found", np.ones(len(particle), dtype=bool)),
            ("network", made.verdict.kept),
        ):
            counts = made.stages[stage]
            true = event["trk_isTrue"] & chosen

            assert counts.tracks == chosen.sum()
            assert counts.true == true.sum()
            assert counts.particles == len(set(particle[true].tolist()))


def test_stage_counter_asks_for_the_particles_of_the_selection(acts_run, half):
    for event, made in zip(acts_run.events, half[0], strict=True):
        wanted = (event["sim_pt"] > 0.9) & (np.abs(event["sim_eta"]) < 2.5)
        wanted &= np.hypot(event["sim_vx"], event["sim_vy"]) < 0.3
        wanted &= event["sim_nValid"] >= 7
        found = np.isin(np.flatnonzero(wanted), event["trk_simTrkIdx"])

        assert made.wanted == wanted.sum()
        assert made.stages["found"].wanted == found.sum()


@pytest.mark.parametrize("bias", [99.0, -99.0])
def test_network_that_passes_all_or_none(acts_run, make_bundle, bias):
    bundle = make_bundle(bias, weight=0.0)

    events = job(acts_run, BundleNetwork(bundle, None, 0.0)())

    for event in events:
        stages = event.stages
        assert stages["found"].tracks > stages["ambiguity"].tracks > 0
        if bias > 0:
            assert stages["network"] == stages["found"]
            assert stages["both"] == stages["ambiguity"]
        else:
            assert stages["network"].tracks == stages["both"].tracks == 0
