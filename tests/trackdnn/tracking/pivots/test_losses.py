import numpy as np
import pytest

from trackdnn.settings.finding import MaskLossSettings
from trackdnn.tracking.pivots.losses import mask_terms, mean_focal


@pytest.fixture(scope="module")
def batch():
    """Labels, logits and which tokens exist, of four micrographs; one is empty."""
    rng = np.random.default_rng(1)
    valid = np.arange(6) < np.array([[6], [3], [1], [0]])
    label = (rng.random((4, 6)) < 0.5) & valid
    return tuple(
        one.astype("f4")
        for one in (label, np.where(valid, rng.normal(size=(4, 6)), -100.0), valid)
    )


def slow_focal(label, logit, gamma):
    """Definition, for one token."""
    p = 1 / (1 + np.exp(-np.float64(logit)))
    return -((1 - p) ** gamma) * np.log(p) if label else -(p**gamma) * np.log(1 - p)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
def test_losses_mean_focal_equals_plain_loops(batch, gamma):
    found = np.asarray(mean_focal(gamma)(*batch))

    label, logit, valid = batch
    for row in range(4):
        there = np.flatnonzero(valid[row])
        each = [slow_focal(label[row, i], logit[row, i], gamma) for i in there]
        expected = np.mean(each) if each else 0.0
        assert found[row] == pytest.approx(expected, rel=1e-5)


def test_losses_give_one_number_per_micrograph_and_no_nan(batch):
    label, logit, valid = batch
    wild = np.where(valid > 0, 300.0 * np.sign(logit), np.nan).astype("f4")

    for term in mask_terms(MaskLossSettings()):
        loss = np.asarray(term.loss(label, wild, valid))
        assert loss.shape == (4,)
        assert np.isfinite(loss).all()


def test_losses_are_those_with_a_share():
    settings = MaskLossSettings(focal=0.7, overlap=0.3, kind="intersect")

    focal, overlap = mask_terms(settings)

    assert (focal.share, overlap.share) == (0.7, 0.3)
    assert overlap.loss.__name__ == "intersect"
    assert mask_terms(MaskLossSettings(focal=0.0))[0].loss.__name__ == "dice"
    assert mask_terms(MaskLossSettings(focal=0.0, overlap=0.0)) == ()


def test_losses_name_the_columns_of_micrographs():
    for term in mask_terms(MaskLossSettings()):
        assert (term.target, term.weight) == ("mask_label", "mask_weight")
        assert (term.output, term.extra) == ("mask", ("token_valid",))
